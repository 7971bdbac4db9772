package weft.server.rpc;

import static weft.server.rpc.RpcParam.optional;
import static weft.server.rpc.RpcParam.required;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import weft.chain.BlockUndo;
import weft.chain.api.HeaderNode;
import weft.chain.api.Origin;
import weft.chain.index.IndexSet;
import weft.chain.index.TxIndex;
import weft.consensus.Coin;
import weft.consensus.script.Opcode;
import weft.consensus.script.Script;
import weft.consensus.script.ScriptReader;
import weft.mempool.AcceptResult;
import weft.mempool.MempoolEntry;
import weft.node.ChainEngine;
import weft.p2p.PeerCommand;
import weft.primitives.Block;
import weft.primitives.BlockHash;
import weft.primitives.Bytes;
import weft.primitives.OutPoint;
import weft.primitives.Transaction;
import weft.primitives.TxOut;
import weft.primitives.Txid;
import weft.primitives.Wtxid;
import weft.primitives.codec.ByteReader;
import weft.primitives.codec.MalformedBytes;

/// Transactions as bytes: reading, sending, judging.
public final class RawTxRpc {
    private static final String CATEGORY = "rawtransactions";
    private static final long MAX_FEE_RATE = 10_000_000;
    private static final long COIN = 100_000_000;
    private static final int PACKAGE_MAX = 25;
    static final String DECODE_FAILED =
            "TX decode failed. Make sure the tx has at least one input.";

    private final NodeApi node;
    private final TxJson transactions;
    private final TxConstruction construction;

    /// Methods over a node.
    public RawTxRpc(NodeApi node) {
        this.node = node;
        this.transactions = new TxJson(node.params());
        this.construction = new TxConstruction(node.params().addressPrefixes());
    }

    /// The methods.
    public List<RpcCommand> commands() {
        RpcParam maxFeeRate =
                optional(
                        "maxfeerate",
                        ParamType.AMOUNT,
                        "0.10",
                        "Refuse what pays more, in coins a kvB; 0 for no limit");
        return List.of(
                RpcCommand.of(
                        CATEGORY,
                        "sendrawtransaction",
                        "Takes a transaction into the mempool and relays it.",
                        this::sendRawTransaction,
                        required("hexstring", ParamType.HEX, "The transaction"),
                        maxFeeRate,
                        optional(
                                "maxburnamount",
                                ParamType.AMOUNT,
                                "0.00",
                                "Refuse to burn more, in coins")),
                RpcCommand.of(
                        CATEGORY,
                        "testmempoolaccept",
                        "Judges transactions without taking them in.",
                        this::testMempoolAccept,
                        required("rawtxs", ParamType.ARR, "The transactions in hex"),
                        maxFeeRate),
                RpcCommand.of(
                        CATEGORY,
                        "getrawtransaction",
                        "A transaction of the mempool, or of a block that is named.",
                        this::getRawTransaction,
                        required("txid", ParamType.HEX, "The transaction"),
                        optional(
                                "verbosity|verbose",
                                ParamType.ANY,
                                "0",
                                "0 for hex, 1 for an object, 2 with what it spends"),
                        optional("blockhash", ParamType.HEX, "", "The block to look in")),
                RpcCommand.of(
                        CATEGORY,
                        "createrawtransaction",
                        "Makes an unsigned transaction; nothing is kept or sent.",
                        call -> Json.text(SignRpc.hex(construction.transaction(call))),
                        TxConstruction.params()),
                RpcCommand.of(
                        CATEGORY,
                        "decoderawtransaction",
                        "Shows a transaction as an object.",
                        this::decodeRawTransaction,
                        required("hexstring", ParamType.HEX, "The transaction"),
                        optional(
                                "iswitness",
                                ParamType.BOOL,
                                "either way",
                                "Whether it is encoded with witnesses")));
    }

    /// Reads a transaction whichever way it is encoded.
    static Transaction parse(String hex, @Nullable Boolean witness, String failure) {
        if (RpcCall.isHex(hex)) {
            byte[] bytes = Bytes.parse(hex).toByteArray();
            for (Transaction.Encoding each :
                    List.of(Transaction.Encoding.WITNESS, Transaction.Encoding.LEGACY)) {
                boolean tried =
                        witness == null || witness == (each == Transaction.Encoding.WITNESS);
                Optional<Transaction> tx = tried ? read(bytes, each) : Optional.empty();
                if (tx.isPresent()) {
                    return tx.get();
                }
            }
        }
        throw new RpcException(RpcError.DESERIALIZATION_ERROR, failure);
    }

