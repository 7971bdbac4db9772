package weft.app.cli;

/// The client cannot do what was asked; the message is for the user.
public final class CliFault extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final boolean isTransient;

    private CliFault(String what, boolean isTransient) {
        super(what);
        this.isTransient = isTransient;
    }

    /// Something is wrong, and will be wrong the next time.
    public CliFault(String what) {
        this(what, false);
    }

    static CliFault noConnection(String what) {
        return new CliFault(what, true);
    }

    /// Whether it may go better in a moment: the node is not there yet.
    public boolean isTransient() {
        return isTransient;
    }
}
