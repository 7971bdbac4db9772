package weft.server.rpc;

import java.util.Map;
import tools.jackson.databind.JsonNode;
import weft.consensus.script.Script;
import weft.crypto.Hash160;
import weft.crypto.Sha256;
import weft.primitives.Amount;
import weft.primitives.Bytes;
import weft.primitives.OutPoint;
import weft.primitives.TxOut;
import weft.primitives.Txid;
import weft.primitives.address.Address;
import weft.wallet.sign.SigningProvider;

/// Outputs that a caller describes because the chain does not have them, and the scripts behind them.
final class PreviousOutputs {
    private PreviousOutputs() {}

    /// Reads a list of them.
    ///
    /// @param list an array, or null
    /// @param provider gets the scripts
    /// @param coins gets the outputs; those that are there must not contradict
    static void read(JsonNode list, SigningProvider provider, Map<OutPoint, TxOut> coins) {
        if (list.isNull()) {
            return;
        }
        for (JsonNode each : list) {
            if (!each.isObject()) {
                throw new RpcException(
                        RpcError.DESERIALIZATION_ERROR,
                        "expected object with {\"txid'\",\"vout\",\"scriptPubKey\"}");
            }
            readOne(each, provider, coins);
        }
    }

    private static void readOne(
            JsonNode each, SigningProvider provider, Map<OutPoint, TxOut> coins) {
        JsonFields.require(each, "scriptPubKey", JsonFields.Kind.STRING);
        JsonFields.require(each, "txid", JsonFields.Kind.STRING);
        JsonFields.require(each, "vout", JsonFields.Kind.NUMBER);
        Txid txid = Txid.parse(JsonFields.hash(each, "txid"));
        int index = JsonFields.integer(each.path("vout"));
        if (index < 0) {
            throw new RpcException(RpcError.DESERIALIZATION_ERROR, "vout cannot be negative");
        }
        var outPoint = new OutPoint(txid, index);
        Bytes script = JsonFields.hex(each.path("scriptPubKey"), "scriptPubKey");
        TxOut known = coins.get(outPoint);
        if (known != null && !known.scriptPubKey().equals(script)) {
            throw new RpcException(
                    RpcError.DESERIALIZATION_ERROR,
                    "Previous output scriptPubKey mismatch:\n"
                            + Script.toAsm(known.scriptPubKey())
                            + "\nvs:\n"
                            + Script.toAsm(script));
        }
        long amount =
                each.has("amount") ? RpcCall.amount(each.path("amount")) : Amount.MAX_SATOSHIS;
        coins.put(outPoint, new TxOut(amount, script));
        if (Script.isPayToScriptHash(script) || Script.isPayToWitnessScriptHash(script)) {
            readScripts(each, script, provider);
        }
    }

    private static void readScripts(JsonNode each, Bytes scriptPubKey, SigningProvider provider) {
        JsonFields.allow(each, "redeemScript", JsonFields.Kind.STRING);
        JsonFields.allow(each, "witnessScript", JsonFields.Kind.STRING);
        boolean hasRedeem = !JsonFields.isMissing(each, "redeemScript");
        boolean hasWitness = !JsonFields.isMissing(each, "witnessScript");
        if (!hasRedeem && !hasWitness) {
            throw RpcException.parameter("Missing redeemScript/witnessScript");
        }
        String name = hasWitness ? "witnessScript" : "redeemScript";
        Bytes script = JsonFields.hex(each.path(name), name);
        Bytes wrapped = witnessScriptHash(script);
        provider.addScript(script);
        provider.addScript(wrapped);
        if (hasWitness
                && hasRedeem
                && !each.path("witnessScript")
                        .stringValue()
                        .equals(each.path("redeemScript").stringValue())
                && !JsonFields.hex(each.path("redeemScript"), "redeemScript").equals(wrapped)) {
            throw RpcException.parameter("redeemScript does not correspond to witnessScript");
        }
        boolean fits =
                Script.isPayToScriptHash(scriptPubKey)
                        ? scriptPubKey.equals(scriptHash(script))
                                || scriptPubKey.equals(scriptHash(wrapped))
                        : scriptPubKey.equals(wrapped);
        if (!fits) {
            throw RpcException.parameter("redeemScript/witnessScript does not match scriptPubKey");
        }
    }

    /// The output that pays to the hash of a script.
    static Bytes scriptHash(Bytes script) {
        return new Address.P2sh(Bytes.wrap(Hash160.hash(script.toByteArray()))).scriptPubKey();
    }

    /// The output that pays to the hash of a witness script.
    static Bytes witnessScriptHash(Bytes script) {
        return new Address.WitnessProgram(0, Bytes.wrap(Sha256.hash(script.toByteArray())))
                .scriptPubKey();
    }
}
