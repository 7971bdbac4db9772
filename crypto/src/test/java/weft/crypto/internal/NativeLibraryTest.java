package weft.crypto.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import weft.crypto.Secp256k1Unavailable;

class NativeLibraryTest {
    private static NativeLibrary library() {
        try {
            return NativeLibrary.fromJar();
        } catch (Secp256k1Unavailable e) {
            return Assumptions.abort("skipped: " + e.getMessage());
        }
    }

    @Test
    void shouldSayWhichLibraryIsMissing(@TempDir Path folder) throws IOException {
        Path none = folder.resolve("none.so");
        Path text = Files.writeString(folder.resolve("text.so"), "no library");
        for (Path path : new Path[] {none, text}) {
            assertThatThrownBy(() -> NativeLibrary.named(path.toString()))
                    .isInstanceOf(Secp256k1Unavailable.class)
                    .hasMessageContaining(path.toString())
                    .hasMessageContaining(NativeLibrary.PROPERTY);
        }
    }

    @Test
    void shouldSayWhichFunctionIsMissing() {
        NativeLibrary library = library();
        assertThatThrownBy(() -> library.pointerVariable("secp256k1_no_such_thing"))
                .isInstanceOf(Secp256k1Unavailable.class)
                .hasMessageContaining("secp256k1_no_such_thing");
    }

    @Test
    void shouldLeaveNoFileBehind() throws IOException {
        Path folder = Path.of(System.getProperty("java.io.tmpdir"));
        long before = files(folder);
        int loads = 20;
        for (int i = 0; i < loads; i++) {
            library();
        }
        // Other processes may be loading at this moment, but not so many.
        assertThat(files(folder) - before).isLessThan(loads);
    }

    private static long files(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> file.getFileName().toString().startsWith("weft-secp256k1-"))
                    .count();
        }
    }

    @Test
    void shouldSurviveMisuse() {
        var context = new NativeContext(library(), new byte[32]);
        var functions = new NativeFunctions(context, library());
        try (var frame = new Frame(256)) {
            MemorySegment key = frame.room(64);
            assertThatThrownBy(() -> context.call(functions.pubkeyCreate, key, MemorySegment.NULL))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("seckey != NULL");
        }
        byte[] one = new byte[32];
        one[31] = 1;
        assertThat(Secp256k1Provider.load("native").publicKey(one, true))
                .as("another context")
                .hasSize(33);
    }

    @Test
    void shouldCutAFrameWithoutOverlap() {
        try (var frame = new Frame(64)) {
            MemorySegment first = frame.copy(new byte[] {1, 2, 3});
            MemorySegment second = frame.copy(new byte[] {9, 4, 5, 6, 9}, 1, 3);
            second.fill((byte) 7);
            assertThat(first.toArray(ValueLayout.JAVA_BYTE)).containsExactly(1, 2, 3);
            assertThat(second.address() % 16).isZero();
            assertThatThrownBy(() -> frame.room(33)).isInstanceOf(IndexOutOfBoundsException.class);
        }
    }
}
