package weft.sim;

import java.util.random.RandomGenerator;

/// How long messages take between nodes, and which are lost.
///
/// @param latencyMinNanos shortest one-way delay
/// @param latencyMaxNanos longest one-way delay
/// @param bytesPerSecond how fast a link carries bytes; each message waits for those before it
public record LinkModel(long latencyMinNanos, long latencyMaxNanos, long bytesPerSecond)
        implements Geography {
    private static final long MILLISECOND = 1_000_000L;

    /// A wide-area network: 10 to 150 ms one way, 10 Mbit/s.
    public static final LinkModel WIDE_AREA =
            new LinkModel(10 * MILLISECOND, 150 * MILLISECOND, 1_250_000);

    /// One machine: a tenth of a millisecond, fast.
    public static final LinkModel LOCAL =
            new LinkModel(MILLISECOND / 10, MILLISECOND / 10, 1_000_000_000);

    /// The one-way delay of a new link.
    long latency(RandomGenerator random) {
        return latencyMinNanos == latencyMaxNanos
                ? latencyMinNanos
                : random.nextLong(latencyMinNanos, latencyMaxNanos);
    }

    @Override
    public long latency(SimNode from, SimNode to, RandomGenerator random) {
        return latency(random);
    }

    @Override
    public long transmission(SimNode from, SimNode to, int bytes) {
        return transmission(bytes);
    }

    @Override
    public long departure(SimNode from, int bytes) {
        return 0;
    }

    /// How long a message of a length keeps the link busy.
    long transmission(int bytes) {
        return bytes * 1_000_000_000L / bytesPerSecond;
    }
}
