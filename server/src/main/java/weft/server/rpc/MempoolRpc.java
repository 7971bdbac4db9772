package weft.server.rpc;

import static weft.server.rpc.RpcParam.optional;
import static weft.server.rpc.RpcParam.required;

import java.util.Collection;
import java.util.List;
import java.util.function.Function;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import weft.mempool.Mempool;
import weft.mempool.MempoolEntry;
import weft.primitives.OutPoint;
import weft.primitives.TxIn;
import weft.primitives.Txid;

/// Questions about the mempool.
public final class MempoolRpc {
    private static final String CATEGORY = "blockchain";
    private static final long INCREMENTAL_FEE = 1_000;
    private static final long REPLACEABLE_SEQUENCE_MAX = 0xffff_fffdL;
    private static final int BYTES_PER_ENTRY = 1_000;

    private final NodeApi node;

    /// Methods over a node.
    public MempoolRpc(NodeApi node) {
        this.node = node;
    }

    /// The methods.
    public List<RpcCommand> commands() {
        RpcParam txid = required("txid", ParamType.HEX, "The transaction");
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
                        call -> related(call, (pool, entry) -> pool.ancestors(entry.tx())),
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

    private JsonNode getMempoolInfo(RpcCall call) {
        return node.onChain(
                engine -> {
                    Mempool pool = engine.mempool();
                    long minFee = engine.mempoolOptions().minRelayFeePerKvb();
                    ObjectNode json = Json.object();
                    json.put("loaded", node.isLoaded());
                    json.put("size", pool.size());
                    json.put("bytes", pool.vsizeTotal());
                    json.put("usage", pool.bytesTotal() + (long) pool.size() * BYTES_PER_ENTRY);
                    json.set("total_fee", Json.amount(pool.feeTotal()));
                    json.put("maxmempool", engine.mempoolOptions().bytesMax());
                    json.set("mempoolminfee", Json.amount(minFee));
                    json.set("minrelaytxfee", Json.amount(minFee));
                    json.set("incrementalrelayfee", Json.amount(INCREMENTAL_FEE));
                    json.put("unbroadcastcount", 0);
                    json.put("fullrbf", true);
                    return json;
                });
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
                    JsonNode list = list(pool, pool.entries(), verbose);
                    if (!withSequence) {
                        return list;
                    }
                    ObjectNode json = Json.object();
                    json.set("txids", list);
                    return json.put("mempool_sequence", pool.sequence() + 1);
                });
    }

    private static JsonNode list(Mempool pool, Collection<MempoolEntry> entries, boolean verbose) {
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
        MempoolEntry entry = pool.find(Txid.parse(call.hash(0, "txid")));
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
        List<MempoolEntry> ancestors = pool.ancestors(entry.tx());
        List<MempoolEntry> descendants = pool.descendants(entry);
        ObjectNode json = Json.object();
        json.put("vsize", entry.vsize());
        json.put("weight", entry.tx().weight());
        json.put("time", entry.entered().getEpochSecond());
        json.put("height", entry.entryHeight());
        json.put("descendantcount", descendants.size() + 1);
        json.put("descendantsize", entry.vsize() + sum(descendants, MempoolEntry::vsize));
        json.put("ancestorcount", ancestors.size() + 1);
        json.put("ancestorsize", entry.vsize() + sum(ancestors, MempoolEntry::vsize));
        json.put("wtxid", entry.tx().wtxid().toString());
        ObjectNode fees = json.putObject("fees");
        fees.set("base", Json.amount(entry.fee()));
        fees.set("modified", Json.amount(entry.fee()));
        fees.set("ancestor", Json.amount(entry.fee() + sum(ancestors, MempoolEntry::fee)));
        fees.set("descendant", Json.amount(entry.fee() + sum(descendants, MempoolEntry::fee)));
        ArrayNode depends = json.putArray("depends");
        pool.parents(entry.tx()).stream()
                .map(parent -> parent.txid().toString())
                .sorted()
                .forEach(depends::add);
        ArrayNode spentBy = json.putArray("spentby");
        pool.children(entry).forEach(child -> spentBy.add(child.txid().toString()));
        boolean replaceable = signals(entry) || ancestors.stream().anyMatch(MempoolRpc::signals);
        json.put("bip125-replaceable", replaceable);
        return json.put("unbroadcast", false);
    }

    private static long sum(List<MempoolEntry> entries, Function<MempoolEntry, Long> value) {
        return entries.stream().mapToLong(value::apply).sum();
    }

    private static boolean signals(MempoolEntry entry) {
        return entry.tx().inputs().stream()
                .map(TxIn::sequence)
                .anyMatch(each -> each <= REPLACEABLE_SEQUENCE_MAX);
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
