package weft.app.vectors;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import weft.chain.ChainState;
import weft.chain.CoinCodec;
import weft.chain.CoinsSummary;
import weft.chain.api.HeaderNode;
import weft.consensus.ChainParams;
import weft.consensus.Coin;
import weft.consensus.Network;
import weft.crypto.MuHash3072;
import weft.crypto.Sha256;
import weft.primitives.Block;
import weft.primitives.BlockHash;
import weft.primitives.Bytes;
import weft.primitives.Digest256;
import weft.primitives.OutPoint;
import weft.primitives.Txid;
import weft.primitives.codec.ByteReader;
import weft.primitives.codec.ByteWriter;
import weft.primitives.codec.MalformedBytes;

/// Whole chains from genesis, reorganisations and snapshots of the coins.
final class RunVectors {
    private static final Bytes SNAPSHOT_MAGIC = Bytes.parse("7574786fff");
    private static final String EXPECTED = "expected.json";

    private RunVectors() {}

    /// `NETWORK_FIRST_LAST.blk`: every block through the engine, coins and work compared on the way.
    static void blocks(VectorFile file, Cases cases) {
        ChainParams params = Vector.knownParams(file.stem());
        List<Block> blocks = Replay.blocks(file, params.identity().magic());
        @Nullable JsonNode expected =
                file.beside(EXPECTED).map(each -> each.json().get(file.stem())).orElse(null);
        ChainState state = Replay.start(params);
        for (int i = 0; i < blocks.size(); i++) {
            Block block = blocks.get(i);
            int before = cases.failed();
            cases.run(
                    "height " + i,
                    () -> {
                        Replay.submit(state, block);
                        Expect.same("the tip", block.hash(), state.chain().tip().hash());
                        checkHeight(state, expected);
                    });
            if (cases.failed() > before) {
                return;
            }
        }
        if (expected == null) {
            cases.leaveOut("no " + EXPECTED + " beside it has this run");
            return;
        }
        cases.run("tip", () -> checkTip(state, expected));
    }

    private static void checkHeight(ChainState state, @Nullable JsonNode expected) {
        if (expected == null) {
            return;
        }
        HeaderNode tip = state.chain().tip();
        for (JsonNode at : expected.required("at_heights")) {
            if (at.required("height").asInt() == tip.height()) {
                state.flush(HeaderVectors.LATE);
                Expect.same("the hash", at.required("hash").asString(), tip.hash().toHex());
                Expect.same(
                        "muhash",
                        at.required("muhash").asString(),
                        CoinsSummary.muHash(state.coinsStore()).toHex());
                checkSums(at, CoinsSummary.of(state.coinsStore()));
                String work = String.format(Locale.ROOT, "%064x", tip.chainWork());
                Expect.same("the work", at.required("chainwork").asString(), work);
            }
        }
    }

    private static void checkSums(JsonNode expected, CoinsSummary found) {
        Expect.same("txouts", expected.required("txouts").asLong(), found.outputs());
        Expect.same("bogosize", expected.required("bogosize").asLong(), found.bogoSize());
        BigDecimal amount = new BigDecimal(expected.required("total_amount").asString());
        Expect.same("the amount", amount.movePointRight(8).longValueExact(), found.amount());
    }

    private static void checkTip(ChainState state, JsonNode expected) {
        state.flush(HeaderVectors.LATE);
        HeaderNode tip = state.chain().tip();
        Expect.same("the height", expected.required("tip_height").asInt(), tip.height());
        Expect.same("the hash", expected.required("tip_hash").asString(), tip.hash().toHex());
        CoinsSummary found = CoinsSummary.of(state.coinsStore());
        Expect.same(
                "hash_serialized_3",
                expected.required("hash_serialized_3").asString(),
                found.hashSerialized().toHex());
        Expect.same(
                "transactions", expected.required("transactions").asLong(), found.transactions());
        checkSums(expected, found);
    }

    /// `blk_0_to_N.blk` and the branch blocks `blk_5A.blk` beside it: the tip is the block of most work, and
    /// of those of equal work the one that came first.
    static void reorganisation(VectorFile file, Cases cases) {
        ChainParams params = ChainParams.of(Network.MAIN);
        Bytes magic = params.identity().magic();
        ChainState state = Replay.start(Replay.maturingAtOnce(params));
        VectorFile main = file;
        if (!file.name().contains("_to_")) {
            List<VectorFile> mains = matching(file, "blk_0_to_[0-9]+[.]blk");
            if (mains.isEmpty()) {
                cases.leaveOut("the blocks from genesis are not beside it");
                cases.run("blocks", () -> Replay.blocks(file, magic));
                return;
            }
            main = mains.getFirst();
        }
        for (Block block : Replay.blocks(main, magic)) {
            cases.run(block.hash().toHex(), () -> Replay.submit(state, block));
        }
        if (main.path().equals(file.path())) {
            return;
        }
        String branch = file.stem().substring(file.stem().length() - 1);
        for (VectorFile each : matching(file, "blk_[0-9]+" + branch + "[.]blk")) {
            for (Block block : Replay.blocks(each, magic)) {
                cases.run(each.name(), () -> branchBlock(state, block));
            }
            if (each.path().equals(file.path())) {
                return;
            }
        }
    }

