package weft.app.vectors;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;
import weft.consensus.script.Interpreter;
import weft.consensus.script.PrecomputedTxHashes;
import weft.consensus.script.ScriptError;
import weft.consensus.script.ScriptFlags;
import weft.consensus.script.ScriptText;
import weft.consensus.script.SigHash;
import weft.consensus.script.Taproot;
import weft.crypto.Secp256k1;
import weft.primitives.Bytes;
import weft.primitives.Digest256;
import weft.primitives.OutPoint;
import weft.primitives.Transaction;
import weft.primitives.TxIn;
import weft.primitives.TxOut;
import weft.primitives.Witness;

/// `script_tests.json` and `sighash.json`.
final class ScriptVectors {
    private static final String SCRIPT = "#SCRIPT#";
    private static final byte[] INTERNAL_KEY =
            Vector.hex("79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798");

    private ScriptVectors() {}

    /// Scripts and the names of their errors.
    static void scripts(VectorFile file, Cases cases) {
        int index = -1;
        for (JsonNode each : file.json()) {
            index++;
            if (each.size() != 1) {
                cases.run(index, () -> script(each));
            }
        }
    }

    private static void script(JsonNode each) {
        boolean hasWitness = each.required(0).isArray();
        int at = hasWitness ? 1 : 0;
        String expected = each.required(at + 3).asString();
        var items = new ArrayList<Bytes>();
        long amount = 0;
        String outputText = each.required(at + 1).asString();
        if (hasWitness) {
            JsonNode list = each.required(0);
            amount = satoshis(list.required(list.size() - 1));
            outputText = witness(list, outputText, items);
        }
        Bytes scriptSig = ScriptText.parse(each.required(at).asString());
        Bytes scriptPubKey = ScriptText.parse(outputText);
        int flags = ScriptFlags.parse(each.required(at + 2).asString());
        if ((flags & ScriptFlags.CLEANSTACK) != 0) {
            flags |= ScriptFlags.P2SH | ScriptFlags.WITNESS;
        }
        Transaction tx = spend(scriptSig, scriptPubKey, new Witness(items), amount);
        var shared = PrecomputedTxHashes.of(tx, List.of(new TxOut(amount, scriptPubKey)));
        String found = Interpreter.verifyInput(shared, 0, flags).name();
        if (!isOlderName(expected, found)) {
            Expect.same("the result", name(expected), found);
        }
    }

    /// Bitcoin Core 28.1 does not tell a conditional that finds no argument from one that is not closed.
    private static boolean isOlderName(String expected, String found) {
        return expected.equals("INVALID_STACK_OPERATION") && found.equals("UNBALANCED_CONDITIONAL");
    }

    /// The name that Bitcoin Core 28.1, and so [ScriptError], has for an error of the file. Later versions
    /// tell numbers that are no numbers and empty keys from the rest.
    private static String name(String expected) {
        return switch (expected) {
            case "NULLFAIL" -> "SIG_NULLFAIL";
            case "SCRIPTNUM" -> "UNKNOWN_ERROR";
            case "TAPSCRIPT_EMPTY_PUBKEY" -> "PUBKEYTYPE";
            default -> expected;
        };
    }

    private static long satoshis(JsonNode bitcoins) {
        return new BigDecimal(bitcoins.asString()).movePointRight(8).longValueExact();
    }

    /// Reads the items, placeholders of taproot filled in; gives the text of the output's script.
    private static String witness(JsonNode list, String outputText, List<Bytes> items) {
        String output = outputText;
        Bytes control = Bytes.EMPTY;
        for (int i = 0; i < list.size() - 1; i++) {
            String item = list.required(i).asString();
            if (item.startsWith(SCRIPT)) {
                Bytes script = ScriptText.parse(item.substring(SCRIPT.length()));
                byte[] root = Taproot.leafHash(Taproot.LEAF_TAPSCRIPT, script);
                byte[] tweak = Taproot.tweak(INTERNAL_KEY, root);
                byte[] key = Secp256k1.get().xOnlyTweakAdd(INTERNAL_KEY, tweak).orElseThrow();
                int parity = key[0] & 1;
                byte[] head = {(byte) (Taproot.LEAF_TAPSCRIPT | parity)};
                control = Bytes.wrap(head).plus(Bytes.wrap(INTERNAL_KEY));
                String outputKey = "0x" + Bytes.wrap(key).from(1).toHex();
                output = output.replace("#TAPROOTOUTPUT#", outputKey);
                items.add(script);
            } else {
                items.add(item.equals("#CONTROLBLOCK#") ? control : Bytes.parse(item));
            }
        }
        return output;
    }

    private static Transaction spend(
            Bytes scriptSig, Bytes scriptPubKey, Witness witness, long amount) {
        var nothing = new TxIn(OutPoint.NULL, Bytes.parse("0000"), TxIn.SEQUENCE_FINAL);
        var paid = new TxOut(amount, scriptPubKey);
        var funding = Transaction.of(1, List.of(nothing), List.of(paid), List.of(), 0);
        var input = new TxIn(new OutPoint(funding.txid(), 0), scriptSig, TxIn.SEQUENCE_FINAL);
        var output = new TxOut(amount, Bytes.EMPTY);
        return Transaction.of(1, List.of(input), List.of(output), List.of(witness), 0);
    }

    /// Signature hashes of before segwit.
    static void signatureHashes(VectorFile file, Cases cases) {
        int index = -1;
        for (JsonNode each : file.json()) {
            index++;
            if (each.size() != 1) {
                cases.run(
                        index,
                        () -> {
                            Transaction tx = Transaction.parse(each.required(0).asString());
                            byte[] script = Vector.hex(each.required(1).asString());
                            int input = each.required(2).asInt();
                            int type = each.required(3).asInt();
                            byte[] hash = SigHash.legacy(tx, input, script, type);
                            Expect.same(
                                    "the hash",
                                    each.required(4).asString(),
                                    Digest256.of(hash).toHex());
                        });
            }
        }
    }

    /// Whether an input verifies.
    static boolean verifies(PrecomputedTxHashes shared, int input, int flags) {
        return Interpreter.verifyInput(shared, input, flags) == ScriptError.OK;
    }
}
