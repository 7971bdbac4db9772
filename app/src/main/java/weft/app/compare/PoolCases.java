package weft.app.compare;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import weft.primitives.Bytes;
import weft.primitives.Transaction;
import weft.primitives.TxIn;
import weft.primitives.Witness;

/// What depends on what is in the mempool already: fees, conflicts, relatives, packages.
final class PoolCases {
    private static final long FEE = 20_000;
    private static final int TRUC = 3;
    private static final long DELTA_MAX = 100_000;

    private PoolCases() {}

    static List<Case> all() {
        return List.of(
                new Case("fees", 24, PoolCases::fees),
                new Case("replacements", 60, PoolCases::replacements),
                new Case("replacements of families", 9, PoolCases::replacedFamilies),
                new Case("chains", 2, PoolCases::chains),
                new Case("wide families", 2, PoolCases::wide),
                new Case("children", 40, PoolCases::children),
                new Case("packages", 40, PoolCases::packages),
                new Case("package replacements", 20, PoolCases::packageReplacements),
                new Case("malformed packages", 8, PoolCases::malformedPackages),
                new Case("truc", 36, PoolCases::truc),
                new Case("truc packages", 14, PoolCases::trucPackages),
                new Case("again", 20, PoolCases::again),
                new Case("other witness", 12, PoolCases::otherWitness),
                new Case("priorities", 10, PoolCases::priorities),
                new Case("orphans", 10, PoolCases::orphans),
                new Case("anchors", 14, PoolCases::anchors));
    }

    private static @Nullable KnownCoin rich(Stage stage) {
        return stage.world.coin(each -> Stage.isUsual(each) && each.value() > 10 * FEE);
    }

    private static boolean isRich(KnownCoin coin) {
        return Stage.isUsual(coin) && coin.value() > 10 * FEE;
    }

    /// Around what a transaction must pay.
    private static void fees(Stage stage) {
        KnownCoin coin = rich(stage);
        if (coin == null) {
            return;
        }
        Draft draft = stage.draft().spend(coin);
        Lock change = stage.locks.usual();
        long vsize = stage.draft().spend(coin).pay(FEE, change).sign().vsize();
        long fee = Math.max(0, vsize - 2 + stage.random.nextInt(4));
        stage.judge(draft.changeTo(change, stage.chance(20) ? 0 : fee));
    }

    /// Another transaction for coins that the mempool spends.
    private static void replacements(Stage stage) {
        KnownCoin coin = stage.world.spentCoin();
        if (coin == null || coin.value() < FEE) {
            return;
        }
        Draft draft = stage.draft().version(stage.chance(10) ? TRUC : 2).spend(coin);
        if (stage.chance(25)) {
            KnownCoin second = stage.world.spentCoin();
            if (second != null && !second.equals(coin)) {
                draft.spend(second);
            }
        }
        if (stage.chance(30)) {
            KnownCoin more =
                    stage.chance(50) ? rich(stage) : stage.world.poolCoin(PoolCases::isRich);
            if (more != null) {
                draft.spend(more);
            }
        }
        long rate = 1_000L + stage.random.nextInt(stage.chance(50) ? 30_000 : 200_000);
        draft.changeAtRate(stage.locks.usual(), rate);
        stage.judge(draft);
    }

    /// One coin whose replacement drives out many.
    private static void replacedFamilies(Stage stage) {
        KnownCoin coin = rich(stage);
        KnownCoin other = rich(stage);
        if (coin == null || other == null || coin.equals(other)) {
            return;
        }
        Draft parent = stage.draft().spend(coin).spend(other);
        int children = 1 + stage.random.nextInt(6);
        long share = parent.valueIn() / (children + 1);
        for (int i = 0; i < children; i++) {
            parent.pay(share, stage.locks.usual());
        }
        Transaction tx = stage.sign(parent.changeTo(stage.locks.usual(), 5_000));
        stage.judge(tx);
        for (int i = 0; i < children; i++) {
            KnownCoin made = stage.world.coinsOf(tx.txid()).get(i);
            stage.judge(stage.draft().spend(made).changeTo(stage.locks.usual(), 2_000));
        }
        long fee = 5_000 + 2_000L * children + stage.random.nextInt(-300, 900);
        Draft replacement = stage.draft().spend(stage.chance(50) ? coin : other);
        stage.judge(replacement.changeTo(stage.locks.usual(), fee));
    }

