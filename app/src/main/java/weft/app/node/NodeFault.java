package weft.app.node;

/// The node cannot start or go on; the message is one line for the operator.
public final class NodeFault extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /// @param what what is wrong, and what to do
    public NodeFault(String what) {
        super(what);
    }

    /// @param what what is wrong, and what to do
    public NodeFault(String what, Throwable cause) {
        super(what, cause);
    }
}
