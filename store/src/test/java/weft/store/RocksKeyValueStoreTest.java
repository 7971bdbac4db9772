package weft.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import weft.chain.store.Batch;
import weft.chain.store.StoreException;
import weft.primitives.Bytes;
import weft.testkit.Property;

class RocksKeyValueStoreTest {
    private static final long CACHE_BYTES = 8 << 20;

    @TempDir private Path temp;

    @Test
    void shouldAgreeWithATreeMapThroughReopening() {
        var model = new TreeMap<Bytes, Bytes>();
        Property.holds(
                20,
                random -> {
                    try (RocksKeyValueStore store = RocksKeyValueStore.open(temp, CACHE_BYTES)) {
                        for (int i = 0; i < 20; i++) {
                            var batch = new Batch();
                            for (int j = 0; j < 10; j++) {
                                Bytes key =
                                        Bytes.wrap(Property.bytes(random, 1 + random.nextInt(2)));
                                if (random.nextInt(3) == 0) {
                                    batch.delete(key);
                                    model.remove(key);
                                } else {
                                    Bytes value =
                                            Bytes.wrap(Property.bytes(random, random.nextInt(9)));
                                    batch.put(key, value);
                                    model.put(key, value);
                                }
                            }
                            store.write(random.nextInt(10) == 0 ? batch.sync() : batch);
                        }
                        Bytes prefix = Bytes.wrap(Property.bytes(random, random.nextInt(2)));
                        var found = new ArrayList<Bytes>();
                        store.scan(
                                prefix,
                                (key, value) -> {
                                    assertThat(value).isEqualTo(model.get(key));
                                    assertThat(store.get(key)).isEqualTo(value);
                                    return found.add(key);
                                });
                        assertThat(found)
                                .isEqualTo(
                                        model.keySet().stream()
                                                .filter(key -> key.startsWith(prefix))
                                                .toList());
                    }
                });
    }

    @Test
    void shouldKeepWhatWasWrittenWhenTheProcessDies() throws IOException {
        Path copy = temp.resolve("copy");
        Path live = temp.resolve("live");
        try (RocksKeyValueStore store = RocksKeyValueStore.open(live, CACHE_BYTES)) {
            for (int i = 0; i < 100; i++) {
                Bytes key = Bytes.wrap(new byte[] {(byte) i});
                store.write(new Batch().put(key, key));
            }
            // What lies on the disk now is what a killed process leaves.
            try (var files = Files.walk(live)) {
                for (Path file : files.filter(Files::isRegularFile).toList()) {
                    Files.createDirectories(copy);
                    Files.copy(file, copy.resolve(live.relativize(file)));
                }
            }
        }
        try (RocksKeyValueStore store = RocksKeyValueStore.open(copy, CACHE_BYTES)) {
            for (int i = 0; i < 100; i++) {
                Bytes key = Bytes.wrap(new byte[] {(byte) i});
                assertThat(store.get(key)).isEqualTo(key);
            }
        }
    }

    @Test
    void shouldRefuseUseAfterClose() {
        RocksKeyValueStore store = RocksKeyValueStore.open(temp, CACHE_BYTES);
        store.close();
        store.close();
        assertThatThrownBy(() -> store.get(Bytes.EMPTY)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> store.write(new Batch()))
                .isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> store.scan(Bytes.EMPTY, (key, value) -> true))
                .isInstanceOf(IllegalStateException.class);
    }

    @Test
    void shouldRefuseAFolderThatIsInUse() {
        try (RocksKeyValueStore _ = RocksKeyValueStore.open(temp, CACHE_BYTES)) {
            assertThatThrownBy(() -> RocksKeyValueStore.open(temp, CACHE_BYTES))
                    .isInstanceOf(StoreException.class);
        }
    }
}