    private static Optional<Transaction> read(byte[] bytes, Transaction.Encoding encoding) {
        try {
            ByteReader in = ByteReader.of(bytes);
            Transaction tx = Transaction.read(in, encoding);
            in.expectEnd();
            return tx.inputs().isEmpty() && encoding == Transaction.Encoding.WITNESS
                    ? Optional.empty()
                    : Optional.of(tx);
        } catch (MalformedBytes _) {
            return Optional.empty();
        }
    }

    private static long feeRate(RpcCall call, int index) {
        long rate = call.has(index) ? call.amount(index) : MAX_FEE_RATE;
        if (rate >= COIN) {
            throw RpcException.parameter(
                    "Fee rates larger than or equal to 1BTC/kvB are not accepted");
        }
        return rate;
    }

    private static boolean paysTooMuch(MempoolEntry entry, long rate) {
        return rate > 0 && entry.fee() > Math.ceilDiv(rate * entry.vsize(), 1_000);
    }

    private JsonNode sendRawTransaction(RpcCall call) {
        long maxBurn = call.has(2) ? call.amount(2) : 0;
        Transaction tx = parse(call.text(0), null, DECODE_FAILED);
        for (TxOut output : tx.outputs()) {
            Bytes script = output.scriptPubKey();
            boolean burns = Script.isUnspendable(script) || !hasValidOps(script);
            if (burns && output.value() > maxBurn) {
                throw new RpcException(
                        RpcError.VERIFY_ERROR,
                        "Unspendable output exceeds maximum configured by user (maxburnamount)");
            }
        }
        long rate = feeRate(call, 1);
        Wtxid announced = node.onChain(engine -> submit(engine, tx, rate));
        node.tellPeers(new PeerCommand.AnnounceTx(announced));
        return Json.text(tx.txid().toString());
    }

    /// Whether every operation is known and every push fits on the stack.
    static boolean hasValidOps(Bytes script) {
        ScriptReader reader = ScriptReader.of(script);
        while (reader.next()) {
            if (reader.opcode() > Opcode.OP_NOP10
                    || reader.pushLength() > Script.ELEMENT_BYTES_MAX) {
                return false;
            }
        }
        return reader.isWellFormedEnd();
    }

    private static Wtxid submit(ChainEngine engine, Transaction tx, long rate) {
        for (int i = 0; i < tx.outputs().size(); i++) {
            if (engine.chain().coins().has(new OutPoint(tx.txid(), i))) {
                throw new RpcException(
                        RpcError.VERIFY_ALREADY_IN_UTXO_SET,
                        "Transaction outputs already in utxo set");
            }
        }
        MempoolEntry known = engine.mempool().find(tx.txid());
        if (known != null) {
            return known.tx().wtxid();
        }
        AcceptResult result = engine.testTx(tx);
        if (result instanceof AcceptResult.Accepted(MempoolEntry entry)) {
            if (paysTooMuch(entry, rate)) {
                throw new RpcException(
                        RpcError.VERIFY_ERROR,
                        "Fee exceeds maximum configured by user (e.g. -maxtxfee, maxfeerate)");
            }
            result = engine.submitTx(Origin.SELF, tx);
        }
        switch (result) {
            case AcceptResult.Accepted _ -> {}
            case AcceptResult.MissingInputs _ ->
                    throw new RpcException(RpcError.VERIFY_ERROR, "bad-txns-inputs-missingorspent");
            case AcceptResult.Rejected(var failure) ->
                    throw new RpcException(RpcError.VERIFY_REJECTED, failure.toString());
        }
        return tx.wtxid();
    }

    private JsonNode testMempoolAccept(RpcCall call) {
        JsonNode raw = call.at(0);
        if (raw.isEmpty() || raw.size() > PACKAGE_MAX) {
            throw RpcException.parameter(
                    "Array must contain between 1 and " + PACKAGE_MAX + " transactions.");
        }
        long rate = feeRate(call, 1);
        var parsed = new ArrayList<Transaction>();
        for (JsonNode each : raw) {
            String hex = each.isString() ? each.stringValue() : "";
            parsed.add(
                    parse(
                            hex,
                            null,
                            "TX decode failed: "
                                    + hex
                                    + " Make sure the tx has at least one input."));
        }
        return node.onChain(
                engine -> {
                    ArrayNode list = Json.array();
                    for (Transaction tx : parsed) {
                        list.add(judge(engine, tx, rate));
                    }
                    return list;
                });
    }

