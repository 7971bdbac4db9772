package weft.chain;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
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
import weft.primitives.Bytes;
import weft.primitives.Now;
import weft.primitives.OutPoint;
import weft.primitives.Transaction;
import weft.primitives.TxIn;
import weft.primitives.log.Log;
import weft.testkit.Property;

/// Blocks that connect while scripts of those below still run.
class BlocksInFlightTest {
    private static final ToyRules RULES = new ToyRules();
    private static final Now NOW = new Now(1, Instant.ofEpochSecond(1_000));

    /// Scripts that are found out whenever chance likes, at the latest when somebody waits for them.
    private record LateScripts(SplittableRandom random) implements ScriptVerifier {
        @Override
        public @Nullable Failure verify(List<ScriptCheck> checks) {
            return ToyRules.SCRIPTS.verify(checks);
        }

        @Override
        public Pending begin(List<ScriptCheck> checks) {
            return new Pending() {
                private boolean cancelled;

                @Override
                public boolean isDone() {
                    return random.nextInt(4) == 0;
                }

                @Override
                public @Nullable Failure await() {
                    assertThat(cancelled).isFalse();
                    return verify(checks);
                }

                @Override
                public void cancel() {
                    cancelled = true;
                }
            };
        }
    }

    /// A chain state that stays in initial download.
    private static final class Node {
        final MemoryKeyValueStore database;
        final MemoryBlockStore blocks;
        final List<ChainEvent> events = new ArrayList<>();
        final ChainState state;
        BlockHash followed = BlockHash.ZERO;

        Node(
                MemoryKeyValueStore database,
                MemoryBlockStore blocks,
                Fuse fuse,
                ScriptVerifier scripts) {
            this.database = database;
            this.blocks = blocks;
            ChainOptions options =
                    ChainOptions.DEFAULT
                            .withMaxTipAge(Duration.ofSeconds(-5_000))
                            .withCacheBytes(60_000);
            var stores = new ChainStores(fuse.guard(database), fuse.guard(blocks));
            state = new ChainState(RULES, options, stores, scripts, this::hear, Log.NONE);
        }

        static Node fresh(ScriptVerifier scripts) {
            var node =
                    new Node(
                            new MemoryKeyValueStore(),
                            new MemoryBlockStore(4_000),
                            new Fuse(-1),
                            scripts);
            node.state.start(NOW);
            return node;
        }

