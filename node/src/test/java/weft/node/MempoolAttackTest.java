package weft.node;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import weft.chain.InlineScriptVerifier;
import weft.chain.ScriptCheck;
import weft.chain.ScriptVerifier;
import weft.consensus.script.ScriptBuilder;
import weft.crypto.Hash160;
import weft.crypto.Sha256;
import weft.mempool.Mempool;
import weft.mempool.MempoolOptions;
import weft.node.Target.FakePeer;
import weft.node.Target.Fate;
import weft.primitives.Bytes;
import weft.primitives.OutPoint;
import weft.primitives.Transaction;
import weft.primitives.TxIn;
import weft.primitives.TxOut;
import weft.primitives.Witness;
import weft.testkit.Sabotage;
import weft.testkit.SeenRed;
import weft.wire.GetData;
import weft.wire.Inv;
import weft.wire.InvItem;
import weft.wire.NotFound;

/// Transactions that cost us more than whom they come from.
class MempoolAttackTest implements SeenRed {
    private static final long COIN = Target.COIN;
    private static final Bytes OPEN_HASH =
            Bytes.parse("0020").plus(Bytes.wrap(Sha256.hash(Target.OPEN.toByteArray())));

    /// Runs scripts and counts them.
    private static final class Counting implements ScriptVerifier {
        private final ScriptVerifier real = new InlineScriptVerifier();
        private int count;

        @Override
        public ScriptVerifier.@Nullable Failure verify(List<ScriptCheck> checks) {
            count += checks.size();
            return real.verify(checks);
        }
    }

    private static Transaction paying(List<OutPoint> coins, List<TxOut> outputs, Witness witness) {
        List<TxIn> inputs =
                coins.stream().map(coin -> new TxIn(coin, Bytes.EMPTY, 0xffff_fffdL)).toList();
        List<Witness> witnesses =
                witness.items().isEmpty() ? List.of() : Collections.nCopies(coins.size(), witness);
        return Transaction.of(2, inputs, outputs, witnesses, 0);
    }

    /// Padded, for smaller ones are not relayed.
    private static Transaction paying(OutPoint coin, Bytes script, long value) {
        var outputs = List.of(new TxOut(value, script), new TxOut(0, Bytes.parse("6a03616263")));
        return paying(List.of(coin), outputs, Witness.EMPTY);
    }

    private static Mempool pool(Scene scene) {
        return scene.target.node.chain().mempool();
    }

    @Test
    @DisplayName("C01 4,001 and 4,020 signature operations, and 16 behind a hash")
    @Sabotage(type = "weft.mempool.PreChecks", method = "checkFees", constant = "16000>1000000")
    @Sabotage(type = "weft.mempool.RelayPolicy", method = "checkInputs", returns = "null")
    void shouldRefuseManySignatureOperationsBeforeAnyIsDone() {
        var counting = new Counting();
        var lax = new Scene(Target.with(Target.LAX, counting));
        Bytes checks = Bytes.parse("ac".repeat(4_001));
        var multisigs =
                Collections.nCopies(
                        201,
                        new TxOut(1_000_000, Bytes.parse("51" + "0101".repeat(20) + "0114ae")));
        counting.count = 0;
        lax.refuses(paying(lax.coin(1), checks, COIN / 2), Fate.KEPT);
        lax.refuses(paying(List.of(lax.coin(1)), multisigs, Witness.EMPTY), Fate.KEPT);
        assertThat(counting.count).isZero();
        lax.holds();

        var strict = new Scene(Target.with(MempoolOptions.DEFAULT, counting));
        Bytes redeem = Bytes.parse("0063" + "ac".repeat(16) + "6851");
        Bytes hashed =
                Bytes.parse("a914")
                        .plus(Bytes.wrap(Hash160.hash(redeem.toByteArray())))
                        .plus(Bytes.parse("87"));
        Transaction made = paying(strict.coin(1), hashed, COIN);
        strict.accepts(strict.target.block(List.of(made)));
        counting.count = 0;
        Bytes push = new ScriptBuilder().push(redeem).build();
        strict.refuses(
                Transaction.of(
                        2,
                        List.of(new TxIn(Target.out(made), push, 0)),
                        List.of(new TxOut(COIN / 2, OPEN_HASH)),
                        List.of(),
                        0),
                Fate.KEPT);
        assertThat(counting.count).isZero();
        strict.holds();
    }

