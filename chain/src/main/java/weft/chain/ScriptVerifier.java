package weft.chain;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// Port: runs scripts, on as many threads as the world likes.
///
/// The answer must not depend on the number of threads: of several failures the one of the first check
/// in the list counts.
@FunctionalInterface
public interface ScriptVerifier {
    /// Runs all scripts, or those up to the first that fails. A fault of ours on the way is thrown: it says
    /// nothing of the scripts.
    ///
    /// @param checks all inputs of each transaction, side by side
    /// @return the first failure; null if all scripts pass
    @Nullable Failure verify(List<ScriptCheck> checks);

    /// As [#verify], for what is likely to come again: a verifier with caches keeps what it finds right.
    ///
    /// @param checks all inputs of each transaction, side by side
    /// @return the first failure; null if all scripts pass
    default @Nullable Failure verifyAndRemember(List<ScriptCheck> checks) {
        return verify(checks);
    }

    /// A script that failed.
    ///
    /// @param error the interpreter's words, as Core prints them: `Invalid OP_IF construction`
    record Failure(ScriptCheck check, String error) {}
}
