package weft.chain;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// Port: runs scripts, on as many threads as the world likes.
///
/// The answer must not depend on the number of threads: of several failures the one of the first check
/// in the list counts.
@FunctionalInterface
public interface ScriptVerifier {
    /// Runs all scripts, or those up to the first that fails.
    ///
    /// @return the first failure; null if all scripts pass
    @Nullable Failure verify(List<ScriptCheck> checks);

    /// A script that failed.
    ///
    /// @param error the interpreter's words, as Core prints them: `Invalid OP_IF construction`
    record Failure(ScriptCheck check, String error) {}
}
