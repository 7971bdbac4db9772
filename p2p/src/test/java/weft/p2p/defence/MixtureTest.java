package weft.p2p.defence;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import weft.testkit.Property;

class MixtureTest {
    private static final Traits USUAL = new Traits("/new/", 0b0001);
    private static final Traits OLD = new Traits("/old/", 0b0001);
    private static final Traits NIGHT = new Traits("/new/", 0b0100);

    private static List<Traits> eight(int usual, Traits... others) {
        var all = new ArrayList<Traits>();
        for (int i = 0; i < usual; i++) {
            all.add(USUAL);
        }
        all.addAll(List.of(others));
        return all;
    }

    @Test
    @DisplayName("S-65 one of another program makes peers more mixed, a second one does not")
    void shouldWantOneOtherProgram() {
        assertThat(Mixture.points(eight(8))).isZero();
        assertThat(Mixture.gains(eight(8), OLD)).isTrue();
        assertThat(Mixture.gains(eight(7, OLD), OLD)).isFalse();
        assertThat(Mixture.gains(eight(7, OLD), new Traits("/third/", 1))).isFalse();
        assertThat(Mixture.needs(eight(8, OLD), 8)).isTrue();
        assertThat(Mixture.needs(eight(8, OLD), 0)).isFalse();
        assertThat(Mixture.needs(eight(7, OLD, OLD), 8)).isFalse();
        assertThat(Mixture.gains(eight(8), new Traits("", 1))).as("unknown").isFalse();
    }

    @Test
    @DisplayName("S-66 two of another time of the day make peers more mixed, a third does not")
    void shouldWantTwoOfOtherTimes() {
        assertThat(Mixture.gains(eight(8), NIGHT)).isTrue();
        assertThat(Mixture.gains(eight(7, NIGHT), NIGHT)).isTrue();
        assertThat(Mixture.gains(eight(6, NIGHT, NIGHT), NIGHT)).isFalse();
        assertThat(Mixture.needs(eight(7, NIGHT, NIGHT), 8)).isTrue();
        assertThat(Mixture.needs(eight(6, NIGHT, NIGHT, NIGHT), 8)).isFalse();
        assertThat(Mixture.gains(eight(8), new Traits("/new/", 0))).as("unknown").isFalse();
        var always = new ArrayList<Traits>();
        for (int i = 0; i < 8; i++) {
            always.add(new Traits("/new/", 0b1111));
        }
        assertThat(Mixture.gains(always, NIGHT)).as("there is no other time").isFalse();
    }

    private static int naive(List<Traits> all) {
        var programs = new HashSet<String>();
        int others = 0;
        for (Traits each : all) {
            programs.add(each.program());
            boolean other = false;
            for (int window = 0; window < 4; window++) {
                int with = 0;
                int without = 0;
                for (Traits any : all) {
                    if ((any.windows() >> window) % 2 == 1) {
                        with++;
                    } else {
                        without++;
                    }
                }
                other |= (each.windows() >> window) % 2 == 1 && with <= without;
            }
            others += other ? 1 : 0;
        }
        programs.remove("");
        return Math.min(1, Math.max(0, programs.size() - 1)) + Math.min(2, others);
    }

    private static Traits any(RandomGenerator random) {
        String[] programs = {"", "/new/", "/new/", "/new/", "/old/", "/odd/"};
        int windows = random.nextInt(3) == 0 ? random.nextInt(16) : 1 << random.nextInt(4);
        return new Traits(programs[random.nextInt(programs.length)], windows);
    }

    @Test
    @DisplayName("S-65 S-66 points as counted one by one; at most three of nine peers are needed")
    void shouldCountAsANaiveModelDoes() {
        Property.holds(
                5_000,
                random -> {
                    var all = new ArrayList<Traits>();
                    int size = random.nextInt(12);
                    for (int i = 0; i < size; i++) {
                        all.add(any(random));
                    }
                    assertThat(Mixture.points(all)).isEqualTo(naive(all)).isBetween(0, 3);
                    Traits more = any(random);
                    var with = new ArrayList<>(all);
                    with.add(more);
                    assertThat(Mixture.gains(all, more)).isEqualTo(naive(with) > naive(all));
                    int needed = 0;
                    for (int i = 0; i < all.size(); i++) {
                        var without = new ArrayList<>(all);
                        without.remove(i);
                        assertThat(Mixture.needs(all, i)).isEqualTo(naive(without) < naive(all));
                        needed += Mixture.needs(all, i) ? 1 : 0;
                    }
                    if (size == 9) {
                        assertThat(needed).isLessThanOrEqualTo(3);
                    }
                });
    }
}
