package weft.mempool;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import weft.primitives.Block;
import weft.primitives.Transaction;
import weft.primitives.Txid;

/// Transactions of disconnected blocks, in the order in which they were confirmed, until the chain settles.
final class DisconnectedTxs {
    /// Memory of what is kept.
    ///
    /// *Rationale:* a deep reorganisation must not fill the memory; what is dropped, wallets send again.
    static final long BYTES_MAX = 20_000_000;

    private final Deque<Transaction> txs = new ArrayDeque<>();
    private long bytes;

    DisconnectedTxs() {}

    private static long usage(Transaction tx) {
        return MemoryUsage.of(tx) + MemoryUsage.DISCONNECTED;
    }

    /// Blocks come back the last first.
    ///
    /// @return those that there is no room for: the last of the first block that came back
    List<Transaction> add(Block block) {
        for (Transaction tx : block.transactions().reversed()) {
            txs.addFirst(tx);
            bytes += usage(tx);
        }
        var dropped = new ArrayList<Transaction>();
        while (bytes > BYTES_MAX && !txs.isEmpty()) {
            Transaction last = txs.removeLast();
            bytes -= usage(last);
            dropped.add(last);
        }
        return dropped;
    }

    /// A block confirms them again.
    void remove(Block block) {
        if (txs.isEmpty()) {
            return;
        }
        Set<Txid> confirmed = new HashSet<>();
        block.transactions().forEach(tx -> confirmed.add(tx.txid()));
        for (Iterator<Transaction> each = txs.iterator(); each.hasNext(); ) {
            Transaction tx = each.next();
            if (confirmed.contains(tx.txid())) {
                bytes -= usage(tx);
                each.remove();
            }
        }
    }

    /// All, the first confirmed first, each on memory of its own; none stay.
    List<Transaction> take() {
        List<Transaction> all = txs.stream().map(Transaction::copy).toList();
        txs.clear();
        bytes = 0;
        return all;
    }
}
