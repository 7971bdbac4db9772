package weft.app.args;

/// The command line or a configuration file is wrong; the message is Bitcoin Core's, for the operator.
public final class ArgsFault extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /// @param what what is wrong
    public ArgsFault(String what) {
        super(what);
    }
}
