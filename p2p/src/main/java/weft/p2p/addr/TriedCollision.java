package weft.p2p.addr;

import org.jspecify.annotations.Nullable;
import weft.primitives.log.LogCategory;

/// Two addresses that want one place in *tried*: the one that holds it is dialled once more before it goes.
final class TriedCollision {
    private static final long REPLACEMENT_SECONDS = 4 * 3600;
    private static final long TEST_WINDOW_SECONDS = 40 * 60;
    private static final long TEST_SECONDS = 60;

    private final AddrMan book;

    /// Off in experiments only.
    boolean testsFirst = true;

    TriedCollision(AddrMan book) {
        this.book = book;
    }

    /// Whether it is known by now who gets the place that an address waits for; it then has it.
    boolean isResolved(AddrManEntry entry, long nowSeconds) {
        AddrManEntry old = rivalOf(entry);
        if (old == null) {
            book.good(entry.address, false, nowSeconds);
            return true;
        }
        if (nowSeconds - old.lastSuccessSeconds < REPLACEMENT_SECONDS) {
            return true;
        }
        if (nowSeconds - old.lastTrySeconds < REPLACEMENT_SECONDS) {
            if (nowSeconds - old.lastTrySeconds <= TEST_SECONDS) {
                return false;
            }
            book.log.debug(
                    LogCategory.ADDRMAN,
                    () ->
                            "Replacing "
                                    + old.address
                                    + " with "
                                    + entry.address
                                    + " in tried table");
        } else if (nowSeconds - entry.lastSuccessSeconds > TEST_WINDOW_SECONDS) {
            book.log.debug(
                    LogCategory.ADDRMAN,
                    () ->
                            "Unable to test; replacing "
                                    + old.address
                                    + " with "
                                    + entry.address
                                    + " in tried table anyway");
        } else {
            return false;
        }
        book.good(entry.address, false, nowSeconds);
        return true;
    }

    @Nullable AddrManEntry rivalOf(AddrManEntry entry) {
        int bucket = entry.triedBucket(book.key, book.groups);
        return book.triedTable.get(bucket, entry.position(book.key, false, bucket));
    }
}
