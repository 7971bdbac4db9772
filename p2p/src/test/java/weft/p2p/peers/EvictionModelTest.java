package weft.p2p.peers;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import weft.p2p.PeerId;
import weft.testkit.Property;
import weft.testkit.Sabotage;
import weft.testkit.SeenRed;
import weft.wire.NetworkId;

/// [Eviction] against a model that saves one peer after the other, each time the best of those left.
class EvictionModelTest implements SeenRed {
    private static final int PLACES = 114;

    /// So many of them have been here for long.
    private static final int OLD = PLACES / 3;

    /// The rules as Bitcoin Core tells them. Comparators name the better of two as the greater.
    private static final class Model {
        private static final Comparator<EvictionCandidate> OLDER =
                Comparator.comparingLong(each -> -each.connectedNanos());
        private static final Comparator<EvictionCandidate> NEWER_BLOCK =
                Comparator.comparingLong(
                                (EvictionCandidate each) -> each.merits().lastBlockSeconds())
                        .thenComparing(each -> each.merits().relevantServices())
                        .thenComparing(OLDER);
        private static final Comparator<EvictionCandidate> NEWER_TX =
                Comparator.comparingLong((EvictionCandidate each) -> each.merits().lastTxSeconds())
                        .thenComparing(each -> each.merits().relaysTxs())
                        .thenComparing(each -> !each.merits().bloomFilter())
                        .thenComparing(OLDER);

        private final List<EvictionCandidate> left = new ArrayList<>();

        Optional<PeerId> victim(List<EvictionCandidate> all) {
            for (EvictionCandidate each : all) {
                if (each.inbound() && !each.noBan()) {
                    left.add(each);
                }
            }
            save(4, Comparator.comparing(EvictionCandidate::keyedNetGroup, Long::compareUnsigned));
            save(8, Comparator.comparingLong(each -> -each.merits().minPingNanos()));
            save(4, NEWER_TX);
            saveBlockRelayOnly();
            save(4, NEWER_BLOCK);
            saveHalf();
            return worst();
        }

        /// Of equals the last one is the best.
        private EvictionCandidate best(Comparator<EvictionCandidate> better) {
            EvictionCandidate best = left.getFirst();
            for (EvictionCandidate each : left) {
                best = better.compare(each, best) >= 0 ? each : best;
            }
            return best;
        }

        private void save(int count, Comparator<EvictionCandidate> better) {
            for (int i = 0; i < count && !left.isEmpty(); i++) {
                left.remove(best(better));
            }
        }

        /// The eight that take no transactions and gave the newest blocks, but of those only such as offer
        /// what we want: the others use up a place.
        private void saveBlockRelayOnly() {
            var others = new ArrayList<EvictionCandidate>();
            for (int i = 0; i < 8; i++) {
                if (left.stream().anyMatch(each -> !each.merits().relaysTxs())) {
                    EvictionCandidate best =
                            best(
                                    Comparator.comparing(
                                                    (EvictionCandidate each) ->
                                                            !each.merits().relaysTxs())
                                            .thenComparing(NEWER_BLOCK));
                    left.remove(best);
                    if (!best.merits().relevantServices()) {
                        others.add(best);
                    }
                }
            }
            left.addAll(others);
        }

        private static final class Network {
            final Predicate<EvictionCandidate> members;
            final long size;
            long saved;

            Network(Predicate<EvictionCandidate> members, List<EvictionCandidate> all) {
                this.members = members;
                this.size = all.stream().filter(members).count();
            }
        }

        private void saveHalf() {
            int half = left.size() / 2;
            int end = left.size() - half;
            saveNetworks(half / 2);
            save(left.size() - end, OLDER);
        }

        /// In rounds, each network that has some left gets an equal share of the places left, or one; the
        /// smaller network first. One that is local and of a network is counted twice, and saved once.
        private void saveNetworks(int places) {
            var networks = new ArrayList<Network>();
            networks.add(new Network(each -> each.network() == NetworkId.CJDNS, left));
            networks.add(new Network(each -> each.network() == NetworkId.I2P, left));
            networks.add(new Network(EvictionCandidate::local, left));
            networks.add(new Network(each -> each.network() == NetworkId.TORV3, left));
            networks.sort(Comparator.comparingLong(each -> each.size));
            int end = left.size() - places;
            while (left.size() > end && networks.stream().anyMatch(this::hasSome)) {
                networks.removeIf(each -> each.saved == each.size);
                int share = Math.max(1, (left.size() - end) / networks.size());
                for (Network network : networks) {
                    for (int i = 0; i < share && left.size() > end && hasSome(network); i++) {
                        left.remove(
                                best(
                                        Comparator.comparing(network.members::test)
                                                .thenComparing(OLDER)));
                        network.saved++;
                    }
                }
            }
        }

        private boolean hasSome(Network network) {
            return left.stream().anyMatch(network.members);
        }

