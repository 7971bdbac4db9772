package weft.mempool;

import java.util.List;
import org.jspecify.annotations.Nullable;
import weft.chain.api.TxFailure;
import weft.primitives.Transaction;
import weft.primitives.Wtxid;

/// What became of a transaction that was offered.
public sealed interface AcceptResult {
    /// The rate that was compared with the limits, and the transactions that it is the rate of.
    ///
    /// @param wtxids one, or all of a package
    record Effective(FeeRate rate, List<Wtxid> wtxids) {
        /// Copies the list.
        public Effective {
            wtxids = List.copyOf(wtxids);
        }
    }

    /// It is in the mempool, or would be if it was only a test.
    ///
    /// @param replaced transactions that left for it
    record Accepted(MempoolEntry entry, Effective effective, List<Transaction> replaced)
            implements AcceptResult {
        /// Copies the list.
        public Accepted {
            replaced = List.copyOf(replaced);
        }
    }

    /// It is refused.
    ///
    /// @param effective where more fees could help, the rate that was too low; else null
    record Rejected(TxFailure failure, @Nullable Effective effective) implements AcceptResult {}

    /// As part of a package: it was in the mempool already.
    record Known(MempoolEntry entry) implements AcceptResult {}

    /// As part of a package: the mempool has it with another witness, which stays.
    record OtherWitness(MempoolEntry entry) implements AcceptResult {}
}
