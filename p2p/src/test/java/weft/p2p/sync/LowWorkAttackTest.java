package weft.p2p.sync;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import weft.consensus.ChainParams;
import weft.consensus.Network;
import weft.p2p.Peer;
import weft.primitives.Block;
import weft.testkit.Sabotage;
import weft.testkit.SeenRed;
import weft.wire.GetHeaders;
import weft.wire.Headers;

/// Branches of so little work that nobody should keep them.
class LowWorkAttackTest implements SeenRed {
    private static final long NOW = 1_700_000_000L;
    private static final int BLOCKS = 220;
    private final Block genesis = FakeChain.genesis(NOW - 600L * (BLOCKS + 1));
    private final List<Block> blocks = FakeChain.chain(genesis, BLOCKS, 1);
    private final SyncNet net = new SyncNet(NOW);

    private SyncNet.Node node(int height) {
        var chain = new FakeChain(genesis, height < BLOCKS - 100);
        chain.preload(blocks.subList(0, height));
        return net.node(chain);
    }

    private static SyncRules rules(BigInteger minimumChainWork) {
        return SyncRules.of(ChainParams.of(Network.REGTEST), minimumChainWork);
    }

    private static Headers headers(List<Block> list) {
        return new Headers(list.stream().map(Block::header).toList());
    }

    @Test
    @DisplayName("D05 D17 short branches of little work")
    @Sabotage(type = "weft.p2p.sync.HeadersSync", method = "startsLowWork", returns = "false")
    void shouldIgnoreShortBranchesOfLittleWork() {
        SyncNet.Node node = node(BLOCKS);
        Peer peer = node.scripted(3, SyncNet.inbound());
        List<Block> fork = FakeChain.chain(genesis, 10, 7);
        node.receive(peer, headers(fork));
        assertThat(
                        node.chain.handle(
                                new weft.chain.api.ChainCommand.FetchBlock(
                                        weft.chain.api.Origin.SELF, fork.getFirst().hash())))
                .hasSize(1);
        assertThat(node.asked()).isEmpty();
        assertThat(node.sync.stats(peer.id()).syncedHeaders()).isEqualTo(-1);
        assertThat(node.peers.actions).isEmpty();
    }

    @Test
    @DisplayName("D06 long chains of little work")
    @Sabotage(type = "weft.p2p.sync.HeadersSync", method = "startsLowWork", returns = "false")
    void shouldWalkLongLowWorkChainsTwiceBeforeKeepingThem() {
        var minimum = BigInteger.valueOf(2 * 4_500);
        net.rules = rules(minimum);
        SyncNet.Node node = node(0);
        Block start = FakeChain.genesis(NOW - 600L * (BLOCKS + 1));
        List<Block> many = FakeChain.chain(start, 5_000, 3);
        Peer peer = node.scripted(3, SyncNet.outbound());
        int asked = node.sent(GetHeaders.class).size();
        node.receive(peer, headers(many.subList(0, 2_000)));
        assertThat(node.sync.stats(peer.id()).presyncedHeaders()).isEqualTo(2_000);
        assertThat(node.chain.loaded().headers()).hasSize(1);
        node.receive(peer, headers(many.subList(2_000, 4_000)));
        node.receive(peer, headers(many.subList(4_000, 5_000)));
        assertThat(node.sent(GetHeaders.class)).hasSize(asked + 3);
        assertThat(node.sent(GetHeaders.class).getLast().locator().hashes())
                .startsWith(start.hash());
        assertThat(node.chain.loaded().headers()).hasSize(1);

        node.receive(peer, headers(many.subList(0, 2_000)));
        node.receive(peer, headers(many.subList(2_000, 4_000)));
        assertThat(node.chain.loaded().headers()).hasSize(1);
        node.receive(peer, headers(many.subList(4_000, 5_000)));
        assertThat(node.chain.loaded().headers()).hasSize(5_001);
        assertThat(node.sync.stats(peer.id()).syncedHeaders()).isEqualTo(5_000);
        assertThat(node.peers.actions).isEmpty();
    }

    @Test
    @DisplayName("D06 another chain in the second pass")
    @Sabotage(type = "weft.p2p.sync.HeadersSyncState", method = "commitment", returns = "true")
    void shouldNoticeAnotherChainTheSecondTimeByItsCommitments() {
        net.rules = rules(BigInteger.valueOf(2 * 3_500));
        SyncNet.Node node = node(0);
        List<Block> shown = FakeChain.chain(genesis, 3_500, 3);
        List<Block> other = FakeChain.chain(genesis, 3_400, 4);
        int caught = 0;
        for (int id = 1; id <= 12; id++) {
            Peer peer = node.scripted(id, SyncNet.outbound());
            node.receive(peer, headers(shown.subList(0, 2_000)));
            node.receive(peer, headers(shown.subList(2_000, 3_500)));
            node.receive(peer, headers(other.subList(0, 2_000)));
            caught += node.sync.stats(peer.id()).presyncedHeaders() == 2_000 ? 1 : 0;
        }
        assertThat(caught).as("three bits to guess, so one in eight gets through").isGreaterThan(7);
        assertThat(node.chain.loaded().headers()).hasSize(1);
    }
}
