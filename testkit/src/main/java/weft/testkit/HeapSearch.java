package weft.testkit;

import com.sun.management.HotSpotDiagnosticMXBean;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// Looks for secrets in a dump of everything that is still reachable.
///
/// Patterns are handed in masked (each byte XOR [#MASK]), so that the search does not find itself.
public final class HeapSearch {
    /// What each byte of a pattern is XORed with.
    public static final int MASK = 0x5a;

    /// The serial collector leaves dead objects where they lie, and moves everything each fourth time only.
    private static final int FULL_COLLECTIONS = 4;

    private HeapSearch() {}

    /// Masks an array in place.
    ///
    /// @return the same array
    public static byte[] mask(byte[] secret) {
        for (int i = 0; i < secret.length; i++) {
            secret[i] ^= MASK;
        }
        return secret;
    }

    /// Whether each masked pattern occurs in the live heap, as bytes or as little-endian words of an int
    /// array.
    ///
    /// @param masked patterns whose lengths are multiples of four
    public static List<Boolean> find(List<byte[]> masked) {
        try {
            Path folder = Files.createTempDirectory("weft-heap");
            Path dump = folder.resolve("heap.hprof");
            try {
                for (int i = 0; i < FULL_COLLECTIONS; i++) {
                    System.gc();
                }
                ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class)
                        .dumpHeap(dump.toString(), true);
                boolean[] found = new boolean[masked.size()];
                search(dump, masked, found);
                var answers = new java.util.ArrayList<Boolean>();
                for (boolean each : found) {
                    answers.add(each);
                }
                return answers;
            } finally {
                Files.deleteIfExists(dump);
                Files.delete(folder);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("dump the heap", e);
        }
    }

    private static void search(Path dump, List<byte[]> masked, boolean[] found) throws IOException {
        int longest = masked.stream().mapToInt(pattern -> pattern.length).max().orElse(0);
        byte[] chunk = new byte[1 << 20];
        int kept = 0;
        try (InputStream in = new BufferedInputStream(Files.newInputStream(dump))) {
            for (int read = in.read(chunk);
                    read > 0;
                    read = in.read(chunk, kept, chunk.length - kept)) {
                int length = kept + read;
                for (int at = 0; at < length; at++) {
                    for (int i = 0; i < found.length; i++) {
                        byte[] pattern = masked.get(i);
                        if (at + pattern.length <= length) {
                            found[i] |=
                                    matches(chunk, at, pattern, 0)
                                            || matches(chunk, at, pattern, 3);
                        }
                    }
                }
                kept = Math.min(longest, length);
                System.arraycopy(chunk, length - kept, chunk, 0, kept);
            }
        }
    }

    /// @param swap 0 for the order of bytes, 3 for that of little-endian words in a big-endian dump
    private static boolean matches(byte[] chunk, int at, byte[] pattern, int swap) {
        for (int i = 0; i < pattern.length; i++) {
            if ((byte) (chunk[at + (i ^ swap)] ^ MASK) != pattern[i]) {
                return false;
            }
        }
        return true;
    }
}
