package weft.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import weft.consensus.BlockCheck;
import weft.consensus.ChainParams;
import weft.consensus.MerkleRoot;
import weft.consensus.RuleFailure;
import weft.primitives.Block;
import weft.primitives.BlockHeader;
import weft.primitives.Bytes;
import weft.primitives.Digest256;
import weft.primitives.OutPoint;
import weft.primitives.Transaction;
import weft.primitives.TxIn;
import weft.primitives.TxOut;
import weft.primitives.Txid;

/// Blocks without their coins: decoding, the rules of a block alone, Merkle roots.
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class BlockBench {
    private static final int LEAVES = 9001;
    private static final int INPUTS = 24_286;
    private static final Bytes SCRIPT = Bytes.wrap(new byte[] {0x51});

    private final RealBlock real = RealBlock.of(RealBlock.OF_CORE);
    private final ChainParams params = ChainParams.of(real.network());
    private final SplittableRandom random = new SplittableRandom(1);
    private final List<Digest256> leaves = new ArrayList<>();
    private final Block duplicate = duplicate();

    /// A state.
    public BlockBench() {
        for (int i = 0; i < LEAVES; i++) {
            leaves.add(Digest256.of(bytes32()));
        }
    }

    private byte[] bytes32() {
        byte[] bytes = new byte[32];
        random.nextBytes(bytes);
        return bytes;
    }

    private Block duplicate() {
        var coinbaseIn = new TxIn(OutPoint.NULL, Bytes.parse("016500"), TxIn.SEQUENCE_FINAL);
        var coinbaseOut = new TxOut(5_000_000_000L, SCRIPT);
        Transaction coinbase =
                Transaction.of(1, List.of(coinbaseIn), List.of(coinbaseOut), List.of(), 0);
        List<TxIn> inputs = new ArrayList<>();
        for (int i = 0; i < INPUTS - 1; i++) {
            inputs.add(new TxIn(new OutPoint(Txid.of(bytes32()), 0), Bytes.EMPTY, 0));
        }
        inputs.add(inputs.getLast());
        Transaction naughty =
                Transaction.of(1, inputs, List.of(new TxOut(0, SCRIPT)), List.of(), 0);
        BlockHeader header = real.decode().header();
        List<Transaction> transactions = List.of(coinbase, naughty);
        Digest256 root = MerkleRoot.of(Block.of(header, transactions)).root();
        var own =
                new BlockHeader(
                        header.version(),
                        header.parent(),
                        root,
                        header.time(),
                        header.bits(),
                        header.nonce());
        return Block.of(own, transactions);
    }

    /// Core's DeserializeBlockTest; ids are computed on the way, as there.
    @Benchmark
    public Block decode() {
        return real.decode();
    }

    /// Core's DeserializeAndCheckBlockTest.
    @Benchmark
    public Block decodeAndCheck() {
        Block block = real.decode();
        if (BlockCheck.check(block, params) != null) {
            throw new IllegalStateException("a good block fails");
        }
        return block;
    }

    /// Core's MerkleRoot, a leaf.
    @Benchmark
    @OperationsPerInvocation(LEAVES)
    @OutputTimeUnit(TimeUnit.NANOSECONDS)
    public Digest256 merkleRoot() {
        MerkleRoot.Result result = MerkleRoot.of(leaves);
        leaves.set(result.mutated() ? 1 : 0, result.root());
        return result.root();
    }

    /// Core's DuplicateInputs: the last of 24,286 inputs is there twice.
    @Benchmark
    public @Nullable RuleFailure duplicateInputs() {
        RuleFailure failure = BlockCheck.check(duplicate);
        if (failure == null || !failure.reason().equals("bad-txns-inputs-duplicate")) {
            throw new IllegalStateException("a bad block passes");
        }
        return failure;
    }
}
