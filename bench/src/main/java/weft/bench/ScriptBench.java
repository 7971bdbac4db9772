package weft.bench;

import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import weft.consensus.script.Interpreter;
import weft.consensus.script.Opcode;
import weft.consensus.script.ScriptBuilder;
import weft.consensus.script.ScriptError;
import weft.consensus.script.ScriptFlags;
import weft.consensus.script.SigHash;
import weft.consensus.script.SignatureChecker;
import weft.consensus.script.TransactionSignatureChecker;
import weft.primitives.Bytes;
import weft.primitives.Transaction;
import weft.primitives.Witness;

/// Single inputs, as Bitcoin Core's bench verifies them: what the transaction's inputs share is computed
/// each time.
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class ScriptBench {
    private static final int CORE_FLAGS = ScriptFlags.P2SH | ScriptFlags.WITNESS;
    private static final int TAPROOT_FLAGS = CORE_FLAGS | ScriptFlags.TAPROOT;
    private static final int LEGACY_INPUTS = 5000;

    private final Spends keyHash = Spends.keyHash(1);
    private final Spends taprootKey = Spends.taprootKey(1);
    private final Spends taprootScript = Spends.taprootScript(1);
    private final Bytes nestedIf = nestedIf();
    private final Transaction legacy = Spends.many(LEGACY_INPUTS);
    private final byte[] code = new byte[25];
    private final SignatureChecker checker = TransactionSignatureChecker.of(keyHash.hashes(), 0);
    private int input;

    /// A state.
    public ScriptBench() {}

    private static Bytes nestedIf() {
        var script = new ScriptBuilder();
        for (int i = 0; i < 100; i++) {
            script.op(Opcode.OP_1).op(Opcode.OP_IF);
        }
        for (int i = 0; i < 1000; i++) {
            script.op(Opcode.OP_1);
        }
        for (int i = 0; i < 100; i++) {
            script.op(Opcode.OP_ENDIF);
        }
        return script.build();
    }

    private static ScriptError good(ScriptError error) {
        if (error != ScriptError.OK) {
            throw new IllegalStateException("a good script fails: " + error);
        }
        return error;
    }

    /// Core's VerifyScriptBench: a P2WPKH input.
    @Benchmark
    public ScriptError witnessKeyHash() {
        return good(Interpreter.verifyInput(keyHash.hashes(), 0, CORE_FLAGS));
    }

    /// A P2TR input, by key.
    @Benchmark
    public ScriptError taprootKey() {
        return good(Interpreter.verifyInput(taprootKey.hashes(), 0, TAPROOT_FLAGS));
    }

    /// A P2TR input, by script.
    @Benchmark
    public ScriptError taprootScript() {
        return good(Interpreter.verifyInput(taprootScript.hashes(), 0, TAPROOT_FLAGS));
    }

    /// Core's VerifyNestedIfScript; an empty second script comes on top.
    @Benchmark
    public ScriptError nestedIfScript() {
        return good(Interpreter.verify(nestedIf, Bytes.EMPTY, Witness.EMPTY, 0, checker));
    }

    /// The digest of one of 5,000 inputs from before segwit: it covers all of them.
    @Benchmark
    public byte[] legacyDigest() {
        input = (input + 1) % LEGACY_INPUTS;
        return SigHash.legacy(legacy, input, code, SigHash.ALL);
    }
}
