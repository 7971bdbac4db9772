package weft.bench;

import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import weft.app.node.PooledScriptVerifier;
import weft.chain.ScriptCaches;
import weft.chain.ScriptCheck;

/// All scripts of a real block, on one thread and on two.
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
public class RealScriptsBench {
    /// Network and height.
    @Param({"mainnet/866342", "mainnet/367891", "testnet3/928848"})
    @SuppressWarnings("NullAway.Init")
    public String block;

    /// Threads that run scripts.
    @Param({"1", "2"})
    public int threads;

    @SuppressWarnings("NullAway.Init")
    private PooledScriptVerifier verifier;

    @SuppressWarnings("NullAway.Init")
    private List<ScriptCheck> checks;

    /// A state.
    public RealScriptsBench() {}

    /// Reads the block.
    @Setup(Level.Trial)
    public void read() {
        checks = RealBlock.of(block).checks();
        verifier = new PooledScriptVerifier(threads, ScriptCaches.NONE);
    }

    /// Ends the threads.
    @TearDown(Level.Trial)
    public void end() {
        verifier.close();
    }

    /// Runs every script; no cache knows any of them.
    @Benchmark
    public int scripts() {
        if (verifier.verify(checks) != null) {
            throw new IllegalStateException("a good block fails");
        }
        return checks.size();
    }
}
