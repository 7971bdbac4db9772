package weft.app.vectors;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import weft.consensus.BlockCheck;
import weft.consensus.ChainParams;
import weft.consensus.HeaderCheck;
import weft.consensus.Network;
import weft.consensus.RuleFailure;
import weft.consensus.SigOps;
import weft.consensus.Subsidy;
import weft.consensus.WitnessCommitment;
import weft.primitives.Block;
import weft.primitives.Transaction;
import weft.primitives.TxIn;
import weft.primitives.TxOut;
import weft.primitives.codec.ByteReader;

/// Single blocks: as bytes, against what the index says of them, with all that they spend.
final class BlockVectors {
    private static final long SEQUENCE_DISABLED = 1L << 31;
    private static final long SEQUENCE_IS_TIME = 1L << 22;
    private static final long SEQUENCE_MASK = 0xffff;

    private BlockVectors() {}

    private static ChainParams params(VectorFile file) {
        String[] parts = file.place().split("/", -1);
        return Vector.knownParams(parts[parts.length - 2]);
    }

    static Block read(byte[] bytes) {
        ByteReader in = ByteReader.of(bytes);
        Block block = Block.read(in);
        in.expectEnd();
        return block;
    }

    /// `HEIGHT.blk`: decoded, encoded again, checked alone and at its height.
    static void block(VectorFile file, Cases cases) {
        ChainParams params = params(file);
        int height = Integer.parseInt(file.stem());
        byte[] bytes = file.bytes();
        cases.run(
                "block",
                () -> {
                    Block block = read(bytes);
                    Expect.holds(
                            "it is the same when written again",
                            java.util.Arrays.equals(bytes, block.toByteArray()));
                    Expect.same("failure", null, BlockVerification.alone(block, params));
                    Expect.same("failure", null, BlockVerification.atHeight(block, height, params));
                    boolean segwit = height >= params.heights().segwit();
                    Expect.holds("it is not mutated", !BlockCheck.isMutated(block, segwit));
                });
    }

    /// `index.json`: one case a block whose file is there.
    static void index(VectorFile file, Cases cases) {
        int index = -1;
        for (JsonNode each : file.json()) {
            index++;
            Optional<VectorFile> block = blockOf(file, each);
            if (block.isEmpty()) {
                cases.leaveOut("their blocks are not in the folder");
            } else {
                VectorFile present = block.get();
                cases.run(index, () -> compare(each, read(present.bytes())));
            }
        }
    }

    private static Optional<VectorFile> blockOf(VectorFile index, JsonNode each) {
        String network = each.path("network").asString("");
        String height = String.format(Locale.ROOT, "%07d", each.path("height").asInt(0));
        return index.beside(network + "/" + height + ".blk");
    }

    private static void compare(JsonNode each, Block block) {
        List<Transaction> transactions = block.transactions();
        Expect.same("hash", each.required("hash").asString(), block.hash().toHex());
        Expect.same("prev", each.required("prev").asString(), block.header().parent().toHex());
        int version = Integer.parseUnsignedInt(each.required("version").asString(), 16);
        Expect.same("version", version, block.header().version());
        number(each, "time", block.header().time());
        long bits = Vector.bits(each.required("bits").asString());
        Expect.same("bits", bits, block.header().bits());
        number(each, "size", block.totalSize());
        number(each, "weight", block.weight());
        number(each, "stripped_size", block.strippedSize());
        number(each, "txs", transactions.size());
        number(
                each,
                "inputs_without_coinbase",
                transactions.stream().skip(1).mapToLong(tx -> tx.inputs().size()).sum());
        number(each, "outputs", transactions.stream().mapToLong(tx -> tx.outputs().size()).sum());
        number(each, "coinbase_output_sat", sum(transactions.getFirst()));
        number(each, "segwit_txs", transactions.stream().filter(Transaction::hasWitness).count());
        boolean commits = WitnessCommitment.indexIn(transactions.getFirst()) >= 0;
        Expect.same("witness_commitment", each.required("witness_commitment").asBoolean(), commits);
        number(each, "legacy_sigops", transactions.stream().mapToLong(SigOps::legacyCount).sum());
    }

    private static void number(JsonNode each, String name, long found) {
        Expect.same(name, each.required(name).asLong(), found);
    }

    private static long sum(Transaction tx) {
        return tx.outputs().stream().mapToLong(TxOut::value).sum();
    }

    /// `HEIGHT.spent`: every script, every signature, amounts to the satoshi.
    static void spent(VectorFile file, Cases cases) {
        ChainParams params = params(file);
        int height = Integer.parseInt(file.stem());
        VectorFile blockFile =
                file.beside(file.stem() + ".blk")
                        .orElseThrow(() -> new NotThere("its block is not beside it"));
        Block block = read(blockFile.bytes());
        SpentOutputs spent = SpentOutputs.read(block, file.bytes());
        cases.run(
                "block",
                () -> {
                    var found = BlockVerification.spending(block, spent, height, params);
                    Expect.same("failure", null, found.failure());
                    Expect.same("the number of inputs", spent.inputs(), found.inputs());
                    long made = sum(block.transactions().getFirst());
                    long most = found.fees() + Subsidy.at(height, params);
                    Expect.same("the coinbase", made, most);
                    JsonNode entry = entry(file, block);
                    if (entry != null && entry.has("fees_sat")) {
                        number(entry, "fees_sat", found.fees());
                    }
                });
    }

