package weft.chain;

import java.math.BigInteger;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import weft.primitives.BlockHash;

/// Settings of a [ChainState].
///
/// @param minimumChainWork branches with less are not worth their blocks, and the chain is not
///     synchronised below
/// @param assumeValid scripts up to this block are not run, once it is known to be well buried; null
///     runs all
/// @param maxTipAge an older tip means that the chain is not synchronised
/// @param cacheBytes memory for coins, beyond which they are written to disk; writing takes as much
///     again
/// @param flushInterval longest time between writes while synchronising
/// @param syncEachBlock wait at every new tip until it is safe against power loss (`-syncblocks`)
/// @param pruning which old blocks are deleted
/// @param stopAtHeight the chain grows no further than this (`-stopatheight`); 0 for no end
/// @param checkpoints branches that leave the main one below a checkpoint are refused (`-checkpoints`)
public record ChainOptions(
        BigInteger minimumChainWork,
        @Nullable BlockHash assumeValid,
        Duration maxTipAge,
        long cacheBytes,
        Duration flushInterval,
        boolean syncEachBlock,
        Pruning pruning,
        int stopAtHeight,
        boolean checkpoints) {
    /// Core's defaults, for networks without a minimum of work.
    public static final ChainOptions DEFAULT =
            new ChainOptions(
                    BigInteger.ZERO,
                    null,
                    Duration.ofHours(24),
                    128L << 20,
                    Duration.ofMinutes(5),
                    false,
                    Pruning.OFF,
                    0,
                    true);

    /// The same with another minimum of work.
    public ChainOptions withMinimumChainWork(BigInteger work) {
        return new ChainOptions(
                work,
                assumeValid,
                maxTipAge,
                cacheBytes,
                flushInterval,
                syncEachBlock,
                pruning,
                stopAtHeight,
                checkpoints);
    }

    /// The same with another block that is assumed valid; null for none.
    public ChainOptions withAssumeValid(@Nullable BlockHash hash) {
        return new ChainOptions(
                minimumChainWork,
                hash,
                maxTipAge,
                cacheBytes,
                flushInterval,
                syncEachBlock,
                pruning,
                stopAtHeight,
                checkpoints);
    }

    /// The same with another age beyond which a tip is old.
    public ChainOptions withMaxTipAge(Duration age) {
        return new ChainOptions(
                minimumChainWork,
                assumeValid,
                age,
                cacheBytes,
                flushInterval,
                syncEachBlock,
                pruning,
                stopAtHeight,
                checkpoints);
    }

    /// The same with another size of the coins cache.
    public ChainOptions withCacheBytes(long bytes) {
        return new ChainOptions(
                minimumChainWork,
                assumeValid,
                maxTipAge,
                bytes,
                flushInterval,
                syncEachBlock,
                pruning,
                stopAtHeight,
                checkpoints);
    }

    /// The same with or without waiting for the disk at every tip.
    public ChainOptions withSyncEachBlock(boolean sync) {
        return new ChainOptions(
                minimumChainWork,
                assumeValid,
                maxTipAge,
                cacheBytes,
                flushInterval,
                sync,
                pruning,
                stopAtHeight,
                checkpoints);
    }

    /// The same with or without deleting old blocks.
    public ChainOptions withPruning(Pruning old) {
        return new ChainOptions(
                minimumChainWork,
                assumeValid,
                maxTipAge,
                cacheBytes,
                flushInterval,
                syncEachBlock,
                old,
                stopAtHeight,
                checkpoints);
    }

    /// The same with another height to stop at; 0 for none.
    public ChainOptions withStopAtHeight(int height) {
        return new ChainOptions(
                minimumChainWork,
                assumeValid,
                maxTipAge,
                cacheBytes,
                flushInterval,
                syncEachBlock,
                pruning,
                height,
                checkpoints);
    }

    /// The same with or without checkpoints.
    public ChainOptions withCheckpoints(boolean obeyed) {
        return new ChainOptions(
                minimumChainWork,
                assumeValid,
                maxTipAge,
                cacheBytes,
                flushInterval,
                syncEachBlock,
                pruning,
                stopAtHeight,
                obeyed);
    }
}
