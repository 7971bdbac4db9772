package weft.app.compare;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import weft.consensus.script.Opcode;
import weft.primitives.Bytes;
import weft.primitives.Transaction;

/// What comes just up to a limit of families, replacements and packages, and what goes just beyond: 25
/// transactions, 101,000 virtual bytes, the carve-out for one more child, 100 that a replacement drives out,
/// 404,000 units of weight of a package.
final class LimitCases {
    private static final int FAMILY_MAX = 25;
    private static final long FAMILY_VSIZE_MAX = 101_000;
    private static final long CARVE_OUT_VSIZE_MAX = 10_000;
    private static final int REPLACED_MAX = 100;
    private static final long PACKAGE_WEIGHT_MAX = 404_000;
    private static final int PACKAGE_MAX = 25;
    private static final long SMALL_FEE = 400;
    private static final long DUST = 330;
    private static final int PAD_VSIZE = 43;
    private static final int DATA_VSIZE_MIN = 10;

    private LimitCases() {}

    static List<Case> all() {
        return List.of(
                new Case("long chains", 2, LimitCases::longChains),
                new Case("many parents", 2, LimitCases::manyParents),
                new Case("heavy chains", 2, LimitCases::heavyChains),
                new Case("heavy parents", 2, LimitCases::heavyParents),
                new Case("heavy families", 2, LimitCases::heavyFamilies),
                new Case("many replaced", 2, LimitCases::manyReplaced),
                new Case("long packages", 3, LimitCases::longPackages),
                new Case("heavy packages", 3, LimitCases::heavyPackages),
                new Case("packages on chains", 3, LimitCases::packagesOnChains));
    }

    /// A coin whose signature always has the same length.
    private static @Nullable KnownCoin steady(Stage stage, long value) {
        return stage.world.coin(
                each -> each.lock().name().startsWith("P2TR") && each.value() > value);
    }

    /// Different coins, as many as there are.
    private static List<KnownCoin> steady(Stage stage, int count, long value) {
        var coins = new ArrayList<KnownCoin>();
        for (int i = 0; i < 4 * count && coins.size() < count; i++) {
            KnownCoin coin = steady(stage, value);
            if (coin != null && !coins.contains(coin)) {
                coins.add(coin);
            }
        }
        return coins;
    }

    private static Lock change(Stage stage) {
        return stage.locks.of(Locks.Kind.P2TR_KEY);
    }

    private static Lock padding(Stage stage) {
        Lock lock = change(stage);
        return new Lock(
                "padding",
                lock.place(),
                lock.script(),
                lock.opening(),
                lock.key(),
                lock.leafVersion());
    }

    /// Fills a transaction up to a virtual size; the change is its last output.
    private static Transaction sized(Stage stage, Draft draft, long vsize, long fee) {
        Lock change = change(stage);
        Lock pad = padding(stage);
        long outputs = (vsize - draft.vsizeWith(change) - DATA_VSIZE_MIN) / PAD_VSIZE;
        for (int i = 0; i < outputs; i++) {
            draft.pay(DUST, pad);
        }
        long left = vsize - draft.vsizeWith(change);
        if (left >= DATA_VSIZE_MIN) {
            byte[] script = new byte[(int) left - 9];
            script[0] = Opcode.OP_RETURN;
            draft.payScript(0, Bytes.wrap(script), pad);
        }
        return stage.sign(draft.changeTo(change, fee));
    }

    /// Near a limit: at it, one beside it, or somewhat off.
    private static long near(Stage stage, long limit) {
        return stage.chance(75)
                ? limit - 1 + stage.random.nextInt(3)
                : limit - 100 + stage.random.nextInt(200);
    }

    private static @Nullable KnownCoin last(Stage stage, Transaction tx) {
        return stage.judge(tx) ? stage.world.coinsOf(tx.txid()).getLast() : null;
    }

    /// A chain on a coin, one transaction a link.
    ///
    /// @return the coin at its end; null where a link was refused
    private static @Nullable KnownCoin chain(Stage stage, KnownCoin from, int length) {
        KnownCoin coin = from;
        for (int i = 0; coin != null && i < length; i++) {
            coin = last(stage, stage.sign(stage.draft().spend(coin).changeTo(change(stage), 300)));
        }
        return coin;
    }

