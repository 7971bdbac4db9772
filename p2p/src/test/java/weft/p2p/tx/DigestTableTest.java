package weft.p2p.tx;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.SplittableRandom;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import weft.primitives.Digest256;
import weft.testkit.Sabotage;
import weft.testkit.SeenRed;

class DigestTableTest implements SeenRed {
    private static final int STEPS = 20_000;

    private record Thing(Digest256 hash, int number) {}

    private static Digest256 hash(int number) {
        return new Digest256(number % 7, number / 7, number / 49, number);
    }

    @Test
    @DisplayName("C10 hashes that differ in one word or two lie as far apart as others")
    @Sabotage(type = "weft.p2p.tx.DigestTable", method = "first", call = "w1", returns = "0")
    @Sabotage(type = "weft.p2p.tx.DigestTable", method = "first", call = "w3", returns = "0")
    void shouldScatterWhatIsMadeToLieTogether() {
        for (int words = 1; words < 16; words++) {
            var table = new DigestTable<Digest256>(each -> each, 42);
            for (long i = 0; i < 5_000; i++) {
                table.put(
                        new Digest256(
                                i * (words & 1),
                                i * (words >> 1 & 1),
                                i * (words >> 2 & 1),
                                i * (words >> 3)));
            }
            long places = table.values().stream().mapToInt(table::first).distinct().count();
            // Of 8,192 places chance takes 3,743.
            assertThat(places).as("words " + words).isGreaterThan(3_600);
        }
    }

    @Test
    @DisplayName("a table of hashes finds what a map finds, while things come and go")
    @Sabotage(type = "weft.p2p.tx.DigestTable", method = "close", flips = 2)
    @Sabotage(type = "weft.p2p.tx.DigestTable", method = "close", returns = "void")
    void shouldFindWhatAMapFinds() {
        for (long seed = 0; seed < 20; seed++) {
            var random = new SplittableRandom(seed);
            int kinds = 1 << random.nextInt(1, 13);
            var map = new HashMap<Digest256, Thing>();
            var table = new DigestTable<Thing>(Thing::hash, random.nextLong());
            for (int step = 0; step < STEPS; step++) {
                Digest256 hash = hash(random.nextInt(kinds));
                assertThat(table.get(hash)).isEqualTo(map.get(hash));
                if (random.nextInt(100) < (step < STEPS / 2 ? 60 : 30)) {
                    var thing = new Thing(hash, step);
                    table.put(thing);
                    map.put(hash, thing);
                } else {
                    assertThat(table.remove(hash)).isEqualTo(map.remove(hash));
                }
                assertThat(table.size()).isEqualTo(map.size());
            }
            assertThat(table.values())
                    .containsExactlyInAnyOrderElementsOf(new ArrayList<>(map.values()));
        }
    }
}
