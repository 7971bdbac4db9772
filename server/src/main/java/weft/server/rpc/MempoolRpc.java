package weft.server.rpc;

import static weft.server.rpc.RpcParam.optional;
import static weft.server.rpc.RpcParam.required;

import java.util.Collection;
import java.util.List;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import weft.mempool.FeeRate;
import weft.mempool.Mempool;
import weft.mempool.MempoolEntry;
import weft.mempool.MempoolImport;
import weft.mempool.MempoolOptions;
import weft.primitives.OutPoint;
import weft.primitives.TxIn;
import weft.primitives.Txid;
import weft.server.NodeApi;
import weft.server.json.Json;

/// Questions about the mempool.
public final class MempoolRpc {
    private static final String CATEGORY = "blockchain";
    private static final long REPLACEABLE_SEQUENCE_MAX = 0xffff_fffdL;

    private final NodeApi node;

    /// Methods over a node.
    public MempoolRpc(NodeApi node) {
        this.node = node;
    }

    /// The methods.
    public List<RpcCommand> commands() {
        RpcParam txid = required("txid", ParamType.HEX, "The transaction");
        return Stream.of(questions(txid), changes(txid)).flatMap(List::stream).toList();
    }

    private List<RpcCommand> questions(RpcParam txid) {
        RpcParam verbose = optional("verbose", ParamType.BOOL, "false", "Objects, or ids");
        return List.of(
                RpcCommand.of(
                        CATEGORY,
                        "getmempoolinfo",
                        "How the mempool stands.",
                        this::getMempoolInfo),
                RpcCommand.of(
                        CATEGORY,
                        "getrawmempool",
                        "All transactions of the mempool.",
                        this::getRawMempool,
                        verbose,
                        optional(
                                "mempool_sequence",
                                ParamType.BOOL,
                                "false",
                                "Show the mempool's sequence number")),
                RpcCommand.of(
                        CATEGORY,
                        "getmempoolentry",
                        "One transaction of the mempool.",
                        this::getMempoolEntry,
                        txid),
                RpcCommand.of(
                        CATEGORY,
                        "getmempoolancestors",
                        "All unconfirmed transactions that one needs.",
                        call -> related(call, Mempool::ancestors),
                        txid,
                        verbose),
                RpcCommand.of(
                        CATEGORY,
                        "getmempooldescendants",
                        "All unconfirmed transactions that need one.",
                        call -> related(call, Mempool::descendants),
                        txid,
                        verbose),
                RpcCommand.of(
                        CATEGORY,
                        "gettxspendingprevout",
                        "Which transactions of the mempool spend some coins.",
                        this::getTxSpendingPrevout,
                        required("outputs", ParamType.ARR, "The coins: txid and vout")));
    }

    private List<RpcCommand> changes(RpcParam txid) {
        return List.of(
                RpcCommand.of(
                        CATEGORY,
                        "savemempool",
                        "Writes the mempool to its file.",
                        this::saveMempool),
                RpcCommand.of(
                        CATEGORY,
                        "importmempool",
                        "Offers the transactions of a mempool.dat to the mempool.",
                        this::importMempool,
                        required("filepath", ParamType.STR, "The file"),
                        optional(
                                "options",
                                ParamType.OBJ,
                                "{}",
                                "use_current_time, apply_fee_delta_priority,"
                                        + " apply_unbroadcast_set")),
                RpcCommand.of(
                        "mining",
                        "prioritisetransaction",
                        "Lets a transaction seem to pay more, or less.",
                        this::prioritise,
                        txid,
                        optional("dummy", ParamType.NUM, "0", "Must be 0"),
                        required("fee_delta", ParamType.NUM, "Satoshis to add to its fee")),
                RpcCommand.of(
                        "mining",
                        "getprioritisedtransactions",
                        "All that was added to fees.",
                        this::getPrioritised));
    }

