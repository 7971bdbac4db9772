package weft.server.rpc;

import static weft.server.rpc.RpcParam.optional;
import static weft.server.rpc.RpcParam.required;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import weft.consensus.script.SigHash;
import weft.primitives.Amount;
import weft.primitives.Bytes;
import weft.primitives.OutPoint;
import weft.primitives.Transaction;
import weft.primitives.TxIn;
import weft.primitives.TxOut;
import weft.primitives.address.PrivateKey;
import weft.server.NodeApi;
import weft.server.json.Json;
import weft.wallet.sign.SigningProvider;
import weft.wallet.sign.TxSigner;

/// Signs transactions with keys that the caller gives, and joins signatures.
public final class SignRpc {
    private static final String CATEGORY = "rawtransactions";

    private final NodeApi node;

    /// Methods over a node.
    public SignRpc(NodeApi node) {
        this.node = node;
    }

    /// The methods.
    public List<RpcCommand> commands() {
        return List.of(
                RpcCommand.of(
                        CATEGORY,
                        "signrawtransactionwithkey",
                        "Signs a transaction with the keys given and no others.",
                        this::sign,
                        required("hexstring", ParamType.STR, "The transaction"),
                        required("privkeys", ParamType.ARR, "The private keys (WIF)"),
                        optional(
                                "prevtxs",
                                ParamType.ARR,
                                "",
                                "Outputs that are not in the chain yet, or the scripts behind them:"
                                        + " objects of txid, vout, scriptPubKey, redeemScript,"
                                        + " witnessScript, amount"),
                        optional(
                                "sighashtype",
                                ParamType.STR,
                                "DEFAULT for Taproot, ALL otherwise",
                                "DEFAULT, ALL, NONE, SINGLE, or one of the last three with"
                                        + " |ANYONECANPAY")),
                RpcCommand.of(
                        CATEGORY,
                        "combinerawtransaction",
                        "Joins the signatures of several versions of one transaction.",
                        this::combine,
                        required("txs", ParamType.ARR, "The transactions")));
    }

    /// The hash type that a caller names.
    static int hashType(JsonNode name) {
        if (name.isNull() || name.isMissingNode()) {
            return SigHash.DEFAULT;
        }
        String text = JsonFields.text(name);
        int one = text.endsWith("|ANYONECANPAY") ? SigHash.ANYONECANPAY : 0;
        String outputs =
                text.substring(0, text.length() - (one == 0 ? 0 : "|ANYONECANPAY".length()));
        return switch (outputs) {
            case "ALL" -> SigHash.ALL | one;
            case "NONE" -> SigHash.NONE | one;
            case "SINGLE" -> SigHash.SINGLE | one;
            default -> {
                if (text.equals("DEFAULT")) {
                    yield SigHash.DEFAULT;
                }
                throw RpcException.parameter("'" + text + "' is not a valid sighash parameter.");
            }
        };
    }

    private JsonNode sign(RpcCall call) {
        Transaction tx = TxDecoding.parse(call.text(0), null, RawTxRpc.DECODE_FAILED);
        var provider = new SigningProvider();
        for (JsonNode each : call.at(1)) {
            provider.addPrivateKey(
                    PrivateKey.parse(JsonFields.text(each), node.params().addressPrefixes())
                            .orElseThrow(() -> RpcException.notFound("Invalid private key")));
        }
        Map<OutPoint, TxOut> coins = KnownCoins.of(node, List.of(tx));
        PreviousOutputs.read(call.at(2), provider, coins);
        int hashType = hashType(call.at(3));
        return json(TxSigner.sign(tx, provider, coins, hashType), coins);
    }

    private static ObjectNode json(TxSigner.Result result, Map<OutPoint, TxOut> coins) {
        ArrayNode errors = Json.array();
        Transaction tx = result.tx();
        result.errors()
                .forEach(
                        (index, error) -> {
                            TxIn input = tx.inputs().get(index);
                            TxOut coin = coins.get(input.prevout());
                            if (error.equals(TxSigner.Result.MISSING_AMOUNT) && coin != null) {
                                throw RpcException.type("Missing amount for " + text(coin));
                            }
                            ObjectNode each = errors.addObject();
                            each.put("txid", input.prevout().txid().toString());
                            each.put("vout", input.prevout().index());
                            ArrayNode witness = each.putArray("witness");
                            tx.witness(index).items().forEach(item -> witness.add(item.toHex()));
                            each.put("scriptSig", input.scriptSig().toHex());
                            each.put("sequence", input.sequence());
                            each.put("error", error);
                        });
        ObjectNode json = Json.object();
        json.put("hex", hex(tx));
        json.put("complete", errors.isEmpty());
        if (!errors.isEmpty()) {
            json.set("errors", errors);
        }
        return json;
    }

    private static String text(TxOut out) {
        String script = out.scriptPubKey().toHex();
        long coins = out.value() / Amount.SATOSHIS_PER_BITCOIN;
        long rest = out.value() % Amount.SATOSHIS_PER_BITCOIN;
        return String.format(
                java.util.Locale.ROOT,
                "CTxOut(nValue=%d.%08d, scriptPubKey=%s)",
                coins,
                rest,
                script.substring(0, Math.min(30, script.length())));
    }

    static String hex(Transaction tx) {
        return Bytes.wrap(tx.toByteArray()).toHex();
    }

    private JsonNode combine(RpcCall call) {
        var versions = new ArrayList<Transaction>();
        for (JsonNode each : call.at(0)) {
            versions.add(
                    TxDecoding.parse(
                            JsonFields.text(each),
                            null,
                            "TX decode failed for tx "
                                    + versions.size()
                                    + ". Make sure the tx has at least one input."));
        }
        if (versions.isEmpty()) {
            throw new RpcException(RpcError.DESERIALIZATION_ERROR, "Missing transactions");
        }
        Transaction first = versions.getFirst();
        Map<OutPoint, TxOut> coins = new LinkedHashMap<>(KnownCoins.of(node, List.of(first)));
        for (TxIn input : first.inputs()) {
            if (!coins.containsKey(input.prevout())) {
                throw new RpcException(RpcError.VERIFY_ERROR, "Input not found or already spent");
            }
        }
        return Json.text(hex(TxSigner.combine(versions, coins)));
    }
}
