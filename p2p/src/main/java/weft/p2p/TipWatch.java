package weft.p2p;

import java.util.Optional;
import java.util.function.BooleanSupplier;
import weft.p2p.defence.Warning;
import weft.primitives.Now;

/// Warns when no block came for three intervals, thirty minutes: whoever cuts us off can hide that from us,
/// but cannot make blocks.
///
/// Not while the network is switched off, nor while no address is known: a node that is alone on purpose
/// knows none.
final class TipWatch {
    private static final int STALE_INTERVALS = 3;
    private static final long SECOND_NANOS = 1_000_000_000L;

    private final EngineParts parts;
    private final BooleanSupplier isNetworkOn;
    private long beganNanos = Long.MAX_VALUE;

    /// @param isNetworkOn whether connections may be made
    TipWatch(EngineParts parts, BooleanSupplier isNetworkOn) {
        this.parts = parts;
        this.isNetworkOn = isNetworkOn;
    }

    Optional<Warning> warning(Now now) {
        beganNanos = Math.min(beganNanos, now.monotonicNanos());
        long since = Math.max(beganNanos, parts.blocks.tipMovedNanos().orElse(beganNanos));
        long quietSeconds = (now.monotonicNanos() - since) / SECOND_NANOS;
        boolean isQuiet = quietSeconds >= STALE_INTERVALS * parts.rules.targetSpacingSeconds();
        if (!isQuiet || !isNetworkOn.getAsBoolean() || parts.book.size() == 0) {
            return Optional.empty();
        }
        String text =
                "No new block for "
                        + quietSeconds / 60
                        + " minutes: by chance, or because this node is cut off from the network";
        return Optional.of(new Warning(Warning.Kind.STALE_TIP, "", text));
    }
}
