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
import weft.chain.api.HeaderNode;
import weft.chain.api.Origin;
import weft.chain.filter.BlockFilter;
import weft.chain.index.AddressIndex;
import weft.chain.index.CoinStatsIndex;
import weft.chain.index.FilterIndex;
import weft.chain.index.IndexWriter;
import weft.chain.index.IndexedBlock;
import weft.chain.index.TxIndex;
import weft.chain.store.Batch;
import weft.chain.store.KeyValueStore;
import weft.chain.store.MemoryBlockStore;
import weft.chain.store.MemoryKeyValueStore;
import weft.consensus.ChainParams;
import weft.consensus.Coin;
import weft.consensus.Network;
import weft.crypto.MuHash3072;
import weft.primitives.BlockHash;
import weft.primitives.Bytes;
import weft.primitives.Digest256;
import weft.primitives.Now;
import weft.primitives.OutPoint;
import weft.primitives.Transaction;
import weft.primitives.TxIn;
import weft.primitives.codec.ByteWriter;
import weft.primitives.log.Log;
import weft.testkit.Property;

/// The indexes against a naive ledger, over random trees of blocks, with crashes at random moments.
class IndexTest {
    private static final ToyRules RULES = new ToyRules();
    private static final ChainParams PARAMS = ChainParams.of(Network.REGTEST);
    private static final Origin PEER = new Origin(7);

    /// A store that remembers what a power cut would leave of it.
    private static final class Cuttable implements KeyValueStore {
        private final MemoryKeyValueStore now;
        private MemoryKeyValueStore durable;

        Cuttable(MemoryKeyValueStore start) {
            now = start;
            durable = start.copy();
        }

        @Override
        public @Nullable Bytes get(Bytes key) {
            return now.get(key);
        }

        @Override
        public void scan(Bytes prefix, Visitor visitor) {
            now.scan(prefix, visitor);
        }

        @Override
        public void write(Batch batch) {
            now.write(batch);
            if (batch.isSync()) {
                durable = now.copy();
            }
        }

        @Override
        public void close() {}
    }

    /// A chain and its indexes.
    private static final class Rig {
        final Cuttable database;
        final MemoryBlockStore blocks;
        final List<MemoryKeyValueStore> stores;
        final ChainState state;
        final TxIndex transactions;
        final FilterIndex filters;
        final CoinStatsIndex coins;
        final AddressIndex addresses;
        final List<IndexWriter> writers = new ArrayList<>();
        final boolean synced;
        long nanos;

        /// @param synced whether the chain believes to be near the network's tip; if not, it gathers writes
        Rig(
                MemoryKeyValueStore database,
                MemoryBlockStore blocks,
                List<MemoryKeyValueStore> to,
                boolean synced) {
            this.synced = synced;
            this.database = new Cuttable(database);
            this.blocks = blocks;
            this.stores = to;
            state =
                    new ChainState(
                            RULES,
                            ChainOptions.DEFAULT.withMaxTipAge(
                                    synced ? Duration.ofDays(1) : Duration.ofSeconds(-5_000)),
                            new ChainStores(this.database, blocks),
                            ToyRules.SCRIPTS,
                            event -> {},
                            Log.NONE);
            state.start(now());
            transactions = new TxIndex(to.get(0), blocks);
            filters = new FilterIndex(to.get(1));
            coins = new CoinStatsIndex(to.get(2), PARAMS);
            addresses = new AddressIndex(to.get(3), PARAMS);
            writers.add(new IndexWriter(transactions, to.get(0)));
            writers.add(new IndexWriter(filters, to.get(1)));
            writers.add(new IndexWriter(coins, to.get(2)));
            writers.add(new IndexWriter(addresses, to.get(3)));
            writers.forEach(each -> each.open(RULES.genesis().hash()));
        }

        static Rig fresh(boolean synced) {
            var stores = new ArrayList<MemoryKeyValueStore>();
            for (int i = 0; i < 4; i++) {
                stores.add(new MemoryKeyValueStore());
            }
            return new Rig(new MemoryKeyValueStore(), new MemoryBlockStore(), stores, synced);
        }

        /// What starts after the power went: the chain has lost what was not synced, the indexes nothing.
        Rig afterPowerCut() {
            List<MemoryKeyValueStore> kept =
                    stores.stream().map(MemoryKeyValueStore::copy).toList();
            return new Rig(database.durable.copy(), blocks.copy(), kept, synced);
        }

        Now now() {
            return new Now(nanos, Instant.EPOCH.plusNanos(nanos));
        }

        void submit(RandomTree.Leaf leaf) {
            state.submitBlock(new ChainCommand.SubmitBlock(PEER, leaf.block(), true), now());
        }

