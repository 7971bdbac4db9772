package weft.crypto;

import org.jspecify.annotations.Nullable;

/// The libsecp256k1 that was asked for cannot be used on this machine. The message says what was tried and
/// why it failed. Who asks for none gets an implementation in Java instead.
public final class Secp256k1Unavailable extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /// @param message what was tried
    /// @param cause why it failed, if something was thrown
    public Secp256k1Unavailable(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
