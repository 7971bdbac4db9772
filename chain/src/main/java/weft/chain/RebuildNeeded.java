package weft.chain;

/// What is on disk cannot be used as it is, but can be made anew of the blocks there or of the network's
/// (`-reindex`). The message is one line for the operator, without a full stop and without this advice.
public final class RebuildNeeded extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /// @param why what is wrong
    public RebuildNeeded(String why) {
        super(why);
    }
}
