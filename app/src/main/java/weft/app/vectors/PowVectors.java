package weft.app.vectors;

import java.math.BigInteger;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import weft.consensus.ChainParams;
import weft.consensus.CompactBits;
import weft.consensus.Network;
import weft.consensus.PowRules;
import weft.primitives.BlockHash;
import weft.primitives.BlockHeader;
import weft.primitives.Digest256;

/// Difficulty: `pow_vectors.json` and tables of headers with the work up to them.
final class PowVectors {
    private static final ChainParams MAIN = ChainParams.of(Network.MAIN);

    private PowVectors() {}

    private interface Check {
        void run(JsonNode each);
    }

    private static void section(JsonNode file, String name, Cases cases, Check check) {
        int index = -1;
        for (JsonNode each : file.path(name)) {
            index++;
            cases.run(name + " #" + index, () -> check.run(each));
        }
    }

    /// Retargets, proofs of work, compact targets.
    static void rules(VectorFile file, Cases cases) {
        JsonNode all = file.json();
        section(all, "calculate_next_work", cases, PowVectors::nextWork);
        section(all, "check_proof_of_work", cases, PowVectors::proof);
        section(all, "compact", cases, PowVectors::compact);
        section(
                all,
                "encode_only",
                cases,
                each ->
                        Expect.same(
                                "the compact form",
                                bits(each, "compact"),
                                CompactBits.encode(number(each, "target"))));
    }

    private static long bits(JsonNode node, String field) {
        return Vector.bits(node.required(field).asString());
    }

    private static BigInteger number(JsonNode node, String field) {
        return new BigInteger(node.required(field).asString(), 16);
    }

    private static BlockHeader header(JsonNode each, String time) {
        long bits = bits(each, "last_bits");
        long seconds = each.required(time).asLong();
        return new BlockHeader(1, BlockHash.ZERO, Digest256.ZERO, seconds, bits, 0);
    }

    private static void nextWork(JsonNode each) {
        BlockHeader last = header(each, "last_block_time");
        BlockHeader first = header(each, "first_block_time");
        long next = PowRules.retarget(last, first, MAIN.pow());
        Expect.same("the next target", bits(each, "next_bits"), next);
        int height = each.required("last_height").asInt() + 1;
        Expect.holds(
                "the change is permitted",
                PowRules.isPermittedTransition(MAIN.pow(), height, last.bits(), next));
        if (each.path("not_permitted_next_bits").isString()) {
            long forbidden = bits(each, "not_permitted_next_bits");
            Expect.holds(
                    "the other change is not permitted",
                    !PowRules.isPermittedTransition(MAIN.pow(), height, last.bits(), forbidden));
        }
    }

    private static void proof(JsonNode each) {
        BlockHash hash = BlockHash.parse(each.required("hash").asString());
        boolean found = PowRules.hasValidWork(hash, bits(each, "bits"), MAIN.pow());
        Expect.same("validity", each.required("valid").asBoolean(), found);
    }

    private static void compact(JsonNode each) {
        CompactBits.Target target = CompactBits.decode(bits(each, "compact"));
        Expect.same("the sign", each.required("negative").asBoolean(), target.negative());
        Expect.same("overflow", each.required("overflow").asBoolean(), target.overflow());
        if (!target.overflow() && each.path("target").isString()) {
            Expect.same("the target", number(each, "target"), target.value());
        }
        boolean plain = !target.negative() && !target.overflow();
        if (plain && each.path("recompact").isString()) {
            long again = CompactBits.encode(target.value());
            Expect.same("the form written again", bits(each, "recompact"), again);
        }
    }

    private record Known(BlockHeader header, BigInteger work) {}

    /// Headers by height with the work of the chain up to each: the ends of periods, or their beginnings.
    static void table(VectorFile file, Cases cases) {
        ChainParams params = params(file);
        List<CsvTable.Row> rows = file.table().rows();
        Map<Integer, Known> known = new HashMap<>();
        for (CsvTable.Row row : rows) {
            cases.run(
                    row.index(),
                    () -> {
                        BlockHeader header = Vector.header(row.get("header_hex"));
                        var each = new Known(header, new BigInteger(row.get("chainwork_hex"), 16));
                        known.put(row.number("height"), each);
                        if (row.names().contains("hash")) {
                            Expect.same("the hash", row.get("hash"), header.hash().toHex());
                        }
                        check(row.number("height"), each, known, params);
                    });
        }
    }

    private static ChainParams params(VectorFile file) {
        String stem = file.stem();
        return Vector.params(stem)
                .or(() -> Vector.params(stem.substring(stem.lastIndexOf('_') + 1)))
                .orElse(MAIN);
    }

    private static void check(
            int height, Known each, Map<Integer, Known> known, ChainParams params) {
        ChainParams.Pow pow = params.pow();
        BlockHeader header = each.header();
        Expect.holds(
                "the header has its work",
                PowRules.hasValidWork(header.hash(), header.bits(), pow));
        BlockHash checkpoint = params.trust().checkpoints().get(height);
        if (checkpoint != null) {
            Expect.same("the checkpoint", checkpoint, header.hash());
        }
        int interval = pow.interval();
        BigInteger own = PowRules.work(header.bits());
        Known before = known.get(height - 1);
        Known begin = known.get(height - interval);
        if (pow.allowMinDifficulty()) {
            Expect.holds("work grows", begin == null || begin.work().compareTo(each.work()) < 0);
            return;
        }
        if (before != null) {
            Expect.same("the work", before.work().add(own), each.work());
        }
        if (height % interval == 0 && begin != null) {
            BigInteger period =
                    PowRules.work(begin.header().bits()).multiply(BigInteger.valueOf(interval - 1));
            Expect.same("the work", begin.work().add(period).add(own), each.work());
            Expect.holds(
                    "the change of difficulty is permitted",
                    PowRules.isPermittedTransition(
                            pow, height, begin.header().bits(), header.bits()));
            if (before != null) {
                long next = PowRules.retarget(before.header(), begin.header(), pow);
                Expect.same("the target", next, header.bits());
            }
        }
        Known inPeriod = known.get(height - height % interval);
        if (height % interval != 0 && inPeriod != null) {
            Expect.same("the target", inPeriod.header().bits(), header.bits());
            BigInteger more = own.multiply(BigInteger.valueOf(height % interval));
            Expect.same("the work", inPeriod.work().add(more), each.work());
        }
    }

    /// `mainnet_epochs.csv`: the first block of each period without its header.
    static void epochs(VectorFile file, Cases cases) {
        ChainParams params = params(file);
        Map<Integer, Long> known = new HashMap<>();
        for (CsvTable.Row row : file.table().rows()) {
            cases.run(
                    row.index(),
                    () -> {
                        int height = row.number("height");
                        long bits = Vector.bits(row.get("bits"));
                        known.put(height, bits);
                        BlockHash hash = BlockHash.parse(row.get("hash"));
                        Expect.holds(
                                "the hash has its work",
                                PowRules.hasValidWork(hash, bits, params.pow()));
                        Long before = known.get(height - params.pow().interval());
                        Expect.holds(
                                "the change of difficulty is permitted",
                                before == null
                                        || PowRules.isPermittedTransition(
                                                params.pow(), height, before, bits));
                    });
        }
    }
}
