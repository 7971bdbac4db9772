package weft.p2p.sync;

import java.math.BigInteger;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import weft.chain.api.HeaderNode;
import weft.p2p.PeerId;
import weft.primitives.BlockHash;
import weft.primitives.BlockHeader;
import weft.primitives.Check;
import weft.primitives.Now;
import weft.primitives.log.Log;
import weft.primitives.log.LogCategory;

/// Headers of a branch that has not yet shown enough work to be kept.
///
/// - First (presync), headers are only counted, and one salted bit of every 615th is remembered.
/// - Once the branch has enough work, it is downloaded again from its start (redownload), each bit is
///   compared, and
///   a header is released only when about 24 more bits after it agree, or enough work is reached again.
///
/// *Rationale:* a peer that feeds worthless headers costs us a few bits, not megabytes; one that sends
/// another
/// branch the second time has to guess the bits.
final class HeadersSyncState {
    static final int COMMITMENT_PERIOD = 615;
    static final int REDOWNLOAD_BUFFER = 14_621;
    private static final int HEADERS_PER_SECOND_MAX = 6;
    private static final int FUTURE_SECONDS_MAX = 7_200;

    /// What came of a batch.
    ///
    /// @param headers ready to be kept
    /// @param success the batch fits; if not, the synchronisation is over
    /// @param requestMore ask for what comes after [#locator]; if not, the synchronisation is over
    record Result(List<BlockHeader> headers, boolean success, boolean requestMore) {
        static final Result FAILED = new Result(List.of(), false, false);
    }

    private final PeerId peer;
    private final SyncRules rules;
    private final HeaderNode start;
    private final BigInteger wantedWork;
    private final Log log;
    private final long maxCommitments;
    private final int commitmentOffset;
    private final long salt0;
    private final long salt1;
    private final ArrayDeque<Boolean> commitments = new ArrayDeque<>();
    private boolean redownloading;

    // Presync.
    private BigInteger work;
    private BlockHash lastHash;
    private long lastBits;
    private long height;

    // Redownload.
    private final ArrayDeque<BlockHeader> buffer = new ArrayDeque<>();
    private BigInteger redownloadedWork;
    private BlockHash bufferedHash;
    private long bufferedBits;
    private long bufferedHeight;
    private boolean releaseAll;

    /// @param start the header of ours that the branch stands on
    /// @param wantedWork from which on it is kept
    HeadersSyncState(
            PeerId peer, SyncContext context, HeaderNode start, BigInteger wantedWork, Now now) {
        this.peer = peer;
        this.rules = context.rules;
        this.start = start;
        this.wantedWork = wantedWork;
        this.log = context.log;
        this.commitmentOffset = context.random.nextInt(COMMITMENT_PERIOD);
        this.salt0 = context.random.nextLong();
        this.salt1 = context.random.nextLong();
        this.work = start.chainWork();
        this.lastHash = start.hash();
        this.lastBits = start.header().bits();
        this.height = start.height();
        this.redownloadedWork = start.chainWork();
        this.bufferedHash = start.hash();
        this.bufferedBits = start.header().bits();
        this.bufferedHeight = start.height();
        long seconds = now.unixSeconds() - start.medianTimePast() + FUTURE_SECONDS_MAX;
        this.maxCommitments = Math.max(0, HEADERS_PER_SECOND_MAX * seconds / COMMITMENT_PERIOD);
        log.debug(
                LogCategory.NET,
                () ->
                        "Initial headers sync started with peer="
                                + peer
                                + ": height="
                                + height
                                + ", max_commitments="
                                + maxCommitments
                                + ", min_work="
                                + String.format(Locale.ROOT, "%064x", wantedWork));
    }

    /// Height reached while counting; -1 when downloading again.
    long presyncHeight() {
        return redownloading ? -1 : height;
    }

    /// Takes the next headers, whose work is as their bits claim and which follow one another.
    ///
    /// @param full there may be more after them
    Result process(List<BlockHeader> headers, boolean full) {
        Check.argument(!headers.isEmpty(), "no headers");
        return redownloading ? redownload(headers, full) : presync(headers, full);
    }

