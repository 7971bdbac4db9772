package weft.app.tools;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import weft.app.CommandLineRun;
import weft.consensus.ChainParams;
import weft.consensus.Network;
import weft.testkit.Property;
import weft.testkit.Vectors;

class VerifyBlockCommandTest {
    private static final String BLOCK = "blocks/mainnet/0757739.blk";
    private static final String SPENT = "blocks/mainnet/0757739.spent";

    @TempDir private Path folder = Path.of("");

    private static CommandLineRun verify(Object... args) {
        String[] words = new String[args.length + 1];
        words[0] = "verify-block";
        for (int i = 0; i < args.length; i++) {
            words[i + 1] = args[i].toString();
        }
        return CommandLineRun.of(words);
    }

    private Path file(byte[] bytes) throws IOException {
        return Files.write(Files.createTempFile(folder, "block", ".blk"), bytes);
    }

    private static void assertLine(CommandLineRun run, String begin, String... parts) {
        assertThat(run.out())
                .as("%s", run)
                .anySatisfy(line -> assertThat(line).startsWith(begin).contains(parts));
    }

    @Test
    void shouldVerifyARealBlock() {
        CommandLineRun run = verify(Vectors.path(BLOCK), "--spent", Vectors.path(SPENT));
        assertThat(run.exitCode()).isZero();
        assertLine(run, "decoded", "63 transactions", "22767 bytes", " ms)");
        assertLine(run, "height", "757739");
        assertLine(run, "scripts", "91 inputs", "signatures checked", " ms)");
        assertLine(run, "fees", "107042 sat");
        assertLine(run, "not checked", "difficulty", "time");
        assertThat(run.last()).startsWith("valid");
    }

    @Test
    void shouldTakeDigitsAndSayThatScriptsWereNotChecked() throws IOException {
        String digits = HexFormat.of().formatHex(Vectors.bytes(BLOCK));
        Path hex = Files.writeString(folder.resolve("block.hex"), digits + "\n");
        CommandLineRun run = verify(hex);
        assertThat(run.exitCode()).isZero();
        assertLine(run, "scripts", "not checked");
    }

    @Test
    void shouldFindAFlippedBitWhereverItIs() {
        byte[] block = Vectors.bytes(BLOCK);
        Path spent = Vectors.path(SPENT);
        Path changedFile = folder.resolve("changed.blk");
        Property.holds(
                40,
                random -> {
                    byte[] changed = block.clone();
                    changed[random.nextInt(changed.length)] ^= (byte) (1 << random.nextInt(8));
                    write(changedFile, changed);
                    CommandLineRun run = verify(changedFile, "--spent", spent);
                    assertThat(run.exitCode()).as("%s", run).isEqualTo(1);
                });
    }

    private static void write(Path file, byte[] bytes) {
        try {
            Files.write(file, bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void shouldGiveTheReasonOfBitcoinCore() throws IOException {
        byte[] block = Vectors.bytes(BLOCK);
        byte[] root = block.clone();
        root[81] ^= 1;
        assertThat(verify(file(root)).last()).startsWith("invalid     bad-txnmrklroot");
        byte[] witness = block.clone();
        witness[block.length - 10] ^= 1;
        assertThat(verify(file(witness)).last()).startsWith("invalid     bad-witness-merkle-match");
        byte[] work = block.clone();
        work[76] ^= 1;
        assertThat(verify(file(work)).last()).startsWith("invalid     high-hash");
        assertThat(verify(file(block), "--height", 757_740).last())
                .startsWith("invalid     bad-cb-height");
        byte[] spent = Vectors.bytes(SPENT);
        spent[12] ^= 1;
        assertThat(verify(file(block), "--spent", file(spent)).last())
                .startsWith("invalid     mandatory-script-verify-flag-failed (")
                .contains("input 0 of ");
    }

    @Test
    void shouldRefuseWhatIsNoBlock() throws IOException {
        byte[] genesis = ChainParams.of(Network.MAIN).genesis().toByteArray();
        byte[] longer = java.util.Arrays.copyOf(genesis, genesis.length + 1);
        List<byte[]> junk = List.of(new byte[0], new byte[] {1, 2, 3}, longer);
        for (byte[] each : junk) {
            CommandLineRun run = verify(file(each));
            assertThat(run.exitCode()).isEqualTo(1);
            assertThat(run.err()).startsWith("Error: malformed: ").hasLineCount(1);
        }
        CommandLineRun missing = verify(folder.resolve("none"));
        assertThat(missing.exitCode()).isEqualTo(1);
        assertThat(missing.err()).startsWith("Error: cannot read ").hasLineCount(1);
        CommandLineRun network = verify(file(genesis), "--network", "moon");
        assertThat(network.err()).isEqualTo("Error: no network moon\n");
    }

    @Test
    void shouldAskForTheHeightOfOldBlocks() throws IOException {
        byte[] genesis = ChainParams.of(Network.REGTEST).genesis().toByteArray();
        CommandLineRun run = verify(file(genesis), "--network", "regtest");
        assertThat(run.exitCode()).isZero();
        assertLine(run, "height", "not known");
        CommandLineRun spent =
                verify(file(genesis), "--network", "regtest", "--spent", file(new byte[0]));
        assertThat(spent.exitCode()).isEqualTo(1);
        assertThat(spent.err()).contains("--height");
        assertThat(verify(file(genesis)).last()).startsWith("invalid     high-hash");
    }
}
