package weft.primitives;

/// We broke our own rule. Never caught inside an engine: the node stops rather than go on wrong.
public final class Bug extends AssertionError {
    private static final long serialVersionUID = 1L;

    /// @param what the rule that does not hold
    public Bug(String what) {
        super(what);
    }
}
