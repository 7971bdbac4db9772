package weft.chain;

import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// A computation that needs no order and changes nothing, begun before its answer is asked for: another
/// thread may do it meanwhile. Owned by the thread that began it.
///
/// @param <T> the answer
public interface Ahead<T> {
    /// Does the computation on the calling thread, if no thread has begun it.
    ///
    /// @return whether it did
    boolean runHere();

    /// Whether [#take] would return at once.
    boolean isDone();

    /// The answer, to be taken once; computed on the calling thread if no thread has begun it. What the
    /// computation threw is thrown here.
    T take();

    /// A computation that nobody else does.
    ///
    /// @param work is run at most once
    static <T> Ahead<T> here(Supplier<T> work) {
        return new Ahead<>() {
            private @Nullable Supplier<T> answer;

            @Override
            public boolean runHere() {
                if (answer != null) {
                    return false;
                }
                T value = work.get();
                answer = () -> value;
                return true;
            }

            @Override
            public boolean isDone() {
                return answer != null;
            }

            @Override
            public T take() {
                Supplier<T> known = answer;
                return known == null ? work.get() : known.get();
            }
        };
    }
}
