package weft.p2p.sync;

import weft.chain.api.BlockFailure;
import weft.p2p.Outbox;
import weft.primitives.log.LogCategory;

/// What follows for the sender of a block or header that is not accepted.
final class Verdicts {
    private Verdicts() {}

    /// Punishes as Bitcoin Core does.
    ///
    /// @param viaCompact it came as a compact block, which may be sent before its transactions were checked
    /// @param message for the log; may be empty
    static void punish(
            SyncContext context,
            SyncPeer from,
            BlockFailure failure,
            boolean viaCompact,
            String message,
            Outbox out) {
        boolean guilty =
                switch (failure.kind()) {
                    case CONSENSUS, MUTATED -> !viaCompact;
                    case CACHED_INVALID -> !viaCompact && from.isOutbound();
                    case INVALID_HEADER, INVALID_PREV, MISSING_PREV -> true;
                    case TIME_FUTURE, LOW_WORK -> false;
                };
        if (guilty) {
            context.misbehaving(from, message, out);
        } else if (!message.isEmpty()) {
            context.log.debug(LogCategory.NET, () -> "peer=" + from.id() + ": " + message);
        }
    }
}
