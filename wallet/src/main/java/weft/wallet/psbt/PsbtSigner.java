package weft.wallet.psbt;

import java.util.ArrayList;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import weft.consensus.script.Interpreter;
import weft.consensus.script.PrecomputedTxHashes;
import weft.consensus.script.Script;
import weft.consensus.script.ScriptError;
import weft.consensus.script.ScriptFlags;
import weft.consensus.script.SigHash;
import weft.consensus.script.SignatureVerifier;
import weft.consensus.script.TransactionSignatureChecker;
import weft.primitives.Transaction;
import weft.primitives.TxIn;
import weft.primitives.TxOut;
import weft.primitives.Witness;
import weft.wallet.sign.InputSignatures;
import weft.wallet.sign.InputSigner;
import weft.wallet.sign.PlaceholderSigner;
import weft.wallet.sign.SignatureCreator;
import weft.wallet.sign.SigningProvider;
import weft.wallet.sign.TransactionSigner;

/// The roles of updater, signer, finalizer and extractor of BIP-0174, on one PSBT whose coins are known. Not
/// safe for use by two threads.
public final class PsbtSigner {
    private static final SigningProvider NOTHING = new SigningProvider();

    private final Psbt psbt;
    private final PrecomputedTxHashes shared;

    /// Works on a PSBT; the coins that it has now count for taproot signatures.
    public PsbtSigner(Psbt psbt) {
        this.psbt = psbt;
        var spent = new ArrayList<TxOut>();
        for (int i = 0; i < psbt.inputs().size(); i++) {
            psbt.spent(i).ifPresent(spent::add);
        }
        this.shared =
                spent.size() == psbt.inputs().size() && !spent.isEmpty()
                        ? PrecomputedTxHashes.forSigning(psbt.tx(), spent)
                        : PrecomputedTxHashes.withoutSpent(psbt.tx());
    }

    /// How the signing of an input came out.
    ///
    /// @param isComplete everything that the script asks for is there
    /// @param found what was found and what is missing; null if nothing was tried
    public record Outcome(boolean isComplete, @Nullable InputSignatures found) {}

    /// Whether an input is finished and its script runs well.
    public boolean isVerified(int index) {
        return isVerified(index, shared);
    }

    private boolean isVerified(int index, PrecomputedTxHashes hashes) {
        Optional<TxOut> spent = psbt.spent(index);
        PsbtInput input = psbt.inputs().get(index);
        return spent.isPresent()
                && Interpreter.verify(
                                input.finalScriptSig,
                                spent.get().scriptPubKey(),
                                input.finalWitness,
                                ScriptFlags.STANDARD,
                                new TransactionSignatureChecker(
                                        hashes,
                                        index,
                                        spent.get().value(),
                                        SignatureVerifier.CURVE))
                        == ScriptError.OK;
    }

    /// Signs an input as far as keys are there, and adds what is known of its scripts and keys.
    ///
    /// @param hashType see [SigHash]
    /// @param finalize whether complete signatures become finished scripts
    public Outcome sign(int index, SigningProvider provider, int hashType, boolean finalize) {
        if (isVerified(index)) {
            return new Outcome(true, null);
        }
        long amount = psbt.spent(index).map(TxOut::value).orElse(0L);
        var creator = new TransactionSigner(shared, index, amount, hashType);
        return sign(index, provider, creator, finalize);
    }

    /// Finishes an input with signatures that sign nothing.
    ///
    /// @return false if keys or scripts are missing
    boolean signWithPlaceholders(int index) {
        // As Bitcoin Core does: finished taproot inputs are not recognized here.
        return isVerified(index, PrecomputedTxHashes.withoutSpent(psbt.tx()))
                || sign(index, NOTHING, PlaceholderSigner.INSTANCE, true).isComplete;
    }

    private Outcome sign(
            int index, SigningProvider provider, SignatureCreator creator, boolean finalize) {
        PsbtInput input = psbt.inputs().get(index);
        Optional<TxOut> spent = psbt.spent(index);
        if (spent.isEmpty()) {
            return new Outcome(false, null);
        }
        InputSignatures found = input.toSignatures();
        boolean isComplete = InputSigner.sign(provider, creator, spent.get().scriptPubKey(), found);
        // An output that is only told, not proven by its transaction, is safe to sign in the
        // witness alone:
        // there the amount is signed too.
        if (input.previous == null && !found.isWitness()) {
            return new Outcome(false, null);
        }
        if (!finalize) {
            found.reopen();
        }
        input.take(found);
        if (found.isWitness()) {
            input.spent = spent.get();
        }
        return new Outcome(isComplete, found);
    }

    /// Adds what is known of an output's scripts and keys.
    public void updateOutput(int index, SigningProvider provider) {
        TxOut out = psbt.tx().outputs().get(index);
        PsbtOutput output = psbt.outputs().get(index);
        InputSignatures found = output.toSignatures();
        // A spend of the output that will never be: all that is wanted is what the signer finds
        // out.
        if (!psbt.tx().inputs().isEmpty()) {
            var creator =
                    new TransactionSigner(
                            PrecomputedTxHashes.withoutSpent(psbt.tx()),
                            0,
                            out.value(),
                            SigHash.ALL);
            InputSigner.sign(provider.withoutSecrets(), creator, out.scriptPubKey(), found);
        }
        output.take(found);
    }

    /// Makes finished scripts of signatures that suffice.
    ///
    /// @return whether every input is finished
    public boolean finalizeInputs() {
        boolean complete = true;
        for (int i = 0; i < psbt.inputs().size(); i++) {
            complete &= sign(i, NOTHING, SigHash.ALL, true).isComplete;
        }
        return complete;
    }

    /// The finished transaction.
    ///
    /// @return empty if an input is not finished; those that can be are finished then
    public Optional<Transaction> extract() {
        return finalizeInputs() ? Optional.of(withFinalScripts()) : Optional.empty();
    }

    /// The transaction with what is finished.
    Transaction withFinalScripts() {
        Transaction tx = psbt.tx();
        var inputs = new ArrayList<TxIn>();
        var witnesses = new ArrayList<Witness>();
        for (int i = 0; i < tx.inputs().size(); i++) {
            TxIn input = tx.inputs().get(i);
            PsbtInput known = psbt.inputs().get(i);
            inputs.add(new TxIn(input.prevout(), known.finalScriptSig, input.sequence()));
            witnesses.add(known.finalWitness);
        }
        return Transaction.of(tx.version(), inputs, tx.outputs(), witnesses, tx.lockTime());
    }

    /// Drops whole transactions where every input is taproot and signs the outputs that it spends, so that
    /// nobody needs the proof.
    public void dropUnneededTransactions() {
        for (PsbtInput input : psbt.inputs()) {
            TxOut spent = input.spent;
            Script.WitnessProgram program =
                    spent == null ? null : Script.witnessProgram(spent.scriptPubKey());
            if (program == null || program.version() == 0) {
                return;
            }
        }
        psbt.inputs().forEach(input -> input.previous = null);
    }
}
