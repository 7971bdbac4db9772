package weft.p2p.sync;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import weft.primitives.Block;
import weft.testkit.Sabotage;
import weft.testkit.SeenRed;
import weft.wire.GetHeaders;

/// Our clock on the wall is set: how old our best header is decides whom we ask for headers, and changes with
/// it although nothing came.
class ClockSetTest implements SeenRed {
    private static final long NOW = 1_700_000_000L;
    private static final long DAY = 86_400;
    private final Block genesis = FakeChain.genesis(NOW);
    private final SyncNet net = new SyncNet(NOW + 2 * DAY);

    @Test
    @DisplayName("A clock that is set back to the time of our chain lets us ask all peers at once")
    @Sabotage(type = "weft.p2p.sync.BlockSync", method = "wasClockSet", returns = "false")
    void shouldLookAtAllPeersWhenTheClockIsSet() {
        var chain = new FakeChain(genesis, true);
        chain.preload(List.of());
        SyncNet.Node node = net.node(chain);
        node.scripted(1, SyncNet.outbound());
        node.scripted(2, SyncNet.outbound());
        assertThat(node.sent(GetHeaders.class)).as("one at first, of an old chain").hasSize(1);
        net.advance(1);
        assertThat(node.sent(GetHeaders.class)).hasSize(1);

        net.setClock(-2 * DAY);
        net.advance(1);

        assertThat(node.sent(GetHeaders.class)).hasSize(2);
    }
}
