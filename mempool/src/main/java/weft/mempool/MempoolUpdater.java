package weft.mempool;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.function.BiConsumer;
import weft.chain.api.ChainEvent.RemovalReason;
import weft.chain.api.HeaderNode;
import weft.primitives.Block;
import weft.primitives.Now;
import weft.primitives.Transaction;

/// Keeps the mempool true to the chain: what a block confirms leaves, what conflicts with it leaves, what a
/// reorganisation gives back is offered again, and what waits too long or takes too much room leaves.
public final class MempoolUpdater {
    /// Transactions of disconnected blocks that are kept to be offered again.
    ///
    /// *Rationale:* a deep reorganisation must not fill the memory; what is dropped, wallets send again.
    private static final int RETURNED_MAX = 50_000;

    private final Mempool mempool;
    private final MempoolAcceptor acceptor;
    private final MempoolOptions options;
    private final BiConsumer<Transaction, RemovalReason> removed;
    private final Deque<Transaction> returned = new ArrayDeque<>();

    /// @param removed hears of every transaction that leaves, and why
    public MempoolUpdater(
            Mempool mempool,
            MempoolAcceptor acceptor,
            MempoolOptions options,
            BiConsumer<Transaction, RemovalReason> removed) {
        this.mempool = mempool;
        this.acceptor = acceptor;
        this.options = options;
        this.removed = removed;
    }

    /// A block became part of the active chain.
    public void onBlockConnected(Block block) {
        if (mempool.size() == 0 && returned.isEmpty()) {
            // As in initial download.
            return;
        }
        for (Transaction tx : block.transactions()) {
            MempoolEntry confirmed = mempool.remove(tx.txid());
            if (confirmed != null) {
                removed.accept(confirmed.tx(), RemovalReason.BLOCK);
            }
            for (MempoolEntry conflict : mempool.conflicts(tx)) {
                drop(conflict, RemovalReason.CONFLICT);
            }
            returned.removeIf(tx::equals);
        }
    }

    /// A block is no longer part of the active chain.
    public void onBlockDisconnected(Block block) {
        // Blocks come back last first; their transactions must be offered first first.
        List<Transaction> transactions = block.transactions();
        for (int i = transactions.size() - 1; i > 0; i--) {
            returned.addFirst(transactions.get(i));
        }
        while (returned.size() > RETURNED_MAX) {
            returned.removeLast();
        }
    }

    /// The chain has settled on a tip.
    ///
    /// @param reorganised blocks were disconnected on the way
    public void onTip(HeaderNode tip, boolean reorganised, Now now) {
        if (reorganised) {
            offerAgain(tip, now);
        }
        expire(now);
        trim();
    }

    private void offerAgain(HeaderNode tip, Now now) {
        // What is here may spend what is gone or not mature any more: everything is judged anew,
        // the oldest first.
        var all = new ArrayList<>(mempool.entries());
        all.forEach(entry -> mempool.remove(entry.txid()));
        for (Transaction tx : List.copyOf(returned)) {
            acceptor.accept(tx, tip, now, false);
        }
        returned.clear();
        for (MempoolEntry entry : all) {
            AcceptResult result = acceptor.accept(entry.tx(), tip, now, false);
            if (!(result instanceof AcceptResult.Accepted)) {
                removed.accept(entry.tx(), RemovalReason.REORG);
            }
        }
    }

    private void expire(Now now) {
        var cutoff = now.wall().minus(options.expiry());
        for (MempoolEntry entry : List.copyOf(mempool.entries())) {
            if (entry.entered().isBefore(cutoff)) {
                drop(entry, RemovalReason.EXPIRY);
            }
        }
    }

    /// Makes room, if there is too little: the worst fee rates leave first, with all that need them.
    public void trim() {
        while (mempool.bytesTotal() > options.bytesMax()) {
            MempoolEntry worst =
                    mempool.entries().stream()
                            .min(
                                    Comparator.<MempoolEntry>comparingDouble(
                                                    entry -> (double) entry.fee() / entry.vsize())
                                            .thenComparing(
                                                    Comparator.comparingLong(MempoolEntry::sequence)
                                                            .reversed()))
                            .orElseThrow();
            drop(worst, RemovalReason.SIZELIMIT);
        }
    }

    private void drop(MempoolEntry entry, RemovalReason reason) {
        for (MempoolEntry gone : mempool.removeWithDescendants(entry.txid())) {
            removed.accept(gone.tx(), reason);
        }
    }
}
