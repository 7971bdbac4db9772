package weft.server.rpc;

import static weft.server.rpc.RpcParam.optional;
import static weft.server.rpc.RpcParam.required;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import weft.chain.BlockStatus;
import weft.chain.SubmitResult;
import weft.chain.api.BlockFailure;
import weft.chain.api.HeaderNode;
import weft.mempool.MempoolEntry;
import weft.mining.Solver;
import weft.node.ChainEngine;
import weft.primitives.Block;
import weft.primitives.BlockHash;
import weft.primitives.BlockHeader;
import weft.primitives.Bytes;
import weft.primitives.Transaction;
import weft.primitives.Txid;
import weft.primitives.address.Address;
import weft.primitives.address.AddressFault;
import weft.primitives.codec.ByteReader;
import weft.primitives.codec.MalformedBytes;
import weft.server.NodeApi;
import weft.server.json.Json;

/// Making blocks, and taking in those that others made.
public final class MiningRpc {
    private static final String MINING = "mining";
    private static final String HIDDEN = "hidden";
    private static final long TRIES = 1_000_000;
    private static final int HASHES_OVER = 120;

    private final NodeApi node;

    /// Methods over a node.
    public MiningRpc(NodeApi node) {
        this.node = node;
    }

    /// The methods.
    public List<RpcCommand> commands() {
        return Stream.concat(first().stream(), more().stream()).toList();
    }

    private List<RpcCommand> first() {
        RpcParam tries = optional("maxtries", ParamType.NUM, "1000000", "How many hashes to try");
        return List.of(
                RpcCommand.of(
                        HIDDEN,
                        "generatetoaddress",
                        "Mines blocks at once; the reward goes to an address.",
                        this::generateToAddress,
                        required("nblocks", ParamType.NUM, "How many"),
                        required("address", ParamType.STR, "Whom the reward goes to"),
                        tries),
                RpcCommand.of(
                        HIDDEN,
                        "generatetodescriptor",
                        "Mines blocks at once; the reward goes to a descriptor.",
                        this::generateToDescriptor,
                        required("num_blocks", ParamType.NUM, "How many"),
                        required("descriptor", ParamType.STR, "Whom the reward goes to"),
                        tries),
                RpcCommand.of(
                        HIDDEN,
                        "generateblock",
                        "Mines a block with just these transactions, in this order.",
                        this::generateBlock,
                        required(
                                "output",
                                ParamType.STR,
                                "Address or descriptor that the reward goes to"),
                        required(
                                "transactions",
                                ParamType.ARR,
                                "Ids of the mempool, or transactions in hex"),
                        optional(
                                "submit",
                                ParamType.BOOL,
                                "true",
                                "Take the block in, or else return it as hex")),
                RpcCommand.of(
                        HIDDEN,
                        "generate",
                        "has been replaced by the -generate cli option. Refer to -help for more"
                                + " information.",
                        this::generate),
                RpcCommand.of(
                        MINING,
                        "submitblock",
                        "Takes in a block; null, or why it is not accepted. See BIP22.",
                        this::submitBlock,
                        required("hexdata", ParamType.HEX, "The block"),
                        optional("dummy", ParamType.STR, "", "Ignored")),
                RpcCommand.of(
                        MINING,
                        "submitheader",
                        "Takes in a header.",
                        this::submitHeader,
                        required("hexdata", ParamType.HEX, "The header")));
    }

    private List<RpcCommand> more() {
        return List.of(
                RpcCommand.of(
                        MINING,
                        "getmininginfo",
                        "What a miner wants to know.",
                        this::getMiningInfo),
                RpcCommand.of(
                        MINING,
                        "getnetworkhashps",
                        "Estimated hashes a second of the whole network.",
                        this::getNetworkHashPs,
                        optional(
                                "nblocks",
                                ParamType.NUM,
                                "120",
                                "Over so many blocks; -1 since the last change"),
                        optional("height", ParamType.NUM, "-1", "At a height; -1 for now")));
    }

    private JsonNode generate(RpcCall call) {
        throw new RpcException(
                RpcError.METHOD_NOT_FOUND,
                "generate\n\nhas been replaced by the -generate cli option. "
                        + "Refer to -help for more information.\n");
    }

