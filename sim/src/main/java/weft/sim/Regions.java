package weft.sim;

import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/// The world in six regions, as Bitcoin's nodes were spread in 2019: figures of SimBlock, an open simulator
/// of the Tokyo Institute of Technology, `NetworkConfiguration.java` at commit 5fc7f9f.
///
/// - A connection's delay is drawn from a Pareto distribution with the mean of its two regions, as SimBlock
///   does.
/// - A message goes at the sender's upload or the receiver's download rate, whichever is lower.
/// - What is longer than a packet waits until the sender's line is free: ten peers that want a block get it
///   one after the other. What is shorter slips in between.
public final class Regions implements Geography {
    private static final double[] SHARES = {0.3316, 0.4998, 0.0090, 0.1177, 0.0224, 0.0195};

    /// Mean one-way delays in milliseconds: North America, Europe, South America, Asia and Pacific, Japan,
    /// Australia.
    private static final int[][] LATENCY_MILLIS = {
        {32, 124, 184, 198, 151, 189},
        {124, 11, 227, 237, 252, 294},
        {184, 227, 88, 325, 301, 322},
        {198, 237, 325, 85, 58, 198},
        {151, 252, 301, 58, 12, 126},
        {189, 294, 322, 198, 126, 16}
    };

    private static final double[] DOWN_MBITS = {52, 40, 18, 22.8, 22.8, 29.9};
    private static final double[] UP_MBITS = {19.2, 20.7, 5.8, 15.7, 10.2, 11.3};
    private static final int PACKET_BYTES = 1_460;

    /// The Pareto distribution begins so far below the mean.
    private static final double BELOW_MEAN_MILLIS = 5;

    /// Its shape is this share of the mean.
    private static final double SHAPE = 0.2;

    private final SplittableRandom random;
    private final Map<Integer, Integer> homes = new HashMap<>();

    /// @param seed of who lives where
    public Regions(long seed) {
        this.random = new SplittableRandom(seed);
    }

    /// The region of a node, 0 to 5.
    int regionOf(SimNode node) {
        return homes.computeIfAbsent(node.index(), _ -> draw());
    }

    private int draw() {
        double at = random.nextDouble();
        int region = 0;
        while (region < SHARES.length - 1 && at >= SHARES[region]) {
            at -= SHARES[region++];
        }
        return region;
    }

    @Override
    public long latency(SimNode from, SimNode to, RandomGenerator chance) {
        double mean = LATENCY_MILLIS[regionOf(from)][regionOf(to)];
        double scale = mean - BELOW_MEAN_MILLIS;
        double millis = scale / StrictMath.pow(1 - chance.nextDouble(), 1 / (SHAPE * mean));
        return (long) (millis * 1e6);
    }

    @Override
    public long transmission(SimNode from, SimNode to, int bytes) {
        double rate = Math.min(UP_MBITS[regionOf(from)], DOWN_MBITS[regionOf(to)]);
        return nanos(bytes, rate);
    }

    @Override
    public long departure(SimNode from, int bytes) {
        return bytes <= PACKET_BYTES ? 0 : nanos(bytes, UP_MBITS[regionOf(from)]);
    }

    private static long nanos(int bytes, double megabits) {
        return (long) (bytes * 8_000.0 / megabits);
    }
}
