package weft.p2p;

import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import weft.primitives.Check;

/// Luck that shows what it drew; it draws 0 more often than it should.
final class OpenDice implements RandomGenerator {
    private final SplittableRandom random;
    private final Map<Long, Long> below = new HashMap<>();
    private long number;

    OpenDice(SplittableRandom random) {
        this.random = random;
    }

    @Override
    public long nextLong() {
        number = random.nextInt(4) == 0 ? 0 : random.nextLong();
        return number;
    }

    @Override
    public int nextInt(int bound) {
        return random.nextInt(bound);
    }

    @Override
    public long nextLong(long bound) {
        long drawn = random.nextLong(bound);
        below.put(bound, drawn);
        return drawn;
    }

    /// What was drawn below a bound since this was asked.
    long takeBelow(long bound) {
        return Check.present(below.remove(bound), "drawn below " + bound);
    }

    long number() {
        return number;
    }
}