    @Test
    @DisplayName("C04 a hundred false orphans of one parent, then the parent, then all again")
    @Sabotage(type = "weft.p2p.tx.TxDownload", method = "remember", returns = "void")
    @Sabotage(type = "weft.p2p.tx.TxDownload", method = "isHad", returns = "false")
    void shouldJudgeEachOrphanOnce() {
        var counting = new Counting();
        var scene = new Scene(Target.with(Target.LAX, counting));
        // Fails after some work, by a rule of relay only: nobody is sent away for it.
        Bytes slow = Bytes.parse("51" + "b0".repeat(50));
        var outputs = Collections.nCopies(100, new TxOut(COIN / 200, slow));
        Transaction parent = paying(List.of(scene.coin(1)), outputs, Witness.EMPTY);
        FakePeer attacker = scene.target.peer();
        var orphans = new ArrayList<Transaction>();
        for (int i = 0; i < 100; i++) {
            orphans.add(paying(new OutPoint(parent.txid(), i), Target.OPEN, COIN / 400));
        }
        orphans.forEach(attacker::sends);
        counting.count = 0;
        attacker.sends(parent);
        assertThat(pool(scene).size()).isEqualTo(1);
        // Once by the rules of relay, once more to know whether the rules of blocks are broken too;
        // and the parent's own, by both rules.
        assertThat(counting.count).isEqualTo(2 * 100 + 2);
        for (int i = 0; i < 3; i++) {
            orphans.forEach(attacker::sends);
            attacker.sends(parent);
        }
        assertThat(counting.count).isEqualTo(2 * 100 + 2);
        assertThat(attacker.fate()).isEqualTo(Fate.KEPT);
        scene.holds();
    }

    @Test
    @DisplayName("C05 getdata for 50,000 things that are not there, of types that are none")
    @Sabotage(type = "weft.p2p.tx.TxRelay", method = "onGetData", constant = "50000>10000")
    void shouldAnswerWhatCanBeAnsweredAndForgetTheRest() {
        var scene = new Scene();
        FakePeer attacker = scene.target.peer();
        int[] types = {0, 1, 5, 9, 0xff, 0x4000_0001};
        var items = new ArrayList<InvItem>();
        for (int i = 0; i < 50_000; i++) {
            items.add(
                    InvItem.of(types[i % types.length], new weft.primitives.Digest256(i, 1, 2, 3)));
        }
        for (int i = 0; i < 20; i++) {
            attacker.heard.clear();
            attacker.sends(new GetData(items));
            assertThat(attacker.heard).hasSizeLessThanOrEqualTo(2);
            long missing =
                    attacker.heard.stream()
                            .filter(NotFound.class::isInstance)
                            .mapToLong(message -> ((NotFound) message).items().size())
                            .sum();
            assertThat(missing).isLessThanOrEqualTo(50_000);
        }
        assertThat(attacker.fate()).isEqualTo(Fate.KEPT);
        assertThat(attacker.isServed()).isTrue();
        Transaction last = Target.spend(scene.coin(1), COIN);
        scene.accepts(scene.target.block(List.of(last)));
        items.add(items.getFirst());
        attacker.sends(new GetData(items));
        assertThat(attacker.fate()).isEqualTo(Fate.DISCOURAGED);
        scene.holds();
    }

