package weft.mempool;

import org.jspecify.annotations.Nullable;
import weft.primitives.Transaction;
import weft.primitives.Txid;

/// A transaction in the mempool and what was found out about it on its way in. What changes while it is
/// there, such as the sums over its ancestors, is asked of the [Mempool].
public final class MempoolEntry {
    private final Transaction tx;
    private final long fee;
    private final int sigopCost;
    private final long vsize;
    private final Arrival arrival;
    private final long memoryBytes;

    /// The place in the columns of the graph; -1 outside the mempool.
    int slot = -1;

    /// Null without relative lock times.
    @Nullable LockPoints lockPoints;

    /// When a transaction came.
    ///
    /// @param seconds since 1970
    /// @param height of the tip then
    /// @param sequence number of the mempool's last change then, 0 where the transaction came out of a
    ///     block: what was announced since need not be told to peers who asked before
    /// @param spendsCoinbase whether an input spends a coinbase, so that a reorganisation may make it
    ///     immature
    public record Arrival(long seconds, int height, long sequence, boolean spendsCoinbase) {}

    /// @param fee in satoshis: inputs minus outputs
    /// @param sigopCost signature operations as BIP-0141 weighs them
    /// @param vsize as policy counts it
    MempoolEntry(Transaction tx, long fee, int sigopCost, long vsize, Arrival arrival) {
        this.tx = tx;
        this.fee = fee;
        this.sigopCost = sigopCost;
        this.vsize = vsize;
        this.arrival = arrival;
        this.memoryBytes = MemoryUsage.of(tx);
    }

    /// The transaction.
    public Transaction tx() {
        return tx;
    }

    /// The transaction's id.
    public Txid txid() {
        return tx.txid();
    }

    /// What it pays, in satoshis, without what the operator added.
    public long fee() {
        return fee;
    }

    /// Signature operations as BIP-0141 weighs them.
    public int sigopCost() {
        return sigopCost;
    }

    /// Virtual size as policy counts it: no less than what its signature operations stand for.
    public long vsize() {
        return vsize;
    }

    /// When it was accepted, in seconds since 1970.
    public long seconds() {
        return arrival.seconds;
    }

    /// Height of the tip at that time.
    public int height() {
        return arrival.height;
    }

    /// See [Arrival#sequence].
    public long sequence() {
        return arrival.sequence;
    }

    /// Whether an input spends a coinbase.
    public boolean spendsCoinbase() {
        return arrival.spendsCoinbase;
    }

    long memoryBytes() {
        return memoryBytes;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return this == other;
    }

    @Override
    public int hashCode() {
        return tx.hashCode();
    }

    @Override
    public String toString() {
        return tx.txid().toString();
    }
}
