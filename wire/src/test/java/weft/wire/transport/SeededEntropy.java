package weft.wire.transport;

import java.util.SplittableRandom;

/// Secrets for tests: from a seed, with garbage of a chosen length where one is given.
final class SeededEntropy implements Entropy {
    private final SplittableRandom random;
    private final int garbageBytes;
    private int fills;

    SeededEntropy(long seed) {
        this(seed, -1);
    }

    SeededEntropy(long seed, int garbageBytes) {
        this.random = new SplittableRandom(seed);
        this.garbageBytes = garbageBytes;
    }

    @Override
    public void fill(byte[] target) {
        random.nextBytes(target);
        if (target.length == 2 && ++fills == 1 && garbageBytes >= 0) {
            target[0] = (byte) (garbageBytes >>> 8);
            target[1] = (byte) garbageBytes;
        }
    }
}