    /// As long as allowed, and longer.
    private static void chains(Stage stage) {
        KnownCoin coin = stage.world.coin(each -> Stage.isUsual(each) && each.value() > 60 * FEE);
        int length = 22 + stage.random.nextInt(5);
        boolean isHeavy = stage.chance(30);
        for (int i = 0; coin != null && i < length; i++) {
            Draft draft = stage.draft().spend(coin);
            if (isHeavy) {
                Lock lock = stage.locks.of(Locks.Kind.P2TR_KEY);
                for (int k = 0; k < 220; k++) {
                    draft.pay(330, lock);
                }
            }
            Lock next = stage.locks.usual();
            long fee = isHeavy ? 11_000 : 1_000 + stage.random.nextInt(1_000);
            if (draft.valueIn() < draft.valueOut() + fee + 10_000) {
                return;
            }
            draft.pay(draft.valueIn() - draft.valueOut() - fee, next);
            Transaction tx = stage.sign(draft);
            if (!stage.judge(tx)) {
                return;
            }
            coin = stage.world.coinsOf(tx.txid()).getLast();
        }
        if (coin != null && coin.value() > 4 * FEE) {
            stage.judge(stage.draft().spend(coin).changeTo(stage.locks.usual(), FEE));
        }
    }

    /// One parent with as many children as allowed, and more; one of them may be the carve-out.
    private static void wide(Stage stage) {
        KnownCoin coin = stage.world.coin(each -> Stage.isUsual(each) && each.value() > 100 * FEE);
        if (coin == null) {
            return;
        }
        Draft parent = stage.draft().spend(coin);
        int count = 27;
        for (int i = 0; i < count; i++) {
            parent.pay(coin.value() / (count + 2), stage.locks.usual());
        }
        Transaction tx = stage.sign(parent.changeTo(stage.locks.usual(), FEE));
        stage.judge(tx);
        for (KnownCoin each : stage.world.coinsOf(tx.txid())) {
            Draft child = stage.draft().spend(each);
            KnownCoin more = stage.chance(20) ? stage.world.poolCoin(PoolCases::isRich) : null;
            if (more != null && !more.outPoint().txid().equals(tx.txid())) {
                child.spend(more);
            }
            stage.judge(child.changeTo(stage.locks.usual(), 2_000));
        }
        KnownCoin replaced = stage.world.coinsOf(tx.txid()).getFirst();
        stage.judge(stage.draft().spend(replaced).changeTo(stage.locks.usual(), 9_000));
    }

    /// Children of one to three transactions of the mempool.
    private static void children(Stage stage) {
        Draft draft = stage.draft().version(stage.chance(8) ? TRUC : 2);
        var spent = new ArrayList<KnownCoin>();
        for (int i = stage.random.nextInt(3); i >= 0; i--) {
            KnownCoin coin = stage.world.poolCoin(PoolCases::isRich);
            if (coin != null && !spent.contains(coin)) {
                spent.add(coin);
                draft.spend(coin);
            }
        }
        if (!spent.isEmpty()) {
            stage.judge(draft.changeAtRate(stage.locks.usual(), stage.anyRate()));
        }
    }

    /// Parents that pay little, and a child that pays for them.
    private static void packages(Stage stage) {
        var txs = new ArrayList<Transaction>();
        Draft child = stage.draft();
        int parents = 1 + stage.random.nextInt(4);
        var used = new ArrayList<KnownCoin>();
        for (int i = 0; i < parents; i++) {
            KnownCoin coin = rich(stage);
            if (coin == null || used.contains(coin)) {
                continue;
            }
            used.add(coin);
            long fee = stage.chance(60) ? stage.random.nextInt(300) : FEE;
            Draft parent = stage.draft().spend(coin).pay(coin.value() / 3, stage.locks.usual());
            Transaction tx = stage.sign(parent.changeTo(stage.locks.usual(), fee));
            txs.add(tx);
            child.spend(stage.world.coinsOf(tx.txid()).getFirst());
        }
        if (txs.isEmpty()) {
            return;
        }
        KnownCoin more = stage.chance(20) ? stage.world.poolCoin(PoolCases::isRich) : null;
        if (more != null) {
            child.spend(more);
        }
        boolean isFlawed = stage.chance(10);
        if (isFlawed) {
            KnownCoin odd = rich(stage);
            if (odd != null && !used.contains(odd)) {
                child.spend(odd, Draft.REPLACEABLE, Flaw.ofItems("", items -> List.of()));
            }
        }
        long fee = stage.chance(40) ? stage.random.nextInt(2_000) : FEE;
        txs.add(stage.sign(child.changeTo(stage.locks.usual(), fee)));
        if (stage.chance(20)) {
            stage.judge(txs.getFirst());
        }
        stage.judgePackage(txs);
    }

