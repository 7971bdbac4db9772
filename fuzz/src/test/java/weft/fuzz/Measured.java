package weft.fuzz;

import weft.testkit.Allocated;

/// Runs what parses an input and counts what it allocates, garbage included.
final class Measured {
    /// Bytes that every started [#INPUT_UNIT] of an input may make the node allocate.
    static final long ALLOCATED_MAX = 5_000_000;

    static final int INPUT_UNIT = 10_000;

    private Measured() {}

    static long limit(int inputBytes) {
        return ALLOCATED_MAX * Math.max(1, Math.ceilDiv(inputBytes, INPUT_UNIT));
    }

    /// Runs `body`. It must allocate no more than [#limit], or do so the second time: classes that are
    /// loaded and tables that are filled once are nobody's attack.
    static void run(int inputBytes, Runnable body) {
        long limit = limit(inputBytes);
        if (Allocated.bytesBy(body) <= limit) {
            return;
        }
        long again = Allocated.bytesBy(body);
        if (again > limit) {
            throw new AssertionError(
                    inputBytes + " bytes of input made it allocate " + again + " bytes");
        }
    }

    static void require(boolean holds, String rule) {
        if (!holds) {
            throw new AssertionError(rule);
        }
    }
}