    private JsonNode getMempoolInfo(RpcCall call) {
        return node.onChain(
                engine -> {
                    Mempool pool = engine.mempool();
                    MempoolOptions options = pool.options();
                    FeeRate now = pool.minFee(engine.now().unixSeconds());
                    FeeRate least = options.minRelay();
                    ObjectNode json = Json.object();
                    json.put("loaded", node.isLoaded());
                    json.put("size", pool.size());
                    json.put("bytes", pool.vsizeTotal());
                    json.put("usage", pool.memoryBytes());
                    json.set("total_fee", Json.amount(pool.feeTotal()));
                    json.put("maxmempool", options.bytesMax());
                    json.set("mempoolminfee", amount(now.compareTo(least) > 0 ? now : least));
                    json.set("minrelaytxfee", amount(least));
                    json.set("incrementalrelayfee", amount(options.incremental()));
                    json.put("unbroadcastcount", pool.unbroadcast().size());
                    json.put("fullrbf", options.fullRbf());
                    return json;
                });
    }

    private static JsonNode amount(FeeRate rate) {
        return Json.amount(rate.perKvb());
    }

    private JsonNode getRawMempool(RpcCall call) {
        boolean verbose = call.bool(0, false);
        boolean withSequence = call.bool(1, false);
        if (verbose && withSequence) {
            throw RpcException.parameter("Verbose results cannot contain mempool sequence values.");
        }
        return node.onChain(
                engine -> {
                    Mempool pool = engine.mempool();
                    JsonNode list = list(pool, pool.sorted(), verbose);
                    if (!withSequence) {
                        return list;
                    }
                    ObjectNode json = Json.object();
                    json.set("txids", list);
                    return json.put("mempool_sequence", pool.sequence());
                });
    }

    static JsonNode list(Mempool pool, Collection<MempoolEntry> entries, boolean verbose) {
        if (!verbose) {
            ArrayNode ids = Json.array();
            entries.forEach(entry -> ids.add(entry.txid().toString()));
            return ids;
        }
        ObjectNode all = Json.object();
        entries.forEach(entry -> all.set(entry.txid().toString(), entry(pool, entry)));
        return all;
    }

    private static MempoolEntry find(Mempool pool, RpcCall call) {
        MempoolEntry entry = pool.find(Txid.parse(call.hash(0, "parameter 1")));
        if (entry == null) {
            throw RpcException.notFound("Transaction not in mempool");
        }
        return entry;
    }

    private JsonNode getMempoolEntry(RpcCall call) {
        return node.onChain(engine -> entry(engine.mempool(), find(engine.mempool(), call)));
    }

    @FunctionalInterface
    private interface Relation {
        List<MempoolEntry> of(Mempool pool, MempoolEntry entry);
    }

    private JsonNode related(RpcCall call, Relation relation) {
        boolean verbose = call.bool(1, false);
        return node.onChain(
                engine -> {
                    Mempool pool = engine.mempool();
                    return list(pool, relation.of(pool, find(pool, call)), verbose);
                });
    }

    private static ObjectNode entry(Mempool pool, MempoolEntry entry) {
        ObjectNode json = Json.object();
        json.put("vsize", entry.vsize());
        json.put("weight", entry.tx().weight());
        json.put("time", entry.seconds());
        json.put("height", entry.height());
        json.put("descendantcount", pool.descendantCount(entry));
        json.put("descendantsize", pool.descendantVsize(entry));
        json.put("ancestorcount", pool.ancestorCount(entry));
        json.put("ancestorsize", pool.ancestorVsize(entry));
        json.put("wtxid", entry.tx().wtxid().toString());
        ObjectNode fees = json.putObject("fees");
        fees.set("base", Json.amount(entry.fee()));
        fees.set("modified", Json.amount(pool.modifiedFee(entry)));
        fees.set("ancestor", Json.amount(pool.ancestorFees(entry)));
        fees.set("descendant", Json.amount(pool.descendantFees(entry)));
        ArrayNode depends = json.putArray("depends");
        pool.parents(entry).stream()
                .map(parent -> parent.txid().toString())
                .sorted()
                .forEach(depends::add);
        ArrayNode spentBy = json.putArray("spentby");
        pool.children(entry).forEach(child -> spentBy.add(child.txid().toString()));
        boolean replaceable =
                signals(entry) || pool.ancestors(entry).stream().anyMatch(MempoolRpc::signals);
        json.put("bip125-replaceable", replaceable);
        return json.put("unbroadcast", pool.isUnbroadcast(entry.txid()));
    }

    private static boolean signals(MempoolEntry entry) {
        return entry.tx().inputs().stream()
                .map(TxIn::sequence)
                .anyMatch(each -> each <= REPLACEABLE_SEQUENCE_MAX);
    }