    private Bytes addressScript(String text, String message) {
        try {
            return Address.parse(text, node.params().addressPrefixes()).scriptPubKey();
        } catch (AddressFault e) {
            throw RpcException.notFound(message);
        }
    }

    private JsonNode generateToAddress(RpcCall call) {
        Bytes payTo = addressScript(call.text(1), "Error: Invalid address");
        return mine(call.integer(0), payTo, call.number(2, TRIES));
    }

    private JsonNode generateToDescriptor(RpcCall call) {
        String descriptor = call.text(1);
        Bytes payTo = Descriptors.scriptOrFail(descriptor, node.params().addressPrefixes());
        return mine(call.integer(0), payTo, call.number(2, TRIES));
    }

    /// One block a question, so that others are heard between.
    private JsonNode mine(int blocks, Bytes payTo, long tries) {
        ArrayNode hashes = Json.array();
        while (hashes.size() < blocks) {
            List<BlockHash> found = node.onChain(engine -> engine.mine(1, payTo, tries));
            if (found.isEmpty()) {
                break;
            }
            hashes.add(found.getFirst().toString());
        }
        return hashes;
    }

    private JsonNode generateBlock(RpcCall call) {
        String output = call.text(0);
        Bytes payTo =
                Descriptors.script(output, node.params().addressPrefixes())
                        .orElseGet(
                                () ->
                                        addressScript(
                                                output, "Error: Invalid address or descriptor"));
        boolean submit = call.bool(2, true);
        return node.onChain(
                engine -> {
                    var transactions = new ArrayList<Transaction>();
                    for (JsonNode each : call.at(1)) {
                        if (!each.isString()) {
                            throw RpcException.type(
                                    "JSON value of type "
                                            + Json.typeName(each)
                                            + " is not of expected type string");
                        }
                        transactions.add(named(engine, each.stringValue()));
                    }
                    return generateBlock(engine, transactions, payTo, submit);
                });
    }

    private static Transaction named(ChainEngine engine, String text) {
        if (text.length() == 64 && RpcCall.isHex(text)) {
            MempoolEntry entry = engine.mempool().find(Txid.parse(text));
            if (entry == null) {
                throw RpcException.notFound("Transaction " + text + " not in mempool.");
            }
            return entry.tx();
        }
        try {
            return Transaction.parse(text);
        } catch (IllegalArgumentException | MalformedBytes e) {
            throw new RpcException(
                    RpcError.DESERIALIZATION_ERROR,
                    "Transaction decode failed for "
                            + text
                            + ". Make sure the tx has at least one input.");
        }
    }

    private JsonNode generateBlock(
            ChainEngine engine, List<Transaction> transactions, Bytes payTo, boolean submit) {
        Block template = engine.assemble(transactions, payTo, 0);
        Optional<BlockFailure> failure = engine.chain().testBlock(template, false, engine.now());
        if (failure.isPresent()) {
            throw new RpcException(
                    RpcError.VERIFY_ERROR, "testBlockValidity failed: " + failure.get());
        }
        Block solved =
                Solver.solve(template, TRIES, node.params())
                        .orElseThrow(() -> RpcException.misc("Failed to make block."));
        ObjectNode json = Json.object().put("hash", solved.hash().toString());
        if (!submit) {
            return json.put("hex", Bytes.wrap(solved.toByteArray()).toHex());
        }
        SubmitResult result = engine.submitBlock(solved);
        if (result.failure().isPresent()) {
            throw RpcException.misc("ProcessNewBlock, block not accepted");
        }
        return json;
    }

    private JsonNode submitBlock(RpcCall call) {
        Block block;
        try {
            block = Block.parse(call.text(0));
        } catch (IllegalArgumentException | MalformedBytes e) {
            throw new RpcException(RpcError.DESERIALIZATION_ERROR, "Block decode failed");
        }
        if (block.transactions().isEmpty() || !block.transactions().getFirst().isCoinbase()) {
            throw new RpcException(
                    RpcError.DESERIALIZATION_ERROR, "Block does not start with a coinbase");
        }
        return node.onChain(engine -> submit(engine, block));
    }

