package weft.chain;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;
import weft.consensus.script.Interpreter;
import weft.consensus.script.PrecomputedTxHashes;
import weft.consensus.script.ScriptError;
import weft.consensus.script.SignatureVerifier;

/// A list of checks that any number of threads may take parts of. What the inputs of one transaction share
/// is computed by the first thread that needs it, and seen by all.
public final class ScriptWork {
    private final List<ScriptCheck> checks;
    private final int[] group;
    private final AtomicReferenceArray<PrecomputedTxHashes> hashes;
    private final SignatureVerifier signatures;
    private final ScriptCaches caches;
    private final boolean remember;

    private ScriptWork(List<ScriptCheck> checks, ScriptCaches caches, boolean remember) {
        this.checks = checks;
        this.group = new int[checks.size()];
        this.signatures = caches.verifier(remember);
        this.caches = caches;
        this.remember = remember;
        int groups = 0;
        for (int i = 1; i < checks.size(); i++) {
            groups += sameTransaction(checks.get(i - 1), checks.get(i)) ? 0 : 1;
            group[i] = groups;
        }
        this.hashes = new AtomicReferenceArray<>(groups + 1);
    }

    /// The checks that no cache answers.
    ///
    /// @param checks all inputs of each transaction, side by side
    /// @param remember whether the caches shall learn
    public static ScriptWork of(List<ScriptCheck> checks, ScriptCaches caches, boolean remember) {
        List<ScriptCheck> left = new ArrayList<>(checks.size());
        ScriptCheck last = null;
        boolean known = false;
        for (ScriptCheck check : checks) {
            if (last == null || !sameTransaction(last, check)) {
                known = caches.knows(check.tx(), check.flags());
            }
            last = check;
            if (!known) {
                left.add(check);
            }
        }
        return new ScriptWork(left, caches, remember);
    }

    private static boolean sameTransaction(ScriptCheck a, ScriptCheck b) {
        return a.flags() == b.flags() && a.tx().equals(b.tx());
    }

    /// Number of checks to do.
    public int size() {
        return checks.size();
    }

    /// Does one check.
    ///
    /// @return null if its script passes
    public ScriptVerifier.@Nullable Failure run(int index) {
        ScriptCheck check = checks.get(index);
        PrecomputedTxHashes shared = hashes.get(group[index]);
        if (shared == null) {
            shared = PrecomputedTxHashes.of(check.tx(), check.spent());
            hashes.set(group[index], shared);
        }
        ScriptError error =
                Interpreter.verifyInput(shared, check.input(), check.flags(), signatures);
        return error == ScriptError.OK ? null : new ScriptVerifier.Failure(check, error.text());
    }

    /// Does all checks on the calling thread, up to the first that fails.
    public ScriptVerifier.@Nullable Failure runAll() {
        for (int i = 0; i < checks.size(); i++) {
            ScriptVerifier.Failure failure = run(i);
            if (failure != null) {
                return failure;
            }
        }
        passed();
        return null;
    }

    /// Tells the caches, if they shall learn, that every check passed.
    public void passed() {
        if (!remember) {
            return;
        }
        ScriptCheck last = null;
        for (ScriptCheck check : checks) {
            if (last == null || !sameTransaction(last, check)) {
                caches.remember(check.tx(), check.flags());
            }
            last = check;
        }
    }
}
