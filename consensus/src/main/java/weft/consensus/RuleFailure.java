package weft.consensus;

/// A rule that is broken. Rules answer with this, or with null if they are kept; they never throw for what
/// came from outside.
///
/// @param kind what the failure says about who sent the thing
/// @param reason Bitcoin Core's reject reason, for instance `bad-txnmrklroot`
/// @param detail more for the log; may be empty
public record RuleFailure(Kind kind, String reason, String detail) {
    /// What a failure says about who sent the thing.
    public enum Kind {
        /// Every node will say so.
        CONSENSUS,
        /// The header breaks a rule of its own.
        INVALID_HEADER,
        /// The body does not belong to the header; the block itself may still be valid.
        MUTATED,
        /// The time is too far in the future; may be right later.
        TIME_FUTURE,
        /// A transaction that may be valid later: a lock time or a coinbase's maturity.
        PREMATURE
    }

    static RuleFailure consensus(String reason, String detail) {
        return new RuleFailure(Kind.CONSENSUS, reason, detail);
    }

    static RuleFailure mutated(String reason, String detail) {
        return new RuleFailure(Kind.MUTATED, reason, detail);
    }

    static RuleFailure header(String reason, String detail) {
        return new RuleFailure(Kind.INVALID_HEADER, reason, detail);
    }
}
