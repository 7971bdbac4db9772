package weft.net;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import weft.p2p.PeerId;
import weft.primitives.Bytes;
import weft.primitives.Now;
import weft.primitives.codec.ByteReader;
import weft.primitives.log.Log;
import weft.primitives.log.LogCategory;
import weft.wire.NetAddress;

class MessageCaptureTest {
    private static final NetAddress ONE = NetAddress.parse("1.2.3.4:8333", 0);
    private static final NetAddress TWO = NetAddress.parse("[2001:db8::1]:8333", 0);
    private static final PeerId FIRST = new PeerId(1);
    private static final PeerId SECOND = new PeerId(2);
    private static final Bytes PAYLOAD = Bytes.parse("0102030405060708");
    private static final int RECORD_BYTES = 32;
    private static final Instant WHEN = Instant.ofEpochSecond(1_700_000_000, 123_456_789);

    private final List<String> lines = new ArrayList<>();
    private final Log log =
            new Log() {
                @Override
                public boolean isOn(LogCategory category, Level level) {
                    return true;
                }

                @Override
                public void write(LogCategory category, Level level, String message) {
                    lines.add(message);
                }
            };

    private MessageCapture capture(Path folder, long bytesMax) {
        return new MessageCapture(folder, bytesMax, () -> new Now(0, WHEN), log);
    }

    private static long size(Path folder, String file) throws IOException {
        Path path = folder.resolve(file);
        return Files.exists(path) ? Files.size(path) : 0;
    }

    @Test
    void shouldWriteTheFormOfBitcoinCore(@TempDir Path folder) throws IOException {
        try (MessageCapture capture = capture(folder, 1_000)) {
            capture.on(Set.of());
            capture.write(FIRST, ONE, "ping", PAYLOAD, true);
            // It is in the file at once, though the file stays open.
            Path file = folder.resolve("1.2.3.4_8333").resolve("msgs_sent.dat");
            ByteReader in = ByteReader.of(Files.readAllBytes(file));
            assertThat(in.i64()).isEqualTo(1_700_000_000_123_456L);
            assertThat(in.slice(12).toLatin1())
                    .isEqualTo("ping" + new String(new byte[8], StandardCharsets.US_ASCII));
            assertThat(in.i32()).isEqualTo(PAYLOAD.length());
            assertThat(in.rest()).isEqualTo(PAYLOAD);
        }
    }

    @Test
    void shouldWriteOnlyWhatIsWanted(@TempDir Path folder) throws IOException {
        try (MessageCapture capture = capture(folder, 1_000)) {
            capture.write(FIRST, ONE, "ping", PAYLOAD, true);
            assertThat(capture.state().on()).isFalse();
            capture.on(Set.of(SECOND));
            capture.write(FIRST, ONE, "ping", PAYLOAD, false);
            capture.write(SECOND, TWO, "ping", PAYLOAD, false);
            assertThat(capture.state().peers()).containsExactly(SECOND);
            capture.off();
            capture.write(SECOND, TWO, "ping", PAYLOAD, false);
            assertThat(folder.resolve("1.2.3.4_8333")).doesNotExist();
            assertThat(size(folder, "[2001_db8__1]_8333/msgs_recv.dat")).isEqualTo(RECORD_BYTES);
            capture.on(Set.of());
            capture.write(SECOND, TWO, "ping", PAYLOAD, false);
            assertThat(size(folder, "[2001_db8__1]_8333/msgs_recv.dat"))
                    .isEqualTo(2 * RECORD_BYTES);
            assertThat(capture.state().bytes()).isEqualTo(2 * RECORD_BYTES);
        }
    }

    @Test
    void shouldEndAtTheLimitOfAllFiles(@TempDir Path folder) throws IOException {
        try (MessageCapture first = capture(folder, 1_000)) {
            first.on(Set.of());
            first.write(FIRST, ONE, "ping", PAYLOAD, true);
        }
        try (MessageCapture capture = capture(folder, 3 * RECORD_BYTES)) {
            capture.on(Set.of());
            for (int i = 0; i < 5; i++) {
                capture.write(FIRST, ONE, "ping", PAYLOAD, i % 2 == 0);
            }
            assertThat(capture.state().on()).isFalse();
            assertThat(capture.state().bytes()).isEqualTo(3 * RECORD_BYTES);
            assertThat(lines).filteredOn(each -> each.contains("-capturemax")).hasSize(1);
        }
    }

    @Test
    void shouldGoOnWithoutADisk(@TempDir Path folder) throws IOException {
        Path file = Files.createFile(folder.resolve("a-file"));
        try (MessageCapture capture = capture(file, 1_000)) {
            capture.on(Set.of());
            capture.write(FIRST, ONE, "ping", PAYLOAD, true);
            assertThat(capture.state().on()).isFalse();
            assertThat(lines).anyMatch(each -> each.startsWith("No more messages are captured"));
        }
    }

    @Test
    void shouldKeepFewFilesOpen(@TempDir Path folder) throws IOException {
        try (MessageCapture capture = capture(folder, 1_000_000)) {
            capture.on(Set.of());
            for (int round = 0; round < 2; round++) {
                for (int i = 0; i < 600; i++) {
                    capture.write(FIRST, ONE.withPort(i + 1), "ping", PAYLOAD, true);
                }
            }
            assertThat(size(folder, "1.2.3.4_1/msgs_sent.dat")).isEqualTo(2 * RECORD_BYTES);
            assertThat(capture.state().bytes()).isEqualTo(1_200 * RECORD_BYTES);
        }
    }
}
