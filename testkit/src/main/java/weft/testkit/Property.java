package weft.testkit;

import java.util.SplittableRandom;
import java.util.function.Consumer;

/// A property that must hold for many random cases, each made from a seed of its own; a failure names the
/// seed, and `-Dweft.seed=N` runs that case alone; `-Dweft.times=N` runs N times as many.
public final class Property {
    private Property() {}

    /// Runs `body` once for each of `runs` seeds.
    public static void holds(int runs, Consumer<SplittableRandom> body) {
        Long only = Long.getLong("weft.seed");
        if (only != null) {
            body.accept(new SplittableRandom(only));
            return;
        }
        long last = (long) runs * Integer.getInteger("weft.times", 1);
        for (long seed = 1; seed <= last; seed++) {
            try {
                body.accept(new SplittableRandom(seed));
            } catch (RuntimeException | AssertionError e) {
                throw new AssertionError(
                        "fails with -Dweft.seed=" + seed + ": " + e.getMessage(), e);
            }
        }
    }

    /// `length` random bytes.
    public static byte[] bytes(SplittableRandom random, int length) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        return bytes;
    }
}
