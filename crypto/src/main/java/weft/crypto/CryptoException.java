package weft.crypto;

/// Cryptography is not to be had on this platform. The message is fit for the operator.
public final class CryptoException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /// @param what what is missing
    public CryptoException(String what) {
        super(what);
    }

    /// @param what what failed
    public CryptoException(String what, Throwable cause) {
        super(what, cause);
    }
}
