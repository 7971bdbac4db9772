package weft.p2p;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import weft.p2p.sync.BlockSyncStats;
import weft.primitives.Now;
import weft.primitives.log.LogCategory;
import weft.wire.NetworkId;

/// Watches the tip, asks for one outbound peer more when it goes stale, and drops the least useful one when
/// there are too many. Of those that are needed for [Variety] none is dropped.
final class ExtraPeers {
    private static final long SECOND_NANOS = 1_000_000_000L;
    private static final long CHECK_NANOS = 45 * SECOND_NANOS;
    private static final long STALE_CHECK_NANOS = 600 * SECOND_NANOS;
    private static final long MIN_CONNECTED_NANOS = 30 * SECOND_NANOS;

    private final EngineParts parts;
    private final BestPeers best;
    private long nextNanos = Long.MIN_VALUE;
    private long nextStaleNanos = Long.MIN_VALUE;
    private boolean wantsFullRelay;
    private boolean wantsBlockRelay;

    ExtraPeers(EngineParts parts) {
        this.parts = parts;
        this.best = new BestPeers(parts);
    }

    /// Whether one more full-relay peer than usual is wanted.
    boolean wantsFullRelay() {
        return wantsFullRelay;
    }

    /// Whether block-relay-only peers are tried now and then, to hear of other chains.
    boolean wantsBlockRelay() {
        return wantsBlockRelay;
    }

    void onTick(Now now, Outbox out) {
        parts.variety.onTick(now);
        best.onTick(now, out);
        long nanos = now.monotonicNanos();
        if (nanos < nextNanos) {
            return;
        }
        if (nextNanos == Long.MIN_VALUE) {
            nextStaleNanos = nanos + STALE_CHECK_NANOS;
        }
        nextNanos = nanos + CHECK_NANOS;
        dropExtraBlockRelay(nanos, out);
        dropExtraFullRelay(nanos, out);
        if (nanos > nextStaleNanos) {
            boolean stale = parts.options.sources().automatic() && parts.blocks.isTipStale(now);
            if (stale) {
                parts.log.info("Potential stale tip detected, will try using extra outbound peer");
            }
            wantsFullRelay = stale;
            nextStaleNanos = nanos + STALE_CHECK_NANOS;
        }
        wantsBlockRelay |= parts.blocks.isNearlySynced(now);
    }

    private List<Connection> open(ConnectionType type) {
        var found = new ArrayList<Connection>();
        for (Connection each : parts.connections.open()) {
            if (each.peer.type() == type
                    && (type == ConnectionType.BLOCK_RELAY_ONLY || each.peer.isReady())) {
                found.add(each);
            }
        }
        return found;
    }

    private void dropExtraBlockRelay(long nanos, Outbox out) {
        List<Connection> all = open(ConnectionType.BLOCK_RELAY_ONLY);
        if (all.size() <= parts.limits.blockRelay() || all.isEmpty()) {
            return;
        }
        Connection chosen = all.getLast();
        if (all.size() > 1) {
            Connection older = all.get(all.size() - 2);
            chosen = lastBlock(chosen) > lastBlock(older) ? older : chosen;
        }
        if (mayGo(chosen, nanos)) {
            PeerId id = chosen.id();
            long last = lastBlock(chosen);
            parts.log.debug(
                    LogCategory.NET,
                    () ->
                            "disconnecting extra block-relay-only peer="
                                    + id
                                    + " (last block received at time "
                                    + last
                                    + ")");
            parts.connections.disconnect(id, "extra block-relay-only peer", out);
        }
    }

    private long lastBlock(Connection connection) {
        return parts.blocks.stats(connection.id()).lastBlockSeconds();
    }

    private boolean mayGo(Connection connection, long nanos) {
        BlockSyncStats stats = parts.blocks.stats(connection.id());
        return nanos - connection.peer.connectedAtNanos() >= MIN_CONNECTED_NANOS
                && stats.inflight().isEmpty();
    }

    private void dropExtraFullRelay(long nanos, Outbox out) {
        List<Connection> all = open(ConnectionType.OUTBOUND_FULL_RELAY);
        if (all.size() <= parts.limits.fullRelay()) {
            return;
        }
        Connection worst = worstOf(all, true);
        worst = worst == null ? worstOf(all, false) : worst;
        if (worst == null || !mayGo(worst, nanos)) {
            return;
        }
        PeerId id = worst.id();
        long announced = parts.blocks.stats(id).lastBlockAnnouncementSeconds();
        parts.log.debug(
                LogCategory.NET,
                () ->
                        "disconnecting extra outbound peer="
                                + id
                                + " (last block announcement received at time "
                                + announced
                                + ")");
        parts.connections.disconnect(id, "extra outbound peer", out);
        if (!wantsFullRelay) {
            parts.variety.onExchanged(nanos);
        }
        wantsFullRelay = false;
    }

    /// Whether one of the usual peers could go for another.
    boolean canSpareOne() {
        return worstOf(open(ConnectionType.OUTBOUND_FULL_RELAY), true) != null;
    }

    /// Who announced a block least recently, of equals the youngest.
    ///
    /// @param sparesLongKnown whether nobody is chosen who is needed as one known for long
    private @Nullable Connection worstOf(List<Connection> all, boolean sparesLongKnown) {
        Connection worst = null;
        long oldest = Long.MAX_VALUE;
        for (Connection each : all) {
            BlockSyncStats stats = parts.blocks.stats(each.id());
            boolean only = countOf(each.peer.address().network()) <= 1;
            if (!stats.protectedFromEviction()
                    && !only
                    && !parts.variety.isNeeded(each)
                    && !(sparesLongKnown && parts.longKnown.isNeeded(each))
                    && stats.lastBlockAnnouncementSeconds() <= oldest) {
                worst = each;
                oldest = stats.lastBlockAnnouncementSeconds();
            }
        }
        return worst;
    }

    private int countOf(NetworkId network) {
        int count = 0;
        for (Connection each : parts.connections.open()) {
            boolean counts =
                    each.peer.type() == ConnectionType.OUTBOUND_FULL_RELAY
                            || each.peer.type() == ConnectionType.MANUAL;
            count += counts && each.peer.address().network() == network ? 1 : 0;
        }
        return count;
    }

    OptionalLong nextDeadlineNanos() {
        long others = Math.min(parts.variety.nextDeadlineNanos(), best.nextDeadlineNanos());
        return OptionalLong.of(Math.min(nextNanos, others));
    }
}
