package weft.app.attack;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import weft.app.attack.WirePeer.Fate;
import weft.consensus.script.Taproot;
import weft.crypto.Secp256k1;
import weft.primitives.Block;
import weft.primitives.Bytes;
import weft.primitives.OutPoint;
import weft.primitives.Transaction;
import weft.primitives.TxIn;
import weft.primitives.TxOut;
import weft.primitives.Txid;
import weft.primitives.Witness;
import weft.testkit.Sabotage;
import weft.testkit.SeenRed;
import weft.wire.TxMessage;

/// Transactions that cost a whole node more than whom they come from.
class TransactionTcpAttackTest implements SeenRed {
    /// The generator's coordinate: a key that everybody knows.
    private static final byte[] INTERNAL =
            Bytes.parse("79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798")
                    .toByteArray();

    /// Works for as long as a transaction that is relayed may, then fails by a rule of relay only.
    private static final Bytes SLOW =
            Bytes.parse("51" + "76a975".repeat(1_000) + "5175".repeat(195_000) + "b9");

    private static Bytes tweaked() {
        byte[] root = Taproot.leafHash(Taproot.LEAF_TAPSCRIPT, SLOW);
        return Bytes.wrap(
                Secp256k1.get()
                        .xOnlyTweakAdd(INTERNAL, Taproot.tweak(INTERNAL, root))
                        .orElseThrow());
    }

    private static Transaction slow(OutPoint coin, long value) {
        byte[] first = {(byte) (Taproot.LEAF_TAPSCRIPT | (tweaked().at(0) & 1))};
        var witness = new Witness(List.of(SLOW, Bytes.wrap(first).plus(Bytes.wrap(INTERNAL))));
        return Transaction.of(
                2,
                List.of(new TxIn(coin, Bytes.EMPTY, 0)),
                List.of(new TxOut(value, Bytes.parse("5120").plus(Bytes.wrap(INTERNAL)))),
                List.of(witness),
                0);
    }

    private static Transaction paying(OutPoint coin, Bytes script, long value) {
        return Transaction.of(
                2,
                List.of(new TxIn(coin, Bytes.EMPTY, 0)),
                List.of(new TxOut(value, script), new TxOut(0, Bytes.parse("6a03616263"))),
                List.of(),
                0);
    }

    @Test
    @DisplayName("C03 twenty transactions of the largest size that fail at the end, at no offence")
    @Sabotage(type = "weft.p2p.tx.WastedWork", method = "isTooMuch", returns = "false")
    void shouldNotJudgeSlowTransactionsForEver() throws Exception {
        Seal.around(
                seal -> {
                    Bytes output = Bytes.parse("5120").plus(tweaked().from(1));
                    Transaction made = paying(seal.ledger().coin(1), output, Ledger.COIN);
                    Block block = seal.ledger().next(List.of(made));
                    seal.honest().announce(block);
                    seal.expect(block);
                    WirePeer attacker = seal.attacker();
                    for (int i = 1; i <= 20; i++) {
                        attacker.send(
                                TxMessage.of(
                                        slow(Ledger.out(made), Ledger.COIN / 2 - i * 100_000L)));
                    }
                    assertThat(attacker.fate()).isEqualTo(Fate.KEPT);
                    // Even what is cheap is not taken from it for a while, but from others.
                    Transaction cheap = Ledger.spend(seal.ledger().coin(2), Ledger.COIN - 100_000);
                    attacker.send(TxMessage.of(cheap));
                    assertThat(attacker.fate()).isEqualTo(Fate.KEPT);
                    Transaction other = Ledger.spend(seal.ledger().coin(3), Ledger.COIN - 100_000);
                    seal.honest().send(other);
                    Seal.await("in", Seal.SERVICE, () -> seal.isInPool(other));
                    assertThat(seal.isInPool(cheap)).isFalse();
                });
    }

