package weft.sim;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import org.junit.jupiter.api.Test;

class SchedulerTest {
    private final Scheduler scheduler = new Scheduler(World.BEGIN);
    private final ArrayList<String> done = new ArrayList<>();

    @Test
    void shouldKeepTheOrderOfTimeThenOfScheduling() {
        scheduler.after(2_000, () -> done.add("later"));
        scheduler.after(1_000, () -> done.add("first"));
        scheduler.after(1_000, () -> done.add("second"));
        scheduler.run(Duration.ofNanos(1_999));
        assertThat(done).containsExactly("first", "second");
        scheduler.run(Duration.ofNanos(1));
        assertThat(done).containsExactly("first", "second", "later");
        assertThat(scheduler.nowNanos()).isEqualTo(2_000);
    }

    @Test
    void shouldNeverGoBack() {
        scheduler.run(Duration.ofSeconds(1));
        scheduler.at(5, () -> done.add("at once"));
        scheduler.after(-7, () -> done.add("at once too"));
        assertThat(scheduler.step(scheduler.nowNanos())).isTrue();
        assertThat(scheduler.step(scheduler.nowNanos())).isTrue();
        assertThat(done).containsExactly("at once", "at once too");
        assertThat(scheduler.now().wall()).isEqualTo(World.BEGIN.plusSeconds(1));
    }
}
