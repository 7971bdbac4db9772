package weft.primitives;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import weft.primitives.codec.ByteReader;
import weft.primitives.codec.ByteWriter;
import weft.primitives.codec.MalformedBytes;
import weft.testkit.Property;
import weft.testkit.Vectors;

class TransactionsTest {
    private static Bytes anyBytes(SplittableRandom random, int max) {
        return Bytes.wrap(Property.bytes(random, random.nextInt(max + 1)));
    }

    private static Transaction any(SplittableRandom random) {
        var inputs = new ArrayList<TxIn>();
        var witnesses = new ArrayList<Witness>();
        boolean segwit = random.nextBoolean();
        for (int i = 1 + random.nextInt(4); i > 0; i--) {
            var prevout =
                    new OutPoint(Txid.of(Property.bytes(random, 32)), random.nextLong() >>> 32);
            inputs.add(new TxIn(prevout, anyBytes(random, 300), random.nextLong() >>> 32));
            var items = new ArrayList<Bytes>();
            for (int items1 = random.nextInt(4); items1 > 0; items1--) {
                items.add(anyBytes(random, 80));
            }
            witnesses.add(new Witness(items));
        }
        var outputs = new ArrayList<TxOut>();
        for (int i = random.nextInt(4); i > 0; i--) {
            outputs.add(new TxOut(random.nextLong(), anyBytes(random, 300)));
        }
        return Transaction.of(
                random.nextLong() >>> 32,
                inputs,
                outputs,
                segwit ? witnesses : List.of(),
                random.nextLong() >>> 32);
    }

    private static Transaction read(byte[] bytes) {
        ByteReader in = ByteReader.of(bytes);
        Transaction tx = Transaction.read(in);
        in.expectEnd();
        return tx;
    }

    @Test
    void shouldComeBackFromBytes() {
        Property.holds(
                300,
                random -> {
                    Transaction tx = any(random);
                    byte[] bytes = tx.toByteArray();
                    Transaction again = read(bytes);
                    assertThat(again).isEqualTo(tx).hasSameHashCodeAs(tx);
                    assertThat(again.toByteArray()).isEqualTo(bytes).hasSize(tx.totalSize());
                    assertThat(again.txid()).isEqualTo(tx.txid());
                    assertThat(again.inputs()).isEqualTo(tx.inputs());
                    assertThat(again.outputs()).isEqualTo(tx.outputs());
                    assertThat(again.strippedSize()).isEqualTo(tx.strippedSize());
                    assertThat(again.hasWitness()).isEqualTo(tx.hasWitness());
                    for (int i = 0; i < tx.inputs().size(); i++) {
                        assertThat(again.witness(i)).isEqualTo(tx.witness(i));
                    }
                    var stripped = new ByteWriter();
                    tx.write(stripped, Transaction.Encoding.LEGACY);
                    Transaction bare = read(stripped.toByteArray());
                    assertThat(bare.txid()).isEqualTo(tx.txid());
                    assertThat(bare.totalSize()).isEqualTo(tx.strippedSize());
                    assertThat(bare.wtxid().toHex()).isEqualTo(tx.txid().toHex());
                    assertThat(bare.equals(tx)).isEqualTo(!tx.hasWitness());
                });
    }

    @Test
    void shouldRefuseEveryBegin() {
        Property.holds(
                100,
                random -> {
                    byte[] bytes = any(random).toByteArray();
                    int length = random.nextInt(bytes.length);
                    assertThatThrownBy(
                                    () ->
                                            Transaction.read(
                                                    ByteReader.of(Arrays.copyOf(bytes, length))))
                            .isInstanceOf(MalformedBytes.class);
                });
    }

    @Test
    void shouldThrowNothingElseForBrokenBytes() {
        Property.holds(
                3000,
                random -> {
                    byte[] bytes = any(random).toByteArray();
                    for (int i = 1 + random.nextInt(3); i > 0; i--) {
                        bytes[random.nextInt(Math.min(bytes.length, 60))] =
                                (byte) random.nextInt(256);
                    }
                    try {
                        ByteReader in = ByteReader.of(bytes);
                        Transaction tx = Transaction.read(in);
                        byte[] taken = Arrays.copyOf(bytes, in.position());
                        if (!tx.inputs().isEmpty()) {
                            assertThat(tx.toByteArray()).as("one encoding only").isEqualTo(taken);
                        }
                    } catch (MalformedBytes expected) {
                        assertThat(expected).hasMessageNotContaining("null");
                    }
                });
    }

