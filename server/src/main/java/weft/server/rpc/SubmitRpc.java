package weft.server.rpc;

import static weft.server.rpc.RpcParam.optional;
import static weft.server.rpc.RpcParam.required;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import weft.chain.api.Origin;
import weft.chain.api.TxFailure;
import weft.consensus.script.Script;
import weft.mempool.AcceptResult;
import weft.mempool.FeeRate;
import weft.mempool.MempoolEntry;
import weft.mempool.PackageResult;
import weft.mempool.PackageResult.PackageFailure;
import weft.node.ChainEngine;
import weft.p2p.PeerCommand;
import weft.p2p.PeerEvent;
import weft.primitives.Bytes;
import weft.primitives.OutPoint;
import weft.primitives.Transaction;
import weft.primitives.TxOut;
import weft.primitives.Txid;
import weft.primitives.Wtxid;
import weft.server.NodeApi;
import weft.server.json.Json;

/// Takes transactions into the mempool, or says whether it would.
final class SubmitRpc {
    private static final String CATEGORY = "rawtransactions";
    private static final long COIN = 100_000_000L;
    private static final long MAX_FEE_RATE = COIN / 10;
    private static final int PACKAGE_MAX = 25;

    private final NodeApi node;

    SubmitRpc(NodeApi node) {
        this.node = node;
    }

    List<RpcCommand> commands() {
        RpcParam maxFeeRate =
                optional(
                        "maxfeerate",
                        ParamType.AMOUNT,
                        "0.10",
                        "Refuse what pays more, in coins a kvB; 0 for no limit");
        RpcParam maxBurn =
                optional(
                        "maxburnamount", ParamType.AMOUNT, "0.00", "Refuse to burn more, in coins");
        return List.of(
                RpcCommand.of(
                        CATEGORY,
                        "sendrawtransaction",
                        "Takes a transaction into the mempool and relays it; with -privatebroadcast it"
                                + " is handed to a few peers of Tor or I2P instead.",
                        this::sendRawTransaction,
                        required("hexstring", ParamType.HEX, "The transaction"),
                        maxFeeRate,
                        maxBurn),
                RpcCommand.of(
                        CATEGORY,
                        "testmempoolaccept",
                        "Judges transactions without taking them in.",
                        this::testMempoolAccept,
                        required("rawtxs", ParamType.ARR, "The transactions in hex"),
                        maxFeeRate),
                RpcCommand.of(
                        CATEGORY,
                        "submitpackage",
                        "Takes a transaction into the mempool with the parents that it pays for.",
                        this::submitPackage,
                        required(
                                "package",
                                ParamType.ARR,
                                "The transactions in hex, parents first, the child last"),
                        maxFeeRate,
                        maxBurn));
    }

    private static FeeRate feeRate(RpcCall call, int index) {
        long rate = call.has(index) ? call.amount(index) : MAX_FEE_RATE;
        if (rate >= COIN) {
            throw RpcException.parameter(
                    "Fee rates larger than or equal to 1BTC/kvB are not accepted");
        }
        return new FeeRate(rate);
    }

    private static boolean paysTooMuch(long fee, long vsize, FeeRate most) {
        long limit = most.fee(vsize);
        return limit > 0 && fee > limit;
    }

    private static void checkBurn(Transaction tx, long most) {
        for (TxOut output : tx.outputs()) {
            Bytes script = output.scriptPubKey();
            boolean burns = Script.isUnspendable(script) || !TxDecoding.hasValidOps(script);
            if (burns && output.value() > most) {
                throw new RpcException(
                        RpcError.VERIFY_ERROR,
                        "Unspendable output exceeds maximum configured by user (maxburnamount)");
            }
        }
    }

    private JsonNode sendRawTransaction(RpcCall call) {
        long maxBurn = call.has(2) ? call.amount(2) : 0;
        Transaction tx = RawTxRpc.parse(call.text(0), true, RawTxRpc.DECODE_FAILED);
        checkBurn(tx, maxBurn);
        FeeRate most = feeRate(call, 1);
        if (node.settings().privateBroadcast()) {
            broadcastPrivately(tx, most);
            return Json.text(tx.txid().toString());
        }
        Wtxid announced = node.onChain(engine -> submit(engine, tx, most));
        node.tellPeers(new PeerCommand.AnnounceTx(announced));
        return Json.text(tx.txid().toString());
    }

