package weft.wallet.sign;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import weft.consensus.script.Interpreter;
import weft.consensus.script.PrecomputedTxHashes;
import weft.consensus.script.ScriptError;
import weft.consensus.script.ScriptFlags;
import weft.consensus.script.SigHash;
import weft.consensus.script.SignatureVerifier;
import weft.consensus.script.TransactionSignatureChecker;
import weft.primitives.Amount;
import weft.primitives.OutPoint;
import weft.primitives.Transaction;
import weft.primitives.TxIn;
import weft.primitives.TxOut;
import weft.primitives.Witness;

/// Signs a whole transaction with given keys, and joins what several signers did.
public final class TxSigner {
    private static final String NOT_FOUND = "Input not found or already spent";

    private TxSigner() {}

    /// What came of it.
    ///
    /// @param tx with all signatures that could be made
    /// @param errors by index of the input, in Bitcoin Core's words; empty if the transaction is complete
    public record Result(Transaction tx, Map<Integer, String> errors) {
        /// The error of an input that is signed in the witness while nobody said what it is worth.
        public static final String MISSING_AMOUNT = "Missing amount";

        /// Keeps a copy in order.
        public Result {
            errors = java.util.Collections.unmodifiableMap(new LinkedHashMap<>(errors));
        }
    }

    /// The finished scripts of the inputs, in order.
    private static final class Scripts {
        private final List<TxIn> inputs = new ArrayList<>();
        private final List<Witness> witnesses = new ArrayList<>();

        void add(TxIn input, Witness witness) {
            inputs.add(input);
            witnesses.add(witness);
        }

        void add(TxIn input, InputSignatures signed) {
            add(new TxIn(input.prevout(), signed.scriptSig, input.sequence()), signed.witness);
        }

        Transaction in(Transaction tx) {
            return Transaction.of(tx.version(), inputs, tx.outputs(), witnesses, tx.lockTime());
        }
    }

    /// Signs what can be signed.
    ///
    /// @param coins the outputs spent, as far as they are known; with [Amount#MAX_SATOSHIS] where the amount
    ///     is not
    /// @param hashType one of [SigHash]
    public static Result sign(
            Transaction tx, SigningProvider provider, Map<OutPoint, TxOut> coins, int hashType) {
        var spent = new ArrayList<TxOut>();
        for (TxIn input : tx.inputs()) {
            TxOut coin = coins.get(input.prevout());
            if (coin != null) {
                spent.add(coin);
            }
        }
        var bare = PrecomputedTxHashes.withoutSpent(tx);
        var shared =
                spent.size() == tx.inputs().size()
                        ? PrecomputedTxHashes.forSigning(tx, spent)
                        : bare;
        boolean isSingle = (hashType & ~SigHash.ANYONECANPAY) == SigHash.SINGLE;
        var errors = new LinkedHashMap<Integer, String>();
        var scripts = new Scripts();
        for (int i = 0; i < tx.inputs().size(); i++) {
            TxIn input = tx.inputs().get(i);
            TxOut coin = coins.get(input.prevout());
            if (coin == null) {
                errors.put(i, NOT_FOUND);
                scripts.add(input, tx.witness(i));
                continue;
            }
            InputSignatures signed = SignatureExtraction.of(bare, i, coin);
            if (!isSingle || i < tx.outputs().size()) {
                var creator = new TransactionSigner(shared, i, coin.value(), hashType);
                InputSigner.sign(provider, creator, coin.scriptPubKey(), signed);
            }
            scripts.add(input, signed);
            String error = error(shared, i, coin, signed);
            if (error != null) {
                errors.put(i, error);
            }
        }
        return new Result(scripts.in(tx), errors);
    }

    private static @Nullable String error(
            PrecomputedTxHashes shared, int index, TxOut coin, InputSignatures signed) {
        if (coin.value() == Amount.MAX_SATOSHIS && !signed.witness.isEmpty()) {
            return Result.MISSING_AMOUNT;
        }
        if (signed.complete) {
            return null;
        }
        ScriptError error =
                Interpreter.verify(
                        signed.scriptSig,
                        coin.scriptPubKey(),
                        signed.witness,
                        ScriptFlags.STANDARD,
                        new TransactionSignatureChecker(
                                shared, index, coin.value(), SignatureVerifier.CURVE));
        return switch (error) {
            case OK -> null;
            case INVALID_STACK_OPERATION ->
                    "Unable to sign input, invalid stack size (possibly missing key)";
            case SIG_NULLFAIL ->
                    "CHECK(MULTI)SIG failing with non-zero signature (possibly need more"
                            + " signatures)";
            default -> error.text();
        };
    }

    /// Joins the signatures of several versions of one transaction.
    ///
    /// @param versions one at least; the first gives everything but the signatures
    /// @param coins the outputs spent, all of them
    public static Transaction combine(List<Transaction> versions, Map<OutPoint, TxOut> coins) {
        Transaction first = versions.getFirst();
        var shared = PrecomputedTxHashes.withoutSpent(first);
        List<PrecomputedTxHashes> each =
                versions.stream().map(PrecomputedTxHashes::withoutSpent).toList();
        var nothing = new SigningProvider();
        var scripts = new Scripts();
        for (int i = 0; i < first.inputs().size(); i++) {
            TxIn input = first.inputs().get(i);
            TxOut coin = coins.get(input.prevout());
            if (coin == null) {
                throw new IllegalArgumentException(NOT_FOUND);
            }
            var joined = new InputSignatures();
            for (PrecomputedTxHashes version : each) {
                if (version.tx().inputs().size() > i) {
                    joined.merge(SignatureExtraction.of(version, i, coin));
                }
            }
            var creator = new TransactionSigner(shared, i, coin.value(), SigHash.ALL);
            InputSigner.sign(nothing, creator, coin.scriptPubKey(), joined);
            scripts.add(input, joined);
        }
        return scripts.in(first);
    }
}
