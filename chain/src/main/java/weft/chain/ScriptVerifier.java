package weft.chain;

import java.util.List;
import java.util.function.Supplier;
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

    /// Begins to run scripts and returns without waiting, if this verifier has threads of its own; else
    /// runs them here and now, so that a program of one thread stays one.
    ///
    /// @param checks all inputs of each transaction, side by side
    default Pending begin(List<ScriptCheck> checks) {
        return Pending.done(verify(checks));
    }

    /// Begins a computation that needs no order and changes nothing, such as decoding a block; if this
    /// verifier has threads of its own, they do it when they have no older work.
    default <T> Ahead<T> ahead(Supplier<T> work) {
        return Ahead.here(work);
    }

    /// Scripts that were begun. Owned by the thread that began them.
    interface Pending {
        /// Whether [#await] would return at once.
        boolean isDone();

        /// Waits for the answer, and helps to find it meanwhile. May be called again.
        ///
        /// @return the first failure; null if all scripts pass
        @Nullable Failure await();

        /// Lets the scripts that have not begun be and waits for those that run; the answer then counts no
        /// more, and nobody uses the checks.
        default void cancel() {}

        /// Scripts that have run already.
        static Pending done(@Nullable Failure failure) {
            return new Pending() {
                @Override
                public boolean isDone() {
                    return true;
                }

                @Override
                public @Nullable Failure await() {
                    return failure;
                }
            };
        }
    }

    /// A script that failed.
    ///
    /// @param error the interpreter's words, as Core prints them: `Invalid OP_IF construction`
    record Failure(ScriptCheck check, String error) {}
}
