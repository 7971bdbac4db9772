package weft.consensus.script;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import weft.crypto.Secp256k1;
import weft.primitives.Bytes;
import weft.primitives.Transaction;
import weft.primitives.Witness;
import weft.primitives.codec.ByteReader;
import weft.primitives.codec.MalformedBytes;
import weft.testkit.Vectors;

/// Inputs that a fuzzer found for Bitcoin Core's consensus library.
class ConsensusFuzzTest {
    @Test
    void shouldAgreeWithBitcoinCore() {
        List<String> lines = Vectors.lines("script/consensus_fuzz.jsonl.gz");
        var failures = new ArrayList<String>();
        for (String line : lines) {
            JsonNode each = Vectors.parseJson(line);
            if (verifies(each) != each.get("valid").asBoolean()) {
                failures.add(each.get("id").asString());
            }
        }
        assertThat(failures).isEmpty();
        assertThat(lines).hasSizeGreaterThan(900);
    }

    private static boolean verifies(JsonNode each) {
        ByteReader in = ByteReader.of(Bytes.parse(each.get("tx").asString()).toByteArray());
        Transaction tx;
        try {
            tx = Transaction.read(in, Transaction.Encoding.LEGACY);
            in.expectEnd();
        } catch (MalformedBytes e) {
            return false;
        }
        int index = each.get("index").asInt();
        if (index < 0 || index >= tx.inputs().size()) {
            return false;
        }
        var checker =
                new TransactionSignatureChecker(
                        PrecomputedTxHashes.withoutSpent(tx),
                        index,
                        0,
                        SignatureVerifier.of(Secp256k1.get()));
        Bytes scriptPubKey = Bytes.parse(each.get("scriptPubKey").asString());
        int flags = ScriptFlags.parse(each.get("flags").asString());
        Bytes scriptSig = tx.inputs().get(index).scriptSig();
        return Interpreter.verify(scriptSig, scriptPubKey, Witness.EMPTY, flags, checker)
                == ScriptError.OK;
    }
}
