package weft.mempool;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import weft.consensus.Coin;
import weft.primitives.Bytes;
import weft.primitives.OutPoint;
import weft.primitives.Transaction;
import weft.primitives.TxIn;
import weft.primitives.TxOut;

/// Single rules of acceptance, in the cases where they are told apart from their neighbours.
final class AcceptanceTest {
    private static final long VALUE = 10_000_000;
    private static final MempoolOptions OPTIONS = PoolWorld.small(5_000_000);

    private final PoolWorld world = new PoolWorld(OPTIONS);

    private String accept(Transaction tx) {
        return PoolWorld.reason(world.acceptor.accept(tx, world.moment()));
    }

    private static OutPoint output(Transaction tx, int index) {
        return new OutPoint(tx.txid(), index);
    }

    private Transaction pays(int version, OutPoint coin, int outputs, long value, long fee) {
        return world.tx(version, List.of(coin), outputs, value - fee, 0);
    }

    @Test
    @DisplayName("S-124 A double spend is refused unless it pays for what it replaces")
    void shouldReplaceOnlyForMore() {
        OutPoint coin = world.mint();
        Transaction first = pays(2, coin, 1, VALUE, 1_000);
        Transaction same = pays(2, coin, 1, VALUE, 1_000);
        Transaction more = pays(2, coin, 1, VALUE, 1_010);
        Transaction enough = pays(2, coin, 1, VALUE, 1_000 + first.vsize() + 1);
        assertThat(accept(first)).isEqualTo("accepted");
        assertThat(accept(first)).isEqualTo("txn-already-in-mempool");
        assertThat(accept(same)).isEqualTo("insufficient fee");
        assertThat(accept(more)).isEqualTo("insufficient fee");
        assertThat(accept(enough)).isEqualTo("accepted");
        assertThat(world.pool.contains(first.txid())).isFalse();
        assertThat(world.pool.size()).isEqualTo(1);
    }

    @Test
    @DisplayName("One small child more than the limit may come, where it has a single ancestor")
    void shouldCarveOutOneChild() {
        Transaction parent = pays(2, world.mint(), 8, VALUE, 1_000);
        accept(parent);
        long part = parent.outputs().getFirst().value();
        for (int i = 0; i < 5; i++) {
            assertThat(accept(pays(2, output(parent, i), 1, part, 500))).isEqualTo("accepted");
        }
        assertThat(accept(pays(2, output(parent, 5), 1, part, 500))).isEqualTo("accepted");
        assertThat(accept(pays(2, output(parent, 6), 1, part, 500)))
                .isEqualTo("too-long-mempool-chain");
    }

    @Test
    @DisplayName("BIP-431: a version 3 parent has one small child, which another may replace")
    void shouldKeepVersionThreeToPairs() {
        Transaction parent = pays(3, world.mint(), 3, VALUE, 1_000);
        long part = parent.outputs().getFirst().value();
        accept(parent);
        assertThat(accept(pays(2, output(parent, 0), 1, part, 500))).isEqualTo("TRUC-violation");
        Transaction child = pays(3, output(parent, 0), 1, part, 500);
        assertThat(accept(child)).isEqualTo("accepted");
        assertThat(accept(pays(3, output(child, 0), 1, part - 500, 500)))
                .isEqualTo("TRUC-violation");
        assertThat(accept(pays(3, output(parent, 1), 1, part, 500)))
                .isEqualTo("insufficient fee (including sibling eviction)");
        Transaction sibling = pays(3, output(parent, 1), 1, part, 5_000);
        assertThat(accept(sibling)).isEqualTo("accepted");
        assertThat(world.pool.contains(child.txid())).isFalse();
        assertThat(world.pool.descendantCount(entry(parent))).isEqualTo(2);
    }

    private MempoolEntry entry(Transaction tx) {
        MempoolEntry entry = world.pool.find(tx.txid());
        assertThat(entry).isNotNull();
        return java.util.Objects.requireNonNull(entry);
    }

    @Test
    @DisplayName("A child pays for a version 3 parent without fee, alone the parent does not come")
    void shouldLetAChildPay() {
        Transaction parent = pays(3, world.mint(), 1, VALUE, 0);
        Transaction child = pays(3, output(parent, 0), 1, VALUE, 2_000);
        assertThat(accept(parent)).isEqualTo("min relay fee not met");
        PackageResult result =
                world.acceptor.acceptPackage(List.of(parent, child), null, world.moment());
        assertThat(result.failure()).isNull();
        assertThat(result.results().get(parent.wtxid()))
                .isInstanceOfSatisfying(
                        AcceptResult.Accepted.class,
                        accepted ->
                                assertThat(accepted.effective().wtxids())
                                        .containsExactly(parent.wtxid(), child.wtxid()));
        assertThat(world.pool.size()).isEqualTo(2);
    }