    private Result presync(List<BlockHeader> headers, boolean full) {
        if (!headers.getFirst().parent().equals(lastHash)) {
            abort("non-continuous headers", height, "presync");
            return Result.FAILED;
        }
        for (BlockHeader header : headers) {
            if (!count(header)) {
                return Result.FAILED;
            }
        }
        if (work.compareTo(wantedWork) >= 0) {
            redownloading = true;
            log.debug(
                    LogCategory.NET,
                    () ->
                            "Initial headers sync transition with peer="
                                    + peer
                                    + ": reached sufficient work at height="
                                    + height
                                    + ", redownloading from height="
                                    + bufferedHeight);
        } else if (!full) {
            abort("incomplete headers message", height, "presync");
            return new Result(List.of(), true, false);
        }
        return new Result(List.of(), true, true);
    }

    private boolean count(BlockHeader header) {
        long next = height + 1;
        if (!rules.isPermittedTransition(next, lastBits, header.bits())) {
            abort("invalid difficulty transition", next, "presync");
            return false;
        }
        BlockHash hash = header.hash();
        if (next % COMMITMENT_PERIOD == commitmentOffset) {
            commitments.add(commitment(hash));
            if (commitments.size() > maxCommitments) {
                abort("exceeded max commitments", next, "presync");
                return false;
            }
        }
        work = work.add(rules.work(header));
        lastHash = hash;
        lastBits = header.bits();
        height = next;
        return true;
    }

    private Result redownload(List<BlockHeader> headers, boolean full) {
        for (BlockHeader header : headers) {
            if (!compare(header)) {
                return Result.FAILED;
            }
        }
        var ready = new ArrayList<BlockHeader>();
        while (buffer.size() > REDOWNLOAD_BUFFER || (releaseAll && !buffer.isEmpty())) {
            ready.add(buffer.removeFirst());
        }
        if (buffer.isEmpty() && releaseAll) {
            log.debug(
                    LogCategory.NET,
                    () ->
                            "Initial headers sync complete with peer="
                                    + peer
                                    + ": releasing all at height="
                                    + bufferedHeight
                                    + " (redownload phase)");
            return new Result(ready, true, false);
        }
        if (!full) {
            abort("incomplete headers message", bufferedHeight, "redownload");
        }
        return new Result(ready, true, full);
    }

    private boolean compare(BlockHeader header) {
        long next = bufferedHeight + 1;
        if (!header.parent().equals(bufferedHash)) {
            abort("non-continuous headers", next, "redownload");
            return false;
        }
        if (!rules.isPermittedTransition(next, bufferedBits, header.bits())) {
            abort("invalid difficulty transition", next, "redownload");
            return false;
        }
        redownloadedWork = redownloadedWork.add(rules.work(header));
        if (redownloadedWork.compareTo(wantedWork) >= 0) {
            releaseAll = true;
        }
        BlockHash hash = header.hash();
        if (!releaseAll && next % COMMITMENT_PERIOD == commitmentOffset) {
            Boolean expected = commitments.poll();
            if (expected == null) {
                abort("commitment overrun", next, "redownload");
                return false;
            }
            if (commitment(hash) != expected) {
                abort("commitment mismatch", next, "redownload");
                return false;
            }
        }
        buffer.add(header);
        bufferedHash = hash;
        bufferedBits = header.bits();
        bufferedHeight = next;
        return true;
    }

    private boolean commitment(BlockHash hash) {
        return (ShortIds.hash(salt0, salt1, hash) & 1) != 0;
    }

    private void abort(String why, long at, String phase) {
        log.debug(
                LogCategory.NET,
                () ->
                        "Initial headers sync aborted with peer="
                                + peer
                                + ": "
                                + why
                                + " at height="
                                + at
                                + " ("
                                + phase
                                + " phase)");
    }

    /// Where to go on from.
    List<BlockHash> locator() {
        var hashes = new ArrayList<BlockHash>();
        hashes.add(redownloading ? bufferedHash : lastHash);
        hashes.addAll(ChainIndex.locator(start));
        return hashes;
    }
}
