package weft.mempool;

import java.time.Duration;

/// Limits of a mempool; defaults are Bitcoin Core's.
///
/// @param minRelayFeePerKvb satoshis per 1,000 virtual bytes below which nothing is relayed
///     (`-minrelaytxfee`)
/// @param bytesMax sum of serialized sizes above which the transactions that pay least leave (`-maxmempool`)
/// @param expiry how long a transaction waits for a block (`-mempoolexpiry`)
/// @param ancestorsMax unconfirmed transactions in a chain that ends with one, itself counted
///     (`-limitancestorcount`)
/// @param descendantsMax transactions that may hang on one, itself counted (`-limitdescendantcount`)
/// @param requireStandard only transactions of standard form (`-acceptnonstdtxn=0`)
public record MempoolOptions(
        long minRelayFeePerKvb,
        long bytesMax,
        Duration expiry,
        int ancestorsMax,
        int descendantsMax,
        boolean requireStandard) {
    /// Core's defaults.
    public static final MempoolOptions DEFAULT =
            new MempoolOptions(1_000, 300_000_000L, Duration.ofDays(14), 25, 25, true);

    /// The fee that a size must pay, in satoshis, rounded up.
    public long minFee(long vsize) {
        return Math.ceilDiv(minRelayFeePerKvb * vsize, 1_000);
    }
}
