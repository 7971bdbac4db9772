package weft.chain;

import java.util.List;
import org.jspecify.annotations.Nullable;
import weft.consensus.script.Interpreter;
import weft.consensus.script.PrecomputedTxHashes;
import weft.consensus.script.ScriptError;
import weft.primitives.Transaction;

/// Runs scripts one after the other on the calling thread. Safe for use by any number of threads.
public final class InlineScriptVerifier implements ScriptVerifier {
    /// A verifier; it has no state.
    public InlineScriptVerifier() {}

    @Override
    public @Nullable Failure verify(List<ScriptCheck> checks) {
        Transaction last = null;
        PrecomputedTxHashes shared = null;
        for (ScriptCheck check : checks) {
            if (shared == null || !check.tx().equals(last)) {
                last = check.tx();
                shared = PrecomputedTxHashes.of(check.tx(), check.spent());
            }
            ScriptError error = Interpreter.verifyInput(shared, check.input(), check.flags());
            if (error != ScriptError.OK) {
                return new Failure(check, error.text());
            }
        }
        return null;
    }
}
