package weft.server.rpc;

import static weft.server.rpc.RpcParam.optional;
import static weft.server.rpc.RpcParam.required;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import weft.chain.index.AddressIndex;
import weft.chain.index.IndexSet;
import weft.chain.index.IndexedBlock;
import weft.primitives.Bytes;
import weft.primitives.Digest256;
import weft.primitives.OutPoint;
import weft.primitives.address.Address;
import weft.primitives.address.AddressFault;
import weft.server.NodeApi;
import weft.server.json.Json;

/// What an address, script or descriptor got and lost in the active chain, by `-addressindex`. Methods of our
/// own: Bitcoin Core has none like them. The mempool is not looked at.
public final class AddressIndexRpc {
    private static final String CATEGORY = "blockchain";
    private static final int ROWS_DEFAULT = 1_000;
    private static final int ROWS_MAX = 100_000;
    private static final int COINS_MAX = 1_000_000;

    private final NodeApi node;

    /// Methods over a node.
    public AddressIndexRpc(NodeApi node) {
        this.node = node;
    }

    /// The methods.
    public List<RpcCommand> commands() {
        RpcParam address =
                required(
                        "address",
                        ParamType.STR,
                        "An address, a descriptor without range, or scripthash:HASH as Electrum has"
                                + " it");
        return List.of(
                RpcCommand.of(
                        CATEGORY,
                        "getaddresshistory",
                        "Every coin that an address got or lost, the oldest first; needs"
                                + " -addressindex.",
                        this::getHistory,
                        address,
                        optional("skip", ParamType.NUM, "0", "Entries to leave out at the start"),
                        optional("count", ParamType.NUM, "1000", "Entries to show at most")),
                RpcCommand.of(
                        CATEGORY,
                        "getaddressutxos",
                        "The confirmed coins of an address, the oldest first; needs -addressindex.",
                        this::getCoins,
                        address),
                RpcCommand.of(
                        CATEGORY,
                        "getaddressbalance",
                        "The confirmed balance of an address; needs -addressindex.",
                        this::getBalance,
                        address));
    }

    private record Asked(AddressIndex index, Digest256 scriptHash, ObjectNode json) {}

    private Asked ask(RpcCall call) {
        IndexSet.Kept<AddressIndex> kept =
                node.indexes()
                        .addresses()
                        .orElseThrow(
                                () ->
                                        RpcException.misc(
                                                "Requires address index. Use -addressindex to"
                                                        + " enable it"));
        Digest256 hash = scriptHash(call.text(0));
        if (!node.awaitIndex(kept.writer())) {
            throw RpcException.misc("The address index is still being built");
        }
        IndexedBlock best = kept.writer().best();
        ObjectNode json = Json.object();
        json.put("scripthash", hash.toHex());
        json.put("height", best == null ? -1 : best.height());
        return new Asked(kept.index(), hash, json);
    }

    private Digest256 scriptHash(String text) {
        if (text.startsWith("scripthash:")) {
            return Digest256.parse(RpcCall.hash(text.substring("scripthash:".length()), "hash"));
        }
        if (text.contains("(")) {
            Bytes script = Descriptors.scriptOrFail(text, node.params().addressPrefixes());
            return AddressIndex.hash(script);
        }
        try {
            return AddressIndex.hash(
                    Address.parse(text, node.params().addressPrefixes()).scriptPubKey());
        } catch (AddressFault e) {
            throw RpcException.notFound("Invalid address: " + e.getMessage());
        }
    }

    private JsonNode getHistory(RpcCall call) {
        long skip = call.number(1, 0);
        int count = call.integer(2, ROWS_DEFAULT);
        if (skip < 0 || count < 0 || count > ROWS_MAX) {
            throw RpcException.parameter(
                    "skip must not be negative, and count must be 0 to " + ROWS_MAX);
        }
        Asked asked = ask(call);
        List<AddressIndex.Row> rows =
                count == 0 ? List.of() : asked.index.rows(asked.scriptHash, skip, count);
        ArrayNode list = Json.array();
        for (AddressIndex.Row row : rows) {
            ObjectNode each = list.addObject();
            each.put("txid", row.txid().toString());
            each.put("height", row.height()).put("position", row.txPosition());
            each.put("type", row.isSpending() ? "spending" : "funding");
            each.put(row.isSpending() ? "vin" : "vout", row.number());
            if (row.isSpending()) {
                each.putObject("prevout")
                        .put("txid", row.coin().txid().toString())
                        .put("vout", row.coin().index());
            }
            each.set("amount", Json.amount(row.amount()));
        }
        asked.json.set("history", list);
        return asked.json.put("more", rows.size() == count);
    }

    private JsonNode getCoins(RpcCall call) {
        Asked asked = ask(call);
        Map<OutPoint, AddressIndex.Row> coins = new LinkedHashMap<>();
        asked.index.scan(
                asked.scriptHash,
                row -> {
                    if (row.isSpending()) {
                        coins.remove(row.coin());
                    } else {
                        coins.put(row.coin(), row);
                    }
                    if (coins.size() > COINS_MAX) {
                        throw RpcException.misc(
                                "The address has more than " + COINS_MAX + " coins");
                    }
                    return true;
                });
        ArrayNode list = Json.array();
        long sum = 0;
        for (AddressIndex.Row row : coins.values()) {
            sum += row.amount();
            ObjectNode each = list.addObject();
            each.put("txid", row.txid().toString()).put("vout", row.number());
            each.put("height", row.height()).put("coinbase", row.txPosition() == 0);
            each.set("amount", Json.amount(row.amount()));
        }
        asked.json.set("utxos", list);
        asked.json.set("total_amount", Json.amount(sum));
        return asked.json;
    }

    private JsonNode getBalance(RpcCall call) {
        Asked asked = ask(call);
        AddressIndex.Balance balance = asked.index.balance(asked.scriptHash);
        asked.json.set("balance", Json.amount(balance.left()));
        asked.json.set("received", Json.amount(balance.received()));
        asked.json.set("spent", Json.amount(balance.spent()));
        return asked.json.put("entries", balance.rows());
    }
}
