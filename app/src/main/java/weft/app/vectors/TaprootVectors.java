package weft.app.vectors;

import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;
import weft.consensus.ChainParams;
import weft.consensus.Network;
import weft.consensus.script.ExecutionContext;
import weft.consensus.script.Opcode;
import weft.consensus.script.PrecomputedTxHashes;
import weft.consensus.script.ScriptBuilder;
import weft.consensus.script.ScriptFlags;
import weft.consensus.script.SigHash;
import weft.consensus.script.SigVersion;
import weft.consensus.script.Taproot;
import weft.crypto.Secp256k1;
import weft.primitives.Bytes;
import weft.primitives.Transaction;
import weft.primitives.TxIn;
import weft.primitives.TxOut;
import weft.primitives.Witness;
import weft.primitives.address.Address;
import weft.primitives.codec.ByteReader;

/// The taproot corpora, one case a line, and the wallet vectors of BIP-0341.
final class TaprootVectors {
    private static final List<Integer> FLAG_SETS = consensusFlagSets();

    private TaprootVectors() {}

    /// All sets of consensus flags in which each flag comes with those that it asks for.
    private static List<Integer> consensusFlagSets() {
        var sets = new ArrayList<Integer>();
        for (int set = 0; set <= ScriptFlags.MANDATORY; set++) {
            boolean consensusOnly = (set & ~ScriptFlags.MANDATORY) == 0;
            boolean p2sh = (set & ScriptFlags.P2SH) != 0;
            boolean witness = (set & ScriptFlags.WITNESS) != 0;
            boolean taproot = (set & ScriptFlags.TAPROOT) != 0;
            if (consensusOnly && (p2sh || !witness) && (witness || !taproot)) {
                sets.add(set);
            }
        }
        return sets;
    }

    /// A corpus: each line with every set of flags that it speaks of.
    static void corpus(VectorFile file, Cases cases) {
        int line = 0;
        for (String text : file.lines()) {
            line++;
            cases.run("line " + line, () -> corpusCase(VectorFile.parseJson(text)));
        }
    }

    private static void corpusCase(JsonNode each) {
        int own = ScriptFlags.parse(each.required("flags").asString());
        List<TxOut> spent = outputs(each.required("prevouts"));
        Transaction tx = Transaction.parse(each.required("tx").asString());
        int index = each.required("index").asInt();
        boolean always = each.path("final").asBoolean(false);
        String name = each.path("id").asString("") + " " + each.path("comment").asString("");
        if (each.has("success")) {
            var good = PrecomputedTxHashes.of(with(tx, index, each.get("success")), spent);
            for (int flags : FLAG_SETS) {
                if (always || (flags & ~own) == 0) {
                    Expect.holds(
                            name + " succeeds with " + ScriptFlags.toText(flags),
                            ScriptVectors.verifies(good, index, flags));
                }
            }
        }
        if (each.has("failure")) {
            var bad = PrecomputedTxHashes.of(with(tx, index, each.get("failure")), spent);
            for (int flags : FLAG_SETS) {
                if ((own & ~flags) == 0) {
                    Expect.holds(
                            name + " fails with " + ScriptFlags.toText(flags),
                            !ScriptVectors.verifies(bad, index, flags));
                }
            }
        }
        Expect.holds("the case says what to try", each.has("success") || each.has("failure"));
    }

    /// Outputs in wire form.
    static List<TxOut> outputs(JsonNode list) {
        var outputs = new ArrayList<TxOut>();
        for (JsonNode each : list) {
            ByteReader in = ByteReader.of(Vector.hex(each.asString()));
            outputs.add(TxOut.read(in));
            in.expectEnd();
        }
        return outputs;
    }

    private static Transaction with(Transaction tx, int index, JsonNode spend) {
        var items = new ArrayList<Bytes>();
        spend.required("witness").forEach(item -> items.add(Vector.bytes(item)));
        var inputs = new ArrayList<TxIn>(tx.inputs());
        TxIn old = inputs.get(index);
        Bytes scriptSig = Vector.bytes(spend.required("scriptSig"));
        inputs.set(index, new TxIn(old.prevout(), scriptSig, old.sequence()));
        var witnesses = new ArrayList<Witness>();
        for (int i = 0; i < inputs.size(); i++) {
            witnesses.add(i == index ? new Witness(items) : tx.witness(i));
        }
        return Transaction.of(tx.version(), inputs, tx.outputs(), witnesses, tx.lockTime());
    }

    /// Outputs and key spends of BIP-0341.
    static void wallet(VectorFile file, Cases cases) {
        JsonNode all = file.json();
        int index = -1;
        for (JsonNode each : all.required("scriptPubKey")) {
            index++;
            cases.run("scriptPubKey #" + index, () -> output(each));
        }
        index = -1;
        for (JsonNode each : all.required("keyPathSpending")) {
            index++;
            cases.run("keyPathSpending #" + index, () -> keySpends(each));
        }
    }

