package weft.server.rpc;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import weft.consensus.script.OutputType;
import weft.consensus.script.Script;
import weft.primitives.Amount;
import weft.primitives.Bytes;
import weft.primitives.Transaction;
import weft.primitives.TxOut;
import weft.primitives.address.Base58;
import weft.server.json.Json;
import weft.wallet.psbt.Psbt;
import weft.wallet.psbt.PsbtExtras;
import weft.wallet.psbt.PsbtInput;
import weft.wallet.psbt.PsbtOutput;
import weft.wallet.sign.InputSignatures;
import weft.wallet.sign.InputSignatures.TaprootKey;
import weft.wallet.sign.KeyOrigin;
import weft.wallet.sign.TaprootSpend;
import weft.wallet.sign.TaprootTree;

/// PSBTs in the form of `decodepsbt`.
final class PsbtJson {
    private final TxJson transactions;

    PsbtJson(TxJson transactions) {
        this.transactions = transactions;
    }

    /// All of a PSBT.
    ObjectNode psbt(Psbt psbt) {
        ObjectNode json = Json.object();
        json.set("tx", transactions.transaction(psbt.tx(), null, false, false));
        ArrayNode keys = json.putArray("global_xpubs");
        for (Psbt.ExtendedKeyOrigin each : psbt.extendedKeys()) {
            ObjectNode key = keys.addObject();
            key.put("xpub", Base58.encodeChecked(each.key().toByteArray()));
            origin(key, each.origin());
        }
        json.put("psbt_version", 0);
        json.set("proprietary", proprietary(psbt.extras()));
        json.set("unknown", unknown(psbt.extras()));
        ArrayNode inputs = json.putArray("inputs");
        psbt.inputs().forEach(_ -> inputs.addObject());
        long in = 0;
        boolean known = true;
        for (int i = 0; i < psbt.inputs().size(); i++) {
            inputs.set(i, input(psbt.inputs().get(i)));
            TxOut spent = psbt.spent(i).orElse(null);
            known &=
                    spent != null
                            && Amount.isInRange(spent.value())
                            && Amount.isInRange(in + spent.value());
            in += known && spent != null ? spent.value() : 0;
        }
        ArrayNode outputs = json.putArray("outputs");
        long out = 0;
        for (int i = 0; i < psbt.outputs().size(); i++) {
            outputs.add(output(psbt.outputs().get(i)));
            long value = psbt.tx().outputs().get(i).value();
            known &= Amount.isInRange(value) && Amount.isInRange(out + value);
            out += known ? value : 0;
        }
        if (known) {
            json.set("fee", Json.amount(in - out));
        }
        return json;
    }

    private static void origin(ObjectNode json, KeyOrigin origin) {
        json.put("master_fingerprint", origin.fingerprint().toHex());
        json.put("path", "m" + KeyOrigin.pathText(origin.path(), 'h'));
    }

    private static ArrayNode proprietary(PsbtExtras extras) {
        ArrayNode list = Json.array();
        for (PsbtExtras.Proprietary each : extras.proprietary()) {
            list.addObject()
                    .put("identifier", each.identifier().toHex())
                    .put("subtype", each.subtype())
                    .put("key", each.key().toHex())
                    .put("value", each.value().toHex());
        }
        return list;
    }

    private static ObjectNode unknown(PsbtExtras extras) {
        ObjectNode json = Json.object();
        extras.unknown().forEach((key, value) -> json.put(key.toHex(), value.toHex()));
        return json;
    }

    private static void extras(ObjectNode json, PsbtExtras extras) {
        if (!extras.proprietary().isEmpty()) {
            json.set("proprietary", proprietary(extras));
        }
        if (!extras.unknown().isEmpty()) {
            json.set("unknown", unknown(extras));
        }
    }

    private static void script(ObjectNode json, String name, Bytes script) {
        if (!script.isEmpty()) {
            json.putObject(name)
                    .put("asm", Script.toAsm(script))
                    .put("hex", script.toHex())
                    .put("type", OutputType.of(script).wireName());
        }
    }

    private static void origins(ObjectNode json, Map<Bytes, KeyOrigin> origins) {
        if (origins.isEmpty()) {
            return;
        }
        ArrayNode list = json.putArray("bip32_derivs");
        origins.forEach(
                (key, origin) -> origin(list.addObject().put("pubkey", key.toHex()), origin));
    }

    private static void taprootKeys(ObjectNode json, Map<Bytes, TaprootKey> keys) {
        if (keys.isEmpty()) {
            return;
        }
        ArrayNode list = json.putArray("taproot_bip32_derivs");
        keys.forEach(
                (key, value) -> {
                    ObjectNode each = list.addObject().put("pubkey", key.toHex());
                    origin(each, value.origin());
                    ArrayNode hashes = each.putArray("leaf_hashes");
                    value.leafHashes().forEach(hash -> hashes.add(hash.toHex()));
                });
    }

