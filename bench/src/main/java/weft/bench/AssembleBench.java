package weft.bench;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import weft.app.node.PooledScriptVerifier;
import weft.chain.ChainOptions;
import weft.chain.ChainStores;
import weft.chain.ScriptCaches;
import weft.chain.api.BlockFailure;
import weft.chain.api.Origin;
import weft.chain.store.MemoryBlockStore;
import weft.chain.store.MemoryKeyValueStore;
import weft.consensus.ChainParams;
import weft.consensus.Network;
import weft.crypto.Sha256;
import weft.mempool.AcceptResult;
import weft.mempool.MempoolOptions;
import weft.mining.Solver;
import weft.mining.TemplateOptions;
import weft.node.ChainEngine;
import weft.primitives.Block;
import weft.primitives.Bytes;
import weft.primitives.Now;
import weft.primitives.OutPoint;
import weft.primitives.Transaction;
import weft.primitives.TxIn;
import weft.primitives.TxOut;
import weft.primitives.Witness;
import weft.primitives.log.Log;

/// Core's AssembleBlock: 200 blocks, 101 loose transactions that spend the first of their coinbases; a block
/// is made of them and checked against the chain. Core counts the Merkle root last; ours is there before
/// the check, which counts it once more. The engine is a real one, with the verifier and the memory of right
/// scripts that the program has, and stores in memory.
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class AssembleBench {
    private static final int BLOCKS = 200;
    private static final int MATURITY = 100;
    private static final int CACHE_BYTES = 32 << 20;
    private static final Bytes ANYBODY = Bytes.wrap(new byte[] {0x51});
    private static final Bytes LOCK =
            Bytes.parse("0020").plus(Bytes.wrap(Sha256.hash(ANYBODY.toByteArray())));
    private static final Now NOW = new Now(0, Instant.ofEpochSecond(1_700_000_000L));

    private final ChainParams params = ChainParams.of(Network.REGTEST);
    private final PooledScriptVerifier scripts =
            new PooledScriptVerifier(2, new ScriptCaches(new byte[32], CACHE_BYTES));
    private final ChainEngine engine =
            new ChainEngine(
                    new ChainEngine.Parts(
                            params,
                            ChainOptions.DEFAULT,
                            MempoolOptions.DEFAULT,
                            TemplateOptions.DEFAULT,
                            new ChainStores(new MemoryKeyValueStore(), new MemoryBlockStore()),
                            scripts,
                            Log.NONE));

    /// A state.
    public AssembleBench() {
        engine.start(NOW, event -> {});
        var loose = new ArrayList<Transaction>();
        for (int i = 0; i < BLOCKS; i++) {
            Block block =
                    Solver.solve(engine.template(LOCK).block(), Integer.MAX_VALUE, params)
                            .orElseThrow();
            engine.submitBlock(block).failure().ifPresent(AssembleBench::complain);
            if (BLOCKS - i >= MATURITY) {
                loose.add(spend(block.transactions().getFirst()));
            }
        }
        for (Transaction tx : loose) {
            AcceptResult result = engine.submitTx(Origin.SELF, tx);
            if (!(result instanceof AcceptResult.Accepted)) {
                throw new IllegalStateException(result.toString());
            }
        }
    }

    private static void complain(BlockFailure failure) {
        throw new IllegalStateException(failure.toString());
    }

    private static Transaction spend(Transaction coinbase) {
        var input = new TxIn(new OutPoint(coinbase.txid(), 0), Bytes.EMPTY, TxIn.SEQUENCE_FINAL);
        return Transaction.of(
                2,
                List.of(input),
                List.of(new TxOut(1_337, LOCK)),
                List.of(Witness.of(ANYBODY)),
                0);
    }

    /// Ends the threads.
    @TearDown
    public void tearDown() {
        scripts.close();
    }

    /// One block.
    @Benchmark
    public Block assemble() {
        Block block = engine.template(LOCK).block();
        engine.chain().testBlock(block, false, NOW).ifPresent(AssembleBench::complain);
        return block;
    }
}
