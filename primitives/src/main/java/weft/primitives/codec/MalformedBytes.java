package weft.primitives.codec;

/// Bytes from outside do not have the form they must have. Thrown by readers, cheap (no stack trace), and
/// caught at the border where the bytes came in: it is the sender's fault, never ours.
public final class MalformedBytes extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /// @param what what is wrong, in words that may be logged
    public MalformedBytes(String what) {
        super(what, null, false, false);
    }
}
