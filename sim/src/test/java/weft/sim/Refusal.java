package weft.sim;

import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import weft.mempool.MempoolEntry;
import weft.primitives.Check;
import weft.primitives.Digest256;
import weft.primitives.Hash256;
import weft.primitives.Transaction;
import weft.wire.Inv;
import weft.wire.InvItem;
import weft.wire.Message;
import weft.wire.TxMessage;

/// Closes a node's ears to one transaction.
final class Refusal {
    private Refusal() {}

    /// Messages that tell of a transaction, or bring it.
    static Predicate<Message> of(@Nullable MempoolEntry entry) {
        Transaction tx = Check.present(entry, "it is in the mempool").tx();
        List<Digest256> names = List.of(plain(tx.txid()), plain(tx.wtxid()));
        return message ->
                switch (message) {
                    case TxMessage each -> each.tx().equals(tx);
                    case Inv each ->
                            each.items().stream().map(InvItem::hash).anyMatch(names::contains);
                    default -> false;
                };
    }

    private static Digest256 plain(Hash256 hash) {
        return new Digest256(hash.w0(), hash.w1(), hash.w2(), hash.w3());
    }
}