    private static void branchBlock(ChainState state, Block block) {
        HeaderNode before = state.chain().tip();
        Replay.submit(state, block);
        HeaderNode added = state.headers().find(block.hash());
        boolean better = added != null && added.chainWork().compareTo(before.chainWork()) > 0;
        BlockHash wanted = better ? block.hash() : before.hash();
        Expect.same("the tip", wanted, state.chain().tip().hash());
    }

    private static List<VectorFile> matching(VectorFile file, String names) {
        Path folder = file.path().toAbsolutePath().getParent();
        if (folder == null) {
            return List.of();
        }
        try (Stream<Path> paths = Files.list(folder)) {
            return paths.sorted()
                    .map(VectorFile::new)
                    .filter(each -> each.name().matches(names))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// `getblockstats` of Bitcoin Core: the chain and what a block alone says of itself.
    static void stats(VectorFile file, Cases cases) {
        JsonNode all = file.json();
        ChainState state = Replay.start(ChainParams.of(Network.REGTEST));
        int height = -1;
        for (JsonNode hex : all.required("blocks")) {
            height++;
            cases.run("block #" + height, () -> Replay.submit(state, Block.parse(hex.asString())));
        }
        int index = -1;
        for (JsonNode each : all.required("stats")) {
            index++;
            cases.run("stats #" + index, () -> stats(state, each));
        }
    }

    private static void stats(ChainState state, JsonNode each) {
        HeaderNode node = state.chain().at(each.required("height").asInt());
        if (node == null) {
            throw new Mismatch("the chain is shorter");
        }
        Block block = state.block(node).orElseThrow();
        var found = BlockSums.of(block, state.undo(node).orElseThrow());
        Expect.same("the hash", each.required("blockhash").asString(), node.hash().toHex());
        Expect.same("the median time", each.required("mediantime").asLong(), node.medianTimePast());
        Expect.same("txs", each.required("txs").asLong(), (long) block.transactions().size());
        Expect.same("ins", each.required("ins").asLong(), found.inputs());
        Expect.same("outs", each.required("outs").asLong(), found.outputs());
        Expect.same("totalfee", each.required("totalfee").asLong(), found.fees());
        Expect.same("total_out", each.required("total_out").asLong(), found.amount());
        Expect.same("total_size", each.required("total_size").asLong(), found.bytes());
        Expect.same("total_weight", each.required("total_weight").asLong(), found.weight());
        Expect.same("swtxs", each.required("swtxs").asLong(), found.withWitness());
    }

    /// A snapshot in the form of `dumptxoutset`.
    static void snapshot(VectorFile file, Cases cases) {
        ByteReader in = file.reader();
        if (!in.slice(SNAPSHOT_MAGIC.length()).equals(SNAPSHOT_MAGIC) || in.u16() != 2) {
            throw new MalformedBytes("no snapshot of version 2");
        }
        Bytes magic = in.slice(4);
        BlockHash base = BlockHash.read(in);
        long count = in.i64();
        Vector.params(file.stem())
                .ifPresent(
                        params ->
                                cases.run(
                                        "magic",
                                        () ->
                                                Expect.same(
                                                        "the magic",
                                                        params.identity().magic(),
                                                        magic)));
        JsonNode expected = expected(file, base);
        cases.run("coins", () -> checkSnapshot(expected, in, count));
    }

    private static JsonNode expected(VectorFile file, BlockHash base) {
        VectorFile all =
                file.beside("../blockruns/" + EXPECTED)
                        .or(() -> file.beside(EXPECTED))
                        .orElseThrow(() -> new NotThere("there is no blockruns/" + EXPECTED));
        for (JsonNode run : all.json()) {
            if (run.required("tip_hash").asString().equals(base.toHex())) {
                return run;
            }
        }
        throw new NotThere("no run of " + EXPECTED + " ends with " + base);
    }

    private static void checkSnapshot(JsonNode expected, ByteReader in, long count) {
        var hash = new Sha256();
        var set = new MuHash3072();
        long amount = 0;
        long read = 0;
        long transactions = 0;
        while (read < count) {
            Txid txid = Txid.read(in);
            transactions++;
            for (int i = in.compactSize(); i > 0; i--, read++) {
                var outPoint = new OutPoint(txid, in.compactSize());
                Coin coin = CoinCodec.readCoin(in);
                var element = new ByteWriter();
                CoinsSummary.writeElement(element, outPoint, coin);
                hash.update(element.toByteArray());
                set.insert(element.toByteArray());
                amount += coin.out().value();
            }
        }
        in.expectEnd();
        Expect.same(
                "hash_serialized_3",
                expected.required("hash_serialized_3").asString(),
                Digest256.of(hash.finishTwice()).toHex());
        Expect.same("txouts", expected.required("txouts").asLong(), read);
        Expect.same("transactions", expected.required("transactions").asLong(), transactions);
        BigDecimal total = new BigDecimal(expected.required("total_amount").asString());
        Expect.same("the amount", total.movePointRight(8).longValueExact(), amount);
        for (JsonNode at : expected.required("at_heights")) {
            if (at.required("hash").equals(expected.required("tip_hash"))) {
                String muHash = at.required("muhash").asString();
                Expect.same("muhash", muHash, Digest256.of(set.hash()).toHex());
            }
        }
    }
}