    /// A package whose parent or child conflicts with the mempool.
    private static void packageReplacements(Stage stage) {
        KnownCoin coin = stage.world.spentCoin();
        if (coin == null || coin.value() < 10 * FEE) {
            return;
        }
        Draft parent = stage.draft().spend(coin).pay(coin.value() / 2, stage.locks.usual());
        Transaction first =
                stage.sign(parent.changeTo(stage.locks.usual(), stage.random.nextInt(1_000)));
        Draft child = stage.draft().spend(stage.world.coinsOf(first.txid()).getFirst());
        if (stage.chance(25)) {
            KnownCoin more =
                    stage.chance(50)
                            ? stage.world.spentCoin()
                            : stage.world.poolCoin(PoolCases::isRich);
            if (more != null && !more.equals(coin)) {
                child.spend(more);
            }
        }
        long fee = stage.chance(30) ? 1_000 : stage.random.nextInt(80_000);
        Transaction second = stage.sign(child.changeTo(stage.locks.usual(), fee));
        stage.judgePackage(List.of(first, second));
    }

    private static void malformedPackages(Stage stage) {
        KnownCoin coin = rich(stage);
        KnownCoin other = rich(stage);
        if (coin == null || other == null || coin.equals(other)) {
            return;
        }
        Transaction a = stage.sign(stage.draft().spend(coin).changeTo(stage.locks.usual(), FEE));
        Transaction b =
                stage.sign(
                        stage.draft()
                                .spend(stage.world.coinsOf(a.txid()).getFirst())
                                .changeTo(stage.locks.usual(), FEE));
        Transaction c = stage.sign(stage.draft().spend(other).changeTo(stage.locks.usual(), FEE));
        Transaction d =
                stage.sign(stage.draft().spend(coin).changeTo(stage.locks.usual(), 2 * FEE));
        Transaction e =
                stage.sign(
                        stage.draft()
                                .spend(stage.world.coinsOf(b.txid()).getFirst())
                                .changeTo(stage.locks.usual(), FEE));
        List<Transaction> txs =
                switch (stage.random.nextInt(8)) {
                    case 0 -> List.of(b, a);
                    case 1 -> List.of(a, a);
                    case 2 -> List.of(a, d);
                    case 3 -> List.of(a, c);
                    case 4 -> List.of(a, b, e);
                    case 5 -> List.of(a);
                    case 6 -> java.util.Collections.nCopies(26, a);
                    default -> List.of(c, a, b);
                };
        stage.judgePackage(txs);
    }

    /// Transactions of version 3, small and large, with parents of any version.
    private static void truc(Stage stage) {
        boolean isChild = stage.chance(50);
        KnownCoin coin = isChild ? stage.world.poolCoin(PoolCases::isRich) : rich(stage);
        if (isChild && stage.chance(70)) {
            coin =
                    stage.world.poolCoin(
                            each -> {
                                Transaction tx = stage.world.transaction(each.outPoint().txid());
                                return tx != null && tx.version() == TRUC && isRich(each);
                            });
        }
        if (coin == null) {
            return;
        }
        Draft draft = stage.draft().version(stage.chance(80) ? TRUC : 2).spend(coin);
        Lock lock = stage.locks.of(Locks.Kind.P2TR_KEY);
        int size = stage.random.nextInt(4);
        int outputs =
                size == 0
                        ? stage.random.nextInt(228, 236)
                        : size == 1 ? stage.random.nextInt(18, 24) : 1;
        if (coin.value() < outputs * 400L + 15_000) {
            outputs = 1;
        }
        for (int i = 0; i < outputs; i++) {
            draft.pay(outputs == 1 ? coin.value() / 2 : 400, lock);
        }
        long fee = 11_000L + stage.random.nextInt(9_000);
        if (draft.valueIn() - draft.valueOut() - fee > 1_000) {
            stage.judge(draft.changeTo(stage.locks.usual(), stage.chance(10) ? 10 : fee));
        }
    }