    @Test
    void shouldRefuseSuperfluousAndUnknownWitnesses() {
        String begin = "02000000" + "00%s" + "01" + "00".repeat(36) + "00" + "ffffffff" + "00";
        String end = "00000000";
        assertThatThrownBy(() -> Transaction.parse(String.format(begin, "01") + "00" + end))
                .isInstanceOf(MalformedBytes.class)
                .hasMessageContaining("Superfluous witness");
        assertThatThrownBy(() -> Transaction.parse(String.format(begin, "02") + "0100" + end))
                .isInstanceOf(MalformedBytes.class)
                .hasMessageContaining("Unknown transaction optional data");
        assertThatThrownBy(() -> Transaction.parse(String.format(begin, "03") + "0100" + end))
                .isInstanceOf(MalformedBytes.class)
                .hasMessageContaining("Unknown transaction optional data");
        assertThat(Transaction.parse(String.format(begin, "01") + "0100" + end).hasWitness())
                .isTrue();
    }

    @Test
    void shouldReadTransactionsOfAllEras() {
        int cases = 0;
        for (String line : Vectors.lines("txs/real_txs.jsonl")) {
            JsonNode each = Vectors.parseJson(line);
            Transaction tx = Transaction.parse(each.get("tx").asString());
            assertThat(tx.txid().toHex()).isEqualTo(each.get("txid").asString());
            assertThat(tx.wtxid().toHex()).isEqualTo(each.get("wtxid").asString());
            assertThat(Bytes.wrap(tx.toByteArray()).toHex()).isEqualTo(each.get("tx").asString());
            cases++;
        }
        assertThat(cases).isEqualTo(10);
    }

    @Test
    void shouldReadExtremeTransactions() {
        for (JsonNode each : Vectors.json("txs/big_index.json")) {
            byte[] bytes = Vectors.bytes("txs/" + each.get("file").asString());
            Transaction tx = read(bytes);
            assertThat(tx.txid().toHex()).isEqualTo(each.get("txid").asString());
            assertThat(tx.totalSize()).isEqualTo(each.get("size").asInt());
            assertThat(tx.toByteArray()).isEqualTo(bytes);
        }
    }

    /// As tools read: without inputs, the two encodings look alike, so the one that fits is taken.
    private static Transaction readEither(byte[] bytes) {
        try {
            return read(bytes);
        } catch (MalformedBytes e) {
            ByteReader in = ByteReader.of(bytes);
            Transaction tx = Transaction.read(in, Transaction.Encoding.LEGACY);
            in.expectEnd();
            return tx;
        }
    }

    @Test
    void shouldMeasureAsCore() {
        int cases = 0;
        for (JsonNode each : Vectors.json("txs/decoded_transactions.json")) {
            JsonNode wanted = each.get("decoded");
            // The hex beside it once has another version than what was decoded.
            Transaction tx = readEither(Bytes.parse(wanted.get("hex").asString()).toByteArray());
            assertThat(tx.txid().toHex()).isEqualTo(wanted.get("txid").asString());
            assertThat(tx.wtxid().toHex()).isEqualTo(wanted.get("hash").asString());
            assertThat(tx.version()).isEqualTo(wanted.get("version").asLong());
            assertThat(tx.totalSize()).isEqualTo(wanted.get("size").asInt());
            assertThat(tx.vsize()).isEqualTo(wanted.get("vsize").asInt());
            assertThat(tx.weight()).isEqualTo(wanted.get("weight").asInt());
            assertThat(tx.lockTime()).isEqualTo(wanted.get("locktime").asLong());
            assertThat(tx.inputs()).hasSize(wanted.get("vin").size());
            assertThat(tx.outputs()).hasSize(wanted.get("vout").size());
            cases++;
        }
        assertThat(cases).isEqualTo(23);
    }
}
