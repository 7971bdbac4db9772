package weft.app.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import weft.chain.store.Batch;
import weft.chain.store.KeyValueStore;
import weft.chain.store.MemoryKeyValueStore;
import weft.primitives.Bytes;
import weft.primitives.log.Log;

class CrashingStoreTest {
    private static final int ENTRIES = 100;

    private final KeyValueStore memory = new MemoryKeyValueStore();

    /// Thrown where the process would end.
    private static final class Ended extends RuntimeException {
        private static final long serialVersionUID = 1;
    }

    private KeyValueStore crashing(int ratio, long batchBytes, RandomGenerator random) {
        return new CrashingStore(
                memory,
                new NodeSettings.Crashes(ratio, batchBytes),
                random,
                Log.NONE,
                () -> {
                    throw new Ended();
                });
    }

    private static void entries(KeyValueStore.Sink sink) {
        for (byte i = 0; i < ENTRIES; i++) {
            sink.put(new byte[] {i}, new byte[] {i, i});
        }
    }

    @Test
    void shouldEndInTheMiddleOfAWriteOfWhichNothingIsThere() {
        // 3 bytes an entry: the first chance comes at the fourth.
        KeyValueStore store = crashing(1, 10, new SplittableRandom(1));
        assertThatThrownBy(() -> store.writeSorted(CrashingStoreTest::entries))
                .isInstanceOf(Ended.class);
        assertThat(memory.get(Bytes.parse("00"))).isNull();
    }

    @Test
    void shouldEndAfterAWriteOfWhichAllIsThere() {
        KeyValueStore store = crashing(1, 1000, new SplittableRandom(1));
        assertThatThrownBy(() -> store.writeSorted(CrashingStoreTest::entries))
                .isInstanceOf(Ended.class);
        assertThat(memory.get(Bytes.parse("63"))).isNotNull();
    }

    @Test
    void shouldEndAsOftenAsTheRatioSays() {
        KeyValueStore store = crashing(8, 1000, new SplittableRandom(7));
        int ended = 0;
        for (int i = 0; i < 800; i++) {
            try {
                store.writeSorted(CrashingStoreTest::entries);
            } catch (Ended e) {
                ended++;
            }
        }
        assertThat(ended).isBetween(70, 130);
    }

    @Test
    void shouldLeaveSmallBatchesAloneAndEndAfterLargeOnes() {
        KeyValueStore store = crashing(1, 3, new SplittableRandom(1));
        Bytes key = Bytes.parse("05");
        store.write(new Batch().put(key, key).sync());
        assertThat(store.get(key)).isEqualTo(key);
        Bytes large = Bytes.parse("0102");
        assertThatThrownBy(() -> store.write(new Batch().put(key, large)))
                .isInstanceOf(Ended.class);
        assertThat(store.get(key)).isEqualTo(large);
    }
}
