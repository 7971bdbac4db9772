package weft.chain;

import java.util.Locale;
import weft.chain.api.HeaderNode;

/// The end of a branch, as `getchaintips` shows it.
///
/// @param branchLength blocks from the active chain to the tip; 0 for the active tip
public record ChainTip(HeaderNode node, int branchLength, Status status) {
    /// How far a branch was checked.
    public enum Status {
        /// The tip of the active chain.
        ACTIVE,
        /// Fully checked, but with less work.
        VALID_FORK,
        /// All blocks are there, but were never fully checked.
        VALID_HEADERS,
        /// Not all blocks are there.
        HEADERS_ONLY,
        /// A block of the branch is invalid.
        INVALID;

        /// The name in RPC answers.
        public String wireName() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }
}
