package weft.p2p.sync;

import org.jspecify.annotations.Nullable;
import weft.wire.CmpctBlock;

/// Headers that the chain engine was asked to judge, and what to do when it has.
///
/// @param full the message was as long as can be, so there may be more
/// @param askMore ask for what comes next once they are accepted
/// @param viaCompact the header came in a compact block, which may be sent before validation: less blame
/// @param compact to go on with once the header is accepted
record PendingHeaders(
        boolean full, boolean askMore, boolean viaCompact, @Nullable CmpctBlock compact) {
    static PendingHeaders of(boolean full, boolean askMore) {
        return new PendingHeaders(full, askMore, false, null);
    }

    static PendingHeaders of(CmpctBlock compact) {
        return new PendingHeaders(false, false, true, compact);
    }
}
