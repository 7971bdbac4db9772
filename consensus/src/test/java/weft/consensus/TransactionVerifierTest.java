package weft.consensus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import weft.consensus.script.ScriptFlags;
import weft.primitives.Bytes;
import weft.primitives.Transaction;
import weft.primitives.TxOut;
import weft.testkit.Property;

class TransactionVerifierTest {
    private static final byte[] TX =
            Bytes.parse(
                            "020000000001016e30e4b4536c4deeccf321f936bdb94a234a82ae35e8929554b7b3e7"
                                    + "8061767f0000000000fdffffff018501000000000000160014cfd999534cfcd6"
                                    + "c70671c8e174f77e67e19dad9d0140d93567f8ce31b3d67055a44013a02e5372"
                                    + "1ebf2c66a21dfe2121ad8978c3e7b8d655d7aae5ad2bf148460bc89d7d5f60e2"
                                    + "9afa563a1f9c584710792a53cc029b00000000")
                    .toByteArray();
    private static final byte[] SPENT =
            Bytes.parse(
                            "740300000000000022512093ef767a08b2d97b8c4d59cabfed37d56b4f859128388"
                                    + "67cae36e9209dbed314")
                    .toByteArray();
    private static final TransactionVerifier RULES = TransactionVerifier.at(Network.MAIN, 866_342);

    private static Bytes script() {
        return Bytes.wrap(SPENT).from(9);
    }

    @Test
    void shouldAcceptARealTransaction() {
        var verdict = RULES.verify(TX, SPENT);
        assertThat(verdict).isEqualTo(new TransactionVerifier.Verdict("", "", -1, 495));
        assertThat(verdict.isValid()).isTrue();
        Transaction tx = Transaction.parse(Bytes.wrap(TX).toHex());
        assertThat(RULES.verify(tx, List.of(new TxOut(884, script())))).isEqualTo(verdict);
    }

    @Test
    void shouldNameTheInputAndTheReason() {
        byte[] otherAmount = SPENT.clone();
        otherAmount[0]++;
        var verdict = RULES.verify(TX, otherAmount);
        assertThat(verdict.isValid()).isFalse();
        assertThat(verdict.input()).isZero();
        assertThat(verdict.reason())
                .isEqualTo("mandatory-script-verify-flag-failed (Invalid Schnorr signature)");
        assertThat(verdict.fee()).isZero();
    }

    @Test
    void shouldRefuseWhatItCannotPay() {
        byte[] little = SPENT.clone();
        little[1] = 0;
        assertThat(RULES.verify(TX, little).reason()).isEqualTo("bad-txns-in-belowout");
        assertThat(RULES.verify(TX, new byte[0]).reason())
                .isEqualTo("bad-txns-inputs-missingorspent");
        Bytes twice = Bytes.wrap(SPENT).plus(Bytes.wrap(SPENT));
        assertThat(RULES.verify(TX, twice.toByteArray()).detail())
                .isEqualTo("1 inputs, 2 outputs spent");
    }

    @Test
    void shouldRefuseACoinbase() {
        Transaction coinbase = ChainParams.of(Network.MAIN).genesis().transactions().getFirst();
        assertThat(RULES.verify(coinbase, List.of(new TxOut(1, script()))).reason())
                .isEqualTo("coinbase");
    }

    @Test
    void shouldFollowTheFlagsGiven() {
        byte[] broken = TX.clone();
        broken[100] ^= 1;
        assertThat(RULES.verify(broken, SPENT).isValid()).isFalse();
        int before = ScriptFlags.P2SH | ScriptFlags.WITNESS;
        assertThat(TransactionVerifier.withFlags(before).verify(broken, SPENT).isValid()).isTrue();
        assertThatThrownBy(() -> TransactionVerifier.withFlags(ScriptFlags.WITNESS))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("WITNESS asks for P2SH");
        int withoutWitness = ScriptFlags.TAPROOT | ScriptFlags.P2SH;
        assertThat(TransactionVerifier.withFlags(withoutWitness).verify(TX, SPENT).isValid())
                .isTrue();
        assertThatThrownBy(() -> TransactionVerifier.at(Network.MAIN, -1))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void shouldAnswerEveryBytesWithAVerdict() {
        Property.holds(
                2000,
                random -> {
                    byte[] tx = TX.clone();
                    byte[] spent = SPENT.clone();
                    tx[random.nextInt(tx.length)] ^= (byte) (1 + random.nextInt(255));
                    spent[random.nextInt(spent.length)] ^= (byte) (1 + random.nextInt(255));
                    byte[] cut = Arrays.copyOf(tx, random.nextInt(tx.length));
                    assertThat(RULES.verify(cut, spent).reason()).isEqualTo("TX decode failed");
                    assertThat(RULES.verify(tx, SPENT).isValid()).isFalse();
                    // A script of a version to come may be spent by anybody.
                    var verdict = RULES.verify(TX, spent);
                    boolean later = spent[9] != SPENT[9];
                    assertThat(verdict.isValid() && !later).as("%s", verdict).isFalse();
                    byte[] junk = Property.bytes(random, random.nextInt(300));
                    assertThat(RULES.verify(junk, spent).isValid()).isFalse();
                });
    }
}