    private static void hex(ObjectNode json, String name, Bytes value) {
        if (!value.isEmpty()) {
            json.put(name, value.toHex());
        }
    }

    private ObjectNode input(PsbtInput input) {
        ObjectNode json = Json.object();
        TxOut spent = input.spent();
        if (spent != null) {
            ObjectNode out = json.putObject("witness_utxo");
            out.set("amount", Json.amount(spent.value()));
            out.set("scriptPubKey", transactions.script(spent.scriptPubKey()));
        }
        Transaction previous = input.previous();
        if (previous != null) {
            json.set("non_witness_utxo", transactions.transaction(previous, null, false, false));
        }
        if (!input.signatures().isEmpty()) {
            ObjectNode signatures = json.putObject("partial_signatures");
            input.signatures()
                    .values()
                    .forEach(
                            each ->
                                    signatures.put(
                                            each.publicKey().toHex(), each.signature().toHex()));
        }
        input.hashType().ifPresent(type -> json.put("sighash", hashType(type & 0xff)));
        script(json, "redeem_script", input.redeemScript());
        script(json, "witness_script", input.witnessScript());
        origins(json, input.origins());
        if (!input.finalScriptSig().isEmpty()) {
            json.putObject("final_scriptSig")
                    .put("asm", Script.toAsm(input.finalScriptSig(), true))
                    .put("hex", input.finalScriptSig().toHex());
        }
        if (!input.finalWitness().isEmpty()) {
            ArrayNode witness = json.putArray("final_scriptwitness");
            input.finalWitness().items().forEach(item -> witness.add(item.toHex()));
        }
        preimages(json, input);
        taproot(json, input);
        extras(json, input.extras());
        return json;
    }

    static String hashType(int type) {
        String outputs =
                switch (type & 0x7f) {
                    case 1 -> "ALL";
                    case 2 -> "NONE";
                    case 3 -> "SINGLE";
                    default -> "";
                };
        return outputs.isEmpty() || type < 0x80 ? outputs : outputs + "|ANYONECANPAY";
    }

    private static void preimages(ObjectNode json, PsbtInput input) {
        for (InputSignatures.HashKind kind : InputSignatures.HashKind.values()) {
            ObjectNode found = Json.object();
            input.preimages()
                    .forEach(
                            (asked, value) -> {
                                if (asked.kind() == kind) {
                                    found.put(asked.hash().toHex(), value.toHex());
                                }
                            });
            if (!found.isEmpty()) {
                json.set(kind.name().toLowerCase(Locale.ROOT) + "_preimages", found);
            }
        }
    }

    private static void taproot(ObjectNode json, PsbtInput input) {
        hex(json, "taproot_key_path_sig", input.keyPathSignature());
        if (!input.scriptPathSignatures().isEmpty()) {
            ArrayNode list = json.putArray("taproot_script_path_sigs");
            input.scriptPathSignatures()
                    .forEach(
                            (place, signature) ->
                                    list.addObject()
                                            .put("pubkey", place.xOnly().toHex())
                                            .put("leaf_hash", place.leafHash().toHex())
                                            .put("sig", signature.toHex()));
        }
        TaprootSpend spend = input.taproot();
        if (!spend.leaves().isEmpty()) {
            ArrayNode list = json.putArray("taproot_scripts");
            spend.leaves()
                    .forEach(
                            (leaf, blocks) -> {
                                ObjectNode each = list.addObject();
                                each.put("script", leaf.script().toHex());
                                each.put("leaf_ver", leaf.version());
                                ArrayNode all = each.putArray("control_blocks");
                                blocks.forEach(block -> all.add(block.toHex()));
                            });
        }
        taprootKeys(json, input.taprootKeys());
        hex(json, "taproot_internal_key", spend.internalKey());
        hex(json, "taproot_merkle_root", spend.merkleRoot());
    }

    private static ObjectNode output(PsbtOutput output) {
        ObjectNode json = Json.object();
        script(json, "redeem_script", output.redeemScript());
        script(json, "witness_script", output.witnessScript());
        origins(json, output.origins());
        hex(json, "taproot_internal_key", output.internalKey());
        List<TaprootTree.Leaf> tree = output.tree();
        if (!tree.isEmpty()) {
            ArrayNode list = json.putArray("taproot_tree");
            for (TaprootTree.Leaf leaf : tree) {
                list.addObject()
                        .put("depth", leaf.depth())
                        .put("leaf_ver", leaf.version())
                        .put("script", leaf.script().toHex());
            }
        }
        taprootKeys(json, output.taprootKeys());
        extras(json, output.extras());
        return json;
    }
}
