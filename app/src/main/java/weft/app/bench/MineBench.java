package weft.app.bench;

import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.IntConsumer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import weft.consensus.ChainParams;
import weft.consensus.Network;
import weft.crypto.Sha256;
import weft.mining.HeaderSearch;
import weft.primitives.BlockHeader;
import weft.primitives.Digest256;

/// `weft bench mine`: how fast headers are hashed, beside what the JDK's digest does with the same 80 bytes.
@Command(
        name = "mine",
        description = "Hashes a second of our miner, beside the bare double SHA-256 of the JDK.",
        mixinStandardHelpOptions = true)
public final class MineBench implements Callable<Integer> {
    private static final int BATCH = 1 << 14;
    private static final int ROUNDS = 3;

    @Option(names = "--threads", description = "Threads (default: one a processor).")
    private int threads = Runtime.getRuntime().availableProcessors();

    @Option(names = "--seconds", description = "For each measurement (default: ${DEFAULT-VALUE}).")
    private int seconds = 3;

    private volatile long sink;

    /// A measurement that prints to standard output.
    public MineBench() {}

    @Override
    public Integer call() throws InterruptedException {
        if (threads < 1 || seconds < 1) {
            System.err.println("Error: --threads and --seconds must be at least 1");
            return 1;
        }
        BlockHeader header = ChainParams.of(Network.MAIN).genesis().header();
        for (int round = 0; round < ROUNDS; round++) {
            double bare = rate(() -> bare(header));
            double ours = rate(() -> ours(header));
            System.out.printf(
                    Locale.ROOT,
                    "%s%d threads: JDK's SHA-256d of 80 bytes %.2f MH/s, miner %.2f MH/s, ratio %.2f%n",
                    round == 0 ? "(warming up) " : "",
                    threads,
                    bare / 1e6,
                    ours / 1e6,
                    ours / bare);
        }
        return 0;
    }

    /// Hashes a batch with each call.
    private interface Hasher extends java.util.function.Supplier<IntConsumer> {}

    private double rate(Hasher hasher) throws InterruptedException {
        var hashes = new LongAdder();
        long begun = System.nanoTime();
        long end = begun + seconds * 1_000_000_000L;
        var running = new Thread[threads];
        for (int i = 0; i < threads; i++) {
            running[i] =
                    Thread.ofPlatform()
                            .start(
                                    () -> {
                                        IntConsumer batch = hasher.get();
                                        for (int at = 0; System.nanoTime() < end; at++) {
                                            batch.accept(at);
                                            hashes.add(BATCH);
                                        }
                                    });
        }
        for (Thread each : running) {
            each.join();
        }
        return hashes.sum() * 1e9 / (System.nanoTime() - begun);
    }

    private IntConsumer bare(BlockHeader header) {
        byte[] bytes = header.toByteArray();
        byte[] hash = new byte[Sha256.BYTES];
        return at -> {
            for (int i = 0; i < BATCH; i++) {
                bytes[76] = (byte) i;
                bytes[77] = (byte) (i >>> 8);
                bytes[78] = (byte) at;
                bytes[79] = (byte) (at >>> 8);
                Sha256.hashTwice(bytes, 0, bytes.length, hash, 0);
            }
            sink = hash[31];
        };
    }

    private static IntConsumer ours(BlockHeader header) {
        // No hash is that low.
        var search = new HeaderSearch(header, Digest256.ZERO);
        return at -> search.search((long) (at & 0xffff) * BATCH, BATCH);
    }
}