    private JsonNode saveMempool(RpcCall call) {
        if (!node.isLoaded()) {
            throw RpcException.misc("The mempool was not loaded yet");
        }
        String path =
                node.poolFile()
                        .save()
                        .orElseThrow(() -> RpcException.misc("Unable to dump mempool to disk"));
        return Json.object().put("filename", path);
    }

    private JsonNode importMempool(RpcCall call) {
        boolean initial =
                node.onChain(engine -> engine.chain().isInitialBlockDownload(engine.now()));
        if (initial) {
            throw new RpcException(
                    RpcError.CLIENT_IN_INITIAL_DOWNLOAD,
                    "Can only import the mempool after the block download and sync is done.");
        }
        var use =
                new MempoolImport.Use(
                        option(call, "use_current_time", true),
                        option(call, "apply_fee_delta_priority", false),
                        option(call, "apply_unbroadcast_set", false));
        if (!node.poolFile().load(call.text(0), use)) {
            throw RpcException.misc("Unable to import mempool file, see debug.log for details.");
        }
        return Json.object();
    }

    private static boolean option(RpcCall call, String name, boolean fallback) {
        JsonNode value = call.at(1).path(name);
        if (value.isMissingNode() || value.isNull()) {
            return fallback;
        }
        if (!value.isBoolean()) {
            throw RpcException.type(
                    "JSON value of type " + Json.typeName(value) + " is not of expected type bool");
        }
        return value.booleanValue();
    }

    private JsonNode prioritise(RpcCall call) {
        Txid txid = Txid.parse(call.hash(0, "txid"));
        if (call.has(1) && call.at(1).doubleValue() != 0) {
            throw RpcException.parameter(
                    "Priority is no longer supported,"
                            + " dummy argument to prioritisetransaction must be 0.");
        }
        long delta = call.number(2);
        return node.onChain(
                engine -> {
                    engine.mempool().prioritise(txid, delta);
                    return Json.bool(true);
                });
    }

    private JsonNode getPrioritised(RpcCall call) {
        return node.onChain(
                engine -> {
                    Mempool pool = engine.mempool();
                    ObjectNode all = Json.object();
                    pool.deltas()
                            .forEach(
                                    (txid, delta) -> {
                                        MempoolEntry entry = pool.find(txid);
                                        ObjectNode json = all.putObject(txid.toString());
                                        json.put("fee_delta", delta.longValue());
                                        json.put("in_mempool", entry != null);
                                        if (entry != null) {
                                            json.put("modified_fee", pool.modifiedFee(entry));
                                        }
                                    });
                    return all;
                });
    }

    private static void checkCoin(JsonNode coin) {
        checkField(coin, "txid", "string");
        checkField(coin, "vout", "number");
        for (String name : coin.propertyNames()) {
            if (!name.equals("txid") && !name.equals("vout")) {
                throw RpcException.type("Unexpected key " + name);
            }
        }
    }

    private static void checkField(JsonNode object, String name, String type) {
        JsonNode value = object.path(name);
        if (value.isMissingNode() || value.isNull()) {
            throw RpcException.type("Missing " + name);
        }
        if (!Json.typeName(value).equals(type)) {
            throw RpcException.type(
                    "JSON value of type "
                            + Json.typeName(value)
                            + " for field "
                            + name
                            + " is not of expected type "
                            + type);
        }
    }

    private JsonNode getTxSpendingPrevout(RpcCall call) {
        JsonNode outputs = call.at(0);
        if (outputs.isEmpty()) {
            throw RpcException.parameter("Invalid parameter, outputs are missing");
        }
        return node.onChain(
                engine -> {
                    ArrayNode list = Json.array();
                    for (JsonNode each : outputs) {
                        checkCoin(each);
                        String txid = RpcCall.hash(each.path("txid").asString(""), "txid");
                        long index = RpcCall.whole(each.path("vout"));
                        if (index < 0) {
                            throw RpcException.parameter(
                                    "Invalid parameter, vout cannot be negative");
                        }
                        ObjectNode json = list.addObject().put("txid", txid).put("vout", index);
                        MempoolEntry spender =
                                engine.mempool().spender(new OutPoint(Txid.parse(txid), index));
                        if (spender != null) {
                            json.put("spendingtxid", spender.txid().toString());
                        }
                    }
                    return list;
                });
    }
}
