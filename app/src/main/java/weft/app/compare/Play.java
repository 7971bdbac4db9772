package weft.app.compare;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import weft.primitives.Block;
import weft.primitives.OutPoint;
import weft.primitives.Transaction;
import weft.primitives.TxIn;

/// The whole course of a comparison: a chain with coins to spend, then rounds of transactions and of blocks.
final class Play {
    private static final int FIRST_BLOCKS = 130;
    private static final int CASES_A_ROUND = 90;
    private static final int USUAL_COINS = 110;
    private static final int ODD_COINS = 60;
    private static final int LARGE_OUTPUTS = 2_100;
    private static final int LARGE_COUNT = 24;
    private static final int DEPTH_MAX = 3;

    private final Stage stage;
    private final ScriptLocks odd;
    private final List<Case> cases = new ArrayList<>();
    private final int weights;

    Play(Stage stage) {
        this.stage = stage;
        this.odd = new ScriptLocks(stage.keys, stage.random.split());
        cases.addAll(FormCases.all());
        cases.addAll(SpendCases.all());
        cases.addAll(new ScriptCases(odd).all());
        cases.addAll(PoolCases.all());
        cases.addAll(LimitCases.all());
        this.weights = cases.stream().mapToInt(Case::weight).sum();
    }

    /// Plays until so many transactions were judged.
    ///
    /// @param progress hears how many were
    void run(int transactions, java.util.function.IntConsumer progress) {
        stage.begin("chain");
        for (int i = 0; i < FIRST_BLOCKS; i++) {
            stage.mine(List.of());
        }
        for (int i = 0; i < 3; i++) {
            fanOut();
        }
        boolean wasFull = false;
        while (stage.tally.transactions() < transactions) {
            for (int i = 0; i < CASES_A_ROUND && stage.tally.transactions() < transactions; i++) {
                Case next = next();
                stage.begin(next.name());
                next.play().accept(stage);
            }
            if (!wasFull && stage.tally.transactions() > transactions / 2) {
                wasFull = true;
                stage.begin("full");
                fill();
            }
            stage.begin("mempool");
            stage.lookClosely();
            stage.begin("chain");
            change();
            stage.begin("mempool after blocks");
            stage.lookClosely();
            stage.begin("chain");
            fanOut();
            progress.accept(stage.tally.transactions());
        }
        stage.begin("mempool");
        stage.lookClosely();
    }

    private Case next() {
        int dice = stage.random.nextInt(weights);
        for (Case each : cases) {
            dice -= each.weight();
            if (dice < 0) {
                return each;
            }
        }
        throw new IllegalStateException("weights add up");
    }

    private @Nullable KnownCoin reward() {
        return stage.world.coin(coin -> coin.lock().name().equals(World.COINBASE));
    }

    /// A block that makes coins.
    private void fanOut() {
        KnownCoin coin = reward();
        if (coin == null) {
            stage.mine(List.of());
            return;
        }
        Draft draft = stage.draft().spend(coin);
        long share = coin.value() / (USUAL_COINS + ODD_COINS);
        for (int i = 0; i < USUAL_COINS; i++) {
            draft.pay(stage.random.nextLong(50_000, 2 * share - 50_000), stage.locks.usual());
        }
        for (int i = 0; i < ODD_COINS; i++) {
            draft.pay(50_000, odd.next(stage.world.height() + 1));
        }
        long left = coin.value() - draft.valueOut();
        if (left > 0) {
            draft.pay(left, stage.locks.usual());
            stage.mine(List.of(stage.sign(draft)));
        }
    }

    /// More than the mempool may hold, each paying more than the one before, and some that pay less.
    private void fill() {
        for (int i = 0; i < LARGE_COUNT; i++) {
            long rate = 2_000 + 300L * i - (i % 5 == 4 ? 2_500 : 0);
            KnownCoin coin =
                    stage.world.coin(
                            each -> Stage.isUsual(each) && each.value() > 2_000 * LARGE_OUTPUTS);
            if (coin == null) {
                return;
            }
            Draft draft = stage.draft().spend(coin);
            Lock lock = stage.locks.of(Locks.Kind.P2TR_KEY);
            for (int k = 0; k < LARGE_OUTPUTS; k++) {
                draft.pay(400, lock);
            }
            stage.judge(draft.changeAtRate(stage.locks.usual(), rate));
            stage.ask("getmempoolinfo");
        }
        stage.lookNow();
        for (int i = 0; i < 20; i++) {
            String name = i % 2 == 0 ? "packages" : "fees";
            cases.stream()
                    .filter(each -> each.name().equals(name))
                    .forEach(each -> each.play().accept(stage));
        }
        stage.lookNow();
    }

    /// What happens to the chain between two rounds.
    private void change() {
        switch (stage.random.nextInt(6)) {
            case 0 -> {
                stage.undo(depth());
                stage.mine(List.of());
                stage.mine(stage.world.choose(50));
            }
            case 1 -> {
                List<Block> blocks = stage.undo(depth() + 1);
                stage.mine(stage.world.choose(30));
                reconsider(blocks);
            }
            case 2 -> stage.overtake(depth());
            case 3 -> conflicting();
            default -> stage.mine(stage.world.choose(50));
        }
        stage.lookNow();
    }

    private int depth() {
        return 1 + stage.random.nextInt(DEPTH_MAX);
    }

    private void reconsider(List<Block> blocks) {
        stage.world.disconnect();
        stage.ask("reconsiderblock", blocks.getFirst().hash().toString());
        blocks.forEach(stage.world::connect);
        stage.ask("getbestblockhash");
        stage.lookNow();
    }

    /// A block with transactions that the mempool has others for.
    private void conflicting() {
        var txs = new ArrayList<Transaction>();
        for (int i = 0; i < 3; i++) {
            KnownCoin coin = stage.world.spentCoin();
            if (coin != null && Stage.isUsual(coin) && !isSpent(txs, coin.outPoint())) {
                Draft draft = stage.draft().spend(coin, TxIn.SEQUENCE_FINAL, Flaw.NONE);
                txs.add(stage.sign(draft.changeTo(stage.locks.usual(), coin.value() / 10)));
            }
        }
        stage.mine(txs);
    }

    private static boolean isSpent(List<Transaction> txs, OutPoint coin) {
        return txs.stream()
                .flatMap(tx -> tx.inputs().stream())
                .anyMatch(input -> input.prevout().equals(coin));
    }
}
