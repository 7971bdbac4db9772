package weft.chain.store;

import org.jspecify.annotations.Nullable;

/// Our storage fails: disk full, bytes rotten, folder locked. Never a verdict on a block: whoever
/// catches it stops the node and marks nothing invalid. The message is one line for the operator.
public final class StoreException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /// @param message one line, with the path where there is one
    public StoreException(String message) {
        super(message);
    }

    /// @param message one line, with the path where there is one
    /// @param cause what the system said
    public StoreException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
