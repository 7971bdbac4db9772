package weft.bench;

import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import weft.crypto.EcdsaSignature;
import weft.crypto.Secp256k1;
import weft.crypto.Sha256;

/// Checks of signatures, ours beside the library's call alone.
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class CurveBench {
    private final Secp256k1 curve = Secp256k1.get();
    private final byte[] secret = Spends.secret(7);
    private final byte[] digest = Sha256.hash(secret);
    private final byte[] publicKey = curve.publicKey(secret, true);
    private final byte[] xOnly = curve.xOnlyPublicKey(secret);
    private final byte[] ecdsa = curve.ecdsaSign(digest, secret);
    private final byte[] schnorr = curve.schnorrSign(digest, secret, new byte[32]);
    private final BareCurve bare =
            new BareCurve(digest, publicKey, EcdsaSignature.parseLax(ecdsa).orElseThrow(), schnorr);

    /// A state.
    public CurveBench() {}

    /// ECDSA out of DER and a compressed key.
    @Benchmark
    public boolean ecdsa() {
        return curve.ecdsaVerify(ecdsa, digest, publicKey);
    }

    /// ECDSA, everything parsed before.
    @Benchmark
    public int ecdsaBare() {
        return bare.ecdsaVerify();
    }

    /// Schnorr out of 64 bytes and an x-only key.
    @Benchmark
    public boolean schnorr() {
        return curve.schnorrVerify(schnorr, digest, xOnly);
    }

    /// Schnorr, the key parsed before.
    @Benchmark
    public int schnorrBare() {
        return bare.schnorrVerify();
    }

    /// Schnorr without copies to native memory: the garbage collector waits meanwhile.
    @Benchmark
    public int schnorrOnHeap() {
        return bare.schnorrVerifyOnHeap(schnorr, digest, xOnly);
    }
}
