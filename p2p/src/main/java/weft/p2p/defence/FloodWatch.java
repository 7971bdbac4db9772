package weft.p2p.defence;

import java.util.EnumMap;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import weft.p2p.PeerId;
import weft.primitives.Now;

/// Counts the messages of each network's peers, and while there are far too many, throttles the class that
/// most of them are of.
///
/// Throttled is each peer by itself, and only above ten times what is usual for one: whoever sends less loses
/// nothing, however much others send.
public final class FloodWatch {
    /// How long a throttle lasts after the flood.
    public static final long AFTER_SECONDS = 60;

    private static final long SECOND_NANOS = 1_000_000_000L;
    private static final long STEP_NANOS = RateWatch.STEP_SECONDS * SECOND_NANOS;
    private static final double BURST_SECONDS = 10;

    private final NavigableMap<String, Watched> networks = new TreeMap<>();
    private final boolean reacts;
    private long lastStepNanos = Long.MIN_VALUE;

    /// @param reacts whether floods are throttled, not only told of
    public FloodWatch(boolean reacts) {
        this.reacts = reacts;
    }

    /// One network.
    private static final class Watched {
        final RateWatch rate = new RateWatch();
        final Map<MessageClass, Long> counts = new EnumMap<>(MessageClass.class);
        final NavigableMap<PeerId, TokenBucket> buckets = new TreeMap<>();
        MessageClass throttled = MessageClass.SOLICITED;
        long throttledUntilNanos = Long.MIN_VALUE;
        long dropped;

        long total() {
            return counts.values().stream().mapToLong(Long::longValue).sum();
        }
    }

    /// A message came.
    ///
    /// @param kind its class
    /// @param exempt it is counted, but heard in any case
    /// @return whether to hear it
    public boolean onMessage(
            PeerId peer, String network, MessageClass kind, boolean exempt, Now now) {
        if (kind == MessageClass.SOLICITED) {
            return true;
        }
        Watched watched = networks.computeIfAbsent(network, any -> new Watched());
        watched.counts.merge(kind, 1L, Long::sum);
        long nanos = now.monotonicNanos();
        if (exempt || watched.throttled != kind || nanos >= watched.throttledUntilNanos) {
            return true;
        }
        double allowed = RateWatch.FACTOR * watched.rate.usual();
        TokenBucket bucket =
                watched.buckets.computeIfAbsent(
                        peer, any -> new TokenBucket(allowed * BURST_SECONDS, nanos));
        boolean heard = bucket.take(allowed, nanos);
        watched.dropped += heard ? 0 : 1;
        return heard;
    }

    /// A connection is gone.
    public void onGone(PeerId peer) {
        networks.values().forEach(each -> each.buckets.remove(peer));
    }

    /// Time passed.
    ///
    /// @param peers how many there are of each network
    public void onTick(Map<String, Integer> peers, Now now) {
        long nanos = now.monotonicNanos();
        if (lastStepNanos == Long.MIN_VALUE) {
            lastStepNanos = nanos;
            return;
        }
        long elapsed = nanos - lastStepNanos;
        if (elapsed < STEP_NANOS) {
            return;
        }
        lastStepNanos = nanos;
        peers.keySet().forEach(each -> networks.computeIfAbsent(each, any -> new Watched()));
        networks.forEach((name, each) -> step(each, peers.getOrDefault(name, 0), elapsed, nanos));
    }

    private void step(Watched watched, int peers, long elapsed, long nanos) {
        watched.rate.step(watched.total(), peers, elapsed / (double) SECOND_NANOS);
        if (reacts && peers > 0 && watched.rate.isFlooded()) {
            MessageClass most =
                    Diversity.most(toInts(watched.counts)).orElse(MessageClass.SOLICITED);
            if (most != watched.throttled) {
                watched.buckets.clear();
            }
            watched.throttled = most;
            watched.throttledUntilNanos = nanos + AFTER_SECONDS * SECOND_NANOS;
        } else if (nanos >= watched.throttledUntilNanos) {
            watched.buckets.clear();
        }
        watched.counts.clear();
    }

    private static Map<MessageClass, Integer> toInts(Map<MessageClass, Long> counts) {
        var ints = new EnumMap<MessageClass, Integer>(MessageClass.class);
        counts.forEach((kind, count) -> ints.put(kind, (int) Math.min(count, Integer.MAX_VALUE)));
        return ints;
    }

    /// Networks whose peers flood us, with what is usual and what was in the last minute, in messages a
    /// second.
    public Map<String, double[]> flooded() {
        var found = new TreeMap<String, double[]>();
        networks.forEach(
                (name, each) -> {
                    if (each.rate.isFlooded()) {
                        found.put(name, new double[] {each.rate.usual(), each.rate.recent()});
                    }
                });
        return found;
    }

    /// What is throttled now, by network.
    public Map<String, MessageClass> throttled(Now now) {
        var found = new TreeMap<String, MessageClass>();
        networks.forEach(
                (name, each) -> {
                    if (now.monotonicNanos() < each.throttledUntilNanos) {
                        found.put(name, each.throttled);
                    }
                });
        return found;
    }

    /// Messages that were not heard, since the start.
    public long dropped() {
        return networks.values().stream().mapToLong(each -> each.dropped).sum();
    }

    /// When [#onTick] is wanted, on the monotonic clock.
    public long nextDeadlineNanos() {
        return lastStepNanos == Long.MIN_VALUE ? lastStepNanos : lastStepNanos + STEP_NANOS;
    }
}
