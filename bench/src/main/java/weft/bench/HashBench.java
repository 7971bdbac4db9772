package weft.bench;

import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import weft.crypto.MuHash3072;
import weft.crypto.Sha256;
import weft.crypto.SipHash;

/// Hashes: SHA-256d, SipHash, MuHash.
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class HashBench {
    private static final int NODES = 1024;
    private static final int NODE_BYTES = 64;

    private final byte[] bytes64 = random(64);
    private final byte[] megabyte = random(1_000_000);
    private final byte[] bytes80 = random(80);
    private final byte[] nodes = random(NODES * NODE_BYTES);
    private final byte[] element = new byte[32];
    private final MuHash3072 set = new MuHash3072();
    private long key;
    private long word;
    private int count;

    /// A state.
    public HashBench() {}

    private static byte[] random(int length) {
        byte[] bytes = new byte[length];
        new SplittableRandom(1).nextBytes(bytes);
        return bytes;
    }

    /// One megabyte, a byte: what the processor's instructions give one message at a time.
    @Benchmark
    @OperationsPerInvocation(1_000_000)
    public byte[] sha256OfMegabyte() {
        return Sha256.hash(megabyte);
    }

    /// SHA-256d of 64 bytes, alone.
    @Benchmark
    public byte[] sha256d64() {
        return Sha256.hashTwice(bytes64);
    }

    /// SHA-256d of 80 bytes: a block header.
    @Benchmark
    public byte[] sha256d80() {
        return Sha256.hashTwice(bytes80);
    }

    /// Core's SHA256D64_1024, a byte: 1,024 nodes of 64 bytes, each hash written over the front.
    @Benchmark
    @OperationsPerInvocation(NODES * NODE_BYTES)
    public byte[] sha256d64Of1024() {
        for (int i = 0; i < NODES; i++) {
            Sha256.hashTwice(nodes, i * NODE_BYTES, NODE_BYTES, nodes, i * Sha256.BYTES);
        }
        return nodes;
    }

    /// Core's SipHash_32b: the key changes each time, the hash goes back in.
    @Benchmark
    public long sipHash32() {
        word = SipHash.hash(0, ++key, word, 0, 0, 0);
        return word;
    }

    /// Core's MuHash: one element enters.
    @Benchmark
    public MuHash3072 muHashInsert() {
        element[0] = (byte) ++count;
        return set.insert(element);
    }
}