        static @Nullable BlockHash best(IndexWriter writer) {
            IndexedBlock best = writer.best();
            return best == null ? null : best.hash();
        }

        /// @return whether there is more to do
        boolean step(IndexWriter writer, int blocksMax, IndexWriter.GoOn goOn) {
            BlockFeed.Step step =
                    state.follow(best(writer), blocksMax, now())
                            .orElseThrow(() -> new AssertionError("an index lost its way"));
            writer.follow(step, new BlockReader(blocks), goOn);
            return !step.isEmpty();
        }

        void followAll() {
            nanos += 2_000_000_000L;
            for (IndexWriter writer : writers) {
                while (step(writer, 3, () -> true)) {
                    nanos++;
                }
                assertThat(writer.isSynced()).isTrue();
            }
        }
    }

    /// What the naive ledger expects of the indexes at a block, from nothing but the blocks.
    private static void check(Rig rig, RandomTree tree) {
        HeaderNode tip = rig.state.chain().tip();
        for (IndexWriter writer : rig.writers) {
            assertThat(Rig.best(writer)).isEqualTo(tip.hash());
        }
        checkCoins(rig, tree, tip);
        var rows = new TreeMap<Digest256, List<String>>();
        Digest256 header = Digest256.ZERO;
        for (int height = 0; height <= tip.height(); height++) {
            HeaderNode node = rig.state.chain().at(height);
            assertThat(node).isNotNull();
            if (node == null) {
                return;
            }
            RandomTree.Leaf leaf = tree.of(node.hash());
            header = checkFilter(rig, tree, node, leaf, header);
            if (height > 0) {
                collect(tree, leaf, rows);
                for (Transaction tx : leaf.block().transactions()) {
                    assertThat(rig.transactions.find(tx.txid()))
                            .hasValueSatisfying(found -> assertThat(found.tx()).isEqualTo(tx));
                }
            }
        }
        for (Map.Entry<Digest256, List<String>> each : rows.entrySet()) {
            assertThat(texts(rig.addresses.rows(each.getKey(), 0, Integer.MAX_VALUE)))
                    .isEqualTo(each.getValue());
        }
    }

    private static void checkCoins(Rig rig, RandomTree tree, HeaderNode tip) {
        TreeMap<OutPoint, Coin> ledger = tree.of(tip.hash()).coins();
        assertThat(ledger).isNotNull();
        var hash = new MuHash3072();
        long amount = 0;
        for (Map.Entry<OutPoint, Coin> each :
                (ledger == null ? new TreeMap<OutPoint, Coin>() : ledger).entrySet()) {
            var element = new ByteWriter();
            CoinsSummary.writeElement(element, each.getKey(), each.getValue());
            hash.insert(element.toByteArray());
            amount += each.getValue().out().value();
        }
        CoinStatsIndex.Stats stats = rig.coins.stats(tip).orElseThrow();
        assertThat(stats.muHash()).isEqualTo(Digest256.of(hash.hash()));
        assertThat(stats.totals().outputs()).isEqualTo(ledger == null ? -1 : ledger.size());
        assertThat(stats.totals().amount()).isEqualTo(amount);
    }

    private static Coin spent(RandomTree tree, RandomTree.Leaf leaf, OutPoint outPoint) {
        // A coin that was made in the block itself is not in the ledger of the block before.
        for (Transaction tx : leaf.block().transactions()) {
            if (tx.txid().equals(outPoint.txid())) {
                return new Coin(tx.outputs().get((int) outPoint.index()), leaf.height(), false);
            }
        }
        TreeMap<OutPoint, Coin> before = tree.of(leaf.block().header().parent()).coins();
        Coin coin = before == null ? null : before.get(outPoint);
        assertThat(coin).isNotNull();
        return coin == null
                ? new Coin(ToyRules.coinbase(0, 0, 0).outputs().get(0), 0, false)
                : coin;
    }

    private static Digest256 checkFilter(
            Rig rig, RandomTree tree, HeaderNode node, RandomTree.Leaf leaf, Digest256 previous) {
        var coins = new ArrayList<Coin>();
        for (Transaction tx : leaf.block().transactions()) {
            for (TxIn input : tx.inputs()) {
                if (!tx.isCoinbase()) {
                    coins.add(spent(tree, leaf, input.prevout()));
                }
            }
        }
        BlockFilter filter =
                BlockFilter.of(leaf.block(), new BlockUndo(List.of(new BlockUndo.TxUndo(coins))));
        assertThat(rig.filters.encoded(node)).contains(filter.encoded());
        assertThat(rig.filters.hashes(node))
                .contains(new FilterIndex.Hashes(filter.hash(), filter.header(previous)));
        return filter.header(previous);
    }