        /// What is told agrees with what may be asked.
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
                case ChainEvent.TipChanged changed -> {
                    assertThat(changed.newTip().hash()).isEqualTo(followed);
                    assertThat(changed.newTip()).isEqualTo(state.chain().tip());
                }
                default -> {}
            }
        }

        void submit(Block block, int peer) {
            state.submitBlock(new ChainCommand.SubmitBlock(new Origin(peer), block, true), NOW);
        }

        BlockHash tip() {
            return state.chain().tip().hash();
        }

        List<ChainEvent.BlockRejected> rejections() {
            return events.stream()
                    .filter(ChainEvent.BlockRejected.class::isInstance)
                    .map(ChainEvent.BlockRejected.class::cast)
                    .toList();
        }

        Map<OutPoint, Coin> coins() {
            state.flush(NOW);
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

    @Test
    @DisplayName("S-123 blocks in flight or one by one: the same tip, the same coins")
    void shouldEndWhereTheSerialOrderEnds() {
        int[] ahead = {0};
        Property.holds(
                300,
                random -> {
                    var tree = new RandomTree(RULES, random, 60);
                    Node serial = Node.fresh(ToyRules.SCRIPTS);
                    Node late = Node.fresh(new LateScripts(random.split()));
                    for (Node each : List.of(serial, late)) {
                        each.state.submitHeaders(
                                new ChainCommand.SubmitHeaders(Origin.SELF, tree.headers(), true),
                                NOW);
                    }
                    for (RandomTree.Leaf leaf : tree.blocks()) {
                        serial.submit(leaf.block(), leaf.height());
                        late.submit(leaf.block(), leaf.height());
                        ahead[0] += late.tip().equals(serial.tip()) ? 0 : 1;
                        if (random.nextInt(10) == 0) {
                            late.state.settle(NOW);
                            assertThat(late.tip()).isEqualTo(serial.tip());
                            assertThat(late.followed).isEqualTo(serial.tip());
                        }
                        if (random.nextInt(20) == 0) {
                            assertThat(late.coins()).isEqualTo(tree.of(late.tip()).coins());
                        }
                    }
                    late.state.settle(NOW);
                    assertThat(late.tip()).isEqualTo(serial.tip());
                    assertThat(late.coins()).isEqualTo(serial.coins());
                    for (ChainEvent.BlockRejected each : late.rejections()) {
                        assertThat(tree.of(each.hash()).coins()).isNull();
                    }
                });
        assertThat(ahead[0]).isPositive();
    }

    /// A chain of blocks that each spend a coin, one of them with a bad script.
    private static List<Block> run(int length, int bad, int unique) {
        var blocks = new ArrayList<Block>();
        var coinbases = new ArrayList<Transaction>();
        BlockHash parent = RULES.genesis().hash();
        for (int height = 1; height <= length; height++) {
            Transaction coinbase = ToyRules.coinbase(height, unique, ToyRules.SUBSIDY);
            coinbases.add(coinbase);
            var txs = new ArrayList<>(List.of(coinbase));
            if (height > ToyRules.MATURITY) {
                Transaction from = coinbases.get(height - ToyRules.MATURITY - 1);
                var input =
                        new TxIn(
                                new OutPoint(from.txid(), 0),
                                height == bad ? ToyRules.BAD_SCRIPT : Bytes.EMPTY,
                                0);
                txs.add(Transaction.of(2, List.of(input), from.outputs(), List.of(), 0));
            }
            Block block = ToyRules.block(parent, height, 1, txs);
            blocks.add(block);
            parent = block.hash();
        }
        return blocks;
    }

    @Test
    @DisplayName("S-123 a bad script deep in flight: its block alone is blamed, on who sent it")
    void shouldBlameExactlyTheBadBlock() {
        Property.holds(
                100,
                random -> {
                    int first = ToyRules.MATURITY + 1;
                    int length = first + 30;
                    int bad = first + random.nextInt(30);
                    List<Block> run = run(length, bad, 0);
                    Node node = Node.fresh(new LateScripts(random.split()));
                    for (int i = 0; i < length; i++) {
                        node.submit(run.get(i), 100 + i);
                    }
                    node.state.settle(NOW);
                    Block culprit = run.get(bad - 1);
                    assertThat(node.tip()).isEqualTo(culprit.header().parent());
                    assertThat(node.rejections())
                            .filteredOn(each -> each.failure().reason().contains("script"))
                            .singleElement()
                            .satisfies(
                                    each -> {
                                        assertThat(each.hash()).isEqualTo(culprit.hash());
                                        assertThat(each.origin()).isEqualTo(new Origin(99 + bad));
                                    });
                    Node shorter = Node.fresh(ToyRules.SCRIPTS);
                    run.subList(0, bad - 1).forEach(block -> shorter.submit(block, 1));
                    assertThat(node.coins()).isEqualTo(shorter.coins());
                    for (int i = 0; i < length; i++) {
                        BlockEntry entry = node.state.headers().entryOrNull(run.get(i).hash());
                        assertThat(entry != null && entry.is(BlockEntry.VALID_SCRIPTS))
                                .isEqualTo(i + 1 < bad);
                        assertThat(entry != null && !entry.isFailed()).isEqualTo(i + 1 < bad);
                    }
                    List<Block> better = run(length + 1, 0, 1);
                    better.forEach(block -> node.submit(block, 3));
                    node.state.settle(NOW);
                    assertThat(node.tip()).isEqualTo(better.getLast().hash());
                });
    }

    @Test
    @DisplayName(
            "P1 P3 a crash with blocks in flight: what is on disk is whole, and the rest comes"
                    + " again")
    void shouldSurviveACrashWithBlocksInFlight() {
        Property.holds(
                10,
                random -> {
                    var tree = new RandomTree(RULES, random, 30);
                    Node serial = Node.fresh(ToyRules.SCRIPTS);
                    tree.blocks().forEach(leaf -> serial.submit(leaf.block(), 1));
                    for (int writes = 0; writes < 200; writes++) {
                        var scripts = new LateScripts(random.split());
                        var node =
                                new Node(
                                        new MemoryKeyValueStore(),
                                        new MemoryBlockStore(2_000),
                                        new Fuse(writes),
                                        scripts);
                        try {
                            node.state.start(NOW);
                            for (RandomTree.Leaf leaf : tree.blocks()) {
                                node.submit(leaf.block(), 1);
                                if (leaf.height() % 5 == 0) {
                                    node.state.flush(NOW);
                                }
                            }
                        } catch (StoreException e) {
                            assertThat(e).hasMessageNotContaining("orrupt");
                        }
                        var again =
                                new Node(
                                        node.database.copy(),
                                        node.blocks.copy(),
                                        new Fuse(-1),
                                        scripts);
                        again.state.start(NOW);
                        assertThat(again.coins()).isEqualTo(tree.of(again.tip()).coins());
                        tree.blocks().forEach(leaf -> again.submit(leaf.block(), 1));
                        assertThat(again.coins()).isEqualTo(serial.coins());
                    }
                });
    }

    @Test
    void shouldCloseWithoutTheBlocksInFlight() {
        List<Block> run = run(ToyRules.MATURITY + 20, 0, 0);
        Node node = Node.fresh(new LateScripts(new SplittableRandom(2)));
        run.forEach(block -> node.submit(block, 1));
        BlockHash told = node.followed;
        node.state.close();
        var again =
                new Node(node.database.copy(), node.blocks.copy(), new Fuse(-1), ToyRules.SCRIPTS);
        again.state.start(NOW);
        assertThat(again.events.getFirst())
                .isInstanceOfSatisfying(
                        ChainEvent.Loaded.class,
                        loaded -> assertThat(loaded.tip().hash()).isEqualTo(told));
        assertThat(again.tip()).isEqualTo(run.getLast().hash());
    }
}
