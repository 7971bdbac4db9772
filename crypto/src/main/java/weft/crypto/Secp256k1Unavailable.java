package weft.crypto;

import org.jspecify.annotations.Nullable;

/// No implementation of [Secp256k1] can be used on this machine. The message says what was tried and why it
/// failed.
public final class Secp256k1Unavailable extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /// @param message what was tried
    /// @param cause why it failed, if something was thrown
    public Secp256k1Unavailable(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