    private static void trucPackages(Stage stage) {
        KnownCoin coin = rich(stage);
        if (coin == null) {
            return;
        }
        Draft parent = stage.draft().version(stage.chance(85) ? TRUC : 2).spend(coin);
        parent.pay(coin.value() / 3, stage.locks.usual());
        Transaction first =
                stage.sign(parent.changeTo(stage.locks.usual(), stage.chance(60) ? 0 : 1_000));
        Draft child = stage.draft().version(stage.chance(85) ? TRUC : 2);
        child.spend(stage.world.coinsOf(first.txid()).getFirst());
        if (stage.chance(20)) {
            KnownCoin more = stage.world.poolCoin(PoolCases::isRich);
            if (more != null) {
                child.spend(more);
            }
        }
        if (stage.chance(20)) {
            for (int i = stage.random.nextInt(18, 25); i > 0; i--) {
                child.pay(400, stage.locks.of(Locks.Kind.P2TR_KEY));
            }
        }
        Transaction second =
                stage.sign(child.changeTo(stage.locks.usual(), FEE + stage.random.nextInt(500)));
        Transaction third =
                stage.sign(
                        stage.draft()
                                .version(TRUC)
                                .spend(stage.world.coinsOf(first.txid()).getLast())
                                .changeTo(stage.locks.usual(), 2 * FEE));
        stage.judgePackage(List.of(first, second));
        if (stage.chance(50)) {
            // A second child drives the first out, if it pays.
            stage.judge(third);
        }
    }

    /// What is known already: in the mempool, or in a block.
    private static void again(Stage stage) {
        Transaction tx = stage.chance(60) ? stage.world.poolTransaction() : stage.world.confirmed();
        if (tx != null) {
            stage.judge(tx);
        }
    }

    /// What is in the mempool, or in a block, or cannot come, with another witness.
    private static void otherWitness(Stage stage) {
        Transaction tx = stage.chance(80) ? stage.world.poolTransaction() : stage.world.confirmed();
        if (tx == null || !tx.hasWitness()) {
            return;
        }
        int input = stage.random.nextInt(tx.inputs().size());
        var items = new ArrayList<>(tx.witness(input).items());
        items.addFirst(Bytes.wrap(new byte[3]));
        Transaction other =
                FormCases.withWitness(
                        tx, input, stage.chance(60) ? new Witness(items) : Witness.EMPTY);
        stage.tellNames(other);
        stage.judge(other);
    }

    private static void priorities(Stage stage) {
        Transaction tx = stage.world.poolTransaction();
        KnownCoin coin = rich(stage);
        if (tx == null || coin == null) {
            return;
        }
        long delta = stage.random.nextLong(-DELTA_MAX, DELTA_MAX);
        if (stage.chance(50)) {
            stage.ask("prioritisetransaction", tx.txid().toString(), 0, delta);
            stage.ask("getmempoolentry", tx.txid().toString());
        } else {
            Transaction cheap =
                    stage.sign(stage.draft().spend(coin).changeTo(stage.locks.usual(), 5));
            stage.ask("prioritisetransaction", cheap.txid().toString(), 0, Math.abs(delta) + 1_000);
            stage.judge(cheap);
        }
    }

    /// A child before its parent.
    private static void orphans(Stage stage) {
        KnownCoin coin = rich(stage);
        if (coin == null) {
            return;
        }
        Transaction parent =
                stage.sign(stage.draft().spend(coin).changeTo(stage.locks.usual(), FEE));
        KnownCoin made = stage.world.coinsOf(parent.txid()).getFirst();
        Transaction child =
                stage.sign(stage.draft().spend(made).changeTo(stage.locks.usual(), FEE));
        stage.judge(child);
        if (stage.chance(70)) {
            stage.judge(parent);
            stage.judge(child);
        }
    }

    /// Outputs that anybody may spend.
    private static void anchors(Stage stage) {
        KnownCoin coin = rich(stage);
        if (coin == null) {
            return;
        }
        long value = stage.random.nextInt(237, 243);
        Draft draft = stage.draft().spend(coin).pay(value, Locks.anchor());
        if (stage.chance(20)) {
            draft.pay(value, Locks.anchor());
        }
        Transaction tx = stage.sign(draft.changeTo(stage.locks.usual(), FEE));
        stage.judge(tx);
        KnownCoin anchor = stage.world.coinsOf(tx.txid()).getFirst();
        KnownCoin more = rich(stage);
        if (more != null) {
            Flaw flaw =
                    stage.chance(30)
                            ? Flaw.ofUnlock(
                                    "witness",
                                    each -> new Flaw.Unlock(each.scriptSig(), List.of(Bytes.EMPTY)))
                            : Flaw.NONE;
            stage.judge(
                    stage.draft()
                            .spend(anchor, TxIn.SEQUENCE_FINAL, flaw)
                            .spend(more)
                            .changeTo(stage.locks.usual(), FEE));
        }
    }
}
