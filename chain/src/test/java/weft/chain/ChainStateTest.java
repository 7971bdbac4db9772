package weft.chain;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import weft.chain.api.BlockFailure;
import weft.chain.api.ChainCommand;
import weft.chain.api.ChainEvent;
import weft.chain.api.HeaderNode;
import weft.chain.api.Origin;
import weft.chain.store.MemoryBlockStore;
import weft.chain.store.MemoryKeyValueStore;
import weft.chain.store.StoreException;
import weft.consensus.Coin;
import weft.primitives.Block;
import weft.primitives.BlockHash;
import weft.primitives.Now;
import weft.primitives.OutPoint;
import weft.primitives.log.Log;
import weft.testkit.Property;

class ChainStateTest {
    private static final ToyRules RULES = new ToyRules();
    private static final Now NOW = new Now(1, Instant.ofEpochSecond(1_000));
    private static final Origin PEER = new Origin(7);

    /// A chain state on stores in memory, and a follower that believes nothing but events.
    private static final class Node {
        final MemoryKeyValueStore database;
        final MemoryBlockStore blocks;
        final List<ChainEvent> events = new ArrayList<>();
        final ChainState state;
        BlockHash followed = BlockHash.ZERO;

        Node(MemoryKeyValueStore database, MemoryBlockStore blocks, Fuse fuse, boolean synced) {
            this.database = database;
            this.blocks = blocks;
            // With an age that no tip reaches the state believes to be synchronised; with none,
            // never.
            ChainOptions options =
                    ChainOptions.DEFAULT.withMaxTipAge(
                            synced ? Duration.ofDays(1) : Duration.ofSeconds(-5_000));
            var stores = new ChainStores(fuse.guard(database), fuse.guard(blocks));
            state = new ChainState(RULES, options, stores, ToyRules.SCRIPTS, this::hear, Log.NONE);
        }

        static Node fresh() {
            return new Node(
                            new MemoryKeyValueStore(),
                            new MemoryBlockStore(4_000),
                            new Fuse(-1),
                            true)
                    .started();
        }

        Node started() {
            state.start(NOW);
            return this;
        }

        private void hear(ChainEvent event) {
            events.add(event);
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
                case ChainEvent.TipChanged changed ->
                        assertThat(changed.newTip().hash()).isEqualTo(followed);
                default -> {}
            }
        }

        SubmitResult submit(Block block) {
            return state.submitBlock(new ChainCommand.SubmitBlock(PEER, block, true), NOW);
        }

        void submitHeaders(RandomTree tree) {
            state.submitHeaders(new ChainCommand.SubmitHeaders(PEER, tree.headers(), true), NOW);
        }

        BlockHash tip() {
            return state.chain().tip().hash();
        }

