package weft.consensus.script;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import weft.crypto.Sha256;
import weft.primitives.Bytes;
import weft.primitives.OutPoint;
import weft.primitives.Transaction;
import weft.primitives.TxIn;
import weft.primitives.TxOut;
import weft.primitives.Txid;
import weft.primitives.codec.ByteWriter;
import weft.testkit.Property;
import weft.testkit.Sabotage;
import weft.testkit.SeenRed;

/// What is signed before segwit, against its first definition: a copy of the transaction is changed and
/// written as a whole.
class SigHashModelTest implements SeenRed {
    /// Round about the sizes that are hashed at once.
    private static final int[] LENGTHS = {0, 1, 25, 252, 253, 8_100, 8_191, 8_192, 8_193, 30_000};

    private static Bytes bytes(SplittableRandom random, int length) {
        return Bytes.wrap(Property.bytes(random, length));
    }

    private static Transaction tx(SplittableRandom random) {
        var inputs = new ArrayList<TxIn>();
        for (int i = random.nextInt(random.nextBoolean() ? 4 : 600); i >= 0; i--) {
            var txid = new Txid(random.nextLong(), random.nextLong(), 3, 4);
            var prevout = new OutPoint(txid, random.nextInt(1_000));
            Bytes script = bytes(random, random.nextInt(50));
            inputs.add(new TxIn(prevout, script, random.nextInt() & 0xffff_ffffL));
        }
        var outputs = new ArrayList<TxOut>();
        for (int i = random.nextInt(random.nextBoolean() ? 4 : 600); i > 0; i--) {
            boolean large = random.nextInt(100) == 0;
            int length = large ? LENGTHS[random.nextInt(LENGTHS.length)] : random.nextInt(50);
            outputs.add(new TxOut(random.nextLong(), bytes(random, length)));
        }
        return Transaction.of(
                random.nextInt() & 0xffff_ffffL,
                inputs,
                outputs,
                List.of(),
                random.nextInt() & 0xffff_ffffL);
    }

    /// @param code without separators
    private static byte[] model(Transaction tx, int input, Bytes code, int type) {
        int output = type & 0x1f;
        if (output == SigHash.SINGLE && input >= tx.outputs().size()) {
            byte[] one = new byte[Sha256.BYTES];
            one[0] = 1;
            return one;
        }
        boolean some = output == SigHash.SINGLE || output == SigHash.NONE;
        var inputs = new ArrayList<TxIn>();
        for (int i = 0; i < tx.inputs().size(); i++) {
            TxIn in = tx.inputs().get(i);
            if (i == input) {
                inputs.add(new TxIn(in.prevout(), code, in.sequence()));
            } else if ((type & SigHash.ANYONECANPAY) == 0) {
                inputs.add(new TxIn(in.prevout(), Bytes.EMPTY, some ? 0 : in.sequence()));
            }
        }
        List<TxOut> outputs = new ArrayList<>(tx.outputs());
        if (output == SigHash.NONE) {
            outputs = List.of();
        } else if (output == SigHash.SINGLE) {
            outputs = outputs.subList(0, input + 1);
            outputs.subList(0, input).replaceAll(_ -> new TxOut(-1, Bytes.EMPTY));
        }
        Transaction copy =
                Transaction.of(tx.version(), inputs, outputs, List.of(), tx.lockTime());
        var out = new ByteWriter();
        return Sha256.hashTwice(out.bytes(copy.toByteArray()).i32(type).toByteArray());
    }

    @Test
    @DisplayName("what is signed before segwit, of transactions of any size")
    @Sabotage(type = "weft.consensus.script.SigHash$Pieces", method = "hashTwice", flips = 1)
    @Sabotage(type = "weft.consensus.script.SigHash", method = "legacy", constant = "41>40")
    @Sabotage(type = "weft.consensus.script.SigHash$Pieces", method = "hash", call = "reset")
    void shouldHashPiecesAsTheWhole() {
        Property.holds(
                300,
                random -> {
                    Transaction tx = tx(random);
                    int input = random.nextInt(tx.inputs().size());
                    int type = random.nextInt(4) | random.nextInt() & SigHash.ANYONECANPAY;
                    type |= random.nextInt(10) == 0 ? random.nextInt() : 0;
                    var code = new ByteWriter();
                    var plain = new ByteWriter();
                    for (int i = random.nextInt(4); i > 0; i--) {
                        int length = LENGTHS[random.nextInt(LENGTHS.length)];
                        Bytes push = new ScriptBuilder().push(bytes(random, length)).build();
                        code.bytes(push).u8(Opcode.OP_CODESEPARATOR);
                        plain.bytes(push);
                    }
                    byte[] model = model(tx, input, plain.toBytes(), type);
                    assertThat(SigHash.legacy(tx, input, code.toByteArray(), type))
                            .isEqualTo(model);
                    var shared = PrecomputedTxHashes.withoutSpent(tx);
                    assertThat(SigHash.legacy(shared, input, code.toByteArray(), type))
                            .isEqualTo(model);
                    assertThat(SigHash.legacy(shared, input, code.toByteArray(), type))
                            .as("what was kept")
                            .isEqualTo(model);
                });
    }
}
