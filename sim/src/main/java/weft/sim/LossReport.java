package weft.sim;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import weft.primitives.BlockHash;

/// What becomes of a network of real nodes whose nodes go: most of them at once, or one each second while
/// others come.
public final class LossReport {
    private static final Duration LOOK = Duration.ofSeconds(10);
    private static final Duration PATIENCE = Duration.ofMinutes(30);
    private static final Duration BLOCK_PATIENCE = Duration.ofMinutes(1);
    private static final int BLOCKS = 3;
    private static final int PERCENT_GONE = 90;
    private static final int BLOCK_SECONDS = 90;
    private static final long TRIES = 10_000_000;

    private LossReport() {}

    /// What was left when nine in ten had gone at once.
    ///
    /// @param pieces networks that were left at first
    /// @param wholeAfter all could reach all; longer than half an hour means never
    /// @param extended blocks, found by one after another of them, that all had within a minute each
    public record Vanished(
            long seed,
            int nodes,
            int left,
            int pieces,
            Duration wholeAfter,
            int extended,
            long events) {
        /// Whether they are one network within half an hour, and have one chain that grows.
        public boolean holds() {
            return wholeAfter.compareTo(PATIENCE) <= 0 && extended == BLOCKS;
        }

        @Override
        public String toString() {
            return String.format(
                    Locale.ROOT,
                    "seed %d: of %,d nodes %,d are left, in %d pieces; one network after %d s; %d of"
                            + " %d blocks reach all; %,d events",
                    seed,
                    nodes,
                    left,
                    pieces,
                    wholeAfter.toSeconds(),
                    extended,
                    BLOCKS,
                    events);
        }
    }

    /// What came of a network in which one node joined or left each second.
    ///
    /// @param behindMax the longest that a running node's tip was not the best one, in seconds
    public record Churned(
            long seed,
            int nodes,
            int seconds,
            int joined,
            int left,
            int blocks,
            int behindMax,
            long events) {
        @Override
        public String toString() {
            return String.format(
                    Locale.ROOT,
                    "seed %d: of %d nodes in %,d s %,d joined and %,d left, %d blocks; a tip was behind"
                            + " for at most %d s; %,d events",
                    seed,
                    nodes,
                    seconds,
                    joined,
                    left,
                    blocks,
                    behindMax,
                    events);
        }
    }

    private static World citizens(long seed, int nodes) {
        var world = new World(seed, LinkModel.WIDE_AREA);
        var factory = new FullNodes((self, options) -> options).bornWith(new Treasury());
        Citizens.settle(world, factory, nodes);
        return world;
    }

    private static boolean mine(SimNode node) {
        int before = node.height();
        node.act(
                (engine, now, events) -> {
                    engine.during(now, events);
                    engine.mine(1, Treasury.script(), TRIES);
                });
        return node.height() > before;
    }

    // ---- most go at once

    /// Nine in ten of a network vanish.
    ///
    /// @param nodes 20 or more
    public static Vanished vanish(long seed, int nodes) {
        World world = citizens(seed, nodes);
        var random = new SplittableRandom(~seed);
        var order = new ArrayList<>(world.nodes());
        for (int i = order.size() - 1; i > 0; i--) {
            Collections.swap(order, i, random.nextInt(i + 1));
        }
        order.subList(0, nodes * PERCENT_GONE / 100).forEach(SimNode::kill);
        List<SimNode> left = world.alive();
        int pieces = pieces(left);
        Duration after = Duration.ZERO;
        while (pieces(left) > 1 && after.compareTo(PATIENCE) <= 0) {
            world.run(LOOK);
            after = after.plus(LOOK);
        }
        int extended = 0;
        for (SimNode miner : left.subList(0, BLOCKS)) {
            boolean found = mine(miner);
            int height = miner.height();
            world.run(BLOCK_PATIENCE);
            boolean all = left.stream().allMatch(each -> each.height() == height);
            extended += found && all && world.allTipsEqual() ? 1 : 0;
        }
        return new Vanished(
                seed,
                nodes,
                left.size(),
                pieces,
                after,
                extended,
                world.scheduler().scheduledSoFar());
    }

    /// How many networks there are, among which no connection leads.
    private static int pieces(Collection<SimNode> nodes) {
        Set<SimNode> seen = new HashSet<>();
        int count = 0;
        for (SimNode each : nodes) {
            if (seen.add(each)) {
                count++;
                var open = new ArrayDeque<SimNode>(each.neighbours());
                while (!open.isEmpty()) {
                    SimNode next = open.remove();
                    if (next.isOn() && seen.add(next)) {
                        open.addAll(next.neighbours());
                    }
                }
            }
        }
        return count;
    }

    // ---- one each second

    /// Each second one node joins or leaves, while blocks are found; a third always stays.
    public static Churned churn(long seed, int nodes, int seconds) {
        World world = citizens(seed, nodes);
        var random = new SplittableRandom(~seed);
        int[] behind = new int[nodes];
        int joined = 0;
        int left = 0;
        int blocks = 0;
        int worst = 0;
        for (int second = 0; second < seconds; second++) {
            SimNode chosen = world.nodes().get(random.nextInt(nodes));
            if (!chosen.isOn()) {
                chosen.start();
                joined++;
            } else if (world.alive().size() > nodes / 3) {
                chosen.kill();
                behind[chosen.index()] = 0;
                left++;
            }
            if (second % BLOCK_SECONDS == BLOCK_SECONDS / 3) {
                List<SimNode> on = world.alive();
                blocks += mine(on.get(random.nextInt(on.size()))) ? 1 : 0;
            }
            world.run(Duration.ofSeconds(1));
            worst = Math.max(worst, look(world, behind));
        }
        return new Churned(
                seed,
                nodes,
                seconds,
                joined,
                left,
                blocks,
                worst,
                world.scheduler().scheduledSoFar());
    }

    /// Counts the seconds that each is behind; gives the most.
    private static int look(World world, int[] behind) {
        BlockHash best = best(world);
        int worst = 0;
        for (SimNode each : world.alive()) {
            int seconds = each.tipHash().equals(best) ? 0 : behind[each.index()] + 1;
            behind[each.index()] = seconds;
            worst = Math.max(worst, seconds);
        }
        return worst;
    }

    /// The highest tip; of several, the one that most have.
    private static BlockHash best(World world) {
        var counts = new TreeMap<BlockHash, Integer>();
        int height = world.alive().stream().mapToInt(SimNode::height).max().orElseThrow();
        for (SimNode each : world.alive()) {
            if (each.height() == height) {
                counts.merge(each.tipHash(), 1, Integer::sum);
            }
        }
        return Collections.max(counts.entrySet(), Map.Entry.comparingByValue()).getKey();
    }
}
