package weft.mempool;

import java.util.List;
import weft.chain.api.TxFailure;
import weft.primitives.Txid;

/// What became of a transaction that was offered.
public sealed interface AcceptResult {
    /// It is in the mempool, or would be if it was only a test.
    record Accepted(MempoolEntry entry) implements AcceptResult {}

    /// It cannot be judged: these transactions are unknown.
    record MissingInputs(List<Txid> parents) implements AcceptResult {}

    /// It is refused.
    record Rejected(TxFailure failure) implements AcceptResult {}
}