    /// A family that is full or nearly, and children of its oldest that want to be the one more.
    private static void longChains(Stage stage) {
        KnownCoin coin = steady(stage, 2_000_000);
        KnownCoin other = steady(stage, 2_000_000);
        if (coin == null || other == null || coin.equals(other)) {
            return;
        }
        Draft root = stage.draft().spend(coin);
        for (int i = 0; i < 3; i++) {
            root.pay(coin.value() / 5, change(stage));
        }
        Transaction oldest = stage.sign(root.changeTo(change(stage), SMALL_FEE));
        KnownCoin next = last(stage, oldest);
        if (next == null || chain(stage, next, FAMILY_MAX - 3 + stage.random.nextInt(4)) == null) {
            return;
        }
        List<KnownCoin> more = stage.world.coinsOf(oldest.txid());
        Draft first = stage.draft().version(stage.chance(10) ? 3 : 2).spend(more.getFirst());
        if (stage.chance(25)) {
            // One ancestor too many for the exception.
            KnownCoin second =
                    last(
                            stage,
                            stage.sign(stage.draft().spend(other).changeTo(change(stage), 300)));
            if (second != null) {
                first.spend(second);
            }
        }
        long vsize = stage.chance(40) ? near(stage, CARVE_OUT_VSIZE_MAX) : 200;
        stage.judge(sized(stage, first, vsize, 2 * vsize));
        stage.judge(stage.draft().spend(more.get(1)).changeTo(change(stage), 2_000));
        stage.judge(stage.draft().spend(more.getFirst()).changeTo(change(stage), 90_000));
        stage.judge(stage.draft().spend(more.get(2)).changeTo(change(stage), 2_000));
    }

    /// A child of about as many as may be.
    private static void manyParents(Stage stage) {
        List<KnownCoin> coins =
                steady(stage, FAMILY_MAX - 2 + stage.random.nextInt(3), 20 * SMALL_FEE);
        Draft child = stage.draft();
        for (KnownCoin coin : coins) {
            Transaction tx = stage.sign(stage.draft().spend(coin).changeTo(change(stage), 300));
            KnownCoin made = last(stage, tx);
            if (made != null) {
                child.spend(made);
            }
        }
        if (!coins.isEmpty()) {
            Transaction tx = stage.sign(child.changeTo(change(stage), 10 * SMALL_FEE));
            if (stage.judge(tx)) {
                KnownCoin made = stage.world.coinsOf(tx.txid()).getLast();
                stage.judge(stage.draft().spend(made).changeTo(change(stage), 10 * SMALL_FEE));
            }
        }
    }

    /// Ancestors and descendants of about as many bytes as may be, in a row.
    private static void heavyChains(Stage stage) {
        KnownCoin coin = steady(stage, 3_000_000);
        int links = 3 + stage.random.nextInt(8);
        long limit = near(stage, FAMILY_VSIZE_MAX);
        long total = 0;
        for (int i = 0; coin != null && i < links; i++) {
            long share = limit / links;
            long vsize = i == links - 1 ? limit - total : share - stage.random.nextInt(300);
            Transaction tx = sized(stage, stage.draft().spend(coin), vsize, 2 * vsize);
            total += tx.vsize();
            coin = last(stage, tx);
        }
        if (coin != null) {
            stage.judge(stage.draft().spend(coin).changeTo(change(stage), SMALL_FEE));
        }
    }

    /// A child whose parents are about as heavy as may be, each alone well below.
    private static void heavyParents(Stage stage) {
        List<KnownCoin> coins = steady(stage, 2 + stage.random.nextInt(9), 3_000_000);
        if (coins.size() < 2) {
            return;
        }
        long limit = near(stage, FAMILY_VSIZE_MAX);
        Draft child = stage.draft();
        long total = 0;
        for (KnownCoin coin : coins) {
            long vsize = limit / (coins.size() + 1);
            Transaction tx = sized(stage, stage.draft().spend(coin), vsize, 2 * vsize);
            total += tx.vsize();
            KnownCoin made = last(stage, tx);
            if (made == null) {
                return;
            }
            child.spend(made);
        }
        stage.judge(sized(stage, child, limit - total, 2 * (limit - total)));
    }

    /// One parent whose children are about as heavy as may be, and children that want to be one more.
    private static void heavyFamilies(Stage stage) {
        KnownCoin coin = steady(stage, 8_000_000);
        if (coin == null) {
            return;
        }
        int children = 2 + stage.random.nextInt(9);
        Draft parent = stage.draft().spend(coin);
        for (int i = 0; i < children + 2; i++) {
            parent.pay(coin.value() / (children + 4), change(stage));
        }
        Transaction oldest = stage.sign(parent.changeTo(change(stage), SMALL_FEE));
        if (!stage.judge(oldest)) {
            return;
        }
        long limit = near(stage, FAMILY_VSIZE_MAX);
        long total = oldest.vsize();
        List<KnownCoin> made = stage.world.coinsOf(oldest.txid());
        for (int i = 0; i < children; i++) {
            long share = (limit - oldest.vsize()) / children;
            long vsize = i == children - 1 ? limit - total : share - stage.random.nextInt(300);
            Draft draft = stage.draft().spend(made.get(i));
            if (draft.valueIn() < 10 * vsize) {
                return;
            }
            Transaction tx = sized(stage, draft, vsize, 2 * vsize);
            total += tx.vsize();
            stage.judge(tx);
        }
        long vsize = near(stage, CARVE_OUT_VSIZE_MAX);
        stage.judge(sized(stage, stage.draft().spend(made.get(children)), vsize, 2 * vsize));
        stage.judge(stage.draft().spend(made.get(children + 1)).changeTo(change(stage), 1_000));
        stage.judge(stage.draft().spend(made.getFirst()).changeTo(change(stage), 200_000));
    }

