package weft.node;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import weft.consensus.script.ScriptBuilder;
import weft.mempool.Mempool;
import weft.mempool.MempoolEntry;
import weft.node.Target.FakePeer;
import weft.node.Target.Fate;
import weft.primitives.Bytes;
import weft.primitives.Check;
import weft.primitives.OutPoint;
import weft.primitives.Transaction;
import weft.primitives.TxIn;
import weft.primitives.TxOut;
import weft.testkit.Sabotage;
import weft.testkit.SeenRed;

/// Transactions that hold down those of others, or travel the network without paying for it.
class PinningAttackTest implements SeenRed {
    private static final long COIN = Target.COIN;
    private static final long TRUC = 3;
    private static final long SIGNALS = 0xffff_fffdL;
    private static final int ATTEMPTS = 600;

    private final Scene scene = new Scene();
    private final FakePeer attacker = scene.target.peer();

    /// Pays equal shares of what it spends, less a fee, to anyone; padded to some size.
    private static Transaction paying(
            long version, long sequence, OutPoint coin, long value, int shares, int padding) {
        var outputs = new ArrayList<TxOut>();
        for (int i = 0; i < shares; i++) {
            outputs.add(new TxOut(value / shares, Target.OPEN));
        }
        Bytes push = new ScriptBuilder().push(Bytes.wrap(new byte[padding])).build();
        outputs.add(new TxOut(0, Bytes.parse("6a").plus(push)));
        List<TxIn> inputs = List.of(new TxIn(coin, Bytes.EMPTY, sequence));
        return Transaction.of(version, inputs, outputs, List.of(), 0);
    }

    private static Transaction truc(OutPoint coin, long value, int padding) {
        return paying(TRUC, SIGNALS, coin, value, 1, padding);
    }

    private Mempool pool() {
        return scene.target.node.chain().mempool();
    }

    private boolean isIn(Transaction tx) {
        return pool().contains(tx.txid());
    }

    private void holds() {
        assertThat(attacker.fate()).isEqualTo(Fate.KEPT);
        scene.holds();
    }

    @Test
    @DisplayName("E17 children that make another party's transaction dear to replace (BIP 431)")
    @Sabotage(type = "weft.mempool.TrucPolicy", method = "checkOne", constant = "1000>100000")
    @Sabotage(type = "weft.mempool.TrucPolicy", method = "checkOne", constant = "2>25")
    @Sabotage(
            type = "weft.mempool.TrucPolicy",
            method = "checkSiblings",
            call = "ancestorCount",
            returns = "0")
    @Sabotage(type = "weft.mempool.PreChecks", method = "checkTruc", returns = "null")
    void shouldNotPinWhatAsksNotToBePinned() {
        long value = COIN - 1_000;
        Transaction shared = paying(TRUC, SIGNALS, scene.coin(1), value, 2, 10);
        scene.honest.sends(shared);
        assertThat(isIn(shared)).isTrue();
        OutPoint theirs = Target.out(shared);
        OutPoint ours = new OutPoint(shared.txid(), 1);
        long share = value / 2;

        Transaction large = truc(theirs, share - 6_000, 5_000);
        Transaction common = paying(2, SIGNALS, theirs, share - 6_000, 1, 5_000);
        Transaction allowed = truc(theirs, share - 1_000, 800);
        Transaction grandchild = truc(Target.out(allowed), share - 3_000, 10);
        for (Transaction each : List.of(large, common, allowed, grandchild)) {
            attacker.sends(each);
        }
        assertThat(isIn(large)).isFalse();
        assertThat(isIn(common)).isFalse();
        assertThat(isIn(allowed)).isTrue();
        assertThat(isIn(grandchild)).isFalse();

        // A hundred bytes take its place for little more than it paid.
        Transaction bump = truc(ours, share - 1_200, 10);
        scene.honest.sends(bump);
        assertThat(isIn(bump)).as("takes the only place").isTrue();
        assertThat(isIn(allowed)).isFalse();
        holds();
    }

