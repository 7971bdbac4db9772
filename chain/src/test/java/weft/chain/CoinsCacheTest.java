package weft.chain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import weft.chain.store.Batch;
import weft.chain.store.MemoryKeyValueStore;
import weft.chain.store.StoreException;
import weft.consensus.Coin;
import weft.crypto.SipHash;
import weft.primitives.BlockHash;
import weft.primitives.Bytes;
import weft.primitives.OutPoint;
import weft.primitives.TxOut;
import weft.primitives.Txid;
import weft.testkit.Property;

class CoinsCacheTest {
    private static final int OUT_POINTS = 24;

    @Test
    void shouldAgreeWithOnePlainMapThroughBlocksWritesAndCrashes() {
        Property.holds(300, random -> new Run(random).go());
    }

    @Test
    void shouldHoldManyCoinsInLittleMemory() {
        var table = new CoinTable(new SipHash(1, 2));
        var random = new SplittableRandom(3);
        Bytes script = Bytes.parse("0014" + "ab".repeat(20));
        int count = 200_000;
        for (int i = 0; i < count; i++) {
            var txid =
                    new Txid(
                            random.nextLong(),
                            random.nextLong(),
                            random.nextLong(),
                            random.nextLong());
            var coin = new Coin(new TxOut(random.nextLong(1L << 36), script), 800_000, false);
            var outPoint = new OutPoint(txid, 1);
            int flags = CoinTable.DIRTY | CoinTable.FRESH;
            table.insert(outPoint, table.hash(outPoint), coin, flags);
        }
        assertThat(table.bytes() / count).isBetween(60L, 110L);
    }

    @Test
    void shouldUseTheMemoryOfSpentCoinsAgain() {
        var store = new CoinsStore(new MemoryKeyValueStore());
        var cache = new CoinsCache(store, BackgroundWork.INLINE, new SipHash(1, 2), 1 << 30);
        var coin = new Coin(new TxOut(1, Bytes.parse("51")), 7, false);
        for (int i = 0; i < 100_000; i++) {
            cache.change(outPoint(i), cache.hash(outPoint(i)), coin, true);
            if (i >= 100) {
                cache.change(outPoint(i - 100), cache.hash(outPoint(i - 100)), null, false);
            }
        }
        assertThat(cache.size()).isEqualTo(100);
        assertThat(cache.bytes()).isLessThan(100_000);
    }

    @Test
    void shouldTellThatABackgroundWriteFailed() {
        var deferred = new Deferred();
        var database = new MemoryKeyValueStore();
        var cache = new CoinsCache(new CoinsStore(database), deferred, new SipHash(1, 2), 1 << 20);
        cache.startWrite(
                BlockHash.ZERO,
                () -> {
                    throw new StoreException("the disk is full");
                });
        assertThatThrownBy(cache::awaitWrite)
                .isInstanceOf(StoreException.class)
                .hasMessage("the disk is full");
        assertThat(database.size()).isZero();
    }

    @Test
    void shouldNotTakeInWhatWasFetchedBeforeACoinWasSpentAndWritten() {
        var database = new MemoryKeyValueStore();
        var store = new CoinsStore(database);
        var cache = new CoinsCache(store, BackgroundWork.INLINE, new SipHash(1, 2), 1 << 20);
        cache.change(outPoint(1), cache.hash(outPoint(1)), coin(5), true);
        cache.change(outPoint(2), cache.hash(outPoint(2)), coin(6), true);
        cache.startWrite(BlockHash.ZERO, () -> {});
        cache.clear();
        CoinsStore.Fetched fetched =
                store.fetch(List.of(outPoint(1), outPoint(2), outPoint(3)), cache.epoch());
        cache.change(outPoint(1), cache.hash(outPoint(1)), null, false);
        assertThat(cache.accept(fetched)).isEqualTo(1);
        assertThat(cache.coin(outPoint(1))).isNull();
        assertThat(cache.coin(outPoint(2))).isEqualTo(coin(6));
        cache.startWrite(BlockHash.ZERO, () -> {});
        cache.clear();
        assertThat(cache.accept(fetched)).isZero();
        assertThat(cache.coin(outPoint(1))).isNull();
    }

    private static Coin coin(long value) {
        return new Coin(new TxOut(value, Bytes.parse("51")), 3, true);
    }

    /// A few out points share a transaction, some have a large index.
    private static OutPoint outPoint(int number) {
        long index =
                switch (number % 4) {
                    case 0 -> 0;
                    case 1 -> 254;
                    case 2 -> 255;
                    default -> 0xffff_fff0L;
                };
        return new OutPoint(new Txid(number / 4, 0, 0, 0), index);
    }

    /// Work that is done when a test says so.
    private static final class Deferred implements BackgroundWork {
        private @Nullable Runnable waiting;
        private int started;

