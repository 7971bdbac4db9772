package weft.server.metrics;

import weft.chain.api.ChainSnapshot;
import weft.mempool.FeeRate;
import weft.mempool.Mempool;
import weft.node.ChainEngine;
import weft.primitives.Now;

/// How chain and mempool of a full node stood at one moment. Cheap to make: nothing in it is counted.
///
/// @param madeNanos when it was made, on the clock of [System#nanoTime]
/// @param height of the active chain
/// @param headers height of the best header
/// @param tipSeconds time in the tip's header, in seconds since 1970
/// @param progress of verification, 0 to 1
/// @param initialDownload whether the chain is not near the network's tip yet
/// @param coinsCache its bytes
/// @param pool the mempool
public record ChainFigures(
        long madeNanos,
        int height,
        int headers,
        long tipSeconds,
        double progress,
        boolean initialDownload,
        long coinsCache,
        Pool pool) {
    /// The mempool.
    ///
    /// @param transactions how many
    /// @param vsize virtual bytes of all
    /// @param usage bytes of memory
    /// @param usageMax bytes of memory that it may take
    /// @param minFee satoshis per 1,000 virtual bytes below which nothing comes in
    public record Pool(int transactions, long vsize, long usage, long usageMax, long minFee) {}

    /// As things stand; to be called on the engine's thread.
    public static ChainFigures of(ChainEngine engine, Now now) {
        ChainSnapshot chain = engine.chain().snapshot();
        Mempool pool = engine.mempool();
        FeeRate least = pool.options().minRelay();
        FeeRate minFee = pool.minFee(now.unixSeconds());
        return new ChainFigures(
                System.nanoTime(),
                chain.tip().height(),
                chain.bestHeader().height(),
                chain.tip().time(),
                engine.chain().verificationProgress(chain.tip(), now),
                chain.initialBlockDownload(),
                engine.chain().coinsCacheBytes(),
                new Pool(
                        pool.size(),
                        pool.vsizeTotal(),
                        pool.memoryBytes(),
                        pool.options().bytesMax(),
                        (minFee.compareTo(least) > 0 ? minFee : least).perKvb()));
    }

    /// Writes them.
    ///
    /// @param nowNanos on the clock of [System#nanoTime]
    void write(Families to, long nowNanos) {
        to.gauge("chain_height", "Height of the active chain.", height);
        to.gauge("chain_headers_height", "Height of the best header.", headers);
        to.gauge(
                "chain_tip_time_seconds", "Time in the header of the tip, since 1970.", tipSeconds);
        to.gauge(
                "chain_verification_progress_ratio",
                "Verified part of the chain, guessed.",
                progress);
        to.gauge(
                "chain_initial_download",
                "1 while the chain is not near the network's tip yet, else 0.",
                initialDownload ? 1 : 0);
        to.gauge("chain_coins_cache_bytes", "Memory of the cache of coins.", coinsCache);
        to.gauge(
                "chain_figures_age_seconds",
                "Age of what is said of chain and mempool: more than a few seconds while the chain"
                        + " is at work without a pause.",
                Math.max(0, nowNanos - madeNanos) / Units.NANOS_PER_SECOND);
        to.gauge("mempool_transactions", "Transactions of the mempool.", pool.transactions);
        to.gauge("mempool_virtual_bytes", "Virtual size of the mempool.", pool.vsize);
        to.gauge("mempool_memory_bytes", "Memory that the mempool takes.", pool.usage);
        to.gauge("mempool_memory_max_bytes", "Memory that the mempool may take.", pool.usageMax);
        to.gauge(
                "mempool_min_fee_satoshis_per_kvb",
                "Satoshis per 1,000 virtual bytes below which nothing comes in.",
                pool.minFee);
    }
}
