package weft.chain.api;

/// Why a block or a header is not accepted.
///
/// @param kind what the failure says about who sent it
/// @param reason Bitcoin Core's reject reason, for instance `bad-txnmrklroot`
/// @param detail more for the log; may be empty
public record BlockFailure(Kind kind, String reason, String detail) {
    /// What a failure says about who sent the block; names as Core's `BlockValidationResult`.
    public enum Kind {
        /// A rule of consensus is broken, and every node will say so.
        CONSENSUS,
        /// The block was found invalid before.
        CACHED_INVALID,
        /// The header breaks a rule: proof of work, difficulty, time too old.
        INVALID_HEADER,
        /// The body does not belong to the header; the block itself may still be valid.
        MUTATED,
        /// Nothing is known of the block before.
        MISSING_PREV,
        /// The block before is invalid.
        INVALID_PREV,
        /// The time is too far in the future; may be right later.
        TIME_FUTURE,
        /// The branch has too little work to be worth keeping.
        LOW_WORK
    }

    /// Reason and detail as Core's log prints them.
    @Override
    public String toString() {
        return detail.isEmpty() ? reason : reason + ", " + detail;
    }
}
