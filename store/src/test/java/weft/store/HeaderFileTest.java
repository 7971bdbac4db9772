package weft.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import weft.chain.store.StoreException;
import weft.primitives.BlockHash;
import weft.primitives.BlockHeader;
import weft.primitives.Bytes;
import weft.primitives.Digest256;
import weft.testkit.Property;

class HeaderFileTest {
    private static final Bytes MAGIC = Bytes.parse("fabfb5da");
    private static final int HEAD = 16;

    @TempDir private Path folder;

    private static List<BlockHeader> headers(int from, int count) {
        var list = new ArrayList<BlockHeader>();
        for (int i = from; i < from + count; i++) {
            list.add(
                    new BlockHeader(
                            1, BlockHash.ZERO, Digest256.ZERO, 1_700_000_000L, 0x207fffff, i));
        }
        return list;
    }

    private Path path() {
        return folder.resolve("headers.dat");
    }

    private List<BlockHeader> read() {
        var found = new ArrayList<BlockHeader>();
        HeaderFile.open(path(), MAGIC, found::add).close();
        return found;
    }

    private void write(int... counts) {
        int next = 0;
        try (HeaderFile file = HeaderFile.open(path(), MAGIC, _ -> {})) {
            for (int count : counts) {
                file.append(headers(next, count));
                next += count;
            }
        }
    }

    private void refuses(String text) {
        assertThatThrownBy(this::read)
                .isInstanceOf(StoreException.class)
                .hasMessageContaining(text)
                .hasMessageNotContaining("\n");
    }

    @Test
    void shouldFindAllHeadersAgainInTheirOrder() throws IOException {
        write(1, 2_000, 4_321, 1);
        assertThat(read()).isEqualTo(headers(0, 6_323));
        // One message of headers at most is lost with a torn record: 6,323 headers are six records.
        assertThat(Files.size(path())).isEqualTo(HEAD + 6 * 8 + 6_323L * 80);
        try (HeaderFile file = HeaderFile.open(path(), MAGIC, _ -> {})) {
            assertThat(file.cutBytes()).isZero();
            file.append(List.of());
            file.append(headers(6_323, 3));
        }
        assertThat(read()).isEqualTo(headers(0, 6_326));
        if (Files.getFileStore(folder).supportsFileAttributeView("posix")) {
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path())))
                    .isEqualTo("rw-------");
        }
    }

    @Test
    void shouldCutWhatACrashLeftWhereverItCameAndGoOn() throws IOException {
        write(3, 2);
        byte[] whole = Files.readAllBytes(path());
        int second = HEAD + 8 + 3 * 80;
        for (int length = second + 1; length < whole.length; length++) {
            Files.write(path(), Arrays.copyOf(whole, length));
            try (HeaderFile file = HeaderFile.open(path(), MAGIC, _ -> {})) {
                assertThat(file.cutBytes()).isEqualTo(length - second);
                file.append(headers(3, 1));
            }
            assertThat(read()).as("cut at %d", length).isEqualTo(headers(0, 4));
        }
        // Longer already, and the bytes not there yet.
        byte[] zeros = Arrays.copyOf(Arrays.copyOf(whole, second + 50), whole.length);
        Files.write(path(), zeros);
        assertThat(read()).isEqualTo(headers(0, 3));
        Files.write(path(), Arrays.copyOf(Arrays.copyOf(whole, second), whole.length));
        assertThat(read()).isEqualTo(headers(0, 3));
    }

    @Test
    void shouldCutALastRecordOfWhichAnyPartIsMissing() throws IOException {
        write(3, 2_000);
        byte[] whole = Files.readAllBytes(path());
        int second = HEAD + 8 + 3 * 80;
        int[][] holes = {
            {second, second + 4_096},
            {second, second + 8},
            {second, second + 4},
            {80_000, 84_096},
            {whole.length - 1_000, whole.length},
            {second, whole.length}
        };
        for (int[] hole : holes) {
            byte[] torn = whole.clone();
            Arrays.fill(torn, hole[0], hole[1], (byte) 0);
            Files.write(path(), torn);
            assertThat(read()).as("zeros from %d", hole[0]).isEqualTo(headers(0, 3));
        }
    }

    @Test
    void shouldRefuseDamageForeignFilesAndOtherNetworks() throws IOException {
        write(3, 2_000, 2);
        byte[] whole = Files.readAllBytes(path());
        byte[] flipped = whole.clone();
        flipped[HEAD + 100] ^= 1;
        Files.write(path(), flipped);
        refuses("headers.dat is damaged at byte 16. Delete it, and the headers are fetched anew.");
        byte[] longer = Arrays.copyOf(whole, 600_000);
        longer[whole.length] = 1;
        longer[whole.length + 2] = 1;
        Files.write(path(), longer);
        refuses("is damaged at byte " + whole.length);
        for (byte[] foreign : List.of(new byte[0], new byte[15], new byte[500])) {
            Files.write(path(), foreign);
            refuses("headers.dat is no file of headers");
            assertThat(path()).hasBinaryContent(foreign);
        }
        byte[] later = whole.clone();
        later[8] = 2;
        Files.write(path(), later);
        refuses("has the form 2 of another version of weft, not 1");
        byte[] other = whole.clone();
        other[12] ^= 1;
        Files.write(path(), other);
        refuses("belongs to another network");
    }

    @Test
    void shouldNeverTakeAHeaderThatWasNotWritten() throws IOException {
        write(5, 4, 3);
        byte[] whole = Files.readAllBytes(path());
        Property.holds(
                500,
                random -> {
                    byte[] bytes = whole.clone();
                    bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
                    write(bytes);
                    var found = new ArrayList<BlockHeader>();
                    try {
                        HeaderFile.open(path(), MAGIC, found::add).close();
                    } catch (StoreException e) {
                        assertThat(e).hasMessageContaining("headers.dat");
                    }
                    assertThat(found).isEqualTo(headers(0, found.size()));
                    assertThat(found.size()).isIn(0, 5, 9);
                });
    }

    private void write(byte[] bytes) {
        try {
            Files.write(path(), bytes);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
