package weft.chain;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SplittableRandom;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import weft.chain.ConflictTree.Leaf;
import weft.chain.api.ChainCommand;
import weft.chain.api.ChainEvent;
import weft.chain.api.HeaderNode;
import weft.chain.api.Origin;
import weft.chain.store.MemoryBlockStore;
import weft.chain.store.MemoryKeyValueStore;
import weft.consensus.Coin;
import weft.primitives.Block;
import weft.primitives.BlockHash;
import weft.primitives.Check;
import weft.primitives.Now;
import weft.primitives.OutPoint;
import weft.primitives.log.Log;
import weft.testkit.Property;
import weft.testkit.Sabotage;
import weft.testkit.SeenRed;

/// Random block trees with conflicting spends, delivered in any order: the tip is the naive model's, and the
/// coins are those of a naive ledger, of the way back, and of a rebuild from genesis.
class BlockTreesTest implements SeenRed {
    private static final ToyRules RULES = new ToyRules();
    private static final Now NOW = new Now(1, Instant.ofEpochSecond(1_000));
    private static final Origin PEER = new Origin(7);

    /// A hundred in every build; `-Dweft.trees=1000` for the proof.
    private static final int TREES = Integer.getInteger("weft.trees", 100);

    private static final int RED_TREES = 25;

    /// A chain state, and a follower that believes nothing but events.
    private static final class Node {
        final MemoryKeyValueStore database = new MemoryKeyValueStore();
        final MemoryBlockStore blocks;
        final ChainOptions options;
        ChainState state;
        BlockHash followed = BlockHash.ZERO;

        Node(MemoryBlockStore blocks, ChainOptions options) {
            this.blocks = blocks;
            this.options = options;
            state = started();
        }

        private ChainState started() {
            var stores = new ChainStores(database, blocks);
            var fresh =
                    new ChainState(RULES, options, stores, ToyRules.SCRIPTS, this::hear, Log.NONE);
            fresh.start(NOW);
            return fresh;
        }

        void restart() {
            state.close();
            state = started();
        }

        private void hear(ChainEvent event) {
            switch (event) {
                case ChainEvent.Loaded loaded -> followed = loaded.tip().hash();
                case ChainEvent.BlockConnected(HeaderNode node, Block block) -> {
                    assertThat(block.header().parent()).isEqualTo(followed);
                    followed = node.hash();
                }
                case ChainEvent.BlockDisconnected(HeaderNode node, Block block, boolean _) -> {
                    assertThat(node.hash()).isEqualTo(followed);
                    followed = block.header().parent();
                }
                default -> {}
            }
        }

        SubmitResult submit(Block block) {
            return state.submitBlock(new ChainCommand.SubmitBlock(PEER, block, true), NOW);
        }

        void submitHeader(Block block) {
            state.submitHeaders(
                    new ChainCommand.SubmitHeaders(PEER, List.of(block.header()), true), NOW);
        }

        BlockHash tip() {
            return state.chain().tip().hash();
        }

        Map<OutPoint, Coin> coins() {
            state.flush(NOW);
            var found = new HashMap<OutPoint, Coin>();
            state.coinsStore()
                    .scan(
                            (outPoint, coin) -> {
                                assertThat(found.put(outPoint, coin)).isNull();
                                return true;
                            });
            return found;
        }

        CoinsSummary summary() {
            state.flush(NOW);
            return CoinsSummary.of(state.coinsStore());
        }
    }

    /// One tree on its way into a node.
    private static final class Delivery {
        private final SplittableRandom random;
        private final ConflictTree tree;
        private final ArrivalModel model;
        private final Node node;

        Delivery(SplittableRandom random) {
            this.random = random;
            tree = new ConflictTree(RULES, random);
            model = new ArrivalModel(tree);
            Duration age = random.nextBoolean() ? Duration.ofDays(1) : Duration.ofSeconds(-5_000);
            ChainOptions options = ChainOptions.DEFAULT.withMaxTipAge(age);
            if (random.nextBoolean()) {
                options = options.withCacheBytes(20_000);
            }
            node = new Node(new MemoryBlockStore(4_000), options);
        }

        private List<Leaf> shuffled(List<Leaf> leaves) {
            var order = new ArrayList<>(leaves);
            Collections.shuffle(order, new Random(random.nextLong()));
            return order;
        }

        /// Headers first or not, in order or not, with blocks twice, other bodies, and restarts.
        void run() {
            if (random.nextBoolean()) {
                tree.blocks().forEach(leaf -> node.submitHeader(leaf.block()));
            }
            List<Leaf> waiting =
                    random.nextInt(3) == 0 ? List.copyOf(tree.blocks()) : shuffled(tree.blocks());
            while (!waiting.isEmpty()) {
                var refused = new ArrayList<Leaf>();
                for (Leaf leaf : waiting) {
                    disturb(leaf);
                    if (!deliver(leaf)) {
                        refused.add(leaf);
                    }
                }
                // Headers on invalid blocks are refused for good.
                waiting = refused.size() < waiting.size() ? refused : List.of();
            }
            assertThat(tree.blocks())
                    .allMatch(leaf -> leaf.coins() == null || model.hasArrived(leaf));
        }