        Map<OutPoint, Coin> coinsOnDisk() {
            var found = new TreeMap<OutPoint, Coin>();
            state.coinsStore()
                    .scan(
                            (outPoint, coin) -> {
                                found.put(outPoint, coin);
                                return true;
                            });
            return found;
        }
    }

    private static List<RandomTree.Leaf> shuffled(RandomTree tree, SplittableRandom random) {
        var order = new ArrayList<>(tree.blocks());
        if (random.nextBoolean()) {
            Collections.shuffle(order, new Random(random.nextLong()));
        }
        return order;
    }

    /// What the naive ledger takes for the best chain, knowing some blocks in the order of their
    /// arrival.
    private static final class Model {
        private final RandomTree tree;
        private final Set<BlockHash> stored = new HashSet<>();
        private final List<RandomTree.Leaf> complete = new ArrayList<>();

        Model(RandomTree tree) {
            this.tree = tree;
            complete.add(tree.of(RULES.genesis().hash()));
            stored.add(RULES.genesis().hash());
        }

        void arrived(RandomTree.Leaf leaf) {
            stored.add(leaf.block().hash());
            boolean grown = true;
            while (grown) {
                grown = false;
                for (RandomTree.Leaf each : tree.blocks()) {
                    boolean fits =
                            stored.contains(each.block().hash())
                                    && !complete.contains(each)
                                    && complete.contains(tree.of(each.block().header().parent()));
                    grown |= fits && complete.add(each);
                }
            }
        }

        RandomTree.Leaf best() {
            RandomTree.Leaf best = complete.getFirst();
            for (RandomTree.Leaf each : complete) {
                if (each.coins() != null && each.work() > best.work()) {
                    best = each;
                }
            }
            return best;
        }
    }

    @Test
    @DisplayName(
            "S-14 S-123 S-124 the valid branch with most work wins, and the coins are those of its"
                    + " ledger")
    void shouldFollowMostWorkAsTheNaiveLedger() {
        Property.holds(
                200,
                random -> {
                    var tree = new RandomTree(RULES, random, 40);
                    Node node = Node.fresh();
                    var model = new Model(tree);
                    node.submitHeaders(tree);
                    for (RandomTree.Leaf leaf : shuffled(tree, random)) {
                        node.submit(leaf.block());
                        model.arrived(leaf);
                        RandomTree.Leaf best = model.best();
                        // Several blocks may complete at once in another order than the model's;
                        // only then may ties differ.
                        assertThat(tree.of(node.tip()).work()).isEqualTo(best.work());
                        assertThat(node.followed).isEqualTo(node.tip());
                        assertThat(node.coinsOnDisk()).isEqualTo(tree.of(node.tip()).coins());
                    }
                });
    }

    @Test
    @DisplayName("S-127 coins after every reorganisation equal those of a full reindex")
    void shouldRebuildTheSameCoinsFromTheFilesAlone() {
        Property.holds(
                1_000,
                random -> {
                    var tree = new RandomTree(RULES, random, 12);
                    Node node = Node.fresh();
                    node.submitHeaders(tree);
                    for (RandomTree.Leaf leaf : shuffled(tree, random)) {
                        node.submit(leaf.block());
                    }
                    node.state.flush(NOW);
                    Node again =
                            new Node(
                                            new MemoryKeyValueStore(),
                                            node.blocks.copy(),
                                            new Fuse(-1),
                                            true)
                                    .started();
                    again.state.importStoredBlocks(NOW);
                    again.state.flush(NOW);
                    assertThat(tree.of(again.tip()).work()).isEqualTo(tree.of(node.tip()).work());
                    if (again.tip().equals(node.tip())) {
                        assertThat(CoinsSummary.of(again.state.coinsStore()))
                                .isEqualTo(CoinsSummary.of(node.state.coinsStore()));
                    }
                    assertThat(again.coinsOnDisk()).isEqualTo(tree.of(again.tip()).coins());
                });
    }

    @Test
    @DisplayName(
            "P1 P3 P4 a crash between any two writes leaves a consistent state, and no told tip is"
                    + " lost")
    void shouldSurviveACrashBetweenAnyTwoWrites() {
        Property.holds(
                12,
                random -> {
                    boolean synced = random.nextBoolean();
                    var tree = new RandomTree(RULES, random, 14);
                    List<RandomTree.Leaf> order = shuffled(tree, random);
                    for (int writes = 0; ; writes++) {
                        var fuse = new Fuse(writes);
                        Node node =
                                new Node(
                                        new MemoryKeyValueStore(),
                                        new MemoryBlockStore(2_000),
                                        fuse,
                                        synced);
                        boolean crashed = false;
                        try {
                            node.started();
                            node.submitHeaders(tree);
                            for (RandomTree.Leaf leaf : order) {
                                node.submit(leaf.block());
                                node.state.tick(new Now(fuse.used() * 700_000_000L, NOW.wall()));
                            }
                        } catch (StoreException e) {
                            crashed = true;
                        }
                        checkAfterCrash(tree, node, synced);
                        if (!crashed) {
                            break;
                        }
                    }
                });
    }

    private static void checkAfterCrash(RandomTree tree, Node dead, boolean synced) {
        Node node =
                new Node(dead.database.copy(), dead.blocks.copy(), new Fuse(-1), synced).started();
        node.state.flush(NOW);
        assertThat(node.coinsOnDisk()).isEqualTo(tree.of(node.tip()).coins());
        if (synced && !dead.events.isEmpty()) {
            assertThat(tree.of(node.tip()).work())
                    .isGreaterThanOrEqualTo(tree.of(dead.followed).work());
        }
        node.submitHeaders(tree);
        var model = new Model(tree);
        for (RandomTree.Leaf leaf : tree.blocks()) {
            node.submit(leaf.block());
            model.arrived(leaf);
        }
        assertThat(tree.of(node.tip()).work()).isEqualTo(model.best().work());
        node.state.flush(NOW);
        assertThat(node.coinsOnDisk()).isEqualTo(tree.of(node.tip()).coins());
    }

    @Test
    void shouldNeverBlameABlockForAFailureOfOurs() {
        var tree = new RandomTree(RULES, new SplittableRandom(5), 10);
        for (int writes = 0; writes < 60; writes++) {
            Node node =
                    new Node(
                            new MemoryKeyValueStore(),
                            new MemoryBlockStore(),
                            new Fuse(writes),
                            true);
            try {
                node.started();
                for (RandomTree.Leaf leaf : tree.blocks()) {
                    node.submit(leaf.block());
                }
            } catch (StoreException e) {
                assertThat(node.events)
                        .filteredOn(ChainEvent.BlockRejected.class::isInstance)
                        .allSatisfy(
                                event ->
                                        assertThat(
                                                        tree.of(
                                                                        ((ChainEvent.BlockRejected)
                                                                                        event)
                                                                                .hash())
                                                                .coins())
                                                .isNull());
            }
        }
    }

    @Test
    void shouldObeyTheOperator() {
        Property.holds(
                100,
                random -> {
                    var tree = new RandomTree(RULES, random, 25);
                    Node node = Node.fresh();
                    node.submitHeaders(tree);
                    tree.blocks().forEach(leaf -> node.submit(leaf.block()));
                    var banned = new ArrayList<RandomTree.Leaf>();
                    for (int i = 0; i < 12; i++) {
                        RandomTree.Leaf leaf =
                                tree.blocks().get(random.nextInt(tree.blocks().size()));
                        if (random.nextInt(3) > 0) {
                            node.state.invalidateBlock(leaf.block().hash(), NOW);
                            banned.add(leaf);
                        } else {
                            node.state.reconsiderBlock(leaf.block().hash(), NOW);
                            banned.removeIf(
                                    each ->
                                            tree.hasAncestor(each, leaf)
                                                    || tree.hasAncestor(leaf, each));
                        }
                        long best = 1;
                        for (RandomTree.Leaf each : tree.blocks()) {
                            boolean out =
                                    each.coins() == null
                                            || banned.stream()
                                                    .anyMatch(bad -> tree.hasAncestor(each, bad));
                            best = out ? best : Math.max(best, each.work());
                        }
                        assertThat(tree.of(node.tip()).work()).isEqualTo(best);
                        assertThat(node.followed).isEqualTo(node.tip());
                        node.state.flush(NOW);
                        assertThat(node.coinsOnDisk()).isEqualTo(tree.of(node.tip()).coins());
                    }
                });
    }

    private static Block child(BlockHash parent, int height, int unique, long work) {
        return ToyRules.block(
                parent, height, work, List.of(ToyRules.coinbase(height, unique, ToyRules.SUBSIDY)));
    }

    @Test
    void shouldKeepWhatCameFirstUntilAnotherIsPrecious() {
        Node node = Node.fresh();
        BlockHash genesis = RULES.genesis().hash();
        Block first = child(genesis, 1, 1, 2);
        Block second = child(genesis, 1, 2, 2);
        node.submit(first);
        node.submit(second);
        assertThat(node.tip()).isEqualTo(first.hash());
        assertThat(node.state.chainTips().stream().map(ChainTip::status))
                .containsExactlyInAnyOrder(ChainTip.Status.ACTIVE, ChainTip.Status.VALID_HEADERS);
        node.state.preciousBlock(second.hash(), NOW);
        assertThat(node.tip()).isEqualTo(second.hash());
        node.state.preciousBlock(first.hash(), NOW);
        assertThat(node.tip()).isEqualTo(first.hash());
        assertThat(node.state.chainTips().stream().map(tip -> tip.status().wireName()))
                .containsExactlyInAnyOrder("active", "valid-fork");
    }

    @Test
    void shouldRefuseAsCore() {
        Node node = Node.fresh();
        BlockHash genesis = RULES.genesis().hash();
        Block greedy =
                ToyRules.block(
                        genesis, 1, 2, List.of(ToyRules.coinbase(1, 1, ToyRules.SUBSIDY + 1)));
        assertThat(reason(node.submit(greedy))).isEqualTo("bad-cb-amount");
        assertThat(reason(node.submit(greedy))).isEqualTo("duplicate-invalid");
        assertThat(reason(node.submit(child(greedy.hash(), 2, 2, 2)))).isEqualTo("bad-prevblk");
        assertThat(reason(node.submit(child(new BlockHash(1, 1, 1, 1), 2, 2, 2))))
                .isEqualTo("prev-blk-not-found");
        Block mutated =
                Block.of(
                        child(genesis, 1, 3, 2).header(),
                        List.of(ToyRules.coinbase(1, 4, ToyRules.SUBSIDY)));
        assertThat(reason(node.submit(mutated))).isEqualTo("bad-txnmrklroot");
        assertThat(reason(node.submit(child(genesis, 1, 3, 2)))).isEqualTo("none");
        assertThat(node.tip()).isEqualTo(mutated.hash());
        assertThat(node.state.chainTips().stream().map(tip -> tip.status().wireName()))
                .containsExactlyInAnyOrder("active", "invalid");
        Block future = child(genesis, 100_000, 5, 2);
        assertThat(reason(node.submit(future))).isEqualTo("time-too-new");
        assertThat(node.state.headers().find(future.hash())).isNull();
        var lowWork =
                new ChainCommand.SubmitHeaders(
                        PEER, List.of(child(genesis, 1, 9, 2).header()), false);
        node.state.submitHeaders(lowWork, NOW);
        assertThat(node.events.getLast()).isInstanceOf(ChainEvent.HeadersRejected.class);
    }

    private static String reason(SubmitResult result) {
        return result.failure().map(BlockFailure::reason).orElse("none");
    }

    @Test
    void shouldNotStoreWhatNobodyAskedForAndNobodyNeeds() {
        Node node = Node.fresh();
        BlockHash genesis = RULES.genesis().hash();
        node.submit(child(genesis, 1, 1, 3));
        Block weak = child(genesis, 1, 2, 1);
        var unasked = new ChainCommand.SubmitBlock(PEER, weak, false);
        assertThat(node.state.submitBlock(unasked, NOW).isNew()).isFalse();
        assertThat(node.submit(weak).isNew()).isTrue();
        assertThat(node.submit(weak).isNew()).isFalse();
        assertThat(node.events.getLast())
                .isInstanceOfSatisfying(
                        ChainEvent.BlockStored.class, event -> assertThat(event.isNew()).isFalse());
    }
}
