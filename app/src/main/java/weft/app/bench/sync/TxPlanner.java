package weft.app.bench.sync;

import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import weft.primitives.TxOut;

/// Thinks up transactions: payments, consolidations and fan-outs, so many of each that the number of coins
/// stays near a target.
final class TxPlanner {
    private static final int DUST_SATOSHIS = 1_000;
    private static final int MANY_MIN = 20;
    private static final int MANY_MAX = 60;
    private static final int FIRST_FAN_OUT = 2_000;
    private static final int PAYMENT_INPUTS_MAX = 3;

    private final RandomGenerator random;
    private final KeyRing keys;
    private final CoinMix mix;
    private final int coinsTarget;

    TxPlanner(RandomGenerator random, KeyRing keys, CoinMix mix, int coinsTarget) {
        this.random = random;
        this.keys = keys;
        this.mix = mix;
        this.coinsTarget = coinsTarget;
    }

    /// Whether the coins must be made more before payments can begin.
    boolean isPoor(CoinPool pool) {
        return pool.size() < coinsTarget / 2;
    }

    /// The next transaction; takes what it spends out of the pool.
    TxPlan next(CoinPool pool) {
        if (isPoor(pool)) {
            return plan(List.of(pool.take(random)), FIRST_FAN_OUT);
        }
        int shape = random.nextInt(100);
        boolean isRich = pool.size() > coinsTarget;
        if (shape < (isRich ? 12 : 4)) {
            return plan(take(pool, random.nextInt(MANY_MIN, MANY_MAX)), 1);
        }
        if (shape < 16) {
            return plan(take(pool, 1), random.nextInt(MANY_MIN, MANY_MAX));
        }
        return plan(take(pool, random.nextInt(1, PAYMENT_INPUTS_MAX + 1)), 2);
    }

    private List<SyntheticCoin> take(CoinPool pool, int count) {
        var coins = new ArrayList<SyntheticCoin>();
        for (int i = 0; i < count && pool.size() > 0; i++) {
            coins.add(pool.take(random));
        }
        return coins;
    }

    /// One satoshi for each virtual byte is left to the miner; outputs are made fewer where money is short.
    private TxPlan plan(List<SyntheticCoin> coins, int outputs) {
        long total = coins.stream().mapToLong(coin -> coin.output().value()).sum();
        long fee = coins.stream().mapToLong(coin -> coin.kind().inputBytes).sum() + 12;
        int each = CoinKind.P2WSH_MULTISIG.outputBytes;
        long affordable = (total - fee) / (DUST_SATOSHIS + each);
        int count = (int) Math.max(1, Math.min(outputs, affordable));
        long left = Math.max(0, total - fee - (long) each * count);
        var made = new ArrayList<TxOut>();
        var kinds = new ArrayList<CoinKind>();
        var owners = new ArrayList<Integer>();
        for (int i = 0; i < count; i++) {
            long value = i == count - 1 ? left : left / (count - i);
            if (count == 2 && i == 0) {
                value = left / 100 * random.nextInt(20, 81);
            }
            left -= value;
            CoinKind kind = mix.pick(random);
            int owner = random.nextInt(keys.size());
            made.add(new TxOut(value, keys.lock(kind, owner)));
            kinds.add(kind);
            owners.add(owner);
        }
        return new TxPlan(coins, made, kinds, owners);
    }
}
