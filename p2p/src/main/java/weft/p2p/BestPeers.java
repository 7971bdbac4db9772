package weft.p2p;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.TreeMap;
import weft.p2p.peers.Merit;
import weft.primitives.Now;

/// Keeps only the best of the outbound full-relay peers, for who wants to spend less (`-targetpeers`).
///
/// - For the first ten minutes there are as many as ever. Then all but the best go; [Merit] tells who they
///   are.
/// - Every half hour one more is tried for ten minutes, and the worst goes. *Rationale:* who was the best of
///   eight need not stay so, and those that leave are replaced by chance.
///
/// Block-relay-only connections stay. *Rationale:* they cost little, and three peers alone that an attacker
/// may choose to be near to are too few.
final class BestPeers {
    private static final long SECOND_NANOS = 1_000_000_000L;
    private static final long STEP_NANOS = 10 * SECOND_NANOS;
    private static final long TRIAL_NANOS = 600 * SECOND_NANOS;
    private static final long BETWEEN_NANOS = 1800 * SECOND_NANOS;

    private final EngineParts parts;
    private final TreeMap<PeerId, Merit> merits = new TreeMap<>();
    private long nextNanos = Long.MIN_VALUE;
    private long trialNanos;
    private boolean inTrial;

    BestPeers(EngineParts parts) {
        this.parts = parts;
    }

    private boolean isOn() {
        return parts.limits.best() > 0;
    }

    void onTick(Now now, Outbox out) {
        long nanos = now.monotonicNanos();
        if (!isOn() || nanos < nextNanos) {
            return;
        }
        if (nextNanos == Long.MIN_VALUE) {
            inTrial = true;
            trialNanos = nanos + TRIAL_NANOS;
        }
        nextNanos = nanos + STEP_NANOS;
        List<Connection> all = fullRelay();
        count(all);
        if (nanos < trialNanos) {
            return;
        }
        int best = parts.limits.best();
        if (inTrial) {
            allow(best);
            keepBest(all, best, now, out);
        } else {
            allow(best + 1);
        }
        trialNanos = nanos + (inTrial ? BETWEEN_NANOS : TRIAL_NANOS);
        inTrial = !inTrial;
    }

    private void allow(int count) {
        P2pOptions.Limits limits = parts.limits;
        parts.limits = limits.withCounts(count, limits.blockRelay(), limits.inbound());
    }

    private List<Connection> fullRelay() {
        var found = new ArrayList<Connection>();
        for (Connection each : parts.connections.open()) {
            if (each.peer.type() == ConnectionType.OUTBOUND_FULL_RELAY && each.peer.isReady()) {
                found.add(each);
            }
        }
        return found;
    }

    private void count(List<Connection> all) {
        merits.keySet().retainAll(all.stream().map(Connection::id).toList());
        for (Connection each : all) {
            merits.computeIfAbsent(each.id(), _ -> new Merit())
                    .step(
                            parts.txs.stats(each.id()).lastTransactionSeconds(),
                            parts.blocks.stats(each.id()).lastBlockSeconds());
        }
    }

    private double score(Connection connection, Now now) {
        Merit merit = merits.getOrDefault(connection.id(), new Merit());
        return merit.score(parts.pings.stats(connection.id(), now).minNanos());
    }

    /// Of equals those who have been here longest stay.
    private void keepBest(List<Connection> all, int count, Now now, Outbox out) {
        Comparator<Connection> worseLast = Comparator.comparingDouble(each -> -score(each, now));
        List<Connection> sorted = all.stream().sorted(worseLast).toList();
        for (Connection each : sorted.subList(Math.min(count, sorted.size()), sorted.size())) {
            parts.log.info(
                    String.format(
                            Locale.ROOT,
                            "Giving up outbound peer=%s: %d of %d are better (score %.3f)",
                            each.id(),
                            count,
                            sorted.size(),
                            score(each, now)));
            parts.connections.disconnect(each.id(), "others are better", out);
        }
    }

    long nextDeadlineNanos() {
        return isOn() ? nextNanos : Long.MAX_VALUE;
    }
}
