package weft.server.rpc;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import weft.consensus.ChainParams;
import weft.consensus.Coin;
import weft.consensus.script.OutputType;
import weft.consensus.script.Script;
import weft.primitives.Bytes;
import weft.primitives.Transaction;
import weft.primitives.TxIn;
import weft.primitives.TxOut;
import weft.primitives.address.Address;
import weft.server.json.Json;
import weft.wallet.descriptor.Descriptor;
import weft.wallet.sign.SigningProvider;

/// Transactions and scripts in the form of `decoderawtransaction`.
final class TxJson {
    private final ChainParams params;

    TxJson(ChainParams params) {
        this.params = params;
    }

    static String hex8(long value) {
        return String.format(Locale.ROOT, "%08x", value & 0xffff_ffffL);
    }

    /// An output's script.
    ObjectNode script(Bytes script) {
        return script(script, new SigningProvider(), true);
    }

    /// A script.
    ///
    /// @param known keys and scripts that say more of it
    ObjectNode script(Bytes script, SigningProvider known, boolean withHex) {
        ObjectNode json = Json.object();
        json.put("asm", Script.toAsm(script));
        json.put("desc", Descriptor.infer(script, known, params.addressPrefixes()).text());
        if (withHex) {
            json.put("hex", script.toHex());
        }
        OutputType type = OutputType.of(script);
        Optional<Address> address = Address.of(script);
        if (type != OutputType.PUBKEY) {
            address.ifPresent(found -> json.put("address", found.encode(params.addressPrefixes())));
        }
        return json.put("type", type.wireName());
    }

    /// A transaction.
    ///
    /// @param spent the coins that it spent, for the fee; null if they are not known
    /// @param showSpent show them too
    /// @param withHex show the encoding too
    ObjectNode transaction(
            Transaction tx, @Nullable List<Coin> spent, boolean showSpent, boolean withHex) {
        ObjectNode json = Json.object();
        json.put("txid", tx.txid().toString());
        json.put("hash", tx.wtxid().toString());
        json.put("version", tx.version());
        json.put("size", tx.totalSize());
        json.put("vsize", tx.vsize());
        json.put("weight", tx.weight());
        json.put("locktime", tx.lockTime());
        ArrayNode inputs = json.putArray("vin");
        long in = 0;
        for (int i = 0; i < tx.inputs().size(); i++) {
            Coin coin = spent == null ? null : spent.get(i);
            in += coin == null ? 0 : coin.out().value();
            inputs.add(input(tx, i, showSpent ? coin : null));
        }
        ArrayNode outputs = json.putArray("vout");
        long out = 0;
        for (int i = 0; i < tx.outputs().size(); i++) {
            TxOut output = tx.outputs().get(i);
            out += output.value();
            ObjectNode each = outputs.addObject();
            each.set("value", Json.amount(output.value()));
            each.put("n", i);
            each.set("scriptPubKey", script(output.scriptPubKey()));
        }
        if (spent != null) {
            json.set("fee", Json.amount(in - out));
        }
        if (withHex) {
            json.put("hex", Bytes.wrap(tx.toByteArray()).toHex());
        }
        return json;
    }

    private ObjectNode input(Transaction tx, int index, @Nullable Coin spent) {
        TxIn input = tx.inputs().get(index);
        ObjectNode json = Json.object();
        if (tx.isCoinbase()) {
            json.put("coinbase", input.scriptSig().toHex());
        } else {
            json.put("txid", input.prevout().txid().toString());
            json.put("vout", input.prevout().index());
            json.putObject("scriptSig")
                    .put("asm", Script.toAsm(input.scriptSig(), true))
                    .put("hex", input.scriptSig().toHex());
        }
        if (!tx.witness(index).isEmpty()) {
            ArrayNode witness = json.putArray("txinwitness");
            tx.witness(index).items().forEach(item -> witness.add(item.toHex()));
        }
        if (spent != null) {
            ObjectNode prevout = json.putObject("prevout");
            prevout.put("generated", spent.isCoinbase());
            prevout.put("height", spent.height());
            prevout.set("value", Json.amount(spent.out().value()));
            prevout.set("scriptPubKey", script(spent.out().scriptPubKey()));
        }
        return json.put("sequence", input.sequence());
    }
}
