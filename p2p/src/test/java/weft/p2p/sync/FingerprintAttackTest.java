package weft.p2p.sync;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import weft.consensus.ChainParams;
import weft.consensus.Network;
import weft.p2p.Peer;
import weft.primitives.Block;
import weft.primitives.BlockHash;
import weft.primitives.BlockHeader;
import weft.primitives.Digest256;
import weft.testkit.Sabotage;
import weft.testkit.SeenRed;
import weft.wire.BlockLocator;
import weft.wire.BlockMessage;
import weft.wire.GetBlockTxn;
import weft.wire.GetBlocks;
import weft.wire.GetData;
import weft.wire.GetHeaders;
import weft.wire.Headers;
import weft.wire.InvItem;
import weft.wire.InvType;
import weft.wire.Message;
import weft.wire.ServiceFlags;

/// Spies who want to know a node again by the blocks that it has, or has not.
class FingerprintAttackTest implements SeenRed {
    private static final long NOW = 1_700_000_000L;
    private static final long DAY = 86_400;
    private static final int[] KINDS = {
        InvType.BLOCK, InvType.WITNESS_BLOCK, InvType.FILTERED_BLOCK, InvType.CMPCT_BLOCK
    };

    private final SyncNet net = new SyncNet(NOW);
    private long nextPeer = 100;

    private static Block on(Block parent, long time, int salt) {
        return FakeChain.block(parent.hash(), time, salt, List.of());
    }

    private static Digest256 plain(BlockHash hash) {
        return new Digest256(hash.w0(), hash.w1(), hash.w2(), hash.w3());
    }

    /// What a node says and does to a stranger who comes with these messages.
    private List<String> reaction(SyncNet.Node node, Message... messages) {
        Peer spy = node.scripted(nextPeer++, SyncNet.inbound());
        int before = node.peers.actions.size();
        net.sent.clear();
        for (Message each : messages) {
            node.receive(spy, each);
        }
        net.advance(1);
        var all = new ArrayList<String>();
        for (SyncNet.Sent each : net.sent) {
            if (each.to().equals(spy)) {
                all.add(name(each.message()));
            }
        }
        node.peers.actions.stream()
                .skip(before)
                .forEach(each -> all.add(each.replace(" " + spy.id() + ":", "")));
        return all;
    }

    private static String name(Message message) {
        return switch (message) {
            case BlockMessage each -> "block " + each.block().hash();
            case Headers each -> "headers " + each.headers().size();
            default -> message.command();
        };
    }

    /// Everything that can be asked about one block, each by a stranger of its own.
    private List<List<String>> reactions(SyncNet.Node node, BlockHash hash) {
        var all = new ArrayList<List<String>>();
        for (int kind : KINDS) {
            all.add(reaction(node, GetData.of(InvItem.of(kind, plain(hash)))));
        }
        all.add(reaction(node, new GetBlockTxn(hash, List.of(0))));
        all.add(reaction(node, new GetHeaders(BlockLocator.of(List.of()), hash)));
        all.add(reaction(node, new GetHeaders(BlockLocator.of(List.of(hash)), BlockHash.ZERO)));
        all.add(reaction(node, new GetBlocks(BlockLocator.of(List.of(hash)), BlockHash.ZERO)));
        return all;
    }

    @Test
    @DisplayName("F07 blocks that lost, asked for a month later, and blocks that never won")
    @Sabotage(
            type = "weft.p2p.sync.BlockServer",
            method = "mayServe",
            constant = "2592000>25920000")
    @Sabotage(
            type = "weft.p2p.sync.BlockServer",
            method = "mayServe",
            call = "wasActive",
            returns = "true")
    @Sabotage(
            type = "weft.p2p.sync.BlockServer",
            method = "mayServeTransactions",
            call = "mayServe",
            returns = "true")
    void shouldNotShowOldBlocksThatLost() {
        Block genesis = FakeChain.genesis(NOW - 40 * DAY);
        SyncNet.Node node = net.node(new FakeChain(genesis, false));
        Block old = on(genesis, NOW - 31 * DAY, 9);
        Block first = on(genesis, NOW - 31 * DAY, 1);
        Block second = on(first, NOW - 30 * DAY, 1);
        Block young = on(second, NOW - 29 * DAY, 9);
        Block third = on(second, NOW - 29 * DAY, 1);
        Block fourth = on(third, NOW - DAY, 1);
        Block never = on(fourth, NOW, 9);
        Block tip = on(fourth, NOW, 1);
        for (Block each : List.of(old, first, second, young, third, fourth, tip, never)) {
            node.mine(each);
        }
        assertThat(node.chain.tip().hash()).isEqualTo(tip.hash());
        List<List<String>> unknown = reactions(node, on(tip, NOW, 7).hash());
        assertThat(unknown.subList(0, 6)).allMatch(List::isEmpty);
        assertThat(reactions(node, old.hash())).isEqualTo(unknown);
        assertThat(reactions(node, never.hash())).isEqualTo(unknown);
        List<List<String>> served = reactions(node, young.hash());
        assertThat(served.get(1)).as("others may follow it").contains("block " + young.hash());
        assertThat(served.get(4)).containsExactly("blocktxn");
        assertThat(served.get(5)).containsExactly("headers 1");
    }