        private void disturb(Leaf leaf) {
            switch (random.nextInt(24)) {
                case 0 -> node.submit(otherBody(leaf.block()));
                case 1 -> deliver(shuffled(tree.blocks()).getFirst());
                case 2 -> node.submitHeader(leaf.block());
                case 3 -> {
                    model.restarted(tree.of(node.tip()));
                    node.restart();
                    check();
                }
                case 4 -> banAndForgive(shuffled(tree.blocks()).getFirst());
                default -> {}
            }
        }

        private static Block otherBody(Block block) {
            var txs = new ArrayList<>(block.transactions());
            txs.add(txs.getFirst());
            return Block.of(block.header(), txs);
        }

        /// Whether the block could be taken in: its parent's header is known.
        private boolean deliver(Leaf leaf) {
            boolean known = node.state.headers().find(leaf.block().header().parent()) != null;
            SubmitResult result = node.submit(leaf.block());
            if (!known) {
                assertThat(result.failure()).isPresent();
                return false;
            }
            model.arrived(leaf);
            checkTip();
            if (random.nextInt(4) == 0) {
                check();
            }
            return true;
        }

        private void banAndForgive(Leaf leaf) {
            BlockHash hash = leaf.block().hash();
            if (node.state.headers().find(hash) == null) {
                return;
            }
            node.state.invalidateBlock(hash, NOW);
            model.ban(leaf);
            check();
            node.state.reconsiderBlock(hash, NOW);
            model.unban(leaf);
            check();
        }

        void checkTip() {
            Leaf tip = tree.of(node.tip());
            assertThat(model.best()).contains(tip);
            assertThat(node.followed).isEqualTo(node.tip());
        }

        void check() {
            checkTip();
            assertThat(node.coins()).isEqualTo(tree.of(node.tip()).coins());
        }

        /// Takes every block back, one by one, down to genesis, then all forth again.
        void wayBack() {
            var banned = new ArrayList<Leaf>();
            Leaf tip = tree.of(node.tip());
            while (tip.parent() != null) {
                node.state.invalidateBlock(tip.block().hash(), NOW);
                model.ban(tip);
                banned.add(tip);
                check();
                tip = tree.of(node.tip());
            }
            assertThat(node.tip()).isEqualTo(RULES.genesis().hash());
            assertThat(node.coins()).isEmpty();
            for (Leaf leaf : banned) {
                node.state.reconsiderBlock(leaf.block().hash(), NOW);
                model.unban(leaf);
            }
            banned.forEach(leaf -> node.state.reconsiderBlock(leaf.block().hash(), NOW));
            check();
        }

        /// The same coins from the files alone, and from the active branch alone.
        void rebuild() {
            node.state.flush(NOW);
            var again = new Node(node.blocks.copy(), ChainOptions.DEFAULT);
            again.state.importStoredBlocks(NOW);
            Leaf tip = tree.of(again.tip());
            assertThat(tip.work()).isEqualTo(tree.of(node.tip()).work());
            assertThat(again.coins()).isEqualTo(tip.coins());
            var straight = new Node(new MemoryBlockStore(), ChainOptions.DEFAULT);
            for (int height = 1; height <= node.state.chain().height(); height++) {
                HeaderNode each = node.state.chain().tip().ancestor(height);
                straight.submit(tree.of(Check.present(each, "on the branch").hash()).block());
            }
            assertThat(straight.tip()).isEqualTo(node.tip());
            assertThat(straight.summary()).isEqualTo(node.summary());
        }
    }

    private static void deliver(SplittableRandom random) {
        var delivery = new Delivery(random);
        delivery.run();
        delivery.check();
        delivery.wayBack();
        delivery.rebuild();
    }

    @Test
    @DisplayName(
            "S-14 S-123 S-124 S-127 random block trees: tip and coins are the naive model's, all"
                    + " the way, and after a rebuild")
    void shouldHoldTipAndCoinsOfTheNaiveModelOverRandomTrees() {
        Property.holds(TREES, BlockTreesTest::deliver);
    }

    @Test
    @Sabotage(
            type = "weft.chain.BlockConnector",
            method = "restoreInputs",
            call = "add",
            returns = "void")
    @Sabotage(type = "weft.chain.BlockConnector", method = "removeOutputs", returns = "true")
    @Sabotage(type = "weft.chain.BlockConnector$Run", method = "checkReward", returns = "null")
    @Sabotage(type = "weft.chain.BlockConnector$Run", method = "addChecks", returns = "void")
    @Sabotage(type = "weft.chain.BlockEntry", method = "setSequence", returns = "void")
    @Sabotage(type = "weft.chain.BlockEntry", method = "setBlock", returns = "void")
    @Sabotage(
            type = "weft.chain.Candidates",
            method = "received",
            call = "addAll",
            returns = "true")
    @Sabotage(type = "weft.chain.HeaderTree", method = "clearFailed", returns = "false")
    @Sabotage(type = "weft.chain.ChainControl", method = "offerAll", returns = "void")
    void shouldNoticeWhatBreaksUndoOrOrder() {
        Property.holds(RED_TREES, BlockTreesTest::deliver);
    }
}