    private static @Nullable JsonNode entry(VectorFile file, Block block) {
        Optional<VectorFile> index = file.beside("../index.json");
        if (index.isPresent()) {
            for (JsonNode each : index.get().json()) {
                if (each.path("hash").asString("").equals(block.hash().toHex())) {
                    return each;
                }
            }
        }
        return null;
    }

    /// `HEIGHT.meta.csv`: maturity and relative lock times of every input.
    static void meta(VectorFile file, Cases cases) {
        ChainParams params = params(file);
        int height = Integer.parseInt(file.stem());
        VectorFile blockFile =
                file.beside(file.stem() + ".blk")
                        .orElseThrow(() -> new NotThere("its block is not beside it"));
        Block block = read(blockFile.bytes());
        List<CsvTable.Row> rows = file.table().rows();
        boolean bip68 = height >= params.heights().csv();
        int at = 0;
        for (Transaction tx : block.transactions()) {
            for (TxIn input : tx.isCoinbase() ? List.<TxIn>of() : tx.inputs()) {
                CsvTable.Row row = at < rows.size() ? rows.get(at) : null;
                at++;
                cases.run(
                        row == null ? "input " + at : row.index(),
                        () -> {
                            if (row == null) {
                                throw new Mismatch("there are fewer lines than inputs");
                            }
                            boolean checked = bip68 && tx.version() >= 2;
                            check(row, input.sequence(), block, height, checked);
                        });
            }
        }
        int inputs = at;
        cases.run("lines", () -> Expect.same("their number", inputs, rows.size()));
    }

    private static void check(
            CsvTable.Row row, long sequence, Block block, int height, boolean bip68) {
        int coinHeight = row.number("height");
        Expect.holds("the coin is not younger than the block", coinHeight <= height);
        if (row.get("coinbase").equals("1")) {
            Expect.holds("the coinbase is mature", height - coinHeight >= 100);
        }
        if (!bip68 || (sequence & SEQUENCE_DISABLED) != 0) {
            return;
        }
        long value = sequence & SEQUENCE_MASK;
        if ((sequence & SEQUENCE_IS_TIME) == 0) {
            Expect.holds("enough blocks went by", coinHeight + value <= height);
        } else if (!row.get("mtp").isEmpty()) {
            // The block's own time is later than the median that the rule compares with.
            long earliest = Long.parseLong(row.get("mtp")) + (value << 9);
            Expect.holds("enough time went by", earliest <= block.header().time());
        }
    }

    /// `checkblock_valid.json` and `checkblock_invalid.json`.
    static void checkBlock(VectorFile file, Cases cases) {
        boolean valid = file.name().contains("_valid");
        int index = -1;
        for (JsonNode each : file.json()) {
            index++;
            if (each.size() == 5) {
                cases.run(
                        index,
                        () -> {
                            String failure = failure(each);
                            String comment = each.required(0).asString();
                            if (valid) {
                                Expect.same(comment, "valid", failure);
                            } else {
                                Expect.holds(comment + " is invalid", !failure.equals("valid"));
                            }
                        });
            }
        }
    }

    private static String failure(JsonNode each) {
        ChainParams params = ChainParams.of(Network.MAIN);
        byte[] bytes = Vector.hex(each.required(4).asString());
        var header = Vector.header(java.util.Arrays.copyOf(bytes, 80));
        long latest = each.required(3).asLong() + HeaderCheck.FUTURE_SECONDS_MAX;
        RuleFailure failure =
                each.required(2).asBoolean()
                        ? HeaderCheck.checkWork(header, header.hash(), params)
                        : null;
        if (failure == null && header.time() > latest) {
            return "time-too-new";
        }
        if (failure == null && !each.required(1).asBoolean()) {
            failure = BlockCheck.check(read(bytes), params);
        }
        return failure == null ? "valid" : failure.reason();
    }

    /// Blocks of a fork in the form of block files: links, work, and the rules of each alone.
    static void fork(VectorFile file, Cases cases) {
        ChainParams params = ChainParams.of(Network.MAIN);
        String[] parts = file.stem().split("_", -1);
        int height = Integer.parseInt(parts[parts.length - 2]);
        Block before = null;
        for (Block block : Replay.blocks(file, params.identity().magic())) {
            int at = height++;
            Block parent = before;
            before = block;
            cases.run(
                    "height " + at,
                    () -> {
                        Expect.same("failure", null, BlockVerification.alone(block, params));
                        RuleFailure failure = BlockVerification.atHeight(block, at, params);
                        Expect.same("failure", null, failure);
                        if (parent != null) {
                            Expect.same("the parent", parent.hash(), block.header().parent());
                        }
                    });
        }
    }
}
