package weft.fuzz;

import java.util.Arrays;
import java.util.List;
import weft.consensus.script.ExecutionContext;
import weft.consensus.script.Interpreter;
import weft.consensus.script.PrecomputedTxHashes;
import weft.consensus.script.ScriptError;
import weft.consensus.script.ScriptFlags;
import weft.consensus.script.SigVersion;
import weft.consensus.script.SignatureChecker;
import weft.consensus.script.TransactionSignatureChecker;
import weft.primitives.codec.ByteReader;
import weft.primitives.codec.MalformedBytes;

/// Scripts, witness, flags and the numbers that locks compare, all from the input.
public final class InterpreterFuzz {
    private InterpreterFuzz() {}

    /// One input.
    public static void fuzzerTestOneInput(byte[] data) {
        SpendInput input;
        try {
            input = SpendInput.read(ByteReader.of(data));
        } catch (MalformedBytes e) {
            return;
        }
        Measured.require(
                SpendInput.read(ByteReader.of(input.toByteArray())).equals(input),
                "an input is read as written");
        SpendInput.Spend spend = input.spend();
        var shared = PrecomputedTxHashes.of(spend.tx(), List.of(spend.spent()));
        SignatureChecker real = TransactionSignatureChecker.of(shared, 0);
        SignatureChecker checker = input.realSignatures() ? real : new ToyChecker(real);
        Verdict verdict = new Verdict();
        Measured.run(data.length, () -> verdict.error = verify(spend, input.flags(), checker));
        moreRulesNeverHelp(input, spend, checker, verdict.error == ScriptError.OK);
    }

    private static ScriptError verify(SpendInput.Spend spend, int flags, SignatureChecker checker) {
        return Interpreter.verify(
                spend.tx().inputs().getFirst().scriptSig(),
                spend.spent().scriptPubKey(),
                spend.tx().witness(0),
                flags,
                checker);
    }

    /// Every flag is a soft fork: it may only make valid spends invalid.
    private static void moreRulesNeverHelp(
            SpendInput input, SpendInput.Spend spend, SignatureChecker checker, boolean valid) {
        if (valid) {
            int fewer = SpendInput.closed(input.flags() & ~input.otherFlags());
            Measured.require(
                    verify(spend, fewer, checker) == ScriptError.OK,
                    "with fewer rules a good spend stays good: " + ScriptFlags.toText(fewer));
        } else {
            int more = SpendInput.closed(input.flags() | input.otherFlags());
            // What had to be taken out to have a set that is allowed must not be a rule that held.
            if ((input.flags() & ~more) == 0) {
                Measured.require(
                        verify(spend, more, checker) != ScriptError.OK,
                        "with more rules a bad spend stays bad: " + ScriptFlags.toText(more));
            }
        }
    }

    private static final class Verdict {
        ScriptError error = ScriptError.OK;
    }

    /// Takes every signature whose last byte is odd: a fuzzer cannot sign.
    private record ToyChecker(SignatureChecker locks) implements SignatureChecker {
        @Override
        public boolean checkEcdsa(
                byte[] signature, byte[] publicKey, byte[] scriptCode, SigVersion version) {
            return signature.length > 0 && (signature[signature.length - 1] & 1) != 0;
        }

        @Override
        public ScriptError checkSchnorr(
                byte[] signature, byte[] publicKey, SigVersion version, ExecutionContext context) {
            boolean good = (Arrays.hashCode(signature) & 1) != 0;
            return good ? ScriptError.OK : ScriptError.SCHNORR_SIG;
        }

        @Override
        public boolean checkLockTime(long lockTime) {
            return locks.checkLockTime(lockTime);
        }

        @Override
        public boolean checkSequence(long sequence) {
            return locks.checkSequence(sequence);
        }
    }
}