        void finish() {
            Runnable work = waiting;
            waiting = null;
            if (work != null) {
                work.run();
            }
        }

        void lose() {
            waiting = null;
        }

        @Override
        public Running start(Runnable work) {
            finish();
            waiting = work;
            int number = ++started;
            return new Running() {
                @Override
                public boolean isDone() {
                    return number < started || waiting == null;
                }

                @Override
                public void await() {
                    if (!isDone()) {
                        finish();
                    }
                }
            };
        }
    }

    /// A cache over a store, and beside both the plain maps that they must equal.
    private static final class Run {
        private final SplittableRandom random;
        private final MemoryKeyValueStore database = new MemoryKeyValueStore();
        private final CoinsStore store = new CoinsStore(database);
        private final List<TreeMap<OutPoint, Coin>> tips = new ArrayList<>();
        private Deferred background = new Deferred();
        private CoinsCache cache;
        private TreeMap<OutPoint, Coin> model = new TreeMap<>();
        private final int bytesMax;

        Run(SplittableRandom random) {
            this.random = random;
            this.bytesMax = 1 << random.nextInt(8, 20);
            this.cache = open();
        }

        private CoinsCache open() {
            background = new Deferred();
            return new CoinsCache(store, background, new SipHash(1, 2), bytesMax);
        }

        void go() {
            for (int i = 0; i < 120; i++) {
                step();
                compare();
            }
        }

        private void step() {
            switch (random.nextInt(12)) {
                case 0, 1, 2, 3 -> block();
                case 4 -> background.finish();
                case 5 -> cache.poll();
                case 6 -> cache.startWrite(tip(), () -> {});
                case 7 -> writeAtOnce();
                case 8 -> cache.prefetch(some());
                case 9, 10 -> fetchAcross();
                default -> {
                    if (random.nextInt(3) == 0) {
                        crash();
                    }
                }
            }
        }

        /// Changes through an overlay that is taken over or dropped.
        private void block() {
            var overlay = new CoinsOverlay(cache);
            var after = new TreeMap<>(model);
            for (int i = random.nextInt(12); i > 0; i--) {
                OutPoint outPoint = outPoint(random.nextInt(OUT_POINTS));
                if (random.nextBoolean()) {
                    var script = Bytes.wrap(new byte[random.nextInt(4) * 40]);
                    var coin =
                            new Coin(
                                    new TxOut(random.nextInt(1000), script),
                                    random.nextInt(1, 9),
                                    random.nextBoolean());
                    overlay.add(
                            outPoint, coin, after.containsKey(outPoint) || random.nextBoolean());
                    after.put(outPoint, coin);
                } else {
                    assertThat(overlay.spend(outPoint)).isEqualTo(after.remove(outPoint));
                }
            }
            if (random.nextInt(4) > 0) {
                overlay.moveInto(cache);
                model = after;
            }
        }

        private BlockHash tip() {
            tips.add(new TreeMap<>(model));
            return new BlockHash(tips.size(), 0, 0, 0);
        }

        private void writeAtOnce() {
            cache.awaitWrite();
            var batch = new Batch();
            cache.stage(tip(), batch);
            database.write(batch);
            cache.written();
            checkStore();
            assertThat(tips.getLast()).isEqualTo(model);
        }

        private List<OutPoint> some() {
            return IntStream.range(0, OUT_POINTS)
                    .filter(each -> random.nextBoolean())
                    .mapToObj(CoinsCacheTest::outPoint)
                    .toList();
        }

        /// Other things happen between asking the store and taking in what it said.
        private void fetchAcross() {
            CoinsStore.Fetched fetched = store.fetch(cache.missing(some()), cache.epoch());
            block();
            if (random.nextBoolean()) {
                writeAtOnce();
            } else {
                cache.startWrite(tip(), () -> {});
            }
            cache.accept(fetched);
        }

        /// The store has the coins of its tip; a new cache goes on from there.
        private void crash() {
            background.lose();
            checkStore();
            BlockHash tip = store.tip();
            model = tip == null ? new TreeMap<>() : new TreeMap<>(tips.get((int) tip.w0() - 1));
            cache = open();
        }

        private void checkStore() {
            var found = new TreeMap<OutPoint, Coin>();
            store.scan(
                    (outPoint, coin) -> {
                        found.put(outPoint, coin);
                        return true;
                    });
            BlockHash tip = store.tip();
            assertThat(found)
                    .isEqualTo(tip == null ? new TreeMap<>() : tips.get((int) tip.w0() - 1));
        }

        private void compare() {
            // Looking at a coin brings it into memory, so only some are looked at.
            for (OutPoint each : some()) {
                assertThat(cache.coin(each)).isEqualTo(model.get(each));
            }
        }
    }
}
