package weft.sim;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import weft.crypto.Sha256;
import weft.primitives.Bytes;

/// One seed, one history.
class HistoryTest {
    /// Twelve nodes meet, one finds blocks, one dies and comes back; every input of every node.
    private static String history(long seed) {
        var text = new StringBuilder();
        World world = Towns.of(seed, 8, Towns::keepTheFirst);
        world.traceTo(line -> text.append(line).append('\n'));
        world.nodes().forEach(SimNode::start);
        Towns.mine(world.nodes().get(0), 3);
        world.run(Duration.ofMinutes(1));
        world.nodes().get(5).kill();
        Towns.mine(world.nodes().get(7), 2);
        world.run(Duration.ofMinutes(1));
        world.nodes().get(5).start();
        world.run(Duration.ofMinutes(1));
        assertThat(world.allTipsEqual()).isTrue();
        assertThat(world.nodes().get(5).height()).isEqualTo(5);
        return text.toString();
    }

    private static String hash(String text) {
        return Bytes.wrap(Sha256.hash(text.getBytes(StandardCharsets.UTF_8))).toHex();
    }

    @Test
    @DisplayName("The same seed gives the same history, byte for byte")
    void shouldRepeatItself() {
        String first = history(1);
        assertThat(first.lines().count()).isGreaterThan(1_000);
        assertThat(first)
                .as("no identity of an object may show")
                .doesNotContainPattern("@[0-9a-f]{6,}");
        assertThat(hash(history(1))).isEqualTo(hash(first));
    }

    @Test
    @DisplayName("Another seed gives another history")
    void shouldDifferBySeed() {
        assertThat(hash(history(2))).isNotEqualTo(hash(history(3)));
    }
}
