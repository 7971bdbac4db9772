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
                        "Looks for the coins of descriptors: raw, addr, pk, pkh, wpkh, sh, tr, combo"
                                + " with single keys.",
                        this::scan,
                        required("action", ParamType.STR, "start, status or abort"),
                        optional("scanobjects", ParamType.ARR, "", "The descriptors")));
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
        var wanted = new LinkedHashMap<Bytes, String>();
        for (JsonNode each : objects) {
            JsonNode text = each.isObject() ? each.path("desc") : each;
            if (each.isObject() && !text.isString()) {
                throw RpcException.parameter("Descriptor needs to be provided in scan object");
            }
            if (!text.isString()) {
                throw RpcException.parameter(
                        "Scan object needs to be either a string or an object");
            }
            add(text.stringValue(), wanted);
        }
        return wanted;
    }

    private void add(String descriptor, Map<Bytes, String> wanted) {
        AddressPrefixes prefixes = node.params().addressPrefixes();
        String body = Descriptors.checked(descriptor, false);
        for (String each : parts(body)) {
            Bytes script =
                    Descriptors.script(each, prefixes)
                            .orElseThrow(
                                    () ->
                                            RpcException.notFound(
                                                    "'"
                                                            + each
                                                            + "' is not a valid descriptor function"));
            boolean opaque = each.startsWith("raw(") || each.startsWith("addr(");
            wanted.putIfAbsent(
                    script,
                    opaque
                            ? Descriptors.describe(script, prefixes)
                            : Descriptors.withChecksum(each));
        }
    }

    private static List<String> parts(String body) {
        if (!body.startsWith("combo(") || !body.endsWith(")")) {
            return List.of(body);
        }
        String key = body.substring("combo(".length(), body.length() - 1);
        boolean isLong = key.substring(key.indexOf(']') + 1).startsWith("04");
        String wpkh = "wpkh(" + key + ")";
        return isLong
                ? List.of("pk(" + key + ")", "pkh(" + key + ")")
                : List.of("pk(" + key + ")", "pkh(" + key + ")", wpkh, "sh(" + wpkh + ")");
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
