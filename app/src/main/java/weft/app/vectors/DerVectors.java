package weft.app.vectors;

import java.util.HexFormat;
import java.util.List;
import tools.jackson.databind.JsonNode;
import weft.consensus.script.Interpreter;
import weft.consensus.script.Opcode;
import weft.consensus.script.PrecomputedTxHashes;
import weft.consensus.script.ScriptBuilder;
import weft.consensus.script.ScriptError;
import weft.consensus.script.ScriptFlags;
import weft.primitives.Bytes;
import weft.primitives.OutPoint;
import weft.primitives.Transaction;
import weft.primitives.TxIn;
import weft.primitives.TxOut;

/// Forms of signatures with their hash type: `sig_canonical.json` and `sig_noncanonical.json`.
final class DerVectors {
    private static final Bytes GENERATOR =
            Bytes.parse("0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798");

    private DerVectors() {}

    /// Strings that are not hexadecimal are comments.
    static void all(VectorFile file, Cases cases) {
        boolean canonical = !file.name().contains("noncanonical");
        int index = -1;
        for (JsonNode each : file.json()) {
            index++;
            String text = each.asString();
            if (isHex(text)) {
                cases.run(index, () -> Expect.same(text, canonical, isCanonical(text)));
            }
        }
    }

    private static boolean isHex(String text) {
        return !text.isEmpty()
                && text.length() % 2 == 0
                && text.chars().allMatch(HexFormat::isHexDigit);
    }

    /// Asks the rule itself: a script that checks the signature, and whether its form is what it fails for.
    private static boolean isCanonical(String signature) {
        Bytes scriptSig = new ScriptBuilder().push(Bytes.parse(signature)).build();
        Bytes script = new ScriptBuilder().push(GENERATOR).op(Opcode.OP_CHECKSIG).build();
        var input = new TxIn(new OutPoint(OutPoint.NULL.txid(), 0), scriptSig, 0);
        var spent = new TxOut(0, script);
        Transaction tx = Transaction.of(1, List.of(input), List.of(spent), List.of(), 0);
        var shared = PrecomputedTxHashes.of(tx, List.of(spent));
        ScriptError error = Interpreter.verifyInput(shared, 0, ScriptFlags.STRICTENC);
        return error != ScriptError.SIG_DER && error != ScriptError.SIG_HASHTYPE;
    }
}