    /// The mempool judges it, but does not take it: it will when it comes back from the network.
    private void broadcastPrivately(Transaction tx, FeeRate most) {
        Transaction judged =
                node.onChain(
                        engine -> {
                            checkUnknown(engine, tx);
                            MempoolEntry known = engine.mempool().find(tx.txid());
                            if (known == null) {
                                test(engine, tx, most);
                            }
                            return known == null ? tx : known.tx();
                        });
        PeerEvent.Answered answer = node.askPeers(new PeerCommand.BroadcastPrivately(judged));
        if (!answer.done()) {
            throw RpcException.misc("-privatebroadcast is enabled, but " + answer.why());
        }
    }

    private static Wtxid submit(ChainEngine engine, Transaction tx, FeeRate most) {
        checkUnknown(engine, tx);
        MempoolEntry known = engine.mempool().find(tx.txid());
        if (known != null) {
            return known.tx().wtxid();
        }
        if (most.fee(tx.vsize()) > 0) {
            test(engine, tx, most);
        }
        check(engine.submitTx(Origin.SELF, tx));
        engine.mempool().addUnbroadcast(tx.txid());
        return tx.wtxid();
    }

    private static void test(ChainEngine engine, Transaction tx, FeeRate most) {
        AcceptResult tested = engine.testTx(tx);
        check(tested);
        if (tested instanceof AcceptResult.Accepted accepted
                && paysTooMuch(accepted.entry().fee(), tx.vsize(), most)) {
            throw new RpcException(
                    RpcError.VERIFY_ERROR,
                    "Fee exceeds maximum configured by user (e.g. -maxtxfee, maxfeerate)");
        }
    }

    private static void checkUnknown(ChainEngine engine, Transaction tx) {
        for (int i = 0; i < tx.outputs().size(); i++) {
            if (engine.chain().coins().has(new OutPoint(tx.txid(), i))) {
                throw new RpcException(
                        RpcError.VERIFY_ALREADY_IN_UTXO_SET,
                        "Transaction outputs already in utxo set");
            }
        }
    }

    private static void check(AcceptResult result) {
        if (result instanceof AcceptResult.Rejected(TxFailure failure, var _)) {
            boolean isMissing = failure.kind() == TxFailure.Kind.MISSING_INPUTS;
            throw new RpcException(
                    isMissing ? RpcError.VERIFY_ERROR : RpcError.VERIFY_REJECTED,
                    failure.toString());
        }
    }

    private static List<Transaction> transactions(RpcCall call, int least) {
        JsonNode raw = call.at(0);
        if (raw.size() < least || raw.size() > PACKAGE_MAX) {
            throw RpcException.parameter(
                    "Array must contain between "
                            + least
                            + " and "
                            + PACKAGE_MAX
                            + " transactions.");
        }
        var parsed = new ArrayList<Transaction>();
        for (JsonNode each : raw) {
            if (!each.isString()) {
                throw RpcException.type(
                        "JSON value of type "
                                + Json.typeName(each)
                                + " is not of expected type string");
            }
            String hex = each.stringValue();
            parsed.add(
                    RawTxRpc.parse(
                            hex,
                            true,
                            "TX decode failed: "
                                    + hex
                                    + " Make sure the tx has at least one input."));
        }
        return parsed;
    }

    private JsonNode testMempoolAccept(RpcCall call) {
        FeeRate most = feeRate(call, 1);
        List<Transaction> txs = transactions(call, 1);
        return node.onChain(
                engine ->
                        txs.size() == 1
                                ? testOne(engine, txs.getFirst(), most)
                                : testSeveral(engine, txs, most));
    }

    private static JsonNode testOne(ChainEngine engine, Transaction tx, FeeRate most) {
        ArrayNode list = Json.array();
        judge(list.addObject(), tx, engine.testTx(tx), most);
        return list;
    }

    private static JsonNode testSeveral(ChainEngine engine, List<Transaction> txs, FeeRate most) {
        PackageResult result = engine.testPackage(txs);
        PackageFailure failure = result.failure();
        ArrayNode list = Json.array();
        boolean stopped = false;
        for (Transaction tx : txs) {
            ObjectNode json = list.addObject();
            AcceptResult each = result.results().get(tx.wtxid());
            ids(json, tx);
            if (failure != null && failure.kind() == PackageFailure.Kind.POLICY) {
                json.put("package-error", failure.toString());
            }
            if (!stopped && each != null) {
                stopped = judge(json, tx, each, most);
            }
        }
        return list;
    }

    private static void ids(ObjectNode json, Transaction tx) {
        json.put("txid", tx.txid().toString()).put("wtxid", tx.wtxid().toString());
    }

