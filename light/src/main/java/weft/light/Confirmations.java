package weft.light;

/// How deep a block lies in the chain that a light node follows, and what that is worth.
///
/// @param count the block itself and those above it; 0 if it is not in the chain that is followed
/// @param standing what speaks for them
public record Confirmations(int count, Standing standing) {
    /// What speaks for a block.
    public enum Standing {
        /// It is not in the chain that is followed.
        NOT_IN_CHAIN,
        /// The peers agree on the block, as far as they had the time to.
        AGREED,
        /// Work alone: the peers disagree about whether the block is valid, and most of those asked do not
        /// stand by it. To be shown as unverified.
        UNVERIFIED,
        /// A full node that the user trusts stands by it.
        TRUSTED
    }

    /// Whether the count may be relied on, as far as a light node's ever may.
    public boolean isVerified() {
        return standing == Standing.AGREED || standing == Standing.TRUSTED;
    }
}