    private static ObjectNode judge(ChainEngine engine, Transaction tx, long rate) {
        ObjectNode json = Json.object();
        json.put("txid", tx.txid().toString()).put("wtxid", tx.wtxid().toString());
        switch (engine.testTx(tx)) {
            case AcceptResult.MissingInputs _ ->
                    json.put("allowed", false).put("reject-reason", "missing-inputs");
            case AcceptResult.Rejected(var failure) ->
                    json.put("allowed", false).put("reject-reason", failure.reason());
            case AcceptResult.Accepted(MempoolEntry entry) -> {
                if (paysTooMuch(entry, rate)) {
                    return json.put("allowed", false).put("reject-reason", "max-fee-exceeded");
                }
                json.put("allowed", true).put("vsize", entry.vsize());
                ObjectNode fees = json.putObject("fees");
                fees.set("base", Json.amount(entry.fee()));
                fees.set("effective-feerate", Json.amount(entry.fee() * 1_000 / entry.vsize()));
                fees.putArray("effective-includes").add(tx.wtxid().toString());
            }
        }
        return json;
    }

    /// Where a transaction was found.
    ///
    /// @param at null in the mempool
    private record Found(
            Transaction tx,
            @Nullable HeaderNode at,
            boolean isActive,
            int confirmations,
            Optional<List<Coin>> spent) {}

    private JsonNode getRawTransaction(RpcCall call) {
        Txid txid = Txid.parse(call.hash(0, "parameter 1"));
        int verbosity = call.verbosity(1, 0);
        String block = call.has(2) ? call.hash(2, "parameter 3") : "";
        if (txid.equals(node.params().genesis().transactions().getFirst().txid())) {
            throw RpcException.notFound(
                    "The genesis block coinbase is not considered an ordinary transaction and "
                            + "cannot be retrieved");
        }
        Found found =
                block.isEmpty()
                        ? anywhere(txid)
                        : node.onChain(engine -> inBlock(engine, txid, block));
        if (verbosity <= 0) {
            return Json.text(Bytes.wrap(found.tx.toByteArray()).toHex());
        }
        ObjectNode json = Json.object();
        HeaderNode at = found.at;
        if (at != null && !block.isEmpty()) {
            json.put("in_active_chain", found.isActive);
        }
        List<Coin> spent = verbosity >= 2 ? found.spent.orElse(null) : null;
        json.setAll(transactions.transaction(found.tx, spent, spent != null, true));
        if (at != null) {
            json.put("blockhash", at.hash().toString());
            json.put("confirmations", found.confirmations);
            if (found.isActive) {
                json.put("time", at.time()).put("blocktime", at.time());
            }
        }
        return json;
    }

    /// Looks in the mempool, then where the index says.
    private Found anywhere(Txid txid) {
        MempoolEntry entry = node.onChain(engine -> engine.mempool().find(txid));
        if (entry != null) {
            return new Found(entry.tx(), null, false, 0, Optional.empty());
        }
        IndexSet.Kept<TxIndex> kept = node.indexes().transactions().orElse(null);
        if (kept == null) {
            throw notThere(
                    " transaction. Use -txindex or provide a block hash to enable blockchain "
                            + "transaction queries");
        }
        boolean isReady = node.awaitIndex(kept.writer());
        TxIndex.Found found = kept.index().find(txid).orElse(null);
        if (found == null) {
            throw notThere(
                    isReady
                            ? " or blockchain transaction"
                            : " transaction. Blockchain transactions are still in the process of "
                                    + "being indexed");
        }
        return node.onChain(engine -> inBlock(engine, txid, found.block().toHex()));
    }

    private static RpcException notThere(String why) {
        return RpcException.notFound(
                "No such mempool" + why + ". Use gettransaction for wallet transactions.");
    }

    private static Found inBlock(ChainEngine engine, Txid txid, String hash) {
        HeaderNode at = engine.chain().headers().find(BlockHash.parse(hash));
        if (at == null) {
            throw RpcException.notFound("Block hash not found");
        }
        Block block =
                engine.chain()
                        .block(at)
                        .orElseThrow(() -> RpcException.misc("Block not available"));
        for (int i = 0; i < block.transactions().size(); i++) {
            Transaction tx = block.transactions().get(i);
            if (tx.txid().equals(txid)) {
                boolean isActive = engine.chain().chain().contains(at);
                int confirmations = isActive ? engine.tip().height() - at.height() + 1 : 0;
                int index = i;
                Optional<BlockUndo> undo = i == 0 ? Optional.empty() : engine.chain().undo(at);
                return new Found(
                        tx,
                        at,
                        isActive,
                        confirmations,
                        undo.map(each -> each.transactions().get(index - 1).coins()));
            }
        }
        throw RpcException.notFound(
                "No such transaction found in the provided block. Use gettransaction for wallet "
                        + "transactions.");
    }

    private JsonNode decodeRawTransaction(RpcCall call) {
        Boolean witness = call.has(1) ? call.bool(1) : null;
        Transaction tx = parse(call.text(0), witness, "TX decode failed");
        return transactions.transaction(tx, null, false, false);
    }
}