    @Test
    @DisplayName("E17 a child that does not say that it may be replaced (CVE-2021-31876)")
    @Sabotage(
            type = "weft.mempool.PreChecks",
            method = "checkKnown",
            call = "fullRbf",
            returns = "false")
    void shouldReplaceWhatDoesNotSayThatItMayBeReplaced() {
        Transaction parent = paying(2, SIGNALS, scene.coin(1), COIN - 1_000, 1, 10);
        OutPoint shared = Target.out(parent);
        Transaction pin = paying(2, TxIn.SEQUENCE_FINAL, shared, COIN - 2_000, 1, 10);
        attacker.sends(parent);
        attacker.sends(pin);
        assertThat(isIn(pin)).isTrue();
        Transaction better = paying(2, SIGNALS, shared, COIN - 4_000, 1, 10);
        scene.honest.sends(better);
        assertThat(isIn(better)).isTrue();
        assertThat(isIn(pin)).isFalse();
        holds();
    }

    @Test
    @DisplayName("E17 packages: one gets rid of a pin, one would make the mempool worse")
    @Sabotage(type = "weft.mempool.Replacement", method = "isNoBetter", returns = "null")
    @Sabotage(type = "weft.mempool.FeeDiagram", method = "isBetter", returns = "false")
    @Sabotage(type = "weft.p2p.tx.TxDownload", method = "onRejected", returns = "void")
    void shouldReplaceByPackagesThatAreBetter() {
        Transaction old = truc(scene.coin(1), COIN - 300, 10);
        Transaction pin = truc(Target.out(old), COIN - 3_300, 800);
        attacker.sends(old);
        attacker.sends(pin);
        assertThat(isIn(pin)).isTrue();

        // More in all, but less for each byte.
        Transaction heavy = truc(scene.coin(1), COIN, 9_000);
        Transaction payer = truc(Target.out(heavy), COIN - 15_000, 10);
        attacker.sends(payer);
        attacker.sends(heavy);
        assertThat(isIn(heavy)).isFalse();
        assertThat(isIn(pin)).isTrue();

        Transaction parent = truc(scene.coin(1), COIN, 10);
        Transaction child = truc(Target.out(parent), COIN - 5_000, 10);
        scene.honest.sends(child);
        scene.honest.sends(parent);
        assertThat(isIn(parent)).isTrue();
        assertThat(isIn(child)).isTrue();
        assertThat(pool().size()).isEqualTo(2);
        holds();
    }

    /// A new one of any size, a child of one that waits, or what would take its place; mostly for a few
    /// satoshis more than before.
    private Transaction next(SplittableRandom random) {
        if (pool().size() == 0 || random.nextInt(8) == 0) {
            OutPoint coin = scene.coin(1 + random.nextInt(3));
            int padding = random.nextInt(10, 1_000);
            long value = COIN - padding - random.nextLong(200);
            return paying(2, SIGNALS, coin, value, 1, padding);
        }
        MempoolEntry old = pool().entries().get(random.nextInt(pool().size()));
        long value = old.tx().outputs().getFirst().value();
        long more = random.nextLong(random.nextInt(8) == 0 ? 300 : 60);
        if (random.nextInt(8) == 0) {
            return paying(2, SIGNALS, Target.out(old.tx()), value - more, 1, 10);
        }
        long leaves = pool().descendantFees(old) - old.fee();
        OutPoint coin = old.tx().inputs().getFirst().prevout();
        return paying(2, SIGNALS, coin, value - leaves - more, 1, 10);
    }

    @Test
    @DisplayName("E17 six hundred conflicting transactions: each byte that we take on is paid for")
    @Sabotage(type = "weft.mempool.Replacement", method = "paysTooLittle", returns = "null")
    @Sabotage(
            type = "weft.mempool.Replacement",
            method = "paysTooLittle",
            call = "fee",
            returns = "0")
    @Sabotage(type = "weft.mempool.PreChecks", method = "checkFees", returns = "null")
    void shouldNotRelayForNothing() {
        var random = new SplittableRandom(17);
        long relayed = 0;
        int taken = 0;
        for (int i = 0; i < ATTEMPTS; i++) {
            Transaction tx = next(random);
            boolean known = isIn(tx);
            attacker.sends(tx);
            if (!known && isIn(tx)) {
                relayed += tx.vsize();
                taken++;
                MempoolEntry entry = Check.present(pool().find(tx.txid()), "it is there");
                assertThat(entry.fee()).isGreaterThanOrEqualTo(tx.vsize());
                assertThat(relayed)
                        .as("a satoshi for each byte")
                        .isLessThanOrEqualTo(pool().feeTotal());
            }
        }
        assertThat(taken).as("else nothing was tried").isGreaterThan(20);
        holds();
    }
}
