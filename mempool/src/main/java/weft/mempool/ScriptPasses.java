package weft.mempool;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import weft.chain.ScriptCheck;
import weft.chain.ScriptVerifier;
import weft.chain.api.TxFailure;
import weft.consensus.Coin;
import weft.consensus.script.ScriptError;
import weft.consensus.script.ScriptFlags;
import weft.primitives.Transaction;
import weft.primitives.TxOut;

/// Runs a transaction's scripts, first by the rules of relay, then by those of blocks. What passes is
/// remembered, so that a block that brings the transaction need not run them again.
final class ScriptPasses {
    private final ScriptVerifier scripts;

    ScriptPasses(ScriptVerifier scripts) {
        this.scripts = scripts;
    }

    /// By the rules of relay.
    @Nullable TxFailure checkPolicy(Transaction tx, List<Coin> spent) {
        ScriptVerifier.Failure failure = run(tx, spent, ScriptFlags.RELAYED);
        if (failure == null) {
            return null;
        }
        boolean isPolicy = isOfRelayOnly(tx, failure);
        String reason =
                (isPolicy
                                ? "non-mandatory-script-verify-flag ("
                                : "mandatory-script-verify-flag-failed (")
                        + failure.error()
                        + ")";
        if (lacksWitness(tx, spent)) {
            return new TxFailure(TxFailure.Kind.WITNESS_STRIPPED, reason, "");
        }
        TxFailure.Kind kind = isPolicy ? TxFailure.Kind.NOT_STANDARD : TxFailure.Kind.CONSENSUS;
        return new TxFailure(kind, reason, "");
    }

    /// Whether only relay forbids it: a node of another version may allow it, and nobody is blamed. What
    /// hashes too much is not run to its end, here neither: that is what the rule saves us.
    private boolean isOfRelayOnly(Transaction tx, ScriptVerifier.Failure failure) {
        if (hashesTooMuch(failure)) {
            return true;
        }
        List<TxOut> outputs = failure.check().spent();
        int flags = ScriptFlags.MANDATORY | ScriptFlags.LIMITED_HASHING;
        var again = new ScriptCheck(tx, failure.check().input(), outputs, flags);
        ScriptVerifier.Failure second = scripts.verify(List.of(again));
        return second == null || hashesTooMuch(second);
    }

    private static boolean hashesTooMuch(ScriptVerifier.Failure failure) {
        return failure.error().equals(ScriptError.TAPSCRIPT_HASHING.text());
    }

    /// Whether a transaction without any witness spends what needs one. *Rationale:* to know this for
    /// certain its scripts would run twice more, which who sends slow ones would like.
    private static boolean lacksWitness(Transaction tx, List<Coin> spent) {
        if (tx.hasWitness()) {
            return false;
        }
        for (int i = 0; i < spent.size(); i++) {
            if (RelayPolicy.needsWitness(tx.inputs().get(i), spent.get(i))) {
                return true;
            }
        }
        return false;
    }

    /// By the rules of blocks, whose flags these are.
    @Nullable TxFailure checkConsensus(Transaction tx, List<Coin> spent, int flags) {
        ScriptVerifier.Failure failure = run(tx, spent, flags);
        return failure == null
                ? null
                : new TxFailure(
                        TxFailure.Kind.CONSENSUS,
                        "mandatory-script-verify-flag-failed (" + failure.error() + ")",
                        "");
    }

    private ScriptVerifier.@Nullable Failure run(Transaction tx, List<Coin> spent, int flags) {
        return scripts.verifyAndRemember(checks(tx, spent, flags));
    }

    private static List<ScriptCheck> checks(Transaction tx, List<Coin> spent, int flags) {
        List<TxOut> outputs = spent.stream().map(Coin::out).toList();
        var checks = new ArrayList<ScriptCheck>(outputs.size());
        for (int i = 0; i < outputs.size(); i++) {
            checks.add(new ScriptCheck(tx, i, outputs, flags));
        }
        return checks;
    }
}
