package weft.consensus;

import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import weft.consensus.script.ExecutionContext;
import weft.consensus.script.Interpreter;
import weft.consensus.script.PrecomputedTxHashes;
import weft.consensus.script.ScriptError;
import weft.consensus.script.SigVersion;
import weft.consensus.script.SignatureChecker;
import weft.consensus.script.SignatureVerifier;
import weft.consensus.script.TransactionSignatureChecker;
import weft.crypto.Secp256k1;
import weft.primitives.Bytes;
import weft.primitives.Transaction;
import weft.primitives.TxOut;

/// An input whose scripts were run, and the signatures that were found right on the way.
///
/// @param right in the order of their checks
record SignedSpend(ScriptError error, List<Right> right) {
    /// A right signature.
    ///
    /// @param signature as the script had it, with its hash type
    /// @param consent who signed what: key and digest
    record Right(Bytes signature, SigVersion version, String consent) {
        /// The hash type; 0 where taproot leaves it out.
        int type() {
            boolean hasNone =
                    version != SigVersion.BASE
                            && version != SigVersion.WITNESS_V0
                            && signature.length() == 64;
            return hasNone ? 0 : signature.at(signature.length() - 1);
        }
    }

    static SignedSpend run(Transaction tx, List<TxOut> spent, int input, int flags) {
        var shared = PrecomputedTxHashes.of(tx, spent);
        TxOut out = spent.get(input);
        var recorder = new Recorder(shared, input, out.value());
        ScriptError error =
                Interpreter.verify(
                        tx.inputs().get(input).scriptSig(),
                        out.scriptPubKey(),
                        tx.witness(input),
                        flags,
                        recorder);
        return new SignedSpend(error, List.copyOf(recorder.right));
    }

    boolean passes() {
        return error == ScriptError.OK;
    }

    /// Who signed what, whatever the bytes of the signatures are.
    List<String> consents() {
        return right.stream().map(Right::consent).toList();
    }

    /// Asks the curve and keeps what it says yes to.
    private static final class Recorder implements SignatureChecker, SignatureVerifier {
        private final SignatureVerifier curve = SignatureVerifier.of(Secp256k1.get());
        private final List<Right> right = new ArrayList<>();
        private final SignatureChecker checker;
        private String consent = "";

        Recorder(PrecomputedTxHashes shared, int input, long amount) {
            checker = new TransactionSignatureChecker(shared, input, amount, this);
        }

        private static String text(byte[] key, byte[] digest) {
            return HexFormat.of().formatHex(key) + ":" + HexFormat.of().formatHex(digest);
        }

        @Override
        public boolean ecdsa(byte[] signature, byte[] digest, byte[] publicKey) {
            consent = text(publicKey, digest);
            return curve.ecdsa(signature, digest, publicKey);
        }

        @Override
        public boolean schnorr(byte[] signature, byte[] digest, byte[] publicKey) {
            consent = text(publicKey, digest);
            return curve.schnorr(signature, digest, publicKey);
        }

        @Override
        public boolean checkEcdsa(
                byte[] signature, byte[] publicKey, byte[] scriptCode, SigVersion version) {
            boolean good = checker.checkEcdsa(signature, publicKey, scriptCode, version);
            if (good) {
                right.add(new Right(Bytes.copyOf(signature), version, consent));
            }
            return good;
        }

        @Override
        public ScriptError checkSchnorr(
                byte[] signature, byte[] publicKey, SigVersion version, ExecutionContext context) {
            ScriptError error = checker.checkSchnorr(signature, publicKey, version, context);
            if (error == ScriptError.OK) {
                right.add(new Right(Bytes.copyOf(signature), version, consent));
            }
            return error;
        }

        @Override
        public boolean checkLockTime(long lockTime) {
            return checker.checkLockTime(lockTime);
        }

        @Override
        public boolean checkSequence(long sequence) {
            return checker.checkSequence(sequence);
        }
    }
}
