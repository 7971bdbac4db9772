package weft.p2p.peers;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import weft.p2p.PeerId;
import weft.testkit.Property;
import weft.testkit.Sabotage;
import weft.testkit.SeenRed;
import weft.wire.NetworkId;

class EvictionTest implements SeenRed {
    /// A plain peer: as old as its number is small, in a group of its own.
    private static EvictionCandidate plain(int number) {
        return with(number, number, false);
    }

    private static EvictionCandidate with(int number, long group, boolean discouraged) {
        return new EvictionCandidate(
                new PeerId(number),
                number,
                new EvictionCandidate.Merits(1_000_000, 0, 0, true, true, false),
                group,
                discouraged,
                false,
                NetworkId.IPV4,
                true,
                false);
    }

    @Test
    void shouldProtectEverybodyWhereThereAreFew() {
        var few = new ArrayList<EvictionCandidate>();
        for (int i = 0; i < 20; i++) {
            few.add(plain(i));
        }
        assertThat(Eviction.select(few)).isEmpty();
    }

    @Test
    void shouldTakeTheYoungestOfTheLargestGroup() {
        var all = new ArrayList<EvictionCandidate>();
        for (int i = 0; i < 60; i++) {
            all.add(with(i, i % 2 == 0 ? 1 : i, false));
        }
        PeerId chosen = Eviction.select(all).orElseThrow();
        assertThat(chosen.value() % 2).isZero();
        assertThat(chosen.value()).isGreaterThan(30);
    }

    @Test
    void shouldPreferTheDiscouraged() {
        var all = new ArrayList<EvictionCandidate>();
        for (int i = 0; i < 100; i++) {
            all.add(with(i, i, i >= 60 && i % 10 == 0));
        }
        assertThat(Eviction.select(all).orElseThrow().value() % 10).isZero();
    }

    @Test
    @DisplayName("E16 whatever attackers boast of, the eight fastest stay")
    @Sabotage(type = "weft.p2p.peers.Eviction", method = "select", constant = "8>0")
    void shouldNeverTakeTheProtected() {
        Property.holds(
                200,
                random -> {
                    var all = new ArrayList<EvictionCandidate>();
                    int count = random.nextInt(1, 200);
                    for (int i = 0; i < count; i++) {
                        all.add(
                                new EvictionCandidate(
                                        new PeerId(i),
                                        random.nextLong(1000),
                                        new EvictionCandidate.Merits(
                                                random.nextLong(1_000_000),
                                                random.nextLong(50),
                                                random.nextLong(50),
                                                random.nextBoolean(),
                                                random.nextBoolean(),
                                                random.nextBoolean()),
                                        random.nextLong(20),
                                        random.nextInt(9) == 0,
                                        random.nextInt(9) == 0,
                                        NetworkId.values()[random.nextInt(5)],
                                        random.nextInt(4) > 0,
                                        random.nextInt(4) == 0));
                    }
                    Eviction.select(List.copyOf(all))
                            .ifPresent(
                                    chosen -> {
                                        EvictionCandidate gone = all.get((int) chosen.value());
                                        assertThat(gone.noBan()).isFalse();
                                        assertThat(gone.inbound()).isTrue();
                                        long faster =
                                                all.stream()
                                                        .filter(
                                                                each ->
                                                                        each.inbound()
                                                                                && !each.noBan())
                                                        .filter(
                                                                each ->
                                                                        each.minPingNanos()
                                                                                < gone
                                                                                        .minPingNanos())
                                                        .count();
                                        assertThat(faster)
                                                .as("eight faster ones were protected before")
                                                .isGreaterThanOrEqualTo(8);
                                    });
                });
    }
}
