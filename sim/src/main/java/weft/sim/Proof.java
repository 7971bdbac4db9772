package weft.sim;

import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import weft.chain.api.HeaderNode;
import weft.p2p.ConnectionType;
import weft.primitives.BlockHash;
import weft.primitives.Bug;

/// One seed's trial of the program: a network of real nodes in which blocks are found and payments made while
/// everything goes wrong that can, and then no more. Invariants hold after every event; after the faults all
/// nodes agree and are connected in full.
public final class Proof {
    private static final Duration PATIENCE = Duration.ofMinutes(30);
    private static final long BLOCK_SECONDS = 600;
    private static final long PAYMENT_SECONDS = 300;
    private static final int LEDGERS = 3;
    private static final int FULL_RELAY = 8;
    private static final long TRIES = 10_000_000;

    private final World world;
    private final FullNodes factory;
    private final Treasury treasury = new Treasury();
    private final SplittableRandom random;
    private final Invariants invariants;
    private final int size;
    private int blocks;
    private int payments;

    private Proof(long seed, int size) {
        this.random = new SplittableRandom(~seed);
        this.size = size;
        this.world = new World(seed, LinkModel.WIDE_AREA);
        this.factory =
                new FullNodes((self, options) -> options).bornWith(treasury).checkingMempools();
        this.invariants = new Invariants(world, factory);
    }

    /// What came of it.
    ///
    /// @param hash of the whole history
    /// @param checks how often an invariant was looked at
    /// @param agreedAfter the end of the faults, all had one tip and were connected in full
    public record Outcome(
            long seed,
            String hash,
            long events,
            int faults,
            int blocks,
            int payments,
            long checks,
            Duration agreedAfter) {
        @Override
        public String toString() {
            return String.format(
                    Locale.ROOT,
                    "seed %d: %s, %,d events, %d faults, %d blocks, %d payments, %,d checks, whole"
                            + " after %.0f s",
                    seed,
                    hash,
                    events,
                    faults,
                    blocks,
                    payments,
                    checks,
                    agreedAfter.toMillis() / 1e3);
        }
    }

    /// Tries one seed.
    ///
    /// @param size nodes, more than 10
    /// @param span how long things go wrong
    /// @throws Bug if an invariant does not hold, or the network does not recover in half an hour
    public static Outcome of(long seed, int size, Duration span) {
        return new Proof(seed, size).run(seed, span);
    }

    private Outcome run(long seed, Duration span) {
        Citizens.settle(world, factory, size);
        var faults = new Faults(world, random.split(), span);
        faults.begin();
        long end = world.scheduler().nowNanos() + span.toNanos();
        every(BLOCK_SECONDS, end, this::mine);
        every(PAYMENT_SECONDS, end, this::pay);
        while (world.scheduler().nowNanos() < end) {
            world.run(Duration.ofMinutes(1));
            invariants.checkMinute();
        }
        faults.end();
        long ended = world.scheduler().nowNanos();
        // A block shows who has the other branch.
        mine();
        awaitHealth(seed);
        Duration after = Duration.ofNanos(world.scheduler().nowNanos() - ended);
        for (int i = 0; i < LEDGERS; i++) {
            invariants.checkLedger(any(world.alive()));
        }
        return new Outcome(
                seed,
                world.traceHash(),
                world.scheduler().scheduledSoFar(),
                faults.happened(),
                blocks,
                payments,
                invariants.checks(),
                after);
    }

    private void every(long seconds, long endNanos, Runnable action) {
        long delay = (long) (random.nextExponential() * seconds * 1e9);
        long at = world.scheduler().nowNanos() + delay;
        if (at < endNanos) {
            world.scheduler()
                    .at(
                            at,
                            () -> {
                                action.run();
                                every(seconds, endNanos, action);
                            });
        }
    }

    private SimNode any(List<SimNode> nodes) {
        return nodes.get(random.nextInt(nodes.size()));
    }

    private void mine() {
        List<SimNode> alive = world.alive();
        if (alive.isEmpty()) {
            return;
        }
        any(alive)
                .act(
                        (engine, now, events) -> {
                            engine.during(now, events);
                            for (BlockHash each : engine.mine(1, Treasury.script(), TRIES)) {
                                invariants.onMined(each);
                                blocks++;
                            }
                        });
    }

    private void pay() {
        List<SimNode> alive = world.alive();
        if (!alive.isEmpty() && payments < Treasury.COINS) {
            treasury.pay(any(alive));
            payments++;
        }
    }

    private void awaitHealth(long seed) {
        long end = world.scheduler().nowNanos() + PATIENCE.toNanos();
        long next = world.scheduler().nowNanos() + BLOCK_SECONDS * 1_000_000_000L;
        while (!isHealthy()) {
            if (world.scheduler().nowNanos() > end) {
                throw new Bug("seed " + seed + ": not whole after " + PATIENCE + complaint());
            }
            world.run(Duration.ofSeconds(10));
            invariants.checkMinute();
            if (world.scheduler().nowNanos() >= next && isTie()) {
                // Of branches with equal work each node keeps the one it saw first, until a block
                // ends the tie. Who is behind must get there without that help.
                next = world.scheduler().nowNanos() + BLOCK_SECONDS * 1_000_000_000L;
                mine();
            }
        }
    }

    /// Whether there is more than one tip, and all have the same work.
    private boolean isTie() {
        List<HeaderNode> tips =
                world.alive().stream().map(each -> each.node().chain().tip()).toList();
        return !world.allTipsEqual()
                && tips.stream().allMatch(each -> each.compareWork(tips.getFirst()) == 0);
    }

    private boolean isHealthy() {
        return world.allTipsEqual()
                && world.alive().size() == size
                && world.nodes().stream().allMatch(this::isConnectedInFull);
    }

    /// What is wrong with whom.
    private String complaint() {
        var text = new StringBuilder();
        for (SimNode each : world.nodes()) {
            if (!each.isOn()) {
                text.append(", node ").append(each.index()).append(" is off");
            } else if (!isConnectedInFull(each)) {
                text.append(", node ")
                        .append(each.index())
                        .append(" has ")
                        .append(fullRelay(each))
                        .append(" peers and knows ")
                        .append(factory.book(each).size());
            } else {
                text.append(", node ").append(each.index()).append(" at ").append(each.height());
            }
        }
        return text.toString();
    }

    private boolean isConnectedInFull(SimNode node) {
        // Between two nodes there is one connection; in a small world all are used.
        boolean knowsAll = node.neighbours().stream().distinct().count() == size - 1;
        return knowsAll || fullRelay(node) >= FULL_RELAY;
    }

    private long fullRelay(SimNode node) {
        return node.node().peers().peersSnapshot(world.scheduler().now()).stream()
                .filter(each -> each.type() == ConnectionType.OUTBOUND_FULL_RELAY)
                .filter(each -> each.handshake().complete())
                .count();
    }
}
