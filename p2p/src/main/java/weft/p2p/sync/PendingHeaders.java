package weft.p2p.sync;

import java.util.List;
import org.jspecify.annotations.Nullable;
import weft.primitives.BlockHeader;
import weft.wire.CmpctBlock;

/// Headers that the chain engine was asked to judge, and what to do when it has.
///
/// @param full the message was as long as can be, so there may be more
/// @param askMore ask for what comes next once they are accepted
/// @param viaCompact the header came in a compact block, which may be sent before validation: less blame
/// @param compact to go on with once the header is accepted
/// @param waiting headers to look at again when the chain engine has done what it was given before; then
///     nothing else was asked
record PendingHeaders(
        boolean full,
        boolean askMore,
        boolean viaCompact,
        @Nullable CmpctBlock compact,
        List<BlockHeader> waiting) {
    PendingHeaders {
        waiting = List.copyOf(waiting);
    }

    static PendingHeaders of(boolean full, boolean askMore) {
        return new PendingHeaders(full, askMore, false, null, List.of());
    }

    static PendingHeaders of(CmpctBlock compact) {
        return new PendingHeaders(false, false, true, compact, List.of());
    }

    static PendingHeaders waiting(List<BlockHeader> headers, boolean full) {
        return new PendingHeaders(full, false, false, null, headers);
    }
}
