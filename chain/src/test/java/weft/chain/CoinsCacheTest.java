package weft.chain;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import weft.chain.store.Batch;
import weft.chain.store.MemoryKeyValueStore;
import weft.consensus.Coin;
import weft.primitives.BlockHash;
import weft.primitives.Bytes;
import weft.primitives.OutPoint;
import weft.primitives.TxOut;
import weft.primitives.Txid;
import weft.testkit.Property;

class CoinsCacheTest {
    private static final int OUT_POINTS = 12;

    @Test
    void shouldAgreeWithOnePlainMapThroughLayersAndFlushes() {
        Property.holds(300, random -> new Run(random).go());
    }

    /// Layers of caches over a store, and beside each layer the plain map that it must equal.
    private static final class Run {
        private final SplittableRandom random;
        private final MemoryKeyValueStore database = new MemoryKeyValueStore();
        private final CoinsStore store = new CoinsStore(database);
        private final List<CoinsCache> caches = new ArrayList<>();
        private final List<TreeMap<OutPoint, Coin>> models = new ArrayList<>();

        Run(SplittableRandom random) {
            this.random = random;
            caches.add(new CoinsCache(store));
            models.add(new TreeMap<>());
        }

        void go() {
            for (int i = 0; i < 200; i++) {
                step();
                compare();
            }
        }

        private void step() {
            int top = caches.size() - 1;
            OutPoint outPoint = new OutPoint(new Txid(random.nextInt(OUT_POINTS), 0, 0, 0), 0);
            switch (random.nextInt(8)) {
                case 0, 1, 2 -> {
                    boolean taken = models.get(top).containsKey(outPoint);
                    var out = new TxOut(random.nextInt(1000), Bytes.parse("51"));
                    var coin = new Coin(out, random.nextInt(1, 9), false);
                    caches.get(top).add(outPoint, coin, taken || random.nextBoolean());
                    models.get(top).put(outPoint, coin);
                }
                case 3, 4 ->
                        assertThat(caches.get(top).spend(outPoint))
                                .isEqualTo(models.get(top).remove(outPoint));
                case 5 -> {
                    if (top < 3) {
                        caches.add(new CoinsCache(caches.get(top)));
                        models.add(new TreeMap<>(models.get(top)));
                    }
                }
                case 6 -> {
                    if (top > 0) {
                        CoinsCache cache = caches.remove(top);
                        var model = models.remove(top);
                        if (random.nextInt(3) > 0) {
                            cache.moveInto(caches.get(top - 1));
                            models.set(top - 1, model);
                        }
                    }
                }
                default -> flushBottom();
            }
        }

        private void flushBottom() {
            if (caches.size() > 1) {
                return;
            }
            var batch = new Batch();
            store.stage(caches.getFirst(), BlockHash.ZERO, batch);
            database.write(batch);
            if (random.nextBoolean()) {
                caches.getFirst().markClean();
            } else {
                caches.getFirst().clear();
            }
            var found = new TreeMap<OutPoint, Coin>();
            store.scan(
                    (outPoint, coin) -> {
                        found.put(outPoint, coin);
                        return true;
                    });
            assertThat(found).isEqualTo(models.getFirst());
        }

        private void compare() {
            int top = caches.size() - 1;
            for (int i = 0; i < OUT_POINTS; i++) {
                OutPoint outPoint = new OutPoint(new Txid(i, 0, 0, 0), 0);
                assertThat(caches.get(top).coin(outPoint)).isEqualTo(models.get(top).get(outPoint));
            }
        }
    }
}
