package weft.p2p;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import weft.testkit.Property;
import weft.testkit.Sabotage;
import weft.testkit.SeenRed;

/// [UploadTarget] against a model that keeps a list of all that was ever sent.
class UploadTargetModelTest implements SeenRed {
    private static final int DAY = 86_400;

    /// @param bytes negative where they were counted and never left
    private record Sent(long bytes, long second) {}

    /// What was sent since the day began, each day with the first byte after the last day ended.
    private static final class Model {
        final List<Sent> all = new ArrayList<>();

        long start() {
            long start = 0;
            for (Sent each : all) {
                start = each.second > start + DAY ? each.second : start;
            }
            return start;
        }

        long sent() {
            long start = start();
            long sum = 0;
            for (Sent each : all) {
                sum = each.second < start ? 0 : Math.max(0, sum + each.bytes);
            }
            return sum;
        }

        UploadState state(long target, long now) {
            if (target == 0) {
                return new UploadState(DAY, 0, false, true, 0, 0);
            }
            long left = all.isEmpty() ? DAY : Math.max(0, start() + DAY - now);
            // One block of four megabytes for each ten minutes that are left.
            long kept = left / 600 * 4_000_000;
            return new UploadState(
                    DAY,
                    target,
                    sent() >= target,
                    sent() + kept < target,
                    Math.max(0, target - sent()),
                    left);
        }
    }

    @Test
    @DisplayName("What may still be uploaded is as a list of all that was sent says")
    @Sabotage(type = "weft.p2p.UploadTarget", method = "add", flips = 1)
    @Sabotage(
            type = "weft.p2p.UploadTarget",
            method = "servesHistory",
            constant = "4000000>3000000")
    void shouldCountAsTheModel() {
        Property.holds(
                60,
                random -> {
                    long target = random.nextInt(5) == 0 ? 0 : random.nextLong(1_500_000_000);
                    var machine = new UploadTarget(target);
                    var model = new Model();
                    long now = 1_700_000_000;
                    for (int i = 0; i < 100; i++) {
                        now += random.nextInt(random.nextInt(6) == 0 ? DAY : 3_000);
                        if (random.nextInt(4) > 0) {
                            long bytes = random.nextLong(-10_000_000, 60_000_000);
                            machine.add(bytes, now);
                            model.all.add(new Sent(bytes, now));
                        }
                        assertThat(machine.state(now)).isEqualTo(model.state(target, now));
                    }
                });
    }
}
