package weft.sim;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import weft.testkit.Property;
import weft.wire.NetAddress;

/// The way in of Bitcoin's first years, in a world of its own. `-Dweft.times=N` plays it with N seeds.
class IrcTest {
    private static final int TIMES = Integer.getInteger("weft.times", 1);

    @Test
    @DisplayName("S-28 a name on IRC says where a node is, and nonsense says nothing")
    void shouldSayWhereItIs() {
        NetAddress address = NetAddress.parse("1.2.3.4:8333", 0);
        String nick = IrcNick.of(address).orElseThrow();
        assertThat(nick).startsWith("u").hasSizeLessThan(17);
        assertThat(IrcNick.read(nick)).contains(address);
        assertThat(IrcNick.read("x123456")).isEmpty();
        assertThat(IrcNick.read("u" + nick)).isEmpty();
        assertThat(IrcNick.of(NetAddress.parse("[2001:470::1]:8333", 0))).isEmpty();
        Property.holds(
                500,
                random -> {
                    var ip = new byte[4];
                    random.nextBytes(ip);
                    NetAddress any = NetAddress.ofIp(ip, random.nextInt(1, 65_536));
                    assertThat(IrcNick.read(IrcNick.of(any).orElseThrow())).contains(any);
                });
    }

    @Test
    void shouldListWhoIsInTheChannel() {
        var server = new IrcServer();
        List<String> one = new ArrayList<>();
        List<String> other = new ArrayList<>();
        IrcServer.Session first = java.util.Objects.requireNonNull(server.connect(one::add));
        IrcServer.Session second = java.util.Objects.requireNonNull(server.connect(other::add));
        server.hear(first, "JOIN #bitcoin00");
        assertThat(one).as("nobody yet").isEmpty();
        server.hear(first, "NICK a");
        server.hear(first, "USER a 8 * : a");
        server.hear(first, "JOIN #bitcoin00");
        server.hear(second, "NICK a");
        assertThat(other).containsExactly(":irc.example 433 * a :Nickname is already in use");
        server.hear(second, "NICK b");
        server.hear(second, "USER b 8 * : b");
        server.hear(second, "JOIN #bitcoin00");
        assertThat(one.getLast()).isEqualTo(":b!b@somewhere JOIN :#bitcoin00");
        server.hear(second, "WHO #bitcoin00");
        assertThat(other).anyMatch(each -> each.contains(" 352 b #bitcoin00 a "));
        server.hear(first, "QUIT");
        other.clear();
        server.hear(second, "WHO #bitcoin00");
        assertThat(other).noneMatch(each -> each.contains(" 352 b #bitcoin00 a "));
        server.hear(second, "PING x" + "y".repeat(IrcServer.LINE_MAX));
        assertThat(other).noneMatch(each -> each.startsWith("PONG"));
        server.stop();
        assertThat(other.getLast()).startsWith("ERROR");
        assertThat(server.connect(one::add)).isNull();
    }

    @Test
    @DisplayName(
            "S-28 nodes find each other through IRC channels; when the server stops, newcomers find"
                    + " nobody, and who is in stays in")
    void shouldFindPeersUntilTheServerStops() {
        for (long seed = 1; seed <= TIMES; seed++) {
            IrcReport.Row row = IrcReport.row(seed, 24);
            assertThat(row.alone()).as("seed %d", seed).isZero();
            assertThat(row.early()).as("seed %d", seed).isGreaterThan(2);
            assertThat(row.late()).as("seed %d", seed).isZero();
        }
    }

    @Test
    @DisplayName("S-28 nobody goes to IRC who was not told to: an empty book leads nowhere")
    void shouldNotGoThereByItself() {
        World world = Towns.of(2, 3, (_, options) -> options);
        world.nodes().forEach(SimNode::start);
        world.run(Duration.ofMinutes(10));
        assertThat(world.dials()).isEmpty();
        assertThat(world.nodes()).allMatch(each -> each.neighbours().isEmpty());
    }
}
