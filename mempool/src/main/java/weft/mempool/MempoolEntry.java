package weft.mempool;

import java.time.Instant;
import weft.primitives.Transaction;
import weft.primitives.Txid;

/// A transaction in the mempool and what was found out about it on its way in.
///
/// @param tx the transaction
/// @param fee in satoshis: inputs minus outputs
/// @param sigopCost signature operations as BIP-0141 weighs them
/// @param entered when it was accepted
/// @param entryHeight height of the tip at that time
/// @param sequence order of acceptance, counted from 1
/// @param spendsCoinbase whether an input spends a coinbase, so that a reorganisation may make it immature
public record MempoolEntry(
        Transaction tx,
        long fee,
        int sigopCost,
        Instant entered,
        int entryHeight,
        long sequence,
        boolean spendsCoinbase) {
    /// Bytes of virtual size that one signature operation counts for, at least (Core: `-bytespersigop`).
    public static final int BYTES_PER_SIGOP = 20;

    private static final int WITNESS_SCALE = 4;

    /// The transaction's id.
    public Txid txid() {
        return tx.txid();
    }

    /// Virtual size as policy counts it: no less than what its signature operations stand for.
    public long vsize() {
        return vsize(tx, sigopCost);
    }

    static long vsize(Transaction tx, int sigopCost) {
        long weight = Math.max(tx.weight(), (long) sigopCost * BYTES_PER_SIGOP);
        return (weight + WITNESS_SCALE - 1) / WITNESS_SCALE;
    }

    /// Compares fees per virtual byte without rounding: negative if `a` pays less than `b`.
    static int compareFeeRates(long feeA, long vsizeA, long feeB, long vsizeB) {
        // At most 2^51 satoshis times 2^20 bytes: 128-bit products are needed only beyond consensus
        // limits.
        return Long.compare(Math.multiplyExact(feeA, vsizeB), Math.multiplyExact(feeB, vsizeA));
    }
}