    private static byte[] optional(JsonNode node) {
        return node.isString() ? Vector.hex(node.asString()) : new byte[0];
    }

    /// The root of a tree; its leaves are added as they come.
    private static byte[] root(JsonNode tree, List<byte[]> leaves) {
        if (tree.isArray()) {
            byte[] left = root(tree.required(0), leaves);
            return Taproot.branchHash(left, root(tree.required(1), leaves));
        }
        int version = tree.required("leafVersion").asInt();
        byte[] leaf = Taproot.leafHash(version, Vector.bytes(tree.required("script")));
        leaves.add(leaf);
        return leaf;
    }

    private static void output(JsonNode each) {
        byte[] internal = Vector.hex(each.required("given"), "internalPubkey");
        JsonNode tree = each.required("given").required("scriptTree");
        var leaves = new ArrayList<byte[]>();
        byte[] root = tree.isNull() ? new byte[0] : root(tree, leaves);
        JsonNode between = each.required("intermediary");
        Expect.same("the root", optional(between.path("merkleRoot")), root);
        byte[] tweak = Taproot.tweak(internal, root);
        Expect.same("the tweak", Vector.hex(between, "tweak"), tweak);
        byte[] key = Secp256k1.get().xOnlyTweakAdd(internal, tweak).orElseThrow();
        byte[] outputX = Bytes.wrap(key).from(1).toByteArray();
        Expect.same("the output key", Vector.hex(between, "tweakedPubkey"), outputX);
        JsonNode expected = each.required("expected");
        Bytes script = new ScriptBuilder().op(Opcode.OP_1).push(outputX).build();
        Expect.same("the script", Vector.bytes(expected.required("scriptPubKey")), script);
        Address address = Address.of(script).orElseThrow();
        Expect.same(
                "the address",
                expected.required("bip350Address").asString(),
                address.encode(ChainParams.of(Network.MAIN).addressPrefixes()));
        for (int i = 0; i < leaves.size(); i++) {
            byte[] leaf = leaves.get(i);
            Expect.same("a leaf", optional(between.required("leafHashes").required(i)), leaf);
            Bytes control = Vector.bytes(expected.required("scriptPathControlBlocks").required(i));
            Expect.same("the parity", key[0] & 1, control.at(0) & 1);
            Expect.same("the root of a path", root, Taproot.merkleRoot(control, leaf));
        }
    }

    private static void keySpends(JsonNode vector) {
        JsonNode given = vector.required("given");
        Transaction unsigned = Transaction.parse(given.required("rawUnsignedTx").asString());
        var spent = new ArrayList<TxOut>();
        for (JsonNode each : given.required("utxosSpent")) {
            Bytes script = Vector.bytes(each.required("scriptPubKey"));
            spent.add(new TxOut(each.required("amountSats").asLong(), script));
        }
        var shared = PrecomputedTxHashes.forSigning(unsigned, spent);
        for (JsonNode each : vector.required("inputSpending")) {
            keySpend(each, shared);
        }
        String signedHex = vector.required("auxiliary").required("fullySignedTx").asString();
        var signed = PrecomputedTxHashes.of(Transaction.parse(signedHex), spent);
        for (int i = 0; i < spent.size(); i++) {
            Expect.holds(
                    "input " + i + " verifies",
                    ScriptVectors.verifies(signed, i, ScriptFlags.STANDARD));
        }
    }

    private static void keySpend(JsonNode each, PrecomputedTxHashes shared) {
        JsonNode given = each.required("given");
        int input = given.required("txinIndex").asInt();
        int type = given.required("hashType").asInt();
        var context = new ExecutionContext(null);
        byte[] hash = SigHash.taproot(shared, input, type, SigVersion.TAPROOT, context);
        if (hash == null) {
            throw new Mismatch("input " + input + " has no hash");
        }
        byte[] wanted = Vector.hex(each.required("intermediary"), "sigHash");
        Expect.same("the hash of input " + input, wanted, hash);
        Secp256k1 curve = Secp256k1.get();
        byte[] secret = Vector.hex(given, "internalPrivkey");
        byte[] internal = curve.xOnlyPublicKey(secret);
        byte[] tweak = Taproot.tweak(internal, optional(given.path("merkleRoot")));
        byte[] key = curve.xOnlySecretTweakAdd(secret, tweak).orElseThrow();
        Bytes signature = Bytes.wrap(curve.schnorrSign(hash, key, new byte[32]));
        if (type != SigHash.DEFAULT) {
            signature = signature.plus(Bytes.wrap(new byte[] {(byte) type}));
        }
        JsonNode witness = each.required("expected").required("witness");
        Expect.same("the signature", Vector.bytes(witness.required(0)), signature);
    }
}
