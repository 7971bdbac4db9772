package weft.app.bench.sync;

import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/// The coins of a synthetic chain that may be spent. Young coins are spent more often than old ones, as on
/// the main network.
final class CoinPool {
    private static final int YOUNG = 20_000;
    private static final int YOUNG_PERCENT = 60;

    private final List<SyntheticCoin> coins = new ArrayList<>();

    int size() {
        return coins.size();
    }

    void add(SyntheticCoin coin) {
        coins.add(coin);
    }

    /// Takes a coin out.
    SyntheticCoin take(RandomGenerator random) {
        int size = coins.size();
        boolean young = size > YOUNG && random.nextInt(100) < YOUNG_PERCENT;
        int index = young ? size - 1 - random.nextInt(YOUNG) : random.nextInt(size);
        SyntheticCoin taken = coins.get(index);
        SyntheticCoin last = coins.removeLast();
        if (index < coins.size()) {
            coins.set(index, last);
        }
        return taken;
    }
}
