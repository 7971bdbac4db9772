package weft.app.bench.sync;

import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import weft.chain.api.HeaderNode;
import weft.consensus.ChainParams;
import weft.consensus.Network;
import weft.consensus.Subsidy;
import weft.mining.Solver;
import weft.mining.TemplateBuilder;
import weft.primitives.Block;
import weft.primitives.Bytes;
import weft.primitives.Now;
import weft.primitives.OutPoint;
import weft.primitives.Transaction;

/// Makes a regtest chain: empty blocks until there is money, fan-outs until there are coins enough, then full
/// blocks, and at last empty ones.
///
/// *Rationale for the empty end:* `-assumevalid` skips scripts only where two weeks of work lie on top, 2,016
/// blocks in regtest.
final class SyntheticChain {
    private static final int KEYS = 1_000;
    private static final int FIRST_BLOCKS = 250;
    private static final int LAST_BLOCKS = 2_100;
    private static final int MATURITY = 100;
    private static final int BLOCK_VBYTES = 985_000;
    private static final int BLOCK_SIGOPS = 79_000;
    private static final int SECONDS_APART = 600;
    private static final long MEGABYTE = 1_000_000;
    private static final int FIRST_OUTPUT = 0;

    private record Reward(int height, SyntheticCoin coin) {}

    private final ChainSpec spec;
    private final ChainParams params = ChainParams.of(Network.REGTEST);
    private final TemplateBuilder builder = new TemplateBuilder(params);
    private final Consumer<Block> out;
    private final SplittableRandom random;
    private final KeyRing keys;
    private final TxPlanner planner;
    private final CoinPool pool = new CoinPool();
    private final Queue<Reward> rewards = new ArrayDeque<>();
    private final ChainTotals totals = new ChainTotals();
    private HeaderNode tip;

    /// @param out gets every block, genesis first
    SyntheticChain(ChainSpec spec, Consumer<Block> out) {
        this.spec = spec;
        this.out = out;
        this.random = spec.random();
        this.keys = new KeyRing(random.split(), KEYS);
        this.planner = new TxPlanner(random.split(), keys, spec.mix(), spec.coins());
        Block genesis = params.genesis();
        this.tip = HeaderNode.genesis(genesis.header(), params.work(genesis.header().bits()));
    }

    /// Makes all blocks.
    ///
    /// @param progress hears the megabytes made after each block
    ChainTotals make(Consumer<Long> progress) {
        out.accept(params.genesis());
        for (int i = 0; i < FIRST_BLOCKS; i++) {
            mine(List.of(), List.of());
        }
        while (totals.bytes < spec.megabytes() * MEGABYTE) {
            mineFull();
            progress.accept(totals.bytes / MEGABYTE);
        }
        for (int i = 0; i < LAST_BLOCKS; i++) {
            mine(List.of(), List.of());
        }
        return totals;
    }

    HeaderNode tip() {
        return tip;
    }

    private void mineFull() {
        while (!rewards.isEmpty() && rewards.element().height() + MATURITY <= tip.height() + 1) {
            pool.add(rewards.remove().coin());
        }
        var plans = new ArrayList<TxPlan>();
        var transactions = new ArrayList<Transaction>();
        // In two rounds, so that a block also spends coins that it makes itself.
        for (int round = 0; round < 2; round++) {
            List<TxPlan> planned = plan(BLOCK_VBYTES / 2, BLOCK_SIGOPS / 2);
            List<Transaction> signed =
                    planned.parallelStream().map(plan -> plan.sign(keys)).toList();
            for (int i = 0; i < planned.size(); i++) {
                planned.get(i).made(signed.get(i)).forEach(pool::add);
            }
            plans.addAll(planned);
            transactions.addAll(signed);
        }
        mine(plans, transactions);
    }

    private List<TxPlan> plan(int vbytes, int sigOps) {
        var planned = new ArrayList<TxPlan>();
        int used = 0;
        int usedSigOps = 0;
        while (pool.size() > 0) {
            TxPlan plan = planner.next(pool);
            used += plan.vsizeMax();
            usedSigOps += plan.sigOpsCost();
            if (used > vbytes || usedSigOps > sigOps) {
                plan.coins().forEach(pool::add);
                break;
            }
            planned.add(plan);
        }
        return planned;
    }

    private void mine(List<TxPlan> plans, List<Transaction> transactions) {
        long fees = 0;
        for (TxPlan plan : plans) {
            fees += plan.coins().stream().mapToLong(coin -> coin.output().value()).sum();
            fees -= plan.outputs().stream().mapToLong(output -> output.value()).sum();
        }
        int owner = random.nextInt(keys.size());
        CoinKind kind = CoinKind.P2WPKH;
        Bytes payTo = keys.lock(kind, owner);
        var now = new Now(0, Instant.ofEpochSecond(tip.time() + SECONDS_APART));
        Block block =
                Solver.solve(
                                builder.assemble(tip, transactions, payTo, fees, now),
                                Integer.MAX_VALUE,
                                params)
                        .orElseThrow();
        tip = HeaderNode.of(block.header(), block.hash(), tip, params.work(block.header().bits()));
        totals.add(block, plans);
        if (Subsidy.at(tip.height(), params) > 0) {
            Transaction coinbase = block.transactions().getFirst();
            rewards.add(
                    new Reward(
                            tip.height(),
                            new SyntheticCoin(
                                    new OutPoint(coinbase.txid(), FIRST_OUTPUT),
                                    coinbase.outputs().get(FIRST_OUTPUT),
                                    kind,
                                    owner)));
        }
        out.accept(block);
    }
}
