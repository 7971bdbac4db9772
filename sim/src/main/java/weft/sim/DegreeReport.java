package weft.sim;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import weft.p2p.P2pOptions;
import weft.primitives.Txid;

/// What the number of outbound connections is good for: how many nodes half of the network's death leaves
/// alone, how long a payment and a block take, and what it costs.
public final class DegreeReport {
    private static final int PAYMENTS = 5;
    private static final int MILLIS = 20;
    private static final Duration PATIENCE = Duration.ofMinutes(5);
    private static final double MOST = 0.95;

    private DegreeReport() {}

    /// What became of one number of outbound connections.
    ///
    /// @param outbound connections that each node opens
    /// @param connections that a node has on average, either way
    /// @param isolated share of the surviving nodes outside their largest component, in the moment after
    ///     half of all nodes died
    /// @param paymentSeconds until 95 % have a payment, on average; the patience if they never do
    /// @param blockSeconds until 95 % have a block
    /// @param bytes that a node sends in ten minutes with five payments and a block
    public record Row(
            int outbound,
            double connections,
            double isolated,
            double paymentSeconds,
            double blockSeconds,
            double bytes) {}

    /// Tries one number.
    public static Row row(long seed, int nodes, int outbound) {
        var treasury = new Treasury();
        var factory =
                new FullNodes((_, options) -> options.with(limits(options, outbound)))
                        .bornWith(treasury);
        var world = new World(seed, LinkModel.WIDE_AREA);
        Citizens.settle(world, factory, nodes);
        world.run(Duration.ofMinutes(1));
        long begun = world.scheduler().nowNanos();
        world.traffic().reset();
        double payments = 0;
        for (int i = 0; i < PAYMENTS; i++) {
            Txid txid = treasury.pay(world.nodes().get(i));
            payments += await(world, node -> node.node().chain().mempool().contains(txid));
        }
        SimNode miner = world.nodes().get(PAYMENTS);
        int height = miner.height() + 1;
        miner.act(
                (engine, now, events) -> {
                    engine.during(now, events);
                    engine.mine(1, Treasury.script(), 10_000_000);
                });
        double block = await(world, node -> node.height() >= height);
        long rest = begun + Duration.ofMinutes(10).toNanos() - world.scheduler().nowNanos();
        world.run(Duration.ofNanos(Math.max(0, rest)));
        double bytes = (double) world.traffic().bytes() / nodes;
        double connections =
                world.nodes().stream().mapToInt(each -> each.neighbours().size()).sum()
                        / (double) nodes;
        for (SimNode each : world.nodes()) {
            if (each.index() % 2 == 0) {
                each.kill();
            }
        }
        List<SimNode> left = world.alive();
        double isolated = 1 - (double) largestComponent(left) / left.size();
        return new Row(outbound, connections, isolated, payments / PAYMENTS, block, bytes);
    }

    private static P2pOptions.Limits limits(P2pOptions options, int outbound) {
        P2pOptions.Limits usual = options.limits();
        return new P2pOptions.Limits(
                outbound,
                0,
                usual.inbound(),
                usual.peerTimeout(),
                usual.keepalive(),
                usual.uploadBytesADay());
    }

    private static double await(World world, java.util.function.Predicate<SimNode> has) {
        long begun = world.scheduler().nowNanos();
        long enough = (long) Math.ceil(world.nodes().size() * MOST);
        while (world.nodes().stream().filter(has).count() < enough
                && world.scheduler().nowNanos() - begun < PATIENCE.toNanos()) {
            world.run(Duration.ofMillis(MILLIS));
        }
        return (world.scheduler().nowNanos() - begun) / 1e9;
    }

    private static int largestComponent(List<SimNode> nodes) {
        Set<SimNode> seen = new HashSet<>();
        int largest = 0;
        for (SimNode first : nodes) {
            int before = seen.size();
            var open = new ArrayDeque<SimNode>();
            open.add(first);
            while (!open.isEmpty()) {
                SimNode next = open.remove();
                if (next.isOn() && seen.add(next)) {
                    open.addAll(next.neighbours());
                }
            }
            largest = Math.max(largest, seen.size() - before);
        }
        return largest;
    }

    /// The report as text.
    public static String text(long seed, int nodes, List<Integer> degrees) {
        var text = new StringBuilder();
        text.append(
                String.format(
                        Locale.ROOT,
                        "%d nodes, seed %d; a node has one connection to another at most%n%n"
                                + "%8s %12s %9s %14s %12s %10s%n",
                        nodes,
                        seed,
                        "outbound",
                        "connections",
                        "isolated",
                        "payment 95 % s",
                        "block 95 % s",
                        "kB a node"));
        for (int each : degrees) {
            Row row = row(seed, nodes, each);
            text.append(
                    String.format(
                            Locale.ROOT,
                            "%8d %12.1f %9.3f %14.2f %12.2f %10.1f%n",
                            row.outbound(),
                            row.connections(),
                            row.isolated(),
                            row.paymentSeconds(),
                            row.blockSeconds(),
                            row.bytes() / 1e3));
        }
        return text.toString();
    }
}
