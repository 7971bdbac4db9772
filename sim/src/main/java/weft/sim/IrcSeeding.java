package weft.sim;

import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import weft.p2p.PeerCommand;
import weft.p2p.PeerInput;
import weft.primitives.Check;
import weft.wire.AddressEntry;
import weft.wire.ServiceFlags;

/// How a node found others until 2014: it goes to one of a hundred channels of one IRC server, `#bitcoin00`
/// to `#bitcoin99`, under a name that says where it is, and reads the names of the others. Only here, for
/// study: the program has no IRC.
final class IrcSeeding {
    /// Channels as they were.
    static final int CHANNELS = 100;

    private static final long LATENCY_NANOS = Duration.ofMillis(80).toNanos();
    private static final long AGAIN_NANOS = Duration.ofMinutes(1).toNanos();
    private static final int NICK_WORD = 7;

    private final World world;
    private final SimNode node;
    private final IrcServer server;
    private final int life;
    private final String channel;
    private final String nick;
    private IrcServer.@Nullable Session session;

    /// @param channels how many there are; fewer make a small world meet
    IrcSeeding(World world, SimNode node, IrcServer server, int channels, RandomGenerator random) {
        Check.argument(channels >= 1 && channels <= CHANNELS, "channels are 1 to 100");
        this.world = world;
        this.node = node;
        this.server = server;
        this.life = node.life();
        this.channel = String.format(Locale.ROOT, "#bitcoin%02d", random.nextInt(channels));
        String hidden = "x" + random.nextInt(1_000_000_000);
        this.nick = node.isReachable() ? IrcNick.of(node.address()).orElse(hidden) : hidden;
    }

    /// Goes there, and again each minute while nobody answers.
    void start() {
        if (!node.isLiving(life)) {
            return;
        }
        session = server.connect(line -> later(() -> hear(line)));
        if (session == null) {
            world.scheduler().after(AGAIN_NANOS, this::start);
            return;
        }
        say("NICK " + nick);
        say("USER " + nick + " 8 * : " + nick);
    }

    private void later(Runnable action) {
        world.scheduler().after(LATENCY_NANOS, action);
    }

    private void say(String line) {
        IrcServer.Session to = session;
        if (to != null) {
            later(() -> server.hear(to, line));
        }
    }

    private void hear(String line) {
        if (!node.isLiving(life)) {
            return;
        }
        List<String> words = List.of(line.split(" ", -1));
        if (line.startsWith("ERROR")) {
            session = null;
            world.scheduler().after(AGAIN_NANOS, this::start);
        } else if (words.size() > 1 && words.get(1).equals("001")) {
            say("JOIN " + channel);
            say("WHO " + channel);
        } else if (words.size() > NICK_WORD && words.get(1).equals("352")) {
            learn(words.get(NICK_WORD));
        } else if (words.size() > 1 && words.get(1).equals("JOIN") && line.indexOf('!') > 0) {
            learn(line.substring(1, line.indexOf('!')));
        }
    }

    private void learn(String name) {
        long now = world.scheduler().now().unixSeconds();
        long services = ServiceFlags.NETWORK | ServiceFlags.WITNESS;
        IrcNick.read(name)
                .filter(each -> !each.equals(node.address()))
                .map(
                        each ->
                                new PeerCommand.AddAddress(
                                        new AddressEntry(now, services, each), false))
                .ifPresent(each -> node.input(new PeerInput.Command(each)));
    }
}
