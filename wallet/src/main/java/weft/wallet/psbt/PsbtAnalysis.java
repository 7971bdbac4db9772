package weft.wallet.psbt;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import weft.consensus.Coin;
import weft.consensus.SigOps;
import weft.consensus.script.Script;
import weft.consensus.script.ScriptFlags;
import weft.consensus.script.SigHash;
import weft.primitives.Amount;
import weft.primitives.Bytes;
import weft.primitives.Transaction;
import weft.primitives.TxOut;
import weft.wallet.sign.InputSignatures;
import weft.wallet.sign.SigningProvider;

/// What a PSBT still needs, and what its transaction will cost.
///
/// @param inputs in order; empty if the PSBT is not valid from there on
/// @param next whose turn it is
/// @param fee in satoshis, if all coins are known
/// @param vsize of the finished transaction, if it can be told
/// @param error why it is not valid; empty if it is
public record PsbtAnalysis(
        List<Input> inputs, Role next, Optional<Long> fee, Optional<Long> vsize, String error) {
    private static final int BYTES_PER_SIGOP = 20;

    /// Copies the list.
    public PsbtAnalysis {
        inputs = List.copyOf(inputs);
    }

    /// The roles of BIP-0174, in the order of their turns.
    public enum Role {
        /// Makes the transaction.
        CREATOR,
        /// Adds coins, scripts and keys.
        UPDATER,
        /// Signs.
        SIGNER,
        /// Makes finished scripts of signatures.
        FINALIZER,
        /// Makes the finished transaction.
        EXTRACTOR;

        /// The name in RPC.
        public String wireName() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /// What an input needs.
    ///
    /// @param missing hashes of what was looked for in vain
    public record Input(boolean hasCoin, boolean isFinal, Role next, Missing missing) {}

    /// What was looked for in vain: hashes of keys and scripts.
    ///
    /// @param signatures hashes of the keys that did not sign
    public record Missing(
            List<Bytes> publicKeys,
            List<Bytes> signatures,
            @Nullable Bytes redeemScript,
            @Nullable Bytes witnessScript) {
        private static final Missing NOTHING = new Missing(List.of(), List.of(), null, null);

        /// Copies the lists.
        public Missing {
            publicKeys = List.copyOf(publicKeys);
            signatures = List.copyOf(signatures);
        }

        private static Missing of(@Nullable InputSignatures found) {
            return found == null
                    ? NOTHING
                    : new Missing(
                            found.missingPublicKeys(),
                            found.missingSignatures(),
                            found.missingRedeemScript(),
                            found.missingWitnessScript());
        }

        private boolean isSignaturesAlone() {
            return publicKeys.isEmpty()
                    && redeemScript == null
                    && witnessScript == null
                    && !signatures.isEmpty();
        }

        /// Whether nothing is missing.
        public boolean isEmpty() {
            return equals(NOTHING);
        }
    }

    /// Analyses a PSBT, which it changes: hand it a copy.
    public static PsbtAnalysis of(Psbt psbt) {
        var signer = new PsbtSigner(psbt);
        var inputs = new ArrayList<Input>();
        long in = 0;
        boolean allCoins = true;
        for (int i = 0; i < psbt.inputs().size(); i++) {
            TxOut coin = psbt.spent(i).orElse(null);
            if (coin != null) {
                if (!Amount.isInRange(coin.value()) || !Amount.isInRange(in + coin.value())) {
                    return invalid("PSBT is not valid. Input " + i + " has invalid value");
                }
                in += coin.value();
                if (Script.isUnspendable(coin.scriptPubKey())) {
                    return invalid("PSBT is not valid. Input " + i + " spends unspendable output");
                }
            }
            allCoins &= coin != null;
            inputs.add(input(signer, i, coin != null));
        }
        Role next =
                inputs.stream()
                        .map(Input::next)
                        .min(Comparator.naturalOrder())
                        .orElse(Role.EXTRACTOR);
        if (!allCoins) {
            return new PsbtAnalysis(inputs, next, Optional.empty(), Optional.empty(), "");
        }
        long out = 0;
        for (TxOut output : psbt.tx().outputs()) {
            out = out < 0 || !Amount.isInRange(output.value()) ? -1 : out + output.value();
        }
        if (!Amount.isInRange(out)) {
            return invalid("PSBT is not valid. Output amount invalid");
        }
        return new PsbtAnalysis(inputs, next, Optional.of(in - out), vsize(psbt, signer), "");
    }

    private static PsbtAnalysis invalid(String why) {
        return new PsbtAnalysis(List.of(), Role.CREATOR, Optional.empty(), Optional.empty(), why);
    }

    private static Input input(PsbtSigner signer, int index, boolean hasCoin) {
        if (signer.isVerified(index)) {
            return new Input(hasCoin, true, Role.EXTRACTOR, Missing.NOTHING);
        }
        PsbtSigner.Outcome outcome = signer.sign(index, new SigningProvider(), SigHash.ALL, true);
        if (outcome.isComplete()) {
            return new Input(hasCoin, false, Role.FINALIZER, Missing.NOTHING);
        }
        Missing missing = Missing.of(outcome.found());
        Role next = missing.isSignaturesAlone() ? Role.SIGNER : Role.UPDATER;
        return new Input(hasCoin, false, next, missing);
    }

    /// The size with signatures of the usual length.
    private static Optional<Long> vsize(Psbt psbt, PsbtSigner signer) {
        var spent = new ArrayList<TxOut>();
        for (int i = 0; i < psbt.inputs().size(); i++) {
            if (!signer.signWithPlaceholders(i)) {
                return Optional.empty();
            }
            spent.add(psbt.spent(i).orElseThrow());
        }
        Transaction tx = signer.withFinalScripts();
        List<Coin> coins = spent.stream().map(out -> new Coin(out, 1, false)).toList();
        long sigOps = SigOps.cost(tx, coins, ScriptFlags.STANDARD);
        long weight = Math.max(tx.weight(), sigOps * BYTES_PER_SIGOP);
        return Optional.of((weight + 3) / 4);
    }
}