    /// Rules by which a block takes twelve days.
    private record SlowRules(SyncRules real) implements SyncRules {
        @Override
        public BigInteger minimumChainWork() {
            return real.minimumChainWork();
        }

        @Override
        public long targetSpacingSeconds() {
            return 12 * DAY;
        }

        @Override
        public BigInteger work(BlockHeader header) {
            return real.work(header);
        }

        @Override
        public boolean hasValidWork(BlockHeader header, BlockHash hash) {
            return real.hasValidWork(header, hash);
        }

        @Override
        public boolean isPermittedTransition(long height, long bitsBefore, long bits) {
            return real.isPermittedTransition(height, bitsBefore, bits);
        }

        @Override
        public boolean isSegwitActive(int height) {
            return real.isSegwitActive(height);
        }
    }

    @Test
    @DisplayName("F07 blocks that lost and are young by their times, but not by the work since")
    @Sabotage(
            type = "weft.p2p.sync.BlockServer",
            method = "mayServe",
            call = "compareTo",
            returns = "-1")
    void shouldTakeTheAgeOfABlockFromTheWorkSince() {
        net.rules = new SlowRules(SyncRules.of(ChainParams.of(Network.REGTEST)));
        Block genesis = FakeChain.genesis(NOW - DAY);
        SyncNet.Node node = net.node(new FakeChain(genesis, false));
        Block stale = on(genesis, NOW - 10, 9);
        List<Block> main = FakeChain.chain(genesis, 4, 1);
        node.mine(stale);
        main.subList(0, 3).forEach(node::mine);
        assertThat(reactions(node, stale.hash()).get(1))
                .as("24 days")
                .containsExactly("block " + stale.hash());
        node.mine(main.getLast());
        List<List<String>> unknown = reactions(node, on(stale, NOW, 7).hash());
        assertThat(reactions(node, stale.hash())).as("36 days").isEqualTo(unknown);
    }

    @Test
    @DisplayName("F08 a pruned node asked for what it has no more, and for what it still has")
    @Sabotage(type = "weft.p2p.sync.BlockServer", method = "isAllowed", constant = "290>340")
    @Sabotage(type = "weft.p2p.sync.BlockServer", method = "isAllowed", constant = "290>289")
    @Sabotage(type = "weft.p2p.sync.BlockServer", method = "onGetBlocks", constant = "288>1000")
    @Sabotage(type = "weft.p2p.sync.BlockServer", method = "onGetBlockTxn", flips = 4)
    void shouldNotShowHowMuchItPruned() {
        long limited = ServiceFlags.NETWORK_LIMITED | ServiceFlags.WITNESS;
        net.options = new SyncOptions(limited, false, true, 100, false);
        Block genesis = FakeChain.genesis(NOW - 601 * 400L);
        List<Block> blocks = FakeChain.chain(genesis, 400, 1);
        var chain = new FakeChain(genesis, false);
        chain.preload(blocks);
        SyncNet.Node node = net.node(chain);
        node.tell(chain.prune(60));
        List<List<String>> gone = reactions(node, at(blocks, 60));
        assertThat(gone.subList(0, 5))
                .allMatch(
                        each ->
                                each.equals(
                                        List.of(
                                                "disconnect block request below"
                                                        + " NODE_NETWORK_LIMITED threshold")));
        for (int height : List.of(1, 59, 61, 62, 109)) {
            List<List<String>> here = reactions(node, at(blocks, height));
            assertThat(here.subList(0, 6)).as("%d", height).isEqualTo(gone.subList(0, 6));
            assertThat(here.get(7)).as("%d", height).isEqualTo(gone.get(7));
        }
        // What follows is promised to everybody.
        assertThat(reaction(node, GetData.of(InvItem.block(at(blocks, 110)))))
                .containsExactly("block " + at(blocks, 110));
        assertThat(reaction(node, new GetBlockTxn(at(blocks, 110), List.of(0))))
                .containsExactly("block " + at(blocks, 110));
        assertThat(node.peers.actions).noneMatch(each -> each.startsWith("misbehaving"));
    }

    private static BlockHash at(List<Block> blocks, int height) {
        return blocks.get(height - 1).hash();
    }
}