        /// The youngest of the largest group; of equal groups, of that with the youngest.
        private Optional<PeerId> worst() {
            List<EvictionCandidate> few =
                    left.stream().anyMatch(EvictionCandidate::preferEvict)
                            ? left.stream().filter(EvictionCandidate::preferEvict).toList()
                            : left;
            Map<Long, Integer> sizes = new TreeMap<>();
            few.forEach(each -> sizes.merge(each.keyedNetGroup(), 1, Integer::sum));
            Comparator<EvictionCandidate> worse =
                    Comparator.comparingInt(each -> sizes.getOrDefault(each.keyedNetGroup(), 0));
            return few.stream()
                    .max(worse.thenComparingLong(EvictionCandidate::connectedNanos))
                    .map(EvictionCandidate::id);
        }
    }

    private static List<Integer> shuffled(int count, SplittableRandom random) {
        var numbers = new ArrayList<Integer>();
        for (int i = 0; i < count; i++) {
            numbers.add(random.nextInt(i + 1), i);
        }
        return numbers;
    }

    /// Random peers of a random kind of crowd; no two have the same age or the same ping.
    private static List<EvictionCandidate> crowd(SplittableRandom random) {
        int count = random.nextInt(1, 200);
        List<Integer> ages = shuffled(count, random);
        List<Integer> pings = shuffled(count, random);
        long[] groups = random.longs(random.nextInt(1, count + 1)).toArray();
        int seconds = random.nextInt(1, 60);
        int usual = random.nextInt(1, 30);
        int clearnet = random.nextInt(100);
        int local = random.nextInt(1, 40);
        var all = new ArrayList<EvictionCandidate>();
        for (int i = 0; i < count; i++) {
            var merits =
                    new EvictionCandidate.Merits(
                            pings.get(i) == 0 ? Long.MAX_VALUE : pings.get(i),
                            random.nextLong(seconds),
                            random.nextLong(seconds),
                            random.nextInt(usual) > 0,
                            random.nextInt(usual) > 0,
                            random.nextInt(usual) == 0);
            all.add(
                    new EvictionCandidate(
                            new PeerId(i),
                            ages.get(i),
                            merits,
                            groups[random.nextInt(groups.length)],
                            random.nextInt(usual) == 0,
                            random.nextInt(local) == 0,
                            random.nextInt(100) < clearnet
                                    ? NetworkId.IPV4
                                    : NetworkId.values()[random.nextInt(NetworkId.values().length)],
                            random.nextInt(usual) > 0,
                            random.nextInt(usual) == 0));
        }
        return all;
    }

    @Test
    @DisplayName("E16 who goes of a random crowd is as the rules say, told one after the other")
    @Sabotage(type = "weft.p2p.peers.Eviction", method = "select", constant = "4>3")
    @Sabotage(type = "weft.p2p.peers.Eviction", method = "select", constant = "8>7")
    @Sabotage(type = "weft.p2p.peers.Eviction", method = "protectByRatio", constant = "2>3")
    @Sabotage(type = "weft.p2p.peers.Eviction", method = "youngestOfLargestGroup", flips = 2)
    @Sabotage(type = "weft.p2p.peers.EvictionCandidate", method = "bloomFilter", returns = "false")
    @Sabotage(
            type = "weft.p2p.peers.EvictionCandidate",
            method = "relevantServices",
            returns = "true")
    void shouldChooseAsTheModel() {
        Property.holds(
                1_000,
                random -> {
                    List<EvictionCandidate> all = crowd(random);
                    assertThat(Eviction.select(all)).isEqualTo(new Model().victim(all));
                });
    }

    private static EvictionCandidate peer(int number, long group, long pingNanos, long txSeconds) {
        return new EvictionCandidate(
                new PeerId(number),
                number,
                new EvictionCandidate.Merits(pingNanos, 0, txSeconds, true, true, false),
                group,
                false,
                false,
                NetworkId.IPV4,
                true,
                false);
    }

    @Test
    @DisplayName("E16 attackers of one group or of many, all fast: old peers stay, new ones get in")
    @Sabotage(
            type = "weft.p2p.peers.Eviction",
            method = "select",
            call = "protectByRatio",
            returns = "void")
    void shouldKeepOldPeersWhileAttackersCome() {
        var stayed = new int[2];
        Property.holds(
                10,
                random -> {
                    boolean oneGroup = random.nextBoolean();
                    long attackers = random.nextLong();
                    // Some honest peers are neighbours, as in life.
                    long[] honest = random.longs(PLACES / 2).toArray();
                    var peers = new ArrayList<EvictionCandidate>();
                    for (int i = 0; i < PLACES; i++) {
                        long ping = random.nextLong(20_000_000, 300_000_000);
                        long group = honest[random.nextInt(honest.length)];
                        peers.add(peer(i, group, ping, random.nextLong(PLACES)));
                    }
                    for (int i = PLACES; i < 2 * PLACES; i++) {
                        PeerId gone = Eviction.select(peers).orElseThrow();
                        peers.removeIf(each -> each.id().equals(gone));
                        long group = oneGroup ? attackers : random.nextLong();
                        peers.add(peer(i, group, random.nextLong(1_000_000), i));
                    }
                    stayed[0] += OLD;
                    stayed[1] +=
                            (int) peers.stream().filter(each -> each.id().value() < OLD).count();
                    assertThat(Eviction.select(peers)).as("room for a new one").isPresent();
                });
        assertThat(stayed[1] * 100).isGreaterThanOrEqualTo(stayed[0] * 99);
    }
}
