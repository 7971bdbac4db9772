package weft.sim;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
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
/// `-Dweft.size=200`, as promised; 80 in the build.
class EconomyTest {
    private static final int SIZE = Integer.getInteger("weft.size", 80);
    private static final int PAYMENTS = 30;
    private static World world;
    private static List<Txid> payments;
    private static int announcedTwice;
    private static long bodyBytes;

    /// An announcement on its way: who heard it, from whom, of what.
    private record Announcement(int node, long peer, InvItem item) {}

    @BeforeAll
    static void payAll() {
        var treasury = new Treasury();
        bodyBytes = treasury.payment().totalSize() + 24L;
        world =
                Towns.citizens(
                        1, SIZE, new FullNodes((self, options) -> options).bornWith(treasury));
        world.run(Duration.ofMinutes(1));
        world.traffic().reset();
        Set<Announcement> announced = new HashSet<>();
        announcedTwice = 0;
        world.watch(
                (node, input) -> {
                    if (input instanceof PeerInput.Received each
                            && each.message() instanceof Inv(List<InvItem> items)) {
                        for (InvItem item : items) {
                            boolean first =
                                    announced.add(
                                            new Announcement(
                                                    node.index(), each.peer().value(), item));
                            announcedTwice += first ? 0 : 1;
                        }
                    }
                });
        payments = new ArrayList<>();
        for (int i = 0; i < PAYMENTS; i++) {
            payments.add(treasury.pay(world.nodes().get(i * 7 % SIZE)));
            world.run(Duration.ofSeconds(2));
        }
        world.run(Duration.ofMinutes(1));
    }

    private static long bytesOf(String... commands) {
        long bytes = 0;
        for (String each : commands) {
            bytes += world.traffic().bytes(each);
        }
        return bytes;
    }

    @Test
    void shouldReachAll() {
        assertThat(payments)
                .allMatch(each -> Towns.knowing(world.nodes(), each) == world.nodes().size());
    }

    @Test
    @DisplayName("S-91 summaries first take less than 25 % of the bytes that pushing would")
    void shouldSaveBandwidth() {
        long relaying = 0;
        for (SimNode each : world.nodes()) {
            for (PeerSnapshot peer : Towns.peers(world, each)) {
                relaying += peer.type() == ConnectionType.OUTBOUND_FULL_RELAY ? 1 : 0;
            }
        }
        // Everybody hands a body to all neighbours but the one that it came from.
        long copies = 2 * relaying - (SIZE - 1);
        long pushed = PAYMENTS * copies * bodyBytes;
        long spent = bytesOf("inv", "getdata", "tx", "notfound");
        assertThat(spent * 100).as("%d of %d bytes", spent, pushed).isLessThan(25 * pushed);
    }

    @Test
    @DisplayName("S-92 a body comes 1.05 times at most, and nothing is announced twice on one way")
    void shouldNotRepeatItself() {
        double bodies = world.traffic().messages("tx");
        assertThat(bodies / (PAYMENTS * (SIZE - 1.0))).isBetween(1.0, 1.05);
        assertThat(announcedTwice).isZero();
    }
}