    @Test
    @DisplayName("C14 chains of 26, a replacement of 101, and ten thousand replacements")
    @Sabotage(
            type = "weft.mempool.MempoolOptions$Limits",
            method = "<clinit>",
            constant = "25>1000")
    @Sabotage(type = "weft.mempool.Replacement", method = "tooMany", returns = "null")
    @Sabotage(type = "weft.mempool.Replacement", method = "paysTooLittle", returns = "null")
    void shouldKeepTheLimitsOfChainsAndReplacements() {
        var scene = new Scene();
        scene.target.mine(30);
        FakePeer attacker = scene.target.peer();
        OutPoint at = scene.coin(1);
        long value = COIN;
        for (int i = 0; i < 30; i++) {
            value -= 10_000;
            Transaction next = paying(at, Target.OPEN, value);
            attacker.sends(next);
            at = Target.out(next);
        }
        assertThat(pool(scene).size()).isEqualTo(25);
        // Four chains of 25 and one more, all spent by what would replace them.
        var coins = new ArrayList<OutPoint>();
        coins.add(scene.coin(1));
        for (int chain = 2; chain <= 5; chain++) {
            coins.add(scene.coin(chain));
            at = scene.coin(chain);
            value = COIN;
            for (int i = 0; i < (chain == 5 ? 1 : 25); i++) {
                value -= 10_000;
                Transaction next = paying(at, Target.OPEN, value);
                attacker.sends(next);
                at = Target.out(next);
            }
        }
        assertThat(pool(scene).size()).isEqualTo(101);
        long rich = 4 * COIN;
        attacker.sends(paying(coins, List.of(new TxOut(rich, Target.OPEN)), Witness.EMPTY));
        assertThat(pool(scene).size()).isEqualTo(101);
        // One more satoshi a byte is not enough; all of the old fee and the new bytes are.
        long fee = 10_000;
        int taken = 0;
        int size = pool(scene).size();
        Transaction current = paying(scene.coin(6), Target.OPEN, COIN - fee);
        attacker.sends(current);
        for (int i = 0; i < 10_000; i++) {
            long offered = fee + i % 100;
            Transaction other = paying(scene.coin(6), Target.OPEN, COIN - offered);
            attacker.sends(other);
            if (pool(scene).contains(other.txid()) && !other.equals(current)) {
                assertThat(offered - fee).isGreaterThanOrEqualTo(other.vsize());
                fee = offered;
                current = other;
                taken++;
            }
        }
        assertThat(taken).isPositive();
        assertThat(pool(scene).size()).isEqualTo(size + 1);
        assertThat(attacker.fate()).isEqualTo(Fate.KEPT);
        scene.holds();
    }

    @Test
    @DisplayName("C13 D07 a thousand inputs, the last of which are nowhere, three hundred times")
    @Sabotage(type = "weft.p2p.tx.TxOrphanage", method = "limit", returns = "void")
    @Sabotage(type = "weft.p2p.tx.TxOrphanage", method = "greediest", flips = 2)
    void shouldKeepFewOfTheTransactionsWithoutParents() {
        var scene = new Scene();
        scene.target.mine(10);
        var inputs = new ArrayList<OutPoint>();
        for (int i = 1; i <= 10; i++) {
            inputs.add(scene.coin(i));
        }
        for (int i = 0; i < 990; i++) {
            inputs.add(new OutPoint(paying(scene.coin(1), Target.OPEN, i).txid(), i));
        }
        FakePeer modest = scene.target.peer();
        FakePeer attacker = scene.target.peer();
        Transaction parent = paying(scene.coin(11), Target.OPEN, COIN - 10_000);
        Transaction child = paying(Target.out(parent), Target.OPEN, COIN - 20_000);
        modest.sends(child);
        var sent = new ArrayList<Transaction>();
        for (int i = 0; i < 300; i++) {
            var outputs = List.of(new TxOut(i + 1_000, Target.OPEN));
            sent.add(paying(inputs, outputs, Witness.EMPTY));
            attacker.sends(sent.getLast());
        }
        assertThat(askedOf(attacker)).isLessThanOrEqualTo(5_000);
        // What is not kept is asked for when somebody else has it.
        FakePeer third = scene.target.peer();
        third.sends(new Inv(sent.stream().map(tx -> InvItem.wtx(tx.wtxid())).toList()));
        scene.target.pass(10);
        assertThat(askedOf(third)).isGreaterThanOrEqualTo(200);
        modest.sends(parent);
        assertThat(pool(scene).contains(child.txid())).as("the modest one's is kept").isTrue();
        assertThat(attacker.fate()).isEqualTo(Fate.KEPT);
        scene.holds();
    }

    private static long askedOf(FakePeer peer) {
        return peer.heard.stream()
                .filter(GetData.class::isInstance)
                .mapToLong(message -> ((GetData) message).items().size())
                .sum();
    }
}
