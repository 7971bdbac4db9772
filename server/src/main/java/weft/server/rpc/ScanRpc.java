package weft.server.rpc;

import static weft.server.rpc.RpcParam.optional;
import static weft.server.rpc.RpcParam.required;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import weft.consensus.Coin;
import weft.node.ChainEngine;
import weft.primitives.Bytes;
import weft.primitives.Check;
import weft.primitives.OutPoint;
import weft.primitives.address.AddressPrefixes;
import weft.server.NodeApi;
import weft.server.json.Json;
import weft.wallet.descriptor.Descriptor;
import weft.wallet.sign.SigningProvider;

/// Looks through all coins for those of some descriptors. The chain waits meanwhile, so there is never a scan
/// to tell of or to break off.
public final class ScanRpc {
    private final NodeApi node;

    /// Methods over a node.
    public ScanRpc(NodeApi node) {
        this.node = node;
    }

    /// The methods.
    public List<RpcCommand> commands() {
        return List.of(
                RpcCommand.of(
                        "blockchain",
                        "scantxoutset",
                        "Looks for the coins of descriptors in the set of all coins.",
                        this::scan,
                        required("action", ParamType.STR, "start, status or abort"),
                        optional(
                                "scanobjects",
                                ParamType.ARR,
                                "",
                                "Descriptors, or objects with desc and range")));
    }

    private JsonNode scan(RpcCall call) {
        return switch (call.text(0)) {
            case "status" -> Json.nothing();
            case "abort" -> Json.bool(false);
            case "start" -> {
                if (call.size() < 2) {
                    throw RpcException.misc(
                            "scanobjects argument is required for the start action");
                }
                Map<Bytes, String> wanted = wanted(call.at(1));
                yield node.onChain(engine -> found(engine, wanted));
            }
            default -> throw RpcException.parameter("Invalid action '" + call.text(0) + "'");
        };
    }

    /// Scripts, and what describes each.
    private Map<Bytes, String> wanted(JsonNode objects) {
        AddressPrefixes prefixes = node.params().addressPrefixes();
        var wanted = new LinkedHashMap<Bytes, String>();
        for (JsonNode each : objects) {
            var known = new SigningProvider();
            for (Bytes script : Descriptors.scripts(each, prefixes, known, false)) {
                wanted.putIfAbsent(script, Descriptor.infer(script, known, prefixes).text());
            }
        }
        return wanted;
    }

    private static ObjectNode found(ChainEngine engine, Map<Bytes, String> wanted) {
        engine.chain().flush(engine.now());
        var count = new AtomicLong();
        var coins = new LinkedHashMap<OutPoint, Coin>();
        engine.chain()
                .coinsStore()
                .scan(
                        (outPoint, coin) -> {
                            count.incrementAndGet();
                            if (wanted.containsKey(coin.out().scriptPubKey())) {
                                coins.put(outPoint, coin);
                            }
                            return true;
                        });
        int tip = engine.tip().height();
        ObjectNode json = Json.object();
        json.put("success", true);
        json.put("txouts", count.get());
        json.put("height", tip);
        json.put("bestblock", engine.tip().hash().toString());
        ArrayNode list = json.putArray("unspents");
        long total = 0;
        for (Map.Entry<OutPoint, Coin> each : coins.entrySet()) {
            Coin coin = each.getValue();
            Bytes script = coin.out().scriptPubKey();
            total += coin.out().value();
            ObjectNode entry = list.addObject();
            entry.put("txid", each.getKey().txid().toString());
            entry.put("vout", each.getKey().index());
            entry.put("scriptPubKey", script.toHex());
            entry.put("desc", wanted.get(script));
            entry.set("amount", Json.amount(coin.out().value()));
            entry.put("coinbase", coin.isCoinbase());
            entry.put("height", coin.height());
            entry.put("blockhash", blockAt(engine, coin.height()));
            entry.put("confirmations", tip - coin.height() + 1);
        }
        json.set("total_amount", Json.amount(total));
        return json;
    }

    private static String blockAt(ChainEngine engine, int height) {
        return Check.present(engine.chain().chain().at(height), "a coin's block is in the chain")
                .hash()
                .toString();
    }
}
