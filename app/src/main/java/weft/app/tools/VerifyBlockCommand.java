package weft.app.tools;

import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.Locale;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import weft.app.vectors.BlockVerification;
import weft.app.vectors.SpentOutputs;
import weft.consensus.ChainParams;
import weft.consensus.Network;
import weft.consensus.RuleFailure;
import weft.primitives.Amount;
import weft.primitives.Block;
import weft.primitives.codec.ByteReader;
import weft.primitives.codec.MalformedBytes;

/// `weft verify-block BLOCK`: every rule that one block can be checked against without its chain.
@Command(
        name = "verify-block",
        description = {
            "Verify one block from a file: its bytes, or hexadecimal digits, packed with gzip or not.",
            "Exit code 0 if it keeps every rule that could be checked, 1 if not or if it cannot be read."
        },
        footer = {
            "",
            "FILE of --spent has the outputs that the block spends, for every transaction but the first and"
                    + " every input in order: value (8 bytes, little-endian), length of the script"
                    + " (CompactSize), script."
        },
        mixinStandardHelpOptions = true)
public final class VerifyBlockCommand implements Callable<Integer> {
    /// Longest file that is read, after unpacking: the largest block as digits, and more.
    private static final int FILE_BYTES_MAX = 1 << 26;

    @Parameters(paramLabel = "BLOCK", description = "File with the block.")
    private Path blockFile = Path.of("");

    @Option(
            names = "--spent",
            paramLabel = "FILE",
            description = "The outputs that it spends: scripts and fees are checked too.")
    private @Nullable Path spentFile;

    @Option(
            names = "--height",
            paramLabel = "N",
            description = "Height of the block; by default what its coinbase says, see BIP-0034.")
    private @Nullable Integer height;

    @Option(
            names = "--network",
            paramLabel = "NAME",
            description = "main, test, testnet4, signet or regtest; main by default.")
    private String network = "main";

    private final PrintStream out;

    /// A command that prints to standard output.
    public VerifyBlockCommand() {
        this.out = System.out;
    }

    @Override
    public Integer call() {
        try {
            ChainParams params =
                    ChainParams.of(
                            Network.parse(network)
                                    .orElseThrow(
                                            () ->
                                                    new IllegalArgumentException(
                                                            "no network " + network)));
            Integer given = height;
            if (given != null && given < 0) {
                throw new IllegalArgumentException("--height is not negative");
            }
            return verify(params) ? 0 : 1;
        } catch (IOException e) {
            System.err.println("Error: cannot read " + e.getMessage());
        } catch (MalformedBytes e) {
            System.err.println("Error: malformed: " + e.getMessage());
        } catch (IllegalArgumentException e) {
            System.err.println("Error: " + e.getMessage());
        }
        return 1;
    }

    private boolean verify(ChainParams params) throws IOException {
        byte[] bytes = rawOrHex(read(blockFile));
        long begin = System.nanoTime();
        ByteReader in = ByteReader.of(bytes);
        Block block = Block.read(in);
        in.expectEnd();
        String size = bytes.length + " bytes, weight " + block.weight();
        out.println("block       " + block.hash());
        line("decoded", block.transactions().size() + " transactions, " + size, begin);

        begin = System.nanoTime();
        RuleFailure failure = BlockVerification.alone(block, params);
        if (failure != null) {
            return invalid(failure);
        }
        line("alone", "work, merkle root, sizes, transactions, legacy signature operations", begin);

        OptionalInt known = height(block);
        if (known.isEmpty()) {
            out.println("height      not known: give --height");
        } else {
            begin = System.nanoTime();
            failure = BlockVerification.atHeight(block, known.getAsInt(), params);
            if (failure != null) {
                return invalid(failure);
            }
            String rules = "version, coinbase height, witnesses, weight, lock heights";
            line("height", known.getAsInt() + ": " + rules, begin);
        }
        if (!scripts(block, known, params)) {
            return false;
        }
        out.println(
                "not checked (needs the chain): parent, difficulty, time against the chain's median and our"
                        + " clock,");
        out.println(
                "            lock times against that median, relative lock times, coinbase maturity, that"
                        + " what is spent exists, BIP-0030");
        out.println("valid       as far as was checked");
        return true;
    }

    private boolean scripts(Block block, OptionalInt known, ChainParams params) throws IOException {
        Path file = spentFile;
        if (file == null) {
            out.println("scripts     not checked: give --spent");
            return true;
        }
        if (known.isEmpty()) {
            throw new IllegalArgumentException("scripts ask for the height: give --height");
        }
        SpentOutputs spent;
        try {
            spent = SpentOutputs.read(block, rawOrHex(read(file)));
        } catch (MalformedBytes e) {
            throw new MalformedBytes("the spent outputs do not fit the block: " + e.getMessage());
        }
        long begin = System.nanoTime();
        var result = BlockVerification.spending(block, spent, known.getAsInt(), params);
        line(
                "scripts",
                result.inputs() + " inputs, " + result.signatures() + " signatures checked",
                begin);
        RuleFailure failure = result.failure();
        if (failure != null) {
            return invalid(failure);
        }
        out.println(
                "fees        "
                        + Amount.format(result.fees())
                        + " BTC ("
                        + result.fees()
                        + " sat), signature operations cost "
                        + result.sigOpsCost());
        return true;
    }

    private void line(String what, String text, long begin) {
        double milliseconds = (System.nanoTime() - begin) / 1e6;
        out.println(String.format(Locale.ROOT, "%-11s %s (%.1f ms)", what, text, milliseconds));
    }

    private boolean invalid(RuleFailure failure) {
        String detail = failure.detail().isEmpty() ? "" : ", " + failure.detail();
        out.println("invalid     " + failure.reason() + detail);
        return false;
    }

    /// The height that was given, or the one in the coinbase of a block of version 2 or later.
    private OptionalInt height(Block block) {
        Integer given = height;
        if (given != null) {
            return OptionalInt.of(given);
        }
        return block.header().version() < 2
                ? OptionalInt.empty()
                : BlockVerification.coinbaseHeight(block);
    }

    private static byte[] read(Path file) throws IOException {
        try (InputStream raw = Files.newInputStream(file);
                InputStream in = file.toString().endsWith(".gz") ? new GZIPInputStream(raw) : raw) {
            byte[] bytes = in.readNBytes(FILE_BYTES_MAX + 1);
            if (bytes.length > FILE_BYTES_MAX) {
                throw new MalformedBytes(file + " is longer than " + FILE_BYTES_MAX + " bytes");
            }
            return bytes;
        }
    }

    /// Bytes as they are, unless all of them are hexadecimal digits and white space.
    private static byte[] rawOrHex(byte[] bytes) {
        for (byte each : bytes) {
            if (!HexFormat.isHexDigit(each) && !Character.isWhitespace(each)) {
                return bytes;
            }
        }
        String text = new String(bytes, StandardCharsets.US_ASCII);
        return HexFormat.of().parseHex(text.replaceAll("\\s", ""));
    }
}
