package weft.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import weft.chain.store.Batch;
import weft.chain.store.KeyValueStore;
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
                            if (random.nextInt(4) == 0) {
                                writeSorted(store, batch);
                            } else {
                                store.write(random.nextInt(10) == 0 ? batch.sync() : batch);
                            }
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

    /// The last write of each key, sorted.
    private static void writeSorted(KeyValueStore store, Batch batch) {
        var last = new TreeMap<Bytes, Optional<Bytes>>();
        batch.writes().forEach(each -> last.put(each.key(), Optional.ofNullable(each.value())));
        store.writeSorted(
                sink ->
                        last.forEach(
                                (key, value) ->
                                        sink.put(
                                                key.toByteArray(),
                                                value.map(Bytes::toByteArray).orElse(null))));
    }

    @Test
    void shouldReadManyKeysAtOnce() {
        try (RocksKeyValueStore store = RocksKeyValueStore.open(temp, CACHE_BYTES)) {
            Bytes one = Bytes.parse("01");
            Bytes two = Bytes.parse("02");
            store.write(new Batch().put(one, two));
            assertThat(store.getAll(List.of(two, one, one)))
                    .containsExactly(Optional.empty(), Optional.of(two), Optional.of(two));
        }
    }

    @Test
    void shouldWriteNothingOfSortedEntriesThatEndEarly() throws IOException {
        Files.writeString(temp.resolve("7.load"), "what a killed process left");
        try (RocksKeyValueStore store = RocksKeyValueStore.open(temp, CACHE_BYTES)) {
            assertThatThrownBy(
                            () ->
                                    store.writeSorted(
                                            sink -> {
                                                sink.put(new byte[] {1}, new byte[] {2});
                                                throw new StoreException("no more");
                                            }))
                    .hasMessage("no more");
            assertThat(store.get(Bytes.parse("01"))).isNull();
            try (var files = Files.list(temp)) {
                assertThat(files).noneMatch(each -> each.toString().endsWith(".load"));
            }
        }
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

    /// A whole database with sorted files, closed.
    private void fill() {
        try (RocksKeyValueStore store = RocksKeyValueStore.open(temp, CACHE_BYTES)) {
            store.writeSorted(sink -> sink.put(new byte[] {1}, new byte[100]));
            store.write(new Batch().put(Bytes.parse("02"), Bytes.parse("03")));
        }
    }

    private Path find(String ending) throws IOException {
        try (var files = Files.list(temp)) {
            return files.filter(each -> each.getFileName().toString().matches(ending))
                    .findFirst()
                    .orElseThrow();
        }
    }

    private void assertDamaged() {
        assertThatThrownBy(
                        () -> {
                            try (var store =
                                    RocksKeyValueStore.open(temp, CACHE_BYTES, "Do this.")) {
                                store.get(Bytes.parse("01"));
                            }
                        })
                .isInstanceOf(StoreException.class)
                .hasMessageStartingWith("the database " + temp + " is damaged (")
                .hasMessageEndingWith("). Do this.")
                .message()
                .doesNotContain("\n");
    }

    @Test
    void shouldSayWhatHelpsWhereAFileIsDamagedOrMissing() throws IOException {
        for (String each : List.of("CURRENT", "MANIFEST-.*", ".*[.]sst")) {
            for (boolean missing : List.of(false, true)) {
                fill();
                Path file = find(each);
                if (missing) {
                    Files.delete(file);
                } else {
                    byte[] bytes = Files.readAllBytes(file);
                    java.util.Arrays.fill(bytes, (byte) 7);
                    Files.write(file, bytes);
                }
                assertDamaged();
                assertDamaged();
                RocksKeyValueStore.destroy(temp);
                RocksKeyValueStore.open(temp, CACHE_BYTES).close();
            }
        }
    }

    @Test
    void shouldTakeAFolderThatACrashLeftWithoutCurrentForNew() throws IOException {
        fill();
        Files.delete(find("CURRENT"));
        Files.delete(find(".*[.]sst"));
        try (var logs = Files.newDirectoryStream(temp, "*.log")) {
            for (Path each : logs) {
                Files.delete(each);
            }
        }
        try (RocksKeyValueStore store = RocksKeyValueStore.open(temp, CACHE_BYTES)) {
            assertThat(store.get(Bytes.parse("01"))).isNull();
        }
    }

    @Test
    void shouldTellAboutHowMuchIsStored() {
        var random = new SplittableRandom(1);
        var batch = new Batch();
        for (int i = 0; i < 1_000; i++) {
            byte[] key = Property.bytes(random, 20);
            key[0] = (byte) (i < 990 ? 7 : 255);
            batch.put(Bytes.wrap(key), Bytes.wrap(Property.bytes(random, 1_000)));
        }
        Bytes many = Bytes.parse("07");
        try (RocksKeyValueStore store = RocksKeyValueStore.open(temp, CACHE_BYTES)) {
            store.write(batch);
            assertThat(store.approximateBytes(many)).isBetween(500_000L, 2_000_000L);
        }
        try (RocksKeyValueStore store = RocksKeyValueStore.open(temp, CACHE_BYTES)) {
            assertThat(store.approximateBytes(many)).isBetween(500_000L, 2_000_000L);
            assertThat(store.approximateBytes(Bytes.parse("08"))).isLessThan(100_000L);
        }
    }
}