    @Test
    @DisplayName("C13 D07 three hundred orphans with a hundred inputs, amid an honest one")
    @Sabotage(type = "weft.p2p.tx.TxOrphanage", method = "greediest", flips = 2)
    void shouldKeepTheOrphanOfWhoHasFew() throws Exception {
        Seal.around(
                seal -> {
                    Transaction parent =
                            Ledger.spend(seal.ledger().coin(11), Ledger.COIN - 100_000);
                    Transaction child = Ledger.spend(Ledger.out(parent), Ledger.COIN - 200_000);
                    seal.honest().send(child);
                    assertThat(seal.honest().ping(Seal.SERVICE)).isPresent();
                    WirePeer attacker = seal.attacker();
                    for (int i = 0; i < 300; i++) {
                        var inputs = new ArrayList<OutPoint>();
                        for (int at = 0; at < 100; at++) {
                            inputs.add(new OutPoint(new Txid(i, at, 1, 1), 0));
                        }
                        attacker.send(TxMessage.of(Ledger.spend(inputs, 1_000 + i)));
                    }
                    assertThat(attacker.fate()).isEqualTo(Fate.KEPT);
                    seal.honest().send(parent);
                    Seal.await("the child is in", Seal.SERVICE, () -> seal.isInPool(child));
                });
    }

    @Test
    @DisplayName("D08 transactions with 3.9 MB after them")
    @Sabotage(type = "weft.wire.TxMessage", method = "read", call = "isAtEnd", returns = "true")
    void shouldKeepNothingThatComesAfterATransaction() throws Exception {
        Seal.around(
                seal -> {
                    WirePeer attacker = seal.attacker();
                    for (int i = 1; i <= 20; i++) {
                        byte[] orphan =
                                Ledger.spend(new OutPoint(new Txid(i, 1, 1, 1), 0), 1_000)
                                        .toByteArray();
                        attacker.send(
                                TxMessage.COMMAND,
                                Arrays.copyOf(orphan, orphan.length + 3_900_000));
                    }
                    assertThat(attacker.fate()).isEqualTo(Fate.KEPT);
                });
    }

    @Test
    @DisplayName("E11 transactions that break rules of relay only, and one that breaks consensus")
    @Sabotage(
            type = "weft.p2p.tx.TxDownload",
            method = "onRejected",
            call = "kind",
            returns = "weft.chain.api.TxFailure$Kind.CONSENSUS")
    void shouldPunishNobodyForPolicy() throws Exception {
        Seal.around(
                seal -> {
                    WirePeer modest = seal.attacker();
                    OutPoint coin = seal.ledger().coin(1);
                    Transaction spent = Ledger.spend(coin, Ledger.COIN - 100_000);
                    List<Transaction> refused =
                            List.of(
                                    Ledger.spend(seal.ledger().coin(2), Ledger.COIN),
                                    Ledger.spend(seal.ledger().coin(100), Ledger.COIN - 100_000),
                                    spent,
                                    Ledger.spend(coin, Ledger.COIN - 100_001),
                                    paying(
                                            seal.ledger().coin(3),
                                            Bytes.parse("ac".repeat(4_001)),
                                            Ledger.COIN / 2));
                    for (Transaction each : refused) {
                        modest.send(TxMessage.of(each));
                    }
                    Seal.await("one is in", Seal.SERVICE, () -> seal.isInPool(spent));
                    // All that was sent before is judged.
                    assertThat(modest.fate()).isEqualTo(Fate.KEPT);
                    Transaction next = Ledger.spend(seal.ledger().coin(4), Ledger.COIN - 100_000);
                    modest.send(TxMessage.of(next));
                    Seal.await("in", Seal.SERVICE, () -> seal.isInPool(next));
                    assertThat(modest.fate()).isEqualTo(Fate.KEPT);
                    WirePeer attacker = seal.attacker();
                    attacker.send(TxMessage.of(Ledger.spend(seal.ledger().coin(5), -1)));
                    assertThat(attacker.isDroppedSoon()).isTrue();
                });
    }
}
