package weft.p2p.peers;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Predicate;
import weft.p2p.PeerId;
import weft.wire.NetworkId;

/// Chooses the inbound connection that must go when a new one comes and all places are taken.
///
/// Protected, step by step, are those whom an attacker could hardly imitate: a few by a secret order of
/// groups, the fastest, those who gave us transactions and blocks, those of rare networks, the longest
/// connected. Of the rest, the youngest of the largest group goes.
public final class Eviction {
    private static final int BY_GROUP = 4;
    private static final int BY_PING = 8;
    private static final int BY_TX = 4;
    private static final int BY_BLOCK_RELAY_ONLY = 8;
    private static final int BY_BLOCK = 4;

    private static final Comparator<EvictionCandidate> YOUNGEST_FIRST =
            (a, b) -> Long.compare(b.connectedNanos(), a.connectedNanos());
    private static final Comparator<EvictionCandidate> BLOCK_TIME =
            Comparator.comparingLong(EvictionCandidate::lastBlockSeconds)
                    .thenComparing(EvictionCandidate::relevantServices)
                    .thenComparing(YOUNGEST_FIRST);
    private static final Comparator<EvictionCandidate> TX_TIME =
            Comparator.comparingLong(EvictionCandidate::lastTxSeconds)
                    .thenComparing(EvictionCandidate::relaysTxs)
                    .thenComparing(EvictionCandidate::bloomFilter, Comparator.reverseOrder())
                    .thenComparing(YOUNGEST_FIRST);
    private static final Comparator<EvictionCandidate> BLOCK_RELAY_ONLY_TIME =
            Comparator.comparing(EvictionCandidate::relaysTxs, Comparator.reverseOrder())
                    .thenComparing(BLOCK_TIME);

    private Eviction() {}

    /// Who goes; empty if everybody is protected.
    public static Optional<PeerId> select(List<EvictionCandidate> all) {
        var left = new ArrayList<>(all);
        left.removeIf(each -> each.noBan() || !each.inbound());
        protect(
                left,
                Comparator.comparing(EvictionCandidate::keyedNetGroup, Long::compareUnsigned),
                BY_GROUP);
        protect(
                left,
                Comparator.comparingLong(EvictionCandidate::minPingNanos).reversed(),
                BY_PING);
        protect(left, TX_TIME, BY_TX);
        protect(
                left,
                BLOCK_RELAY_ONLY_TIME,
                BY_BLOCK_RELAY_ONLY,
                each -> !each.relaysTxs() && each.relevantServices());
        protect(left, BLOCK_TIME, BY_BLOCK);
        protectByRatio(left);
        if (left.stream().anyMatch(EvictionCandidate::preferEvict)) {
            left.removeIf(each -> !each.preferEvict());
        }
        return youngestOfLargestGroup(left);
    }

    private static void protect(
            List<EvictionCandidate> left, Comparator<EvictionCandidate> order, int count) {
        protect(left, order, count, any -> true);
    }

    private static void protect(
            List<EvictionCandidate> left,
            Comparator<EvictionCandidate> order,
            int count,
            Predicate<EvictionCandidate> which) {
        left.sort(order);
        left.subList(Math.max(0, left.size() - count), left.size()).removeIf(which);
    }

    /// A network whose peers are at a disadvantage: far away by nature, or on this machine.
    private static final class Rare implements Comparator<EvictionCandidate> {
        final Predicate<EvictionCandidate> members;
        int count;

        Rare(Predicate<EvictionCandidate> members, List<EvictionCandidate> left) {
            this.members = members;
            this.count = (int) left.stream().filter(members).count();
        }

        /// Others first, then members, both the youngest first.
        @Override
        public int compare(EvictionCandidate a, EvictionCandidate b) {
            int order = Boolean.compare(members.test(a), members.test(b));
            return order == 0 ? YOUNGEST_FIRST.compare(a, b) : order;
        }
    }

    /// Takes away who is protected for having been connected long: half of all, in it up to a quarter of all
    /// from rare networks.
    ///
    /// @param left changed
    public static void protectByRatio(List<EvictionCandidate> left) {
        int total = left.size() / 2;
        var rare = new ArrayList<Rare>();
        rare.add(new Rare(each -> each.network() == NetworkId.CJDNS, left));
        rare.add(new Rare(each -> each.network() == NetworkId.I2P, left));
        rare.add(new Rare(EvictionCandidate::local, left));
        rare.add(new Rare(each -> each.network() == NetworkId.TORV3, left));
        rare.sort(Comparator.comparingInt(each -> each.count));
        int byNetwork = protectRare(left, rare, total / 2);
        protect(left, YOUNGEST_FIRST, total - byNetwork);
    }

    private static int protectRare(List<EvictionCandidate> left, List<Rare> rare, int max) {
        int done = 0;
        while (done < max) {
            int networks = (int) rare.stream().filter(each -> each.count > 0).count();
            if (networks == 0) {
                return done;
            }
            int each = Math.max((max - done) / networks, 1);
            int before = done;
            for (Rare network : rare) {
                if (network.count > 0 && done < max) {
                    int size = left.size();
                    protect(left, network, each, network.members);
                    done += size - left.size();
                    network.count -= size - left.size();
                }
            }
            if (done == before) {
                return done;
            }
        }
        return done;
    }

    private static Optional<PeerId> youngestOfLargestGroup(List<EvictionCandidate> left) {
        left.sort(YOUNGEST_FIRST);
        Map<Long, List<EvictionCandidate>> groups = new TreeMap<>();
        List<EvictionCandidate> largest = List.of();
        long largestNanos = Long.MIN_VALUE;
        for (EvictionCandidate each : left) {
            List<EvictionCandidate> group =
                    groups.computeIfAbsent(each.keyedNetGroup(), any -> new ArrayList<>());
            group.add(each);
            long youngest = group.getFirst().connectedNanos();
            if (group.size() > largest.size()
                    || (group.size() == largest.size() && youngest > largestNanos)) {
                largest = group;
                largestNanos = youngest;
            }
        }
        return largest.isEmpty() ? Optional.empty() : Optional.of(largest.getFirst().id());
    }
}
