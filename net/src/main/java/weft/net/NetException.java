package weft.net;

/// A socket of ours cannot be had: a busy port, an address that is not this machine's. The message is fit for
/// the operator.
public final class NetException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /// @param what what cannot be done, and why
    public NetException(String what, Throwable cause) {
        super(what, cause);
    }
}
