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
        Transaction copy = Transaction.of(tx.version(), inputs, outputs, List.of(), tx.lockTime());
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
                    int type = random.nextInt(4) | (random.nextInt() & SigHash.ANYONECANPAY);
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

    /// Keeps what it is asked about.
    private static final class Asked implements SignatureVerifier {
        final List<byte[]> digests = new ArrayList<>();

        @Override
        public boolean ecdsa(byte[] signature, byte[] digest, byte[] publicKey) {
            digests.add(digest);
            return true;
        }

        @Override
        public boolean schnorr(byte[] signature, byte[] digest, byte[] publicKey) {
            return true;
        }
    }

    @Test
    @DisplayName("C03 signatures of several types that take turns: each type is hashed once")
    @Sabotage(
            type = "weft.consensus.script.TransactionSignatureChecker",
            method = "digest",
            call = "isDefined",
            returns = "false")
    @Sabotage(
            type = "weft.consensus.script.TransactionSignatureChecker",
            method = "digest",
            constant = "5>9")
    @Sabotage(
            type = "weft.consensus.script.TransactionSignatureChecker",
            method = "digest",
            call = "fill")
    void shouldHashEachTypeOnce() {
        var random = new SplittableRandom(1);
        Transaction tx = tx(random);
        var asked = new Asked();
        var checker =
                new TransactionSignatureChecker(PrecomputedTxHashes.withoutSpent(tx), 0, 1, asked);
        byte[] key = Bytes.parse("02" + "11".repeat(32)).toByteArray();
        int[] types = {1, 2, 3, 0x81, 0x82, 0x83, 1, 2, 3, 0x81, 0x82, 0x83, 0, 0, 0x50, 0};
        for (byte[] code : List.of(new byte[] {0x51}, new byte[] {0x52})) {
            for (SigVersion version : List.of(SigVersion.BASE, SigVersion.WITNESS_V0)) {
                asked.digests.clear();
                for (int type : types) {
                    checker.checkEcdsa(new byte[] {1, (byte) type}, key, code, version);
                    byte[] wanted =
                            version == SigVersion.BASE
                                    ? model(tx, 0, Bytes.wrap(code), type)
                                    : SigHash.witnessV0(
                                            PrecomputedTxHashes.withoutSpent(tx), 0, code, 1, type);
                    assertThat(asked.digests.getLast()).as("type " + type).isEqualTo(wanted);
                }
                for (int i = 0; i < 6; i++) {
                    assertThat(asked.digests.get(i + 6)).isSameAs(asked.digests.get(i));
                }
                assertThat(asked.digests.get(13)).isSameAs(asked.digests.get(12));
            }
        }
    }
}
