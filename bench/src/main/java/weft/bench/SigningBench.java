package weft.bench;

import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import weft.consensus.script.Interpreter;
import weft.consensus.script.ScriptError;
import weft.consensus.script.ScriptFlags;
import weft.crypto.Secp256k1;

/// Signing a transaction of one input with one of 32 keys, and running the script as Bitcoin Core does
/// after it has signed.
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class SigningBench {
    private static final int KEYS = 32;

    private final byte[][] publicKeys = new byte[KEYS][];
    private final byte[][] internalKeys = new byte[KEYS][];
    private final Spends[] byKeyHash = new Spends[KEYS];
    private final Spends[] byTaproot = new Spends[KEYS];
    private int next;

    /// A state.
    public SigningBench() {
        for (int i = 0; i < KEYS; i++) {
            byte[] secret = Spends.secret(i + 1000);
            publicKeys[i] = Secp256k1.get().publicKey(secret, true);
            internalKeys[i] = Secp256k1.get().xOnlyPublicKey(secret);
            byKeyHash[i] = Spends.unsigned(Spends.witnessKeyHash(publicKeys[i]));
            byTaproot[i] = Spends.unsigned(Spends.taprootOutput(internalKeys[i], new byte[0]));
        }
    }

    private static Spends verified(Spends signed) {
        ScriptError error = Interpreter.verifyInput(signed.hashes(), 0, ScriptFlags.STANDARD);
        if (error != ScriptError.OK) {
            throw new IllegalStateException("a good script fails: " + error);
        }
        return signed;
    }

    /// Core's SignTransactionECDSA.
    @Benchmark
    public Spends ecdsa() {
        int key = next++ % KEYS;
        byte[] secret = Spends.secret(key + 1000);
        return verified(byKeyHash[key].signedByKeyHash(secret, publicKeys[key]));
    }

    /// Core's SignTransactionSchnorr.
    @Benchmark
    public Spends schnorr() {
        int key = next++ % KEYS;
        byte[] secret = Spends.secret(key + 1000);
        return verified(byTaproot[key].signedByTaprootKey(secret, internalKeys[key]));
    }
}