    private static void collect(
            RandomTree tree, RandomTree.Leaf leaf, Map<Digest256, List<String>> rows) {
        for (Transaction tx : leaf.block().transactions()) {
            for (int i = 0; i < tx.outputs().size(); i++) {
                Bytes script = tx.outputs().get(i).scriptPubKey();
                if (script.at(0) != 0x6a) {
                    rows.computeIfAbsent(AddressIndex.hash(script), _ -> new ArrayList<>())
                            .add("+" + tx.txid() + " " + i + " " + tx.outputs().get(i).value());
                }
            }
            for (int i = 0; i < tx.inputs().size() && !tx.isCoinbase(); i++) {
                OutPoint prevout = tx.inputs().get(i).prevout();
                Coin coin = spent(tree, leaf, prevout);
                rows.computeIfAbsent(
                                AddressIndex.hash(coin.out().scriptPubKey()),
                                _ -> new ArrayList<>())
                        .add("-" + tx.txid() + " " + i + " " + coin.out().value());
            }
        }
    }

    private static List<String> texts(List<AddressIndex.Row> rows) {
        return rows.stream()
                .map(
                        row ->
                                (row.isSpending() ? "-" : "+")
                                        + row.txid()
                                        + " "
                                        + row.number()
                                        + " "
                                        + row.amount())
                .toList();
    }

    private static void submitAll(Rig rig, RandomTree tree) {
        rig.state.submitHeaders(
                new ChainCommand.SubmitHeaders(PEER, tree.headers(), true), rig.now());
        tree.blocks().forEach(rig::submit);
    }

    @Test
    void shouldSayWhatTheNaiveLedgerSaysAfterEveryBlock() {
        Property.holds(
                40,
                random -> {
                    var tree = new RandomTree(RULES, random, 30);
                    Rig rig = Rig.fresh(true);
                    for (RandomTree.Leaf leaf : tree.blocks()) {
                        rig.submit(leaf);
                        if (random.nextInt(3) == 0) {
                            rig.followAll();
                            check(rig, tree);
                        }
                    }
                    rig.followAll();
                    check(rig, tree);
                });
    }

    @Test
    @DisplayName(
            "P6 an index is never ahead of the coins on disk, and finds its way after a power cut")
    void shouldFindItsWayAfterAPowerCut() {
        Property.holds(
                60,
                random -> {
                    var tree = new RandomTree(RULES, random, 30);
                    Rig rig = Rig.fresh(random.nextBoolean());
                    for (RandomTree.Leaf leaf : tree.blocks()) {
                        rig.submit(leaf);
                        rig.nanos += random.nextInt(700_000_000);
                        stumble(rig, random);
                        if (random.nextInt(8) == 0) {
                            rig = rig.afterPowerCut();
                        }
                    }
                    submitAll(rig, tree);
                    rig.followAll();
                    check(rig, tree);
                });
    }

    /// Some indexes do a part of their next step, however far they may go.
    private static void stumble(Rig rig, SplittableRandom random) {
        for (IndexWriter writer : rig.writers) {
            if (random.nextBoolean()) {
                int[] left = {random.nextInt(4)};
                rig.step(writer, 1 + random.nextInt(4), () -> left[0]-- > 0);
            }
        }
    }

    @Test
    void shouldKeepFiltersAndStatisticsOfStaleBlocks() {
        var random = new SplittableRandom(3);
        var tree = new RandomTree(RULES, random, 60);
        Rig rig = Rig.fresh(true);
        var seen = new ArrayList<HeaderNode>();
        for (RandomTree.Leaf leaf : tree.blocks()) {
            rig.submit(leaf);
            rig.followAll();
            seen.add(rig.state.chain().tip());
        }
        long stale = seen.stream().filter(node -> !rig.state.chain().contains(node)).count();
        assertThat(stale).isPositive();
        for (HeaderNode node : seen) {
            assertThat(rig.filters.filter(node)).isPresent();
            assertThat(rig.filters.range(0, node)).isPresent();
            assertThat(rig.coins.stats(node)).isPresent();
        }
    }

    @Test
    void shouldBeginAnewForAnotherChain() {
        var tree = new RandomTree(RULES, new SplittableRandom(5), 20);
        Rig rig = Rig.fresh(true);
        submitAll(rig, tree);
        rig.followAll();
        IndexWriter writer = rig.writers.get(1);
        writer.open(BlockHash.parse("11".repeat(32)));
        assertThat(writer.best()).isNull();
        assertThat(rig.stores.get(1).size()).isEqualTo(1);
        writer.open(RULES.genesis().hash());
        rig.followAll();
        check(rig, tree);
        writer.reset();
        assertThat(writer.best()).isNull();
        rig.followAll();
        check(rig, tree);
    }
}
