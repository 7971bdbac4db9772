package weft.consensus.script;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import weft.primitives.Bytes;
import weft.primitives.Digest256;
import weft.primitives.Transaction;
import weft.testkit.Vectors;

class SigHashVectorsTest {
    @Test
    void shouldHashAsBeforeSegwit() {
        int cases = 0;
        for (JsonNode each : Vectors.json("script/sighash.json")) {
            if (each.size() < 5) {
                continue;
            }
            cases++;
            Transaction tx = Transaction.parse(each.get(0).asString());
            byte[] script = Bytes.parse(each.get(1).asString()).toByteArray();
            byte[] hash = SigHash.legacy(tx, each.get(2).asInt(), script, each.get(3).asInt());
            assertThat(Digest256.of(hash).toHex())
                    .as(each.toString())
                    .isEqualTo(each.get(4).asString());
        }
        assertThat(cases).isGreaterThan(350);
    }

    @Test
    void shouldGiveOneWhereSingleHasNoOutput() {
        Transaction tx =
                Transaction.parse(
                        "01000000"
                                + "01"
                                + "00".repeat(36)
                                + "00"
                                + "ffffffff"
                                + "00"
                                + "00000000");
        assertThat(Digest256.of(SigHash.legacy(tx, 0, new byte[0], SigHash.SINGLE)).toHex())
                .isEqualTo("0".repeat(63) + "1");
    }
}
