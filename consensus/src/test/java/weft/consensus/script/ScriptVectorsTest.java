package weft.consensus.script;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import weft.crypto.Secp256k1;
import weft.primitives.Bytes;
import weft.primitives.OutPoint;
import weft.primitives.Transaction;
import weft.primitives.TxIn;
import weft.primitives.TxOut;
import weft.primitives.Witness;
import weft.testkit.Vectors;

@DisplayName("script_tests.json")
class ScriptVectorsTest {
    private static final byte[] INTERNAL_KEY =
            Bytes.parse("79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798")
                    .toByteArray();

    /// Names of the vectors, which are newer, and their names in Bitcoin Core 28.1.
    private static final Map<String, List<String>> NAMES =
            Map.of(
                    "NULLFAIL", List.of("SIG_NULLFAIL"),
                    "SCRIPTNUM", List.of("UNKNOWN_ERROR"),
                    "TAPSCRIPT_EMPTY_PUBKEY", List.of("PUBKEYTYPE"),
                    "INVALID_STACK_OPERATION",
                            List.of("INVALID_STACK_OPERATION", "UNBALANCED_CONDITIONAL"));

    @Test
    void shouldAgreeOnEveryErrorByName() {
        int cases = 0;
        var failures = new ArrayList<String>();
        for (JsonNode each : Vectors.json("script/script_tests.json")) {
            if (each.size() < 4) {
                continue;
            }
            cases++;
            boolean hasWitness = each.get(0).isArray();
            int at = hasWitness ? 1 : 0;
            String expected = each.get(at + 3).asString();
            ScriptError actual = run(each, hasWitness, at);
            if (!NAMES.getOrDefault(expected, List.of(expected)).contains(actual.name())) {
                failures.add(actual + " for " + each);
            }
        }
        assertThat(failures).isEmpty();
        assertThat(cases).isGreaterThan(900);
    }

    private static ScriptError run(JsonNode each, boolean hasWitness, int at) {
        var items = new ArrayList<Bytes>();
        long amount = 0;
        String outputText = each.get(at + 1).asString();
        if (hasWitness) {
            JsonNode list = each.get(0);
            amount = Math.round(list.get(list.size() - 1).asDouble() * 1e8);
            outputText = witness(list, outputText, items);
        }
        Bytes scriptSig = ScriptText.parse(each.get(at).asString());
        Bytes scriptPubKey = ScriptText.parse(outputText);
        int flags = ScriptFlags.parse(each.get(at + 2).asString());
        if ((flags & ScriptFlags.CLEANSTACK) != 0) {
            flags |= ScriptFlags.P2SH | ScriptFlags.WITNESS;
        }
        Transaction tx = spend(scriptSig, scriptPubKey, new Witness(items), amount);
        var shared = PrecomputedTxHashes.of(tx, List.of(new TxOut(amount, scriptPubKey)));
        return Interpreter.verifyInput(shared, 0, flags);
    }

    /// Fills in the placeholders of taproot entries; gives the text of the output's script.
    private static String witness(JsonNode list, String outputText, List<Bytes> items) {
        String output = outputText;
        Bytes control = Bytes.EMPTY;
        for (int i = 0; i < list.size() - 1; i++) {
            String item = list.get(i).asString();
            if (item.startsWith("#SCRIPT#")) {
                Bytes script = ScriptText.parse(item.substring("#SCRIPT#".length()));
                byte[] leaf = Taproot.leafHash(Taproot.LEAF_TAPSCRIPT, script);
                byte[] key =
                        Secp256k1.get()
                                .xOnlyTweakAdd(INTERNAL_KEY, Taproot.tweak(INTERNAL_KEY, leaf))
                                .orElseThrow();
                // The first byte says the parity.
                Bytes outputKey = Bytes.wrap(key).from(1);
                control =
                        Bytes.wrap(new byte[] {(byte) (Taproot.LEAF_TAPSCRIPT | (key[0] & 1))})
                                .plus(Bytes.wrap(INTERNAL_KEY));
                output = output.replace("#TAPROOTOUTPUT#", "0x" + outputKey.toHex());
                items.add(script);
            } else {
                items.add(item.equals("#CONTROLBLOCK#") ? control : Bytes.parse(item));
            }
        }
        return output;
    }

    private static Transaction spend(
            Bytes scriptSig, Bytes scriptPubKey, Witness witness, long amount) {
        var funding =
                Transaction.of(
                        1,
                        List.of(new TxIn(OutPoint.NULL, Bytes.parse("0000"), TxIn.SEQUENCE_FINAL)),
                        List.of(new TxOut(amount, scriptPubKey)),
                        List.of(),
                        0);
        return Transaction.of(
                1,
                List.of(new TxIn(new OutPoint(funding.txid(), 0), scriptSig, TxIn.SEQUENCE_FINAL)),
                List.of(new TxOut(amount, Bytes.EMPTY)),
                List.of(witness),
                0);
    }
}
