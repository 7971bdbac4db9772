package weft.p2p;

import java.time.Duration;

/// Bytes that we mean to send in a day at most (`-maxuploadtarget`).
///
/// Near the target old blocks are no longer served, at it neither is the mempool. New blocks always are:
/// while the day lasts, so many bytes are kept back that each block to come can be sent once. A day begins
/// with the first byte that is sent after the last one ended.
final class UploadTarget {
    private static final long DAY_SECONDS = Duration.ofDays(1).toSeconds();
    private static final long BLOCK_SECONDS = Duration.ofMinutes(10).toSeconds();
    private static final long BLOCK_BYTES_MAX = 4_000_000;

    private final long target;
    private long startSeconds;
    private long sent;

    /// @param target bytes; 0 for no limit
    UploadTarget(long target) {
        this.target = target;
    }

    boolean isSet() {
        return target != 0;
    }

    /// @param bytes that leave; negative for some that were counted and never left
    void add(long bytes, long nowSeconds) {
        if (startSeconds + DAY_SECONDS < nowSeconds) {
            startSeconds = nowSeconds;
            sent = 0;
        }
        sent = Math.max(0, sent + bytes);
    }

    boolean isReached() {
        return isSet() && sent >= target;
    }

    boolean servesHistory(long nowSeconds) {
        if (!isSet()) {
            return true;
        }
        long kept = secondsLeft(nowSeconds) / BLOCK_SECONDS * BLOCK_BYTES_MAX;
        return kept < target && sent < target - kept;
    }

    private long secondsLeft(long nowSeconds) {
        if (!isSet()) {
            return 0;
        }
        return startSeconds == 0
                ? DAY_SECONDS
                : Math.max(0, startSeconds + DAY_SECONDS - nowSeconds);
    }

    UploadState state(long nowSeconds) {
        return new UploadState(
                DAY_SECONDS,
                target,
                isReached(),
                servesHistory(nowSeconds),
                isSet() ? Math.max(0, target - sent) : 0,
                secondsLeft(nowSeconds));
    }
}
