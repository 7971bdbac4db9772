package weft.app.bench.sync;

import java.util.ArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.IntPredicate;
import weft.crypto.Secp256k1;
import weft.crypto.Sha256;

/// How many signatures all cores of this machine can verify: what no node can beat. Counted by processor
/// time, so that other programs do not make the machine look slower than it is.
///
/// *Rationale of the many signatures:* the branches of a check follow the bits of its numbers. A processor
/// learns the branches of one signature by heart and then checks it a fifth faster than any that is new,
/// which no chain lets it do. Keys are few, so that they are parsed once: parsing is no part of this rate.
///
/// @param ecdsaPerSecond with all cores
/// @param schnorrPerSecond with all cores
record SignatureRate(double ecdsaPerSecond, double schnorrPerSecond) {
    private static final long WARM_UP_NANOS = 500_000_000L;
    private static final long MEASURE_NANOS = 2_000_000_000L;
    private static final int BATCH = 64;
    private static final int KEYS = 256;
    private static final int SIGNATURES = 4_096;

    static SignatureRate measure(int threads) throws InterruptedException, ExecutionException {
        Secp256k1 curve = Secp256k1.get();
        byte[][] keys = new byte[KEYS][];
        byte[][] xOnly = new byte[KEYS][];
        byte[][] digests = new byte[SIGNATURES][];
        byte[][] ecdsa = new byte[SIGNATURES][];
        byte[][] schnorr = new byte[SIGNATURES][];
        for (int i = 0; i < SIGNATURES; i++) {
            byte[] secret = Sha256.hash(new byte[] {(byte) (i % KEYS)});
            if (i < KEYS) {
                keys[i] = curve.publicKey(secret, true);
                xOnly[i] = curve.xOnlyPublicKey(secret);
            }
            digests[i] = Sha256.hash(new byte[] {(byte) i, (byte) (i >> 8)});
            ecdsa[i] = curve.ecdsaSign(digests[i], secret);
            schnorr[i] = curve.schnorrSign(digests[i], secret, new byte[32]);
        }
        return new SignatureRate(
                rate(threads, i -> curve.ecdsaVerify(ecdsa[i], digests[i], keys[i % KEYS])),
                rate(threads, i -> curve.schnorrVerify(schnorr[i], digests[i], xOnly[i % KEYS])));
    }

    private static double rate(int threads, IntPredicate check)
            throws InterruptedException, ExecutionException {
        run(threads, check, WARM_UP_NANOS);
        double begun = cpuSeconds();
        long count = run(threads, check, MEASURE_NANOS);
        return count * threads / (cpuSeconds() - begun);
    }

    private static double cpuSeconds() {
        return ProcessHandle.current().info().totalCpuDuration().orElseThrow().toNanos() / 1e9;
    }

    private static long run(int threads, IntPredicate check, long nanos)
            throws InterruptedException, ExecutionException {
        try (var pool = Executors.newFixedThreadPool(threads)) {
            var running = new ArrayList<Future<Long>>();
            for (int i = 0; i < threads; i++) {
                running.add(pool.submit(() -> run(check, nanos)));
            }
            long sum = 0;
            for (Future<Long> each : running) {
                sum += each.get();
            }
            return sum;
        }
    }

    private static long run(IntPredicate check, long nanos) {
        long begun = System.nanoTime();
        long count = 0;
        while (System.nanoTime() - begun < nanos) {
            for (int i = 0; i < BATCH; i++) {
                if (!check.test((int) ((count + i) % SIGNATURES))) {
                    throw new IllegalStateException("a valid signature was refused");
                }
            }
            count += BATCH;
        }
        return count;
    }

    /// Seconds that the signatures of a chain take with all cores and nothing else to do.
    double seconds(long ecdsaChecks, long schnorrChecks) {
        return ecdsaChecks / ecdsaPerSecond + schnorrChecks / schnorrPerSecond;
    }
}
