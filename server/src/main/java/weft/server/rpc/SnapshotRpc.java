package weft.server.rpc;

import static weft.server.rpc.RpcParam.required;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import weft.chain.ChainState;
import weft.chain.CoinsSummary;
import weft.chain.SnapshotHeader;
import weft.chain.SnapshotReader;
import weft.chain.SnapshotWriter;
import weft.chain.api.HeaderNode;
import weft.consensus.ChainParams;
import weft.consensus.Network;
import weft.node.ChainEngine;
import weft.primitives.Bytes;
import weft.primitives.codec.MalformedBytes;
import weft.server.NodeApi;
import weft.server.json.Json;

/// Writes all coins to a file, and starts a chain with the coins of one.
public final class SnapshotRpc {
    private static final String CATEGORY = "blockchain";

    private final NodeApi node;

    /// Methods over a node.
    public SnapshotRpc(NodeApi node) {
        this.node = node;
    }

    /// The methods.
    public List<RpcCommand> commands() {
        return List.of(
                RpcCommand.of(
                        CATEGORY,
                        "dumptxoutset",
                        "Writes all coins to a file that must not be there yet.",
                        this::dump,
                        required(
                                "path",
                                ParamType.STR,
                                "The file; a relative path begins at the data folder")),
                RpcCommand.of(
                        CATEGORY,
                        "loadtxoutset",
                        "Starts at a known block with the coins of a file, and validates the chain"
                                + " below it in the background.",
                        this::load,
                        required(
                                "path",
                                ParamType.STR,
                                "The file; a relative path begins at the data folder")),
                RpcCommand.of(
                        CATEGORY,
                        "getchainstates",
                        "The chains that are worked on, the active one last.",
                        this::getChainStates));
    }

    private Path path(RpcCall call) {
        try {
            return Path.of(node.settings().folder().path()).resolve(call.text(0));
        } catch (InvalidPathException e) {
            throw RpcException.parameter("No path: " + e.getMessage());
        }
    }

    private JsonNode dump(RpcCall call) {
        Path path = path(call);
        Path unfinished = Path.of(path + ".incomplete");
        if (Files.exists(path)) {
            throw RpcException.parameter(
                    path
                            + " already exists. If you are sure this is what you want, move it out"
                            + " of the way first");
        }
        ObjectNode json;
        try (var out = new BufferedOutputStream(Files.newOutputStream(unfinished))) {
            json = node.onChain(engine -> dump(engine, out));
        } catch (IOException e) {
            throw RpcException.parameter("Couldn't open file " + unfinished + " for writing.");
        }
        try {
            Files.move(unfinished, path, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw RpcException.misc("Cannot rename " + unfinished + ": " + e.getMessage());
        }
        return json.put("path", path.toString());
    }

    private ObjectNode dump(ChainEngine engine, BufferedOutputStream out) {
        ChainState chain = engine.chain();
        chain.flush(engine.now());
        CoinsSummary sum = CoinsSummary.of(chain.coinsStore());
        HeaderNode tip = engine.tip();
        Bytes magic = node.params().identity().magic();
        SnapshotWriter.write(
                new SnapshotHeader(magic, tip.hash(), sum.outputs()), chain.coinsStore(), out);
        return Json.object()
                .put("coins_written", sum.outputs())
                .put("base_hash", tip.hash().toString())
                .put("base_height", tip.height())
                .put("txoutset_hash", sum.hashSerialized().toString())
                .put("nchaintx", chain.headers().status(tip).chainTxCount());
    }

    private JsonNode load(RpcCall call) {
        Path path = path(call);
        try (InputStream in = Files.newInputStream(path)) {
            var reader = new SnapshotReader(in);
            SnapshotHeader header = header(reader);
            Optional<String> refused =
                    node.onChain(
                            engine ->
                                    engine.chain()
                                            .loadSnapshot(
                                                    header,
                                                    reader,
                                                    engine.mempool().size() > 0,
                                                    engine.now()));
            if (refused.isPresent()) {
                throw new RpcException(
                        RpcError.INTERNAL_ERROR,
                        "Unable to load UTXO snapshot: " + refused.get() + ". (" + path + ")");
            }
            int height =
                    node.onChain(
                            engine ->
                                    BlockchainRpc.find(engine, header.base().toString()).height());
            return Json.object()
                    .put("coins_loaded", header.coins())
                    .put("tip_hash", header.base().toString())
                    .put("base_height", height)
                    .put("path", path.toString());
        } catch (IOException e) {
            throw RpcException.parameter("Couldn't open file " + path + " for reading.");
        }
    }

    private SnapshotHeader header(SnapshotReader reader) {
        try {
            SnapshotHeader header = reader.header();
            checkNetwork(header.magic());
            return header;
        } catch (MalformedBytes e) {
            throw new RpcException(
                    RpcError.DESERIALIZATION_ERROR, "Unable to parse metadata: " + e.getMessage());
        }
    }

    private void checkNetwork(Bytes magic) {
        if (magic.equals(node.params().identity().magic())) {
            return;
        }
        for (Network each : Network.values()) {
            if (ChainParams.of(each).identity().magic().equals(magic)) {
                throw new MalformedBytes(
                        "The network of the snapshot ("
                                + each.chainName()
                                + ") does not match the network of this node ("
                                + node.params().network().chainName()
                                + ").");
            }
        }
        throw new MalformedBytes(
                "This snapshot has been created for an unrecognized network. This could be a custom"
                        + " signet, a new testnet or possibly caused by data corruption.");
    }

    private JsonNode getChainStates(RpcCall call) {
        return node.onChain(
                engine -> {
                    ChainState chain = engine.chain();
                    ObjectNode json = Json.object();
                    json.put("headers", chain.headers().best().height());
                    ArrayNode list = json.putArray("chainstates");
                    Optional<HeaderNode> base = chain.snapshots().base();
                    chain.snapshots()
                            .validated()
                            .ifPresent(
                                    tip ->
                                            addState(list, chain, tip, engine)
                                                    .put("coins_db_cache_bytes", 0)
                                                    .put(
                                                            "coins_tip_cache_bytes",
                                                            chain.snapshots().cacheBytes())
                                                    .put("validated", true));
                    ObjectNode active =
                            addState(list, chain, engine.tip(), engine)
                                    .put("coins_db_cache_bytes", 0)
                                    .put("coins_tip_cache_bytes", chain.coinsCacheBytes());
                    base.ifPresent(
                            block -> active.put("snapshot_blockhash", block.hash().toString()));
                    active.put("validated", base.isEmpty());
                    return json;
                });
    }

    private static ObjectNode addState(
            ArrayNode list, ChainState chain, HeaderNode tip, ChainEngine engine) {
        return list.addObject()
                .put("blocks", tip.height())
                .put("bestblockhash", tip.hash().toString())
                .put("difficulty", BlockJson.difficulty(tip.header().bits()))
                .put("verificationprogress", chain.verificationProgress(tip, engine.now()));
    }
}
