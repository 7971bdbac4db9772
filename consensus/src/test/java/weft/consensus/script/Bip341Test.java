package weft.consensus.script;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import weft.crypto.Secp256k1;
import weft.primitives.Bytes;
import weft.primitives.Transaction;
import weft.primitives.TxOut;
import weft.testkit.Vectors;

/// The test vectors of BIP-0341.
class Bip341Test {
    private static final Secp256k1 CURVE = Secp256k1.get();

    private static Bytes bytes(JsonNode node) {
        return Bytes.parse(node.asString());
    }

    private static byte[] array(JsonNode node) {
        return node.isString() ? bytes(node).toByteArray() : new byte[0];
    }

    /// The root of a tree as the vectors write it; leaves are added as they come.
    private static byte[] root(JsonNode tree, List<Bytes> leaves, List<Bytes> scripts) {
        if (tree.isArray()) {
            byte[] left = root(tree.get(0), leaves, scripts);
            return Taproot.branchHash(left, root(tree.get(1), leaves, scripts));
        }
        byte[] leaf = Taproot.leafHash(tree.get("leafVersion").asInt(), bytes(tree.get("script")));
        leaves.add(Bytes.wrap(leaf));
        scripts.add(bytes(tree.get("script")));
        return leaf;
    }

    @Test
    void shouldMakeOutputs() {
        int cases = 0;
        for (JsonNode each :
                Vectors.json("script/bip341_wallet_vectors.json").get("scriptPubKey")) {
            byte[] internal = array(each.get("given").get("internalPubkey"));
            JsonNode tree = each.get("given").get("scriptTree");
            var leaves = new ArrayList<Bytes>();
            var scripts = new ArrayList<Bytes>();
            byte[] root = tree.isNull() ? new byte[0] : root(tree, leaves, scripts);
            JsonNode between = each.get("intermediary");
            assertThat(root).isEqualTo(array(between.get("merkleRoot")));
            byte[] tweak = Taproot.tweak(internal, root);
            assertThat(tweak).isEqualTo(array(between.get("tweak")));
            byte[] output =
                    Bytes.wrap(CURVE.xOnlyTweakAdd(internal, tweak).orElseThrow())
                            .from(1)
                            .toByteArray();
            Bytes script = new ScriptBuilder().op(Opcode.OP_1).push(output).build();
            assertThat(script).isEqualTo(bytes(each.get("expected").get("scriptPubKey")));
            assertThat(Script.isPayToTaproot(script)).isTrue();
            for (int i = 0; i < leaves.size(); i++) {
                assertThat(leaves.get(i)).isEqualTo(bytes(between.get("leafHashes").get(i)));
                Bytes control = bytes(each.get("expected").get("scriptPathControlBlocks").get(i));
                assertThat(Taproot.commits(output, control, leaves.get(i).toByteArray())).isTrue();
                byte[] wrong = control.toByteArray();
                wrong[0] ^= 1;
                assertThat(Taproot.commits(output, Bytes.wrap(wrong), leaves.get(i).toByteArray()))
                        .isFalse();
            }
            cases++;
        }
        assertThat(cases).isEqualTo(7);
    }

    @Test
    void shouldHashAndVerifyKeySpends() {
        JsonNode vector =
                Vectors.json("script/bip341_wallet_vectors.json").get("keyPathSpending").get(0);
        Transaction unsigned =
                Transaction.parse(vector.get("given").get("rawUnsignedTx").asString());
        var spent = new ArrayList<TxOut>();
        vector.get("given")
                .get("utxosSpent")
                .forEach(
                        each ->
                                spent.add(
                                        new TxOut(
                                                each.get("amountSats").asLong(),
                                                bytes(each.get("scriptPubKey")))));
        var shared = PrecomputedTxHashes.forSigning(unsigned, spent);
        JsonNode between = vector.get("intermediary");
        assertThat(shared.amounts()).isEqualTo(array(between.get("hashAmounts")));
        assertThat(shared.outputs()).isEqualTo(array(between.get("hashOutputs")));
        assertThat(shared.prevouts()).isEqualTo(array(between.get("hashPrevouts")));
        assertThat(shared.scripts()).isEqualTo(array(between.get("hashScriptPubkeys")));
        assertThat(shared.sequences()).isEqualTo(array(between.get("hashSequences")));
        for (JsonNode each : vector.get("inputSpending")) {
            byte[] hash =
                    SigHash.taproot(
                            shared,
                            each.get("given").get("txinIndex").asInt(),
                            each.get("given").get("hashType").asInt(),
                            SigVersion.TAPROOT,
                            new ExecutionContext(null));
            assertThat(hash).isEqualTo(array(each.get("intermediary").get("sigHash")));
        }
        Transaction signed =
                Transaction.parse(vector.get("auxiliary").get("fullySignedTx").asString());
        var signedShared = PrecomputedTxHashes.of(signed, spent);
        for (int i = 0; i < spent.size(); i++) {
            assertThat(Interpreter.verifyInput(signedShared, i, ScriptFlags.STANDARD))
                    .isEqualTo(ScriptError.OK);
        }
    }
}
