package weft.app.vectors;

import tools.jackson.databind.JsonNode;
import weft.consensus.script.Interpreter;
import weft.consensus.script.PrecomputedTxHashes;
import weft.consensus.script.ScriptError;
import weft.consensus.script.ScriptFlags;
import weft.consensus.script.SignatureVerifier;
import weft.consensus.script.TransactionSignatureChecker;
import weft.crypto.Secp256k1;
import weft.primitives.Bytes;
import weft.primitives.Transaction;
import weft.primitives.Witness;
import weft.primitives.codec.ByteReader;
import weft.primitives.codec.MalformedBytes;

/// Inputs that a fuzzer found for a library of Bitcoin Core's rules: `consensus_fuzz.jsonl`.
final class FuzzVectors {
    private FuzzVectors() {}

    /// One case a line.
    static void all(VectorFile file, Cases cases) {
        int line = 0;
        for (String text : file.lines()) {
            line++;
            cases.run(
                    "line " + line,
                    () -> {
                        JsonNode each = VectorFile.parseJson(text);
                        boolean valid = each.required("valid").asBoolean();
                        String name = "validity of " + each.path("id").asString("");
                        Expect.same(name, valid, verifies(each));
                    });
        }
    }

    private static boolean verifies(JsonNode each) {
        Bytes scriptPubKey = Vector.bytes(each.required("scriptPubKey"));
        int flags = ScriptFlags.parse(each.required("flags").asString());
        byte[] bytes = Vector.hex(each, "tx");
        int index = each.required("index").asInt();
        Transaction tx;
        try {
            ByteReader in = ByteReader.of(bytes);
            tx = Transaction.read(in, Transaction.Encoding.LEGACY);
            in.expectEnd();
        } catch (MalformedBytes _) {
            return false;
        }
        if (index < 0 || index >= tx.inputs().size()) {
            return false;
        }
        var shared = PrecomputedTxHashes.withoutSpent(tx);
        var curve = SignatureVerifier.of(Secp256k1.get());
        var checker = new TransactionSignatureChecker(shared, index, 0, curve);
        Bytes scriptSig = tx.inputs().get(index).scriptSig();
        return Interpreter.verify(scriptSig, scriptPubKey, Witness.EMPTY, flags, checker)
                == ScriptError.OK;
    }
}
