package weft.p2p;

import java.util.List;
import java.util.OptionalLong;
import weft.primitives.Now;

/// Asks a peer for addresses once more, over a connection of its own, while we know hardly any: after one
/// minute, after two more, after four, and so on, a few times.
///
/// *Rationale:* whoever was asked while it knew few itself says the same for a day, and ignores who asks
/// twice on one connection; who joins a young network by one friend would stay with that one.
final class AddressHunger {
    private static final long MINUTE_NANOS = 60_000_000_000L;
    private static final int ENOUGH = 8;
    private static final int TIMES_MAX = 5;

    private final EngineParts parts;
    private final Dialler dialler;
    private int times;
    private long nextNanos = Long.MAX_VALUE;

    AddressHunger(EngineParts parts, Dialler dialler) {
        this.parts = parts;
        this.dialler = dialler;
    }

    void start(Now now) {
        if (parts.options.sources().automatic() && !parts.isLaboratory()) {
            nextNanos = now.monotonicNanos() + MINUTE_NANOS;
        }
    }

    private boolean isHungry() {
        return times < TIMES_MAX && dialler.isActive() && parts.book.size() < ENOUGH;
    }

    void onTick(Now now, Outbox out) {
        if (now.monotonicNanos() < nextNanos || !isHungry()) {
            return;
        }
        List<Peer> friends =
                parts.connections.open().stream()
                        .map(each -> each.peer)
                        .filter(each -> each.isReady() && isAsked(each.type()))
                        .toList();
        if (friends.isEmpty()) {
            nextNanos = now.monotonicNanos() + MINUTE_NANOS / 6;
            return;
        }
        nextNanos = now.monotonicNanos() + (MINUTE_NANOS << ++times);
        Peer chosen = friends.get(parts.random.nextInt(friends.size()));
        dialler.dialOnceMore(
                Dial.of(chosen.address(), chosen.services(), ConnectionType.ADDR_FETCH), now, out);
    }

    private static boolean isAsked(ConnectionType type) {
        return type == ConnectionType.OUTBOUND_FULL_RELAY || type == ConnectionType.MANUAL;
    }

    OptionalLong nextDeadlineNanos() {
        return isHungry() && nextNanos != Long.MAX_VALUE
                ? OptionalLong.of(nextNanos)
                : OptionalLong.empty();
    }
}
