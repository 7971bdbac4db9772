package weft.chain.api;

/// Why a transaction is not accepted to the mempool.
///
/// @param kind what the failure says about who sent it, and whether it may pass later
/// @param reason Bitcoin Core's reject reason, for instance `min relay fee not met`
/// @param detail more for the log; may be empty
public record TxFailure(Kind kind, String reason, String detail) {
    /// Names as Core's `TxValidationResult`.
    public enum Kind {
        /// A rule of consensus is broken.
        CONSENSUS,
        /// An input spends a script that policy does not allow.
        INPUTS_NOT_STANDARD,
        /// The transaction is not of a form that we relay.
        NOT_STANDARD,
        /// A parent is unknown.
        MISSING_INPUTS,
        /// A lock time or a coinbase's maturity is not reached yet.
        PREMATURE_SPEND,
        /// The witness is wrong; another witness may make the transaction valid.
        WITNESS_MUTATED,
        /// The witness is missing; with it the transaction may be valid.
        WITNESS_STRIPPED,
        /// Already known, or a conflict with one that is.
        CONFLICT,
        /// A limit of our mempool.
        MEMPOOL_POLICY,
        /// Fees too low alone; might pass with a child.
        RECONSIDERABLE
    }

    /// Whether scripts had to run to see it.
    public boolean isByScripts() {
        return reason.contains("mandatory-script-verify-flag");
    }

    /// Reason and detail as Core's RPC prints them.
    @Override
    public String toString() {
        return detail.isEmpty() ? reason : reason + ", " + detail;
    }
}
