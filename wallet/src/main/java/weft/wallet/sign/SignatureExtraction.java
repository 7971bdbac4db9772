package weft.wallet.sign;

import java.util.ArrayList;
import java.util.List;
import weft.consensus.script.ExecutionContext;
import weft.consensus.script.Interpreter;
import weft.consensus.script.Opcode;
import weft.consensus.script.OutputType;
import weft.consensus.script.PrecomputedTxHashes;
import weft.consensus.script.ScriptError;
import weft.consensus.script.ScriptFlags;
import weft.consensus.script.ScriptReader;
import weft.consensus.script.SigVersion;
import weft.consensus.script.SignatureChecker;
import weft.consensus.script.SignatureVerifier;
import weft.consensus.script.TransactionSignatureChecker;
import weft.primitives.Bytes;
import weft.primitives.Transaction;
import weft.primitives.TxOut;

/// Finds the signatures and scripts in an input that others began to sign.
public final class SignatureExtraction {
    private SignatureExtraction() {}

    /// Keeps every signature that was found right.
    private record Keeping(SignatureChecker inner, InputSignatures found)
            implements SignatureChecker {
        @Override
        public boolean checkEcdsa(
                byte[] signature, byte[] publicKey, byte[] scriptCode, SigVersion version) {
            if (!inner.checkEcdsa(signature, publicKey, scriptCode, version)) {
                return false;
            }
            Bytes key = Bytes.copyOf(publicKey);
            found.signatures.putIfAbsent(
                    SigningProvider.id(key),
                    new InputSignatures.Signed(key, Bytes.copyOf(signature)));
            return true;
        }

        @Override
        public ScriptError checkSchnorr(
                byte[] signature, byte[] publicKey, SigVersion version, ExecutionContext context) {
            return inner.checkSchnorr(signature, publicKey, version, context);
        }

        @Override
        public boolean checkLockTime(long lockTime) {
            return inner.checkLockTime(lockTime);
        }

        @Override
        public boolean checkSequence(long sequence) {
            return inner.checkSequence(sequence);
        }
    }

    /// What is in an input.
    ///
    /// @param shared of the transaction, without its spent outputs: taproot inputs are not judged here
    /// @param spent the output that the input spends
    public static InputSignatures of(PrecomputedTxHashes shared, int input, TxOut spent) {
        Transaction tx = shared.tx();
        var found = new InputSignatures();
        found.scriptSig = tx.inputs().get(input).scriptSig();
        found.witness = tx.witness(input);
        var checker =
                new Keeping(
                        new TransactionSignatureChecker(
                                shared, input, spent.value(), SignatureVerifier.CURVE),
                        found);
        ScriptError error =
                Interpreter.verify(
                        found.scriptSig,
                        spent.scriptPubKey(),
                        found.witness,
                        ScriptFlags.STANDARD,
                        checker);
        if (error == ScriptError.OK) {
            found.complete = true;
            return found;
        }
        List<Bytes> stack = pushes(found.scriptSig);
        SigVersion version = SigVersion.BASE;
        Bytes script = spent.scriptPubKey();
        OutputType type = OutputType.of(script);
        if (type == OutputType.SCRIPTHASH && !stack.isEmpty() && !stack.getLast().isEmpty()) {
            script = stack.removeLast();
            found.redeemScript = script;
            type = OutputType.of(script);
        }
        var items = new ArrayList<>(found.witness.items());
        if (type == OutputType.WITNESS_V0_SCRIPTHASH
                && !items.isEmpty()
                && !items.getLast().isEmpty()) {
            script = items.removeLast();
            found.witnessScript = script;
            type = OutputType.of(script);
            stack = items;
            version = SigVersion.WITNESS_V0;
        }
        if (type == OutputType.MULTISIG) {
            match(stack, script, version, checker);
        }
        return found;
    }

    /// Finds for each signature the key that made it; both are in the same order.
    private static void match(
            List<Bytes> signatures, Bytes script, SigVersion version, Keeping checker) {
        List<Bytes> keys = OutputType.multisigKeys(script);
        int next = 0;
        for (Bytes signature : signatures) {
            for (int i = next; i < keys.size(); i++) {
                Bytes key = keys.get(i);
                boolean isKnown = checker.found.signatures.containsKey(SigningProvider.id(key));
                if (isKnown
                        || checker.checkEcdsa(
                                signature.toByteArray(),
                                key.toByteArray(),
                                script.toByteArray(),
                                version)) {
                    next = i + 1;
                    break;
                }
            }
        }
    }

    private static List<Bytes> pushes(Bytes script) {
        var items = new ArrayList<Bytes>();
        ScriptReader reader = ScriptReader.of(script);
        while (reader.next() && reader.opcode() <= Opcode.OP_16) {
            int opcode = reader.opcode();
            if (opcode == Opcode.OP_1NEGATE) {
                items.add(Bytes.parse("81"));
            } else if (opcode > Opcode.OP_PUSHDATA4) {
                items.add(Bytes.wrap(new byte[] {(byte) OutputType.small(opcode)}));
            } else {
                items.add(reader.push());
            }
        }
        return items;
    }
}
