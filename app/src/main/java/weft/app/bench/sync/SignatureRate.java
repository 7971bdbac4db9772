package weft.app.bench.sync;

import java.util.ArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.BooleanSupplier;
import weft.crypto.Secp256k1;

/// How many signatures all cores of this machine can verify: what no node can beat. Counted by processor
/// time, so that other programs do not make the machine look slower than it is.
///
/// @param ecdsaPerSecond with all cores
/// @param schnorrPerSecond with all cores
record SignatureRate(double ecdsaPerSecond, double schnorrPerSecond) {
    private static final long WARM_UP_NANOS = 500_000_000L;
    private static final long MEASURE_NANOS = 2_000_000_000L;
    private static final int BATCH = 64;

    static SignatureRate measure(int threads) throws InterruptedException, ExecutionException {
        Secp256k1 curve = Secp256k1.get();
        byte[] secret = new byte[32];
        secret[31] = 7;
        byte[] digest = new byte[32];
        digest[0] = 1;
        byte[] key = curve.publicKey(secret, true);
        byte[] xOnly = curve.xOnlyPublicKey(secret);
        byte[] ecdsa = curve.ecdsaSign(digest, secret);
        byte[] schnorr = curve.schnorrSign(digest, secret, new byte[32]);
        return new SignatureRate(
                rate(threads, () -> curve.ecdsaVerify(ecdsa, digest, key)),
                rate(threads, () -> curve.schnorrVerify(schnorr, digest, xOnly)));
    }

    private static double rate(int threads, BooleanSupplier check)
            throws InterruptedException, ExecutionException {
        run(threads, check, WARM_UP_NANOS);
        double begun = cpuSeconds();
        long count = run(threads, check, MEASURE_NANOS);
        return count * threads / (cpuSeconds() - begun);
    }

    private static double cpuSeconds() {
        return ProcessHandle.current().info().totalCpuDuration().orElseThrow().toNanos() / 1e9;
    }

    private static long run(int threads, BooleanSupplier check, long nanos)
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

    private static long run(BooleanSupplier check, long nanos) {
        long begun = System.nanoTime();
        long count = 0;
        while (System.nanoTime() - begun < nanos) {
            for (int i = 0; i < BATCH; i++) {
                if (!check.getAsBoolean()) {
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