    private JsonNode submit(ChainEngine engine, Block block) {
        HeaderNode known = engine.chain().headers().find(block.hash());
        if (known != null) {
            BlockStatus status = engine.chain().headers().status(known);
            if (status.isInvalid()) {
                return Json.text("duplicate-invalid");
            }
            if (status.isValidated()) {
                return Json.text("duplicate");
            }
        }
        Block whole = WitnessNonce.complete(block, engine, node.params());
        SubmitResult result = engine.submitBlock(whole);
        if (result.failure().isPresent()) {
            return ChainControlRpc.verdict(result.failure());
        }
        if (!result.isNew()) {
            return Json.text("duplicate");
        }
        HeaderNode now = engine.chain().headers().find(block.hash());
        boolean judged = now != null && engine.chain().headers().status(now).isValidated();
        return judged ? Json.nothing() : Json.text("inconclusive");
    }

    private JsonNode submitHeader(RpcCall call) {
        BlockHeader header;
        try {
            ByteReader in = ByteReader.of(Bytes.parse(call.text(0)).toByteArray());
            header = BlockHeader.read(in);
        } catch (IllegalArgumentException | MalformedBytes e) {
            throw new RpcException(RpcError.DESERIALIZATION_ERROR, "Block header decode failed");
        }
        return node.onChain(
                engine -> {
                    if (engine.chain().headers().find(header.parent()) == null) {
                        throw new RpcException(
                                RpcError.VERIFY_ERROR,
                                "Must submit previous header (" + header.parent() + ") first");
                    }
                    return submitHeader(engine, header);
                });
    }

    private static JsonNode submitHeader(ChainEngine engine, BlockHeader header) {
        Optional<BlockFailure> refused = engine.submitHeader(header);
        if (refused.isPresent()) {
            throw new RpcException(RpcError.VERIFY_ERROR, refused.get().reason());
        }
        return Json.nothing();
    }

    private JsonNode getMiningInfo(RpcCall call) {
        return node.onChain(
                engine -> {
                    HeaderNode tip = engine.tip();
                    ObjectNode json = Json.object();
                    json.put("blocks", tip.height());
                    ChainEngine.LastTemplate last = engine.lastTemplate();
                    if (last != null) {
                        json.put("currentblockweight", last.weight());
                        json.put("currentblocktx", last.transactions());
                    }
                    json.put("difficulty", BlockJson.difficulty(tip.header().bits()));
                    json.set("networkhashps", hashesPerSecond(tip, HASHES_OVER));
                    json.put("pooledtx", engine.mempool().size());
                    json.put("chain", node.params().network().chainName());
                    json.set(
                            "warnings",
                            BlockchainRpc.warnings(engine.chain().warnings(engine.now()), node));
                    return json;
                });
    }

    private JsonNode getNetworkHashPs(RpcCall call) {
        int blocks = call.integer(0, HASHES_OVER);
        int height = call.integer(1, -1);
        if (blocks < -1 || blocks == 0) {
            throw RpcException.parameter("Invalid nblocks. Must be a positive number or -1.");
        }
        return node.onChain(
                engine -> {
                    HeaderNode at = height == -1 ? engine.tip() : engine.chain().chain().at(height);
                    if (at == null) {
                        throw RpcException.parameter("Block does not exist at specified height");
                    }
                    int interval = node.params().pow().interval();
                    return hashesPerSecond(at, blocks == -1 ? at.height() % interval + 1 : blocks);
                });
    }

    private static JsonNode hashesPerSecond(HeaderNode last, int blocks) {
        HeaderNode first = last;
        long earliest = last.time();
        long latest = last.time();
        for (int i = 0; i < Math.min(blocks, last.height()); i++) {
            first = weft.primitives.Check.present(first.parent(), "the span is within the chain");
            earliest = Math.min(earliest, first.time());
            latest = Math.max(latest, first.time());
        }
        if (earliest == latest) {
            return Json.number(0);
        }
        var work = new BigDecimal(last.chainWork().subtract(first.chainWork()));
        return Json.real(work.doubleValue() / (latest - earliest));
    }
}
