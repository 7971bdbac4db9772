package weft.p2p.sync;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import weft.primitives.Block;
import weft.primitives.BlockHeader;
import weft.primitives.Transaction;
import weft.wire.CmpctBlock;
import weft.wire.PrefilledTransaction;

/// A block that came compact, as far as its transactions are known. See BIP-0152.
final class PartialBlock {
    private static final int WEIGHT_MAX = 4_000_000;

    /// No block can have more: each transaction weighs 240 at least.
    private static final int TRANSACTIONS_MAX = WEIGHT_MAX / 240;

    /// How it went.
    enum Status {
        /// As it should.
        OK,
        /// The sender broke the protocol.
        INVALID,
        /// Short ids collided, or name more than a block can hold; the whole block is needed.
        FAILED
    }

    private final BlockHeader header;
    private final @Nullable Transaction[] transactions;
    private final int prefilled;
    private int fromMempool;
    private long weight;

    /// What [#of] made.
    ///
    /// @param block null unless the status is OK
    record Start(Status status, @Nullable PartialBlock block) {}

    private PartialBlock(CmpctBlock compact) {
        this.header = compact.header();
        this.transactions = new @Nullable Transaction[compact.transactionCount()];
        this.prefilled = compact.prefilled().size();
    }

    /// Fills what it can from transactions at hand.
    ///
    /// @param known mempool transactions
    /// @param extra others that were seen lately; may be in `known` too
    static Start of(
            CmpctBlock compact, Collection<Transaction> known, Collection<Transaction> extra) {
        int count = compact.transactionCount();
        Optional<List<Integer>> positions = compact.prefilledPositions();
        if (count == 0 || count > TRANSACTIONS_MAX || positions.isEmpty()) {
            return new Start(Status.INVALID, null);
        }
        var block = new PartialBlock(compact);
        for (int i = 0; i < block.prefilled; i++) {
            PrefilledTransaction each = compact.prefilled().get(i);
            block.transactions[positions.get().get(i)] = each.tx();
            block.weight += each.tx().weight();
        }
        var byShortId = new HashMap<Long, Integer>();
        int position = 0;
        for (Long shortId : compact.shortIds()) {
            while (block.transactions[position] != null) {
                position++;
            }
            byShortId.put(shortId, position++);
        }
        if (byShortId.size() != compact.shortIds().size()) {
            return new Start(Status.FAILED, null);
        }
        block.match(new ShortIds(compact.header(), compact.nonce()), byShortId, known, extra);
        return block.isTooHeavy() ? new Start(Status.FAILED, null) : new Start(Status.OK, block);
    }

    private void match(
            ShortIds ids,
            Map<Long, Integer> byShortId,
            Collection<Transaction> known,
            Collection<Transaction> extra) {
        boolean[] seen = new boolean[transactions.length];
        for (Collection<Transaction> source : List.of(known, extra)) {
            for (Transaction tx : source) {
                Integer position = byShortId.get(ids.of(tx.wtxid()));
                if (position != null) {
                    put(position, tx, seen);
                }
                if (fromMempool == byShortId.size() || isTooHeavy()) {
                    return;
                }
            }
        }
    }

    /// Whether what is there could be in no block (CVE-2025-46597).
    private boolean isTooHeavy() {
        return weight > WEIGHT_MAX;
    }

    /// Two different transactions with one short id: neither is taken, the right one will be asked for.
    private void put(int position, Transaction tx, boolean[] seen) {
        Transaction before = transactions[position];
        if (!seen[position]) {
            seen[position] = true;
            transactions[position] = tx;
            fromMempool++;
            weight += tx.weight();
        } else if (before != null && !before.wtxid().equals(tx.wtxid())) {
            transactions[position] = null;
            fromMempool--;
            weight -= before.weight();
        }
    }

    /// Positions of the transactions that are still unknown.
    List<Integer> missing() {
        var positions = new ArrayList<Integer>();
        for (int i = 0; i < transactions.length; i++) {
            if (transactions[i] == null) {
                positions.add(i);
            }
        }
        return positions;
    }

    /// The whole block.
    ///
    /// @param missing the transactions at [#missing], in that order
    /// @return empty if there are more or fewer of them than are missing
    Optional<Block> fill(List<Transaction> missing) {
        @Nullable Transaction[] all = Arrays.copyOf(transactions, transactions.length);
        int next = 0;
        for (int i = 0; i < all.length; i++) {
            if (all[i] == null) {
                if (next == missing.size()) {
                    return Optional.empty();
                }
                all[i] = missing.get(next++);
            }
        }
        if (next != missing.size()) {
            return Optional.empty();
        }
        var whole = new ArrayList<Transaction>(all.length);
        for (Transaction tx : all) {
            if (tx != null) {
                whole.add(tx);
            }
        }
        return Optional.of(Block.of(header, whole));
    }

    /// For the log: how much was at hand.
    String summary(int requested) {
        return prefilled
                + " txn prefilled, "
                + fromMempool
                + " txn from mempool and "
                + requested
                + " txn requested";
    }
}
