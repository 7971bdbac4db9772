package weft.mining.stratum;

import weft.primitives.Block;

/// What becomes of a share.
public sealed interface ShareVerdict {
    /// Good enough for a share.
    record Accepted() implements ShareVerdict {}

    /// Good enough for a block.
    record Found(Block block) implements ShareVerdict {}

    /// Not good: why, as Stratum numbers it.
    record Refused(Fault fault) implements ShareVerdict {}

    /// Why something is refused, with Stratum's numbers.
    enum Fault {
        /// Anything that has no number of its own.
        OTHER(20, "Other/Unknown"),
        /// The job is of another tip, or so old that it is forgotten.
        STALE(21, "Job not found"),
        /// The same share was handed in before.
        DUPLICATE(22, "Duplicate share"),
        /// The hash is too high.
        LOW(23, "Low difficulty share"),
        /// The user was not authorized.
        UNAUTHORIZED(24, "Unauthorized worker"),
        /// There was no mining.subscribe.
        UNSUBSCRIBED(25, "Not subscribed"),
        /// The time is before the least time of the job, or far in the future.
        TIME(20, "Time out of range"),
        /// A bit of the version was changed that may not be.
        VERSION(20, "Version bits outside the mask"),
        /// More shares than are remembered; the difficulty is too low for this miner.
        MANY(20, "Too many shares at this difficulty");

        private final int code;
        private final String text;

        Fault(int code, String text) {
            this.code = code;
            this.text = text;
        }

        /// Stratum's number.
        public int code() {
            return code;
        }

        /// In words.
        public String text() {
            return text;
        }
    }
}
