package weft.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// `weft msg`, as typed.
class MsgTest {
    private static final String HELLO =
            "f9beb4d976657273696f6e0000000000170000006f9aa6da"
                    + "48656c6c6f2c20426974636f696e206e6574776f726b21";

    @Test
    @DisplayName("S-80 S-81 weft msg encode prints the 47 bytes and says that they are 47")
    void shouldEncode(@TempDir Path folder) throws Exception {
        WeftProcess.Ended ended =
                WeftProcess.run(
                        folder, "msg", "encode", "version", "--text", "Hello, Bitcoin network!");
        assertThat(ended.exitCode()).isZero();
        assertThat(ended.out().lines()).containsExactly(HELLO, "Message length: 47 bytes");
        assertThat(ended.err()).isEmpty();
    }

    @Test
    @DisplayName("S-82 weft msg encode --network test begins with 0b110907")
    void shouldEncodeForTheTestNetwork(@TempDir Path folder) throws Exception {
        WeftProcess.Ended ended =
                WeftProcess.run(folder, "msg", "encode", "verack", "--network", "test");
        assertThat(ended.out())
                .startsWith("0b11090776657261636b000000000000000000005df6e0e2")
                .contains("Message length: 24 bytes");
    }

    @Test
    void shouldDecode(@TempDir Path folder) throws Exception {
        String ping = "fabfb5da70696e670000000000000000080000006ad58337" + "0000000000000000";
        WeftProcess.Ended ended = WeftProcess.run(folder, "msg", "decode", HELLO);
        assertThat(ended.exitCode()).isZero();
        assertThat(ended.out().lines())
                .contains(
                        "network:  main",
                        "command:  version",
                        "length:   23",
                        "payload:  48656c6c6f2c20426974636f696e206e6574776f726b21")
                .anyMatch(line -> line.startsWith("message:  malformed ("));
        WeftProcess.Ended encoded =
                WeftProcess.run(
                        folder,
                        "msg",
                        "encode",
                        "ping",
                        "--hex",
                        "0000000000000000",
                        "--network",
                        "regtest");
        String frame = encoded.out().lines().findFirst().orElseThrow();
        assertThat(frame.substring(0, 40)).isEqualTo(ping.substring(0, 40));
        WeftProcess.Ended decoded = WeftProcess.run(folder, "msg", "decode", frame + frame);
        assertThat(decoded.out().lines().filter("command:  ping"::equals)).hasSize(2);
        assertThat(decoded.out()).contains("network:  regtest", "message:  Ping");
    }

    @Test
    void shouldSayInOneLineWhatIsWrong(@TempDir Path folder) throws Exception {
        String flipped = HELLO.substring(0, HELLO.length() - 2) + "22";
        for (List<String> wrong :
                List.of(
                        List.of("decode", "xyz"),
                        List.of("decode", "f9be"),
                        List.of("decode", "00000000" + HELLO.substring(8)),
                        List.of("decode", flipped),
                        List.of("decode", HELLO + "f9"),
                        List.of("decode", HELLO.substring(0, 60)),
                        List.of("decode", HELLO.substring(0, 32) + "ffffffff" + "00000000"),
                        List.of("decode"),
                        List.of("encode"),
                        List.of("encode", "averylongcommand"),
                        List.of("encode", "tx", "--hex", "0"),
                        List.of("encode", "tx", "--hex", "zz"),
                        List.of("encode", "tx", "--hex", "00", "--text", "a"),
                        List.of("encode", "tx", "--network", "moon"),
                        List.of("encode", "tx", "--nonsense"))) {
            var arguments = new java.util.ArrayList<>(wrong);
            arguments.addFirst("msg");
            WeftProcess.Ended ended = WeftProcess.run(folder, arguments.toArray(String[]::new));
            assertThat(ended.exitCode()).as("%s", wrong).isEqualTo(1);
            assertThat(ended.err().lines()).as("%s", wrong).hasSize(1);
            assertThat(ended.err()).as("%s", wrong).startsWith("Error: ");
        }
    }
}