    /// A replacement that drives out about as many as may be, of several families.
    private static void manyReplaced(Stage stage) {
        int families = 5 + stage.random.nextInt(3);
        List<KnownCoin> roots = steady(stage, families, 400_000);
        KnownCoin spare = steady(stage, 200_000);
        if (roots.size() < families || spare == null || roots.contains(spare)) {
            return;
        }
        int wanted = REPLACED_MAX - 2 + stage.random.nextInt(5);
        long fees = 0;
        Draft replacement = stage.draft();
        for (int i = 0; i < families; i++) {
            int size = wanted / families + (i < wanted % families ? 1 : 0);
            KnownCoin root = roots.get(i);
            Draft parent = stage.draft().spend(root);
            for (int k = 1; k < size; k++) {
                parent.pay(root.value() / (size + 1), change(stage));
            }
            Transaction tx = stage.sign(parent.changeTo(change(stage), 5 * SMALL_FEE));
            if (!stage.judge(tx)) {
                return;
            }
            fees += 5 * SMALL_FEE;
            for (int k = 0; k < size - 1; k++) {
                Draft child = stage.draft().spend(stage.world.coinsOf(tx.txid()).get(k));
                if (i == 0 && k == 0 && stage.chance(50)) {
                    // In conflict with parent and child: both families count.
                    child.spend(spare);
                    replacement.spend(spare);
                }
                stage.judge(child.changeTo(change(stage), 300));
                fees += 300;
            }
            replacement.spend(root);
        }
        long own = replacement.vsizeWith(change(stage));
        stage.judge(replacement.changeTo(change(stage), fees + own - 1 + stage.random.nextInt(3)));
    }

    /// Packages of about as many transactions as may be.
    private static void longPackages(Stage stage) {
        List<KnownCoin> coins =
                steady(stage, PACKAGE_MAX - 2 + stage.random.nextInt(3), 10 * SMALL_FEE);
        if (coins.size() < 2) {
            return;
        }
        boolean isPoor = stage.chance(70);
        var txs = new ArrayList<Transaction>();
        Draft child = stage.draft();
        for (KnownCoin coin : coins) {
            long fee = isPoor ? stage.random.nextInt(40) : SMALL_FEE;
            Transaction tx = stage.sign(stage.draft().spend(coin).changeTo(change(stage), fee));
            txs.add(tx);
            child.spend(stage.world.coinsOf(tx.txid()).getLast());
        }
        if (stage.chance(30)) {
            stage.judge(txs.get(stage.random.nextInt(txs.size())));
        }
        txs.add(stage.sign(child.changeTo(change(stage), stage.chance(20) ? 100 : 20_000)));
        stage.judgePackage(txs);
    }

    /// Packages of about as much weight as may be.
    private static void heavyPackages(Stage stage) {
        List<KnownCoin> coins = steady(stage, 1 + stage.random.nextInt(5), 3_000_000);
        if (coins.isEmpty()) {
            return;
        }
        var txs = new ArrayList<Transaction>();
        Draft child = stage.draft();
        long weight = 0;
        long share = PACKAGE_WEIGHT_MAX / (coins.size() + 1) / 4;
        for (KnownCoin coin : coins) {
            long vsize = share - stage.random.nextInt(300);
            long fee = stage.chance(70) ? 0 : 2 * vsize;
            Transaction tx = sized(stage, stage.draft().spend(coin), vsize, fee);
            txs.add(tx);
            weight += tx.weight();
            child.spend(stage.world.coinsOf(tx.txid()).getLast());
        }
        long left = (near(stage, PACKAGE_WEIGHT_MAX / 4) * 4 - weight) / 4;
        txs.add(sized(stage, child, left, 250_000));
        stage.judgePackage(txs);
    }

    /// A package whose members have about as many ancestors in the mempool as may be.
    private static void packagesOnChains(Stage stage) {
        KnownCoin coin = steady(stage, 1_000_000);
        KnownCoin other = steady(stage, 1_000_000);
        if (coin == null || other == null || coin.equals(other)) {
            return;
        }
        KnownCoin end = chain(stage, coin, FAMILY_MAX - 4 + stage.random.nextInt(4));
        if (end == null) {
            return;
        }
        Transaction parent =
                stage.sign(
                        stage.draft()
                                .spend(end)
                                .changeTo(change(stage), stage.random.nextInt(400)));
        var txs = new ArrayList<>(List.of(parent));
        Draft child = stage.draft().spend(stage.world.coinsOf(parent.txid()).getLast());
        if (stage.chance(50)) {
            Transaction second =
                    stage.sign(stage.draft().spend(other).changeTo(change(stage), SMALL_FEE));
            txs.add(second);
            child.spend(stage.world.coinsOf(second.txid()).getLast());
        }
        txs.add(stage.sign(child.changeTo(change(stage), 20_000)));
        stage.judgePackage(txs);
    }
}
