package weft.app.vectors;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import weft.app.CommandLineRun;
import weft.testkit.Vectors;

/// `weft vectors` on small folders, some with one wrong case.
class VectorsCommandTest {
    private static final String GOOD_SCRIPT = "[\"1\", \"2 ADD 3 EQUAL\", \"P2SH\", \"OK\"]";
    private static final String WRONG_SCRIPT = "[\"1\", \"2 EQUAL\", \"P2SH\", \"OK\"]";

    @TempDir private Path folder = Path.of("");

    @BeforeEach
    void makeFolders() throws IOException {
        for (String name : List.of("script", "crypto", "chain", "keys", "wallet")) {
            Files.createDirectories(folder.resolve(name));
        }
    }

    private Path write(String place, String text) throws IOException {
        return Files.writeString(folder.resolve(place), text);
    }

    private static void pack(Path file, byte[] bytes) throws IOException {
        try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(file))) {
            out.write(bytes);
        }
    }

    private CommandLineRun run() {
        return CommandLineRun.of("vectors", folder.toString());
    }

    @Test
    void shouldPassWhatIsRight() throws IOException {
        write(
                "script/script_tests.json",
                "[[\"a comment\"], "
                        + GOOD_SCRIPT
                        + ", [\"0\", \"IF ENDIF\", \"P2SH\", \"EVAL_FALSE\"],"
                        + " [[\"51\", 0.00000001], \"\","
                        + " \"0 0x20 0x4ae81572f06e1b88fd5ced7a1a000945432e83e1551e6f721ee9c00b8cc33260\","
                        + " \"P2SH,WITNESS\", \"OK\"]]");
        write("keys/base58_encode_decode.json", "[[\"\", \"\"], [\"61\", \"2g\"]]");
        write("wallet/rpc_bip67.json", "[]");
        CommandLineRun run = run();
        assertThat(run.out())
                .containsExactly(
                        "passed  keys/base58_encode_decode.json: 2 cases",
                        "passed  script/script_tests.json: 3 cases",
                        "skipped wallet/rpc_bip67.json: about wallets, which are not checked here",
                        "2 passed, 0 failed, 1 skipped");
        assertThat(run.exitCode()).isZero();
    }

    @Test
    void shouldSayWhichCaseIsWrong() throws IOException {
        write(
                "script/script_tests.json",
                "[[\"a comment\"]," + GOOD_SCRIPT + "," + WRONG_SCRIPT + "]");
        write("keys/base58_encode_decode.json", "[[\"61\", \"2g\"], [\"62\", \"2g\"]]");
        CommandLineRun run = run();
        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.out())
                .containsExactly(
                        "failed  keys/base58_encode_decode.json: 1 of 2 cases failed",
                        "        #1: the text is 2h, expected 2g",
                        "failed  script/script_tests.json: 1 of 2 cases failed",
                        "        #2: the result is EVAL_FALSE, expected OK",
                        "0 passed, 2 failed, 0 skipped");
    }

    @Test
    void shouldTellTheFirstFailuresAndCountTheRest() throws IOException {
        write("script/script_tests.json", "[" + (WRONG_SCRIPT + ",").repeat(9) + GOOD_SCRIPT + "]");
        CommandLineRun run = run();
        assertThat(run.out()).hasSize(1 + Cases.SHOWN_MAX + 1 + 1);
        assertThat(run.out().getFirst()).endsWith("9 of 10 cases failed");
        assertThat(run.out()).contains("        … and 4 more");
    }

    @Test
    void shouldReadOneFileOneFolderAndPackedFiles() throws IOException {
        pack(
                folder.resolve("script/script_tests.json.gz"),
                ("[" + GOOD_SCRIPT + "]").getBytes(StandardCharsets.UTF_8));
        String script = folder.resolve("script").toString();
        String file = folder.resolve("script/script_tests.json.gz").toString();
        assertThat(CommandLineRun.of("vectors", script).out())
                .containsExactly(
                        "passed  script_tests.json.gz: 1 case", "1 passed, 0 failed, 0 skipped");
        CommandLineRun one = CommandLineRun.of("vectors", file);
        assertThat(one.last()).isEqualTo("1 passed, 0 failed, 0 skipped");
        assertThat(one.exitCode()).isZero();
    }

    @Test
    void shouldRefuseMalformedFilesInOneLineEach() throws IOException {
        write("script/script_tests.json", "[[\"1\", ");
        write("script/tx_valid.json", "{}");
        write("script/sighash.json", "[[\"zz\", \"\", 0, 0, \"00\"]]");
        write("script/bip340_schnorr.csv", "");
        write("script/tx_invalid.json.gz", "not packed");
        write("chain/params.json", "[1]");
        CommandLineRun run = run();
        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.last()).isEqualTo("0 passed, 6 failed, 0 skipped");
        assertThat(run.out())
                .anyMatch(line -> line.startsWith("failed  script/script_tests.json: malformed: "))
                .contains("failed  script/tx_valid.json: no case in it")
                .anyMatch(line -> line.startsWith("        #0: malformed: "))
                .contains("failed  script/bip340_schnorr.csv: malformed: no line of names")
                .contains("failed  script/tx_invalid.json.gz: cannot be read: Not in GZIP format");
        assertThat(run.err()).isEmpty();
    }

    @Test
    void shouldNotUnpackWithoutEnd() throws IOException {
        var bomb = new ByteArrayOutputStream();
        try (OutputStream out = new GZIPOutputStream(bomb)) {
            byte[] spaces = new byte[1 << 20];
            java.util.Arrays.fill(spaces, (byte) ' ');
            for (int i = 0; i <= VectorFile.BYTES_MAX >> 20; i++) {
                out.write(spaces);
            }
        }
        assertThat(bomb.size()).isLessThan(1 << 20);
        Files.write(folder.resolve("script/script_tests.json.gz"), bomb.toByteArray());
        CommandLineRun run = run();
        assertThat(run.out().getFirst())
                .isEqualTo(
                        "failed  script/script_tests.json.gz: malformed: longer than "
                                + VectorFile.BYTES_MAX
                                + " bytes");
        assertThat(run.exitCode()).isEqualTo(1);
    }

    @Test
    void shouldNotPassAnEmptyFolder() {
        CommandLineRun run = run();
        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.last()).isEqualTo("0 passed, 0 failed, 0 skipped");
        CommandLineRun missing = CommandLineRun.of("vectors", folder + "/none");
        assertThat(missing.exitCode()).isEqualTo(1);
        assertThat(missing.err()).isEqualTo("Error: there is no " + folder + "/none\n");
    }

    @Test
    void shouldSkipWhatLacksTheFileBesideIt() throws IOException {
        Path blocks = Files.createDirectories(folder.resolve("blocks/mainnet"));
        Files.write(blocks.resolve("0000170.spent"), new byte[9]);
        CommandLineRun run = run();
        assertThat(run.out())
                .containsExactly(
                        "skipped blocks/mainnet/0000170.spent: its block is not beside it",
                        "Nothing here could be run: see `weft vectors --help`",
                        "0 passed, 0 failed, 1 skipped");
        assertThat(run.exitCode()).isEqualTo(1);
    }

    @Test
    void shouldSeeAChangedByteInEveryKindOfFile() throws IOException {
        List<String> places =
                List.of(
                        "script/sighash.json",
                        "script/bip340_schnorr.csv",
                        "crypto/rfc6979_core.json",
                        "chain/stale_headers_mainnet.csv",
                        "chain/checkpoints_signet.csv");
        for (String place : places) {
            Path copy = folder.resolve(place);
            String text = Vectors.text(place);
            Files.writeString(copy, text);
            CommandLineRun right = CommandLineRun.of("vectors", copy.toString());
            assertThat(right.exitCode()).as("%s %s", place, right.out()).isZero();
            // The last digit of the first long number: of a hash, a signature or a header.
            int end = 0;
            for (int run = 0; run < 128 || isHex(text.charAt(end)); end++) {
                run = isHex(text.charAt(end)) ? run + 1 : 0;
            }
            char last = text.charAt(end - 1);
            char other = last == '1' ? '2' : '1';
            Files.writeString(copy, text.substring(0, end - 1) + other + text.substring(end));
            CommandLineRun wrong = CommandLineRun.of("vectors", copy.toString());
            assertThat(wrong.exitCode()).as("%s %s", place, wrong.out()).isEqualTo(1);
            assertThat(wrong.last()).isEqualTo("0 passed, 1 failed, 0 skipped");
        }
    }

    private static boolean isHex(char c) {
        return Character.digit(c, 16) >= 0;
    }

    @Test
    void shouldPassThePublicVectors() {
        Vectors.path("script");
        CommandLineRun run = CommandLineRun.of("vectors", Vectors.root().toString());
        assertThat(run.out()).noneMatch(line -> line.startsWith("failed"));
        assertThat(run.exitCode()).isZero();
    }
}
