package weft.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.IntFunction;
import java.util.function.IntPredicate;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import weft.p2p.PeerId;
import weft.p2p.peers.Eviction;
import weft.p2p.peers.EvictionCandidate;
import weft.wire.NetworkId;

/// Who is protected for having been connected long, in the shape of Bitcoin Core's EvictionProtection.
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class EvictionBench {
    private final List<EvictionCandidate> candidates = new ArrayList<>();

    /// Networks at a disadvantage, and candidates, as Core names its benchmarks.
    @Param({"0-250", "1-250", "2-250", "3-050", "3-100", "3-250"})
    public String kind = "";

    /// A state.
    public EvictionBench() {}

    /// Makes the candidates.
    @Setup
    public void setUp() {
        switch (kind) {
            case "0-250" -> fill(250, id -> NetworkId.IPV4, id -> false);
            case "1-250" -> fill(250, id -> in(id, 130, 240, NetworkId.TORV3), id -> false);
            case "2-250" ->
                    fill(
                            250,
                            id ->
                                    id < 160
                                            ? in(id, 90, 160, NetworkId.TORV3)
                                            : in(id, 170, 250, NetworkId.I2P),
                            id -> false);
            case "3-050" ->
                    fill(
                            50,
                            id ->
                                    id < 28
                                            ? in(id, 24, 28, NetworkId.TORV3)
                                            : in(id, 30, 47, NetworkId.I2P),
                            id -> id == 28 || id == 47);
            case "3-100" ->
                    fill(
                            100,
                            id ->
                                    id < 80
                                            ? in(id, 70, 80, NetworkId.I2P)
                                            : in(id, 80, 96, NetworkId.TORV3),
                            id -> id >= 55 && id < 60);
            default ->
                    fill(
                            250,
                            id ->
                                    id < 180
                                            ? in(id, 170, 180, NetworkId.I2P)
                                            : in(id, 190, 240, NetworkId.TORV3),
                            id -> id >= 140 && id < 160);
        }
    }

    private static NetworkId in(int id, int from, int to, NetworkId network) {
        return id >= from && id < to ? network : NetworkId.IPV4;
    }

    private void fill(int count, IntFunction<NetworkId> network, IntPredicate local) {
        var random = new SplittableRandom(1);
        for (int id = 0; id < count; id++) {
            var merits =
                    new EvictionCandidate.Merits(
                            random.nextLong(100),
                            random.nextLong(100),
                            random.nextLong(100),
                            random.nextBoolean(),
                            random.nextBoolean(),
                            random.nextBoolean());
            candidates.add(
                    new EvictionCandidate(
                            new PeerId(id),
                            id * 1_000_000_000L,
                            merits,
                            random.nextLong(100),
                            random.nextBoolean(),
                            local.test(id),
                            network.apply(id),
                            true,
                            false));
        }
    }

    /// One round.
    @Benchmark
    public List<EvictionCandidate> protect() {
        var left = new ArrayList<>(candidates);
        Eviction.protectByRatio(left);
        return left;
    }
}
