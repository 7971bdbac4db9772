package weft.server.rpc;

import static weft.server.rpc.RpcParam.optional;
import static weft.server.rpc.RpcParam.required;

import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;
import weft.chain.BlockUndo;
import weft.chain.api.HeaderNode;
import weft.chain.index.IndexSet;
import weft.chain.index.TxIndex;
import weft.consensus.Coin;
import weft.mempool.MempoolEntry;
import weft.node.ChainEngine;
import weft.primitives.Block;
import weft.primitives.BlockHash;
import weft.primitives.Bytes;
import weft.primitives.Transaction;
import weft.primitives.Txid;
import weft.server.NodeApi;
import weft.server.json.Json;

/// Transactions as bytes: reading and showing.
public final class RawTxRpc {
    private static final String CATEGORY = "rawtransactions";
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
        return List.of(
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
        return TxDecoding.parse(hex, witness, failure);
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
