package weft.chain;

import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;
import weft.chain.api.BlockFailure;
import weft.chain.store.StoreException;
import weft.primitives.Block;
import weft.primitives.log.Log;

/// Reads the last blocks of the active chain again and compares them with the coins (Core: `VerifyDB`).
/// Nothing is changed: blocks are taken back and applied again on a view of their own.
final class ChainVerification {
    private static final int LEVEL_MAX = 4;

    private final ChainParts parts;
    private final BlockConnector connector;
    private final Log log;

    ChainVerification(ChainParts parts, BlockConnector connector, Log log) {
        this.parts = parts;
        this.connector = connector;
        this.log = log;
    }

    /// Checks blocks, the highest first, on a chain without blocks in flight.
    ///
    /// @param level 0 reads blocks; 1 checks them alone; 2 reads undo data; 3 takes blocks back; 4 applies
    ///     them again, with scripts; other values count as the nearest
    /// @param count how many; 0 or less, or more than there are, means all
    VerifyResult verify(int level, int count) {
        BlockEntry tip = parts.tree.entry(parts.chain.tip());
        if (tip.height() == 0) {
            return VerifyResult.WHOLE;
        }
        int depth = count <= 0 || count > tip.height() ? tip.height() : count;
        int upTo = Math.clamp(level, 0, LEVEL_MAX);
        log.info("Verifying last " + depth + " blocks at level " + upTo);
        var run = new Run(upTo, tip.height() - depth);
        VerifyResult result = run.down(tip);
        if (upTo == LEVEL_MAX && result != VerifyResult.DAMAGED && run.isWithCoins) {
            result = run.up() ? result : VerifyResult.DAMAGED;
        }
        if (result != VerifyResult.DAMAGED) {
            log.info(
                    "Verification: No coin database inconsistencies in last "
                            + run.blocks
                            + " blocks ("
                            + run.transactions
                            + " transactions)");
        }
        return result;
    }

    /// One pass.
    private final class Run {
        private final int level;
        private final int end;
        private final CoinsOverlay view = new CoinsOverlay(parts.coins);
        private final Deque<BlockEntry> takenBack = new ArrayDeque<>();
        private boolean isWithCoins;
        private int blocks;
        private long transactions;

        Run(int level, int end) {
            this.level = level;
            this.end = end;
            this.isWithCoins = level >= 3;
        }

        VerifyResult down(BlockEntry tip) {
            VerifyResult result = VerifyResult.WHOLE;
            long room = parts.options.cacheBytes();
            BlockEntry entry = tip;
            while (entry.height() > end) {
                if (!entry.hasBlock() && mayMiss()) {
                    log.info(
                            "VerifyDB(): block verification stopping at height "
                                    + entry.height()
                                    + " (no data). This could be due to pruning or use of an "
                                    + "assumeutxo snapshot.");
                    return result == VerifyResult.WHOLE ? VerifyResult.BLOCKS_MISSING : result;
                }
                Block block = check(entry);
                if (block == null) {
                    return VerifyResult.DAMAGED;
                }
                if (isWithCoins) {
                    room -= block.totalSize();
                    if (room < 0) {
                        isWithCoins = false;
                        result = VerifyResult.COINS_SKIPPED;
                        log.info(
                                "Skipped verification of level >=3 (insufficient database cache "
                                        + "size). Consider increasing -dbcache.");
                    } else if (!takeBack(entry, block)) {
                        return VerifyResult.DAMAGED;
                    }
                }
                blocks++;
                transactions += block.transactions().size();
                BlockEntry parent = entry.parent();
                if (parent == null) {
                    break;
                }
                entry = parent;
            }
            return result;
        }

        private boolean mayMiss() {
            return parts.pruner.hasPruned() || parts.mark.base() != null;
        }

        /// Levels 0 to 2.
        private @Nullable Block check(BlockEntry entry) {
            Block block = read(entry);
            if (block == null) {
                return null;
            }
            BlockFailure failure = level >= 1 ? parts.rules.checkBlock(block) : null;
            if (failure != null) {
                return bad("found bad block", entry, failure.toString());
            }
            if (level >= 2 && entry.is(BlockEntry.HAS_UNDO)) {
                try {
                    parts.storage.readUndo(entry);
                } catch (StoreException e) {
                    return bad("found bad undo data", entry, e.getMessage());
                }
            }
            return block;
        }

        private @Nullable Block read(BlockEntry entry) {
            if (!entry.hasBlock()) {
                return bad("ReadBlockFromDisk failed", entry, "the block is not there");
            }
            try {
                return parts.storage.read(entry);
            } catch (StoreException e) {
                return bad("ReadBlockFromDisk failed", entry, e.getMessage());
            }
        }

        private boolean takeBack(BlockEntry entry, Block block) {
            try {
                connector.disconnect(block, entry.node(), parts.storage.readUndo(entry), view);
            } catch (StoreException e) {
                bad("irrecoverable inconsistency in block data", entry, e.getMessage());
                return false;
            }
            takenBack.push(entry);
            return true;
        }

        /// Level 4.
        boolean up() {
            while (!takenBack.isEmpty()) {
                BlockEntry entry = takenBack.pop();
                Block block = read(entry);
                if (block == null) {
                    return false;
                }
                BlockFailure failure =
                        connector.verdict(connector.connect(block, entry.node(), view, true));
                if (failure != null) {
                    bad("found unconnectable block", entry, failure.toString());
                    return false;
                }
            }
            return true;
        }

        private @Nullable Block bad(String what, BlockEntry entry, @Nullable String why) {
            log.error(
                    "Verification error: "
                            + what
                            + " at "
                            + entry.height()
                            + ", hash="
                            + entry.node().hash()
                            + " ("
                            + why
                            + ")");
            return null;
        }
    }
}
