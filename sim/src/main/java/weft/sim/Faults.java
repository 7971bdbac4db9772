package weft.sim;

import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Predicate;
import weft.wire.GetBlockTxn;
import weft.wire.GetData;
import weft.wire.Message;

/// What goes wrong in a world, as one seed draws it: of some kinds much, of some nothing. All of it can
/// happen to an honest node; none of it lasts.
final class Faults {
    private static final int SKEW_MAX_MINUTES = 50;
    private static final int SLOWNESS_MAX_MILLIS = 400;
    private static final long HOUR_MILLIS = 3_600_000;

    private final World world;
    private final SplittableRandom random;
    private final long endNanos;

    /// How many of each a node may expect in an hour.
    private final double deaths;

    private final double pauses;
    private final double silences;
    private final double stalls;

    /// How many of them the world may expect in an hour.
    private final double partitions;

    private int happened;

    /// Draws intensities.
    ///
    /// @param span until all faults end
    Faults(World world, SplittableRandom random, Duration span) {
        this.world = world;
        this.random = random;
        this.endNanos = world.scheduler().nowNanos() + span.toNanos();
        this.deaths = intensity(1);
        this.pauses = intensity(2);
        this.silences = intensity(0.3);
        this.stalls = intensity(0.5);
        this.partitions = intensity(1);
    }

    private double intensity(double most) {
        return random.nextInt(3) == 0 ? 0 : most * random.nextDouble();
    }

    int happened() {
        return happened;
    }

    /// Lets things go wrong from now on.
    void begin() {
        for (SimNode each : world.nodes()) {
            if (random.nextInt(4) == 0) {
                int minutes = random.nextInt(-SKEW_MAX_MINUTES, SKEW_MAX_MINUTES + 1);
                each.setSkew(Duration.ofMinutes(minutes));
            }
            if (random.nextInt(5) == 0) {
                each.setSlowness(Duration.ofMillis(random.nextInt(SLOWNESS_MAX_MILLIS)));
            }
        }
        int size = world.nodes().size();
        repeat(deaths * size, this::die);
        repeat(pauses * size, this::pause);
        repeat(silences * size, () -> deafen(message -> true));
        repeat(stalls * size, () -> deafen(Faults::asksForBlocks));
        repeat(partitions, this::split);
    }

    /// Makes everything as it should be again.
    void end() {
        world.rejoin();
        for (SimNode each : world.nodes()) {
            each.setSkew(Duration.ZERO);
            each.setSlowness(Duration.ZERO);
            each.refuse(message -> false);
            if (!each.isOn()) {
                each.start();
            }
        }
    }

    private static boolean asksForBlocks(Message message) {
        return message instanceof GetData || message instanceof GetBlockTxn;
    }

    /// Does something at random moments until the faults end.
    private void repeat(double anHour, Runnable fault) {
        if (anHour <= 0) {
            return;
        }
        long delay = millis(random.nextExponential() * HOUR_MILLIS / anHour).toNanos();
        long at = world.scheduler().nowNanos() + delay;
        if (at < endNanos) {
            world.scheduler()
                    .at(
                            at,
                            () -> {
                                happened++;
                                fault.run();
                                repeat(anHour, fault);
                            });
        }
    }

    private static Duration millis(double count) {
        return Duration.ofMillis((long) count);
    }

    private Duration minutes(int most) {
        return Duration.ofSeconds(random.nextInt(1, most * 60));
    }

    private SimNode any() {
        List<SimNode> nodes = world.nodes();
        return nodes.get(random.nextInt(nodes.size()));
    }

    /// What ends later, ends in time.
    private void later(Duration delay, Runnable action) {
        long at = world.scheduler().nowNanos() + delay.toNanos();
        world.scheduler().at(Math.min(at, endNanos - 1), action);
    }

    private void die() {
        SimNode victim = any();
        if (victim.isOn()) {
            victim.kill();
            later(
                    minutes(30),
                    () -> {
                        if (!victim.isOn()) {
                            victim.start();
                        }
                    });
        }
    }

    private void pause() {
        any().pause(minutes(5));
    }

    private void deafen(Predicate<Message> unwanted) {
        SimNode victim = any();
        victim.refuse(unwanted);
        later(minutes(30), () -> victim.refuse(message -> false));
    }

    private void split() {
        int share = random.nextInt(1, 8);
        long salt = random.nextLong();
        world.split(node -> new SplittableRandom(salt ^ node.index()).nextInt(8) < share);
        later(minutes(40), world::rejoin);
    }
}