    @Test
    @DisplayName("A package replaces a package only where it is better at every size")
    void shouldReplaceByPackage() {
        OutPoint coin = world.mint();
        Transaction parent = pays(3, coin, 1, VALUE, 0);
        Transaction child = pays(3, output(parent, 0), 1, VALUE, 2_000);
        world.acceptor.acceptPackage(List.of(parent, child), null, world.moment());
        Transaction other = pays(3, coin, 1, VALUE, 0);
        Transaction cheap = pays(3, output(other, 0), 1, VALUE, 2_100);
        PackageResult refused =
                world.acceptor.acceptPackage(List.of(other, cheap), null, world.moment());
        assertThat(String.valueOf(refused.failure()))
                .startsWith("package RBF failed: insufficient anti-DoS fees");
        Transaction rich = pays(3, output(other, 0), 1, VALUE, 9_000);
        PackageResult result =
                world.acceptor.acceptPackage(List.of(other, rich), null, world.moment());
        assertThat(result.failure()).isNull();
        assertThat(world.pool.contains(child.txid())).isFalse();
        assertThat(world.pool.contains(rich.txid())).isTrue();
    }

    @Test
    @DisplayName("Dust that a child spends at once is allowed by its option alone")
    void shouldAllowEphemeralDustByOption() {
        OutPoint coin = world.mint();
        world.coins.put(coin, new Coin(new TxOut(VALUE, KEY_HASH), 0, false));
        Transaction parent = withDust(coin);
        long left = parent.outputs().getFirst().value();
        Transaction child = spendBoth(parent, left - 2_000);
        for (boolean allowed : List.of(false, true)) {
            var form = new MempoolOptions.Form(true, 83, true, new FeeRate(3_000), 20, allowed);
            var other = new PoolWorld(OPTIONS.withForm(form));
            other.coins.putAll(world.coins);
            PackageResult result =
                    other.acceptor.acceptPackage(List.of(parent, child), null, other.moment());
            assertThat(result.failure() == null).isEqualTo(allowed);
            assertThat(other.pool.size()).isEqualTo(allowed ? 2 : 0);
        }
    }

    private static final Bytes KEY_HASH = Bytes.parse("0014" + "11".repeat(20));

    private static Transaction withDust(OutPoint coin) {
        return Transaction.of(
                3,
                List.of(new TxIn(coin, Bytes.EMPTY, TxIn.SEQUENCE_FINAL)),
                List.of(new TxOut(VALUE, KEY_HASH), new TxOut(0, Bytes.parse("51024e73"))),
                List.of(),
                0);
    }

    private static Transaction spendBoth(Transaction parent, long value) {
        return Transaction.of(
                3,
                List.of(
                        new TxIn(output(parent, 0), Bytes.EMPTY, TxIn.SEQUENCE_FINAL),
                        new TxIn(output(parent, 1), Bytes.EMPTY, TxIn.SEQUENCE_FINAL)),
                List.of(new TxOut(value, KEY_HASH)),
                List.of(),
                0);
    }

    @Test
    @DisplayName("What a block took away comes back, and finds the child that stayed")
    void shouldLinkAgainAfterAReorganisation() {
        Transaction parent = pays(2, world.mint(), 1, VALUE, 1_000);
        Transaction child = pays(2, output(parent, 0), 1, VALUE - 1_000, 1_000);
        accept(parent);
        world.connect(List.of(parent));
        assertThat(accept(child)).isEqualTo("accepted");
        assertThat(world.pool.ancestorCount(entry(child))).isEqualTo(1);
        world.disconnect();
        world.settle();
        assertThat(world.pool.ancestorCount(entry(child))).isEqualTo(2);
        assertThat(world.pool.descendantFees(entry(parent))).isEqualTo(2_000);
    }

    @Test
    @DisplayName("A full mempool asks for more, and for less again with time")
    void shouldAskForMoreWhenFull() {
        var small = new PoolWorld(PoolWorld.small(4_000));
        for (int i = 1; i <= 10; i++) {
            Transaction tx = small.tx(2, List.of(small.mint()), 1, VALUE - 1_000L * i, 0);
            small.acceptor.accept(tx, small.moment());
        }
        assertThat(small.pool.memoryBytes()).isLessThanOrEqualTo(4_000);
        long full = small.pool.minFee(small.seconds).perKvb();
        assertThat(full).isGreaterThan(1_000);
        small.connect(List.of());
        long later = small.seconds + 12 * 60 * 60;
        assertThat(small.pool.minFee(later).perKvb()).isBetween(full / 2 - 1, full / 2 + 1);
        assertThat(small.pool.minFee(later + 30L * 24 * 60 * 60).perKvb()).isZero();
    }
}