    /// Shows a result.
    ///
    /// @return whether the fee is more than the caller wants
    private static boolean judge(
            ObjectNode json, Transaction tx, AcceptResult result, FeeRate most) {
        ids(json, tx);
        if (result instanceof AcceptResult.Accepted accepted) {
            MempoolEntry entry = accepted.entry();
            if (paysTooMuch(entry.fee(), entry.vsize(), most)) {
                json.put("allowed", false).put("reject-reason", "max-fee-exceeded");
                return true;
            }
            json.put("allowed", true).put("vsize", entry.vsize());
            fees(json, entry.fee(), accepted.effective());
        } else if (result instanceof AcceptResult.Rejected(TxFailure failure, var _)) {
            boolean isMissing = failure.kind() == TxFailure.Kind.MISSING_INPUTS;
            json.put("allowed", false);
            json.put("reject-reason", isMissing ? "missing-inputs" : failure.reason());
        }
        return false;
    }

    private static void fees(ObjectNode json, long base, AcceptResult.Effective effective) {
        ObjectNode fees = json.putObject("fees");
        fees.set("base", Json.amount(base));
        fees.set("effective-feerate", Json.amount(effective.rate().perKvb()));
        ArrayNode includes = fees.putArray("effective-includes");
        effective.wtxids().forEach(wtxid -> includes.add(wtxid.toString()));
    }

    private JsonNode submitPackage(RpcCall call) {
        FeeRate most = feeRate(call, 1);
        long maxBurn = call.has(2) ? call.amount(2) : 0;
        List<Transaction> txs = transactions(call, 2);
        txs.forEach(tx -> checkBurn(tx, maxBurn));
        if (!isTree(txs)) {
            throw new RpcException(
                    RpcError.VERIFY_ERROR,
                    "package topology disallowed."
                            + " not child-with-parents or parents depend on each other.");
        }
        var announced = new ArrayList<Wtxid>();
        JsonNode json = node.onChain(engine -> submit(engine, txs, most, announced));
        announced.forEach(wtxid -> node.tellPeers(new PeerCommand.AnnounceTx(wtxid)));
        return json;
    }

    /// Whether the last spends each of the others, and these spend nothing of one another.
    private static boolean isTree(List<Transaction> txs) {
        List<Transaction> parents = txs.subList(0, txs.size() - 1);
        Set<Txid> ids = new HashSet<>();
        parents.forEach(parent -> ids.add(parent.txid()));
        Set<Txid> spent = new HashSet<>();
        txs.getLast().inputs().forEach(input -> spent.add(input.prevout().txid()));
        return spent.containsAll(ids)
                && parents.stream()
                        .flatMap(parent -> parent.inputs().stream())
                        .noneMatch(input -> ids.contains(input.prevout().txid()));
    }

    private static JsonNode submit(
            ChainEngine engine, List<Transaction> txs, FeeRate most, List<Wtxid> announced) {
        FeeRate limit = most.perKvb() == 0 ? null : most;
        PackageResult result = engine.submitPackage(Origin.SELF, txs, limit);
        for (Transaction tx : txs) {
            MempoolEntry entry = engine.mempool().find(tx.txid());
            if (entry != null) {
                announced.add(entry.tx().wtxid());
            }
        }
        PackageFailure failure = result.failure();
        ObjectNode json = Json.object();
        json.put("package_msg", failure == null ? "success" : failure.toString());
        ObjectNode results = json.putObject("tx-results");
        // Core keeps them in the order of their bytes, which is not that of their texts.
        Set<Txid> replaced =
                new TreeSet<>(Comparator.comparing(txid -> Bytes.wrap(txid.toByteArray())));
        for (Transaction tx : txs) {
            AcceptResult each = result.results().get(tx.wtxid());
            if (each != null) {
                show(results.putObject(tx.wtxid().toString()), tx, each, replaced);
            }
        }
        ArrayNode gone = json.putArray("replaced-transactions");
        replaced.forEach(txid -> gone.add(txid.toString()));
        return json;
    }

    private static void show(
            ObjectNode json, Transaction tx, AcceptResult result, Set<Txid> replaced) {
        json.put("txid", tx.txid().toString());
        switch (result) {
            case AcceptResult.OtherWitness(MempoolEntry other) ->
                    json.put("other-wtxid", other.tx().wtxid().toString());
            case AcceptResult.Rejected(TxFailure failure, var _) ->
                    json.put("error", failure.toString());
            case AcceptResult.Known(MempoolEntry entry) -> {
                json.put("vsize", entry.vsize());
                json.putObject("fees").set("base", Json.amount(entry.fee()));
            }
            case AcceptResult.Accepted accepted -> {
                json.put("vsize", accepted.entry().vsize());
                fees(json, accepted.entry().fee(), accepted.effective());
                accepted.replaced().forEach(gone -> replaced.add(gone.txid()));
            }
        }
    }
}
