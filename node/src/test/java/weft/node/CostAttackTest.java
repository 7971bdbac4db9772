package weft.node;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import weft.chain.InlineScriptVerifier;
import weft.chain.ScriptCheck;
import weft.chain.ScriptVerifier;
import weft.consensus.script.Taproot;
import weft.crypto.Secp256k1;
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

/// Transactions that are slow to judge, and that nobody can be blamed for.
class CostAttackTest implements SeenRed {
    private static final long COIN = Target.COIN;
    private static final int SENT = 10;

    /// The generator's coordinate: a key that everybody knows.
    private static final byte[] INTERNAL =
            Bytes.parse("79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798")
                    .toByteArray();

    /// Works for as long as a transaction that is relayed may, then fails by a rule of relay only.
    private static final Bytes SLOW =
            Bytes.parse("51" + "76a975".repeat(1_000) + "5175".repeat(195_000) + "b9");

    /// Runs scripts and keeps their transactions in mind.
    private static final class Counting implements ScriptVerifier {
        private final ScriptVerifier real = new InlineScriptVerifier();
        private int large;

        @Override
        public ScriptVerifier.@Nullable Failure verify(List<ScriptCheck> checks) {
            large += checks.getFirst().tx().weight() > 390_000 ? 1 : 0;
            return real.verify(checks);
        }
    }

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

    @Test
    @DisplayName(
            "C03 transactions of the largest size that fail by rules of relay only, at the end")
    @Sabotage(type = "weft.p2p.tx.WastedWork", method = "isTooMuch", returns = "false")
    @Sabotage(type = "weft.p2p.tx.WastedWork", method = "left", constant = "10000>0")
    void shouldNotJudgeSlowTransactionsOfOnePeerForEver() {
        var counting = new Counting();
        var scene = new Scene(Target.with(Target.LAX, counting));
        Bytes output = Bytes.parse("5120").plus(tweaked().from(1));
        Transaction made = paying(scene.coin(1), output);
        scene.accepts(scene.target.block(List.of(made)));
        FakePeer attacker = scene.target.peer();
        for (int i = 1; i <= SENT; i++) {
            attacker.sends(slow(Target.out(made), COIN / 2 - i * 100_000L));
        }
        // By the rules of relay, and once more to know whether the rules of blocks are broken too.
        assertThat(counting.large).isEqualTo(3 * 2);
        assertThat(attacker.fate()).isEqualTo(Fate.KEPT);
        assertThat(attacker.isServed()).isTrue();
        Transaction cheap = Target.spend(scene.coin(2), COIN - 10_000);
        attacker.sends(cheap);
        assertThat(scene.target.node.chain().mempool().size()).as("not even cheap ones").isZero();
        scene.honest.sends(cheap);
        assertThat(scene.target.node.chain().mempool().size()).isEqualTo(1);
        // It is forgiven in time, so far.
        scene.target.pass(60);
        attacker.sends(slow(Target.out(made), 2 * COIN / 5));
        attacker.sends(slow(Target.out(made), 2 * COIN / 5 - 1));
        assertThat(counting.large).isEqualTo(4 * 2 + 2);
        attacker.sends(slow(Target.out(made), 2 * COIN / 5 - 2));
        assertThat(counting.large).isEqualTo(4 * 2 + 2);
        // In a block it is as good as any other.
        scene.accepts(scene.target.block(List.of(slow(Target.out(made), COIN / 3))));
        scene.holds();
    }

    private static Transaction paying(OutPoint coin, Bytes script) {
        return Transaction.of(
                2,
                List.of(new TxIn(coin, Bytes.EMPTY, 0)),
                List.of(new TxOut(COIN / 2, script)),
                List.of(),
                0);
    }
}
