package weft.sim;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import weft.p2p.ConnectionType;
import weft.p2p.PeerInput;
import weft.p2p.PeerSnapshot;
import weft.primitives.Txid;
import weft.wire.Inv;
import weft.wire.InvItem;

/// What it takes to tell a network of payments: 30 of them, two seconds apart. 200 nodes with
/// `-Dweft.size=200`, as promised; 80 in the build. `-Dweft.times=N` plays it with N seeds.
class EconomyTest {
    private static final int SIZE = Integer.getInteger("weft.size", 80);
    private static final int TIMES = Integer.getInteger("weft.times", 1);
    private static final int PAYMENTS = 30;

    private static final List<Figures> ALL = new ArrayList<>();

    /// An announcement on its way: who heard it, from whom, of what.
    private record Announcement(int node, long peer, InvItem item) {}

    /// What became of one seed.
    ///
    /// @param known nodes that know a payment, over all payments
    /// @param spent bytes of all messages that tell of payments
    /// @param pushed bytes if everybody handed each body to all neighbours but the one it came from
    /// @param bodies transactions sent
    /// @param announcedTwice on one connection in one direction
    private record Figures(
            long seed, long known, long spent, long pushed, long bodies, int announcedTwice) {}

    @BeforeAll
    static void payAll() {
        for (long seed = 1; seed <= TIMES; seed++) {
            ALL.add(pay(seed));
        }
    }

    private static Figures pay(long seed) {
        var treasury = new Treasury();
        long bodyBytes = treasury.payment().totalSize() + 24L;
        World world =
                Towns.citizens(
                        seed, SIZE, new FullNodes((self, options) -> options).bornWith(treasury));
        world.run(Duration.ofMinutes(1));
        world.traffic().reset();
        Set<Announcement> announced = new HashSet<>();
        var announcedTwice = new AtomicInteger();
        world.watch(
                (node, input) -> {
                    if (input instanceof PeerInput.Received each
                            && each.message() instanceof Inv(List<InvItem> items)) {
                        for (InvItem item : items) {
                            boolean first =
                                    announced.add(
                                            new Announcement(
                                                    node.index(), each.peer().value(), item));
                            announcedTwice.addAndGet(first ? 0 : 1);
                        }
                    }
                });
        var payments = new ArrayList<Txid>();
        for (int i = 0; i < PAYMENTS; i++) {
            payments.add(treasury.pay(world.nodes().get(i * 7 % SIZE)));
            world.run(Duration.ofSeconds(2));
        }
        world.run(Duration.ofMinutes(1));
        long spent = 0;
        for (String each : List.of("inv", "getdata", "tx", "notfound")) {
            spent += world.traffic().bytes(each);
        }
        long copies = 2 * relaying(world) - (SIZE - 1);
        return new Figures(
                seed,
                payments.stream().mapToLong(each -> Towns.knowing(world.nodes(), each)).sum(),
                spent,
                PAYMENTS * copies * bodyBytes,
                world.traffic().messages("tx"),
                announcedTwice.get());
    }

    private static long relaying(World world) {
        long relaying = 0;
        for (SimNode each : world.nodes()) {
            for (PeerSnapshot peer : Towns.peers(world, each)) {
                relaying += peer.type() == ConnectionType.OUTBOUND_FULL_RELAY ? 1 : 0;
            }
        }
        return relaying;
    }

    @Test
    void shouldReachAll() {
        assertThat(ALL).hasSize(TIMES).allMatch(each -> each.known() == (long) PAYMENTS * SIZE);
    }

    @Test
    @DisplayName("S-91 summaries first take less than 25 % of the bytes that pushing would")
    void shouldSaveBandwidth() {
        assertThat(ALL).allMatch(each -> each.spent() * 100 < 25 * each.pushed());
    }

    @Test
    @DisplayName("S-92 a body comes 1.05 times at most, and nothing is announced twice on one way")
    void shouldNotRepeatItself() {
        for (Figures each : ALL) {
            assertThat(each.bodies() / (PAYMENTS * (SIZE - 1.0)))
                    .as(each.toString())
                    .isBetween(1.0, 1.05);
            assertThat(each.announcedTwice()).as(each.toString()).isZero();
        }
    }
}
