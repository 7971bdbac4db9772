package weft.sim;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import weft.p2p.P2pOptions;
import weft.wire.AddressEntry;
import weft.wire.NetAddress;
import weft.wire.ServiceFlags;
import weft.wire.Subnet;

/// How long a newcomer who knows nobody needs to its first peer, by where it takes its first address from:
/// names of DNS seeds, addresses that came with the program, or dialling at random.
public final class BootstrapReport {
    private static final int NODES = 10;

    /// Ten bits of each node's address are unknown to who dials at random: 1,024 addresses a node.
    private static final int PREFIX_BITS = 22;

    private static final Duration PATIENCE = Duration.ofDays(1);
    private static final String SEED_NAME = "seed.example";

    private BootstrapReport() {}

    /// Where a newcomer takes addresses from.
    public enum Source {
        /// Names that answer with addresses.
        DNS("DNS seeds"),
        /// Addresses that came with the program; the names are asked first, and are silent.
        FIXED("fixed list"),
        /// One random address a second, of ranges that hold one node for each 1,024 addresses.
        PROBING("random probing");

        private final String label;

        Source(String label) {
            this.label = label;
        }
    }

    /// What a newcomer went through.
    ///
    /// @param toFirstPeer virtual time from its start to the first handshake; empty never happened within a
    ///     day, shown as a day
    /// @param dials addresses that it dialled until then
    public record Row(Source source, Duration toFirstPeer, int dials) {}

    /// Lets a newcomer join a network of ten nodes by each way.
    ///
    /// @param seed of all chance; the same for each way
    public static List<Row> rows(long seed) {
        var rows = new ArrayList<Row>();
        for (Source source : Source.values()) {
            rows.add(row(source, seed));
        }
        return rows;
    }

    private static Row row(Source source, long seed) {
        var world = new World(seed, LinkModel.WIDE_AREA);
        var factory = new FullNodes((self, options) -> settings(source, self, options));
        for (int i = 0; i <= NODES; i++) {
            world.add(factory);
        }
        var old = new ArrayList<NetAddress>();
        for (SimNode node : world.nodes().subList(0, NODES)) {
            old.add(node.address());
            node.start();
        }
        if (source == Source.DNS) {
            world.name("x9." + SEED_NAME, old);
        }
        SimNode newcomer = world.nodes().get(NODES);
        long begun = world.scheduler().nowNanos();
        newcomer.start();
        world.runUntil(() -> hasPeer(world, newcomer), PATIENCE);
        return new Row(
                source,
                Duration.ofNanos(world.scheduler().nowNanos() - begun),
                world.dials().size());
    }

    private static boolean hasPeer(World world, SimNode node) {
        return !node.connections().isEmpty()
                && node.node().peers().peersSnapshot(world.scheduler().now()).stream()
                        .anyMatch(each -> each.handshake().complete());
    }

    private static P2pOptions settings(Source source, SimNode self, P2pOptions options) {
        P2pOptions.Sources sources = options.sources();
        if (self.index() < NODES) {
            return options.with(sources.quiet());
        }
        var names = new P2pOptions.Dns(List.of(SEED_NAME), true, false);
        return options.with(
                switch (source) {
                    case DNS -> sources.withDns(names);
                    case FIXED -> sources.withDns(names).withFixed(fixed());
                    case PROBING ->
                            sources.withProbe(
                                    new P2pOptions.Probe(ranges(), Duration.ofSeconds(1)));
                });
    }

    private static List<AddressEntry> fixed() {
        var all = new ArrayList<AddressEntry>();
        for (int i = 0; i < NODES; i++) {
            all.add(
                    new AddressEntry(
                            World.BEGIN.getEpochSecond(),
                            ServiceFlags.NETWORK | ServiceFlags.WITNESS,
                            World.address(i)));
        }
        return all;
    }

    private static List<Subnet> ranges() {
        var all = new ArrayList<Subnet>();
        for (int i = 0; i < NODES; i++) {
            NetAddress node = World.address(i);
            String text = node.withPort(0).toString();
            String ip = text.substring(0, text.lastIndexOf(':'));
            all.add(Subnet.parse(ip + "/" + PREFIX_BITS));
        }
        return all;
    }

    /// The report as text.
    public static String text(long seed) {
        var text = new StringBuilder();
        text.append(
                String.format(
                        Locale.ROOT,
                        "Time to the first peer in virtual seconds: %d nodes, seed %d%n%n"
                                + "%-16s %12s %8s%n",
                        NODES,
                        seed,
                        "source",
                        "seconds",
                        "dials"));
        for (Row row : rows(seed)) {
            text.append(
                    String.format(
                            java.util.Locale.ROOT,
                            "%-16s %12.3f %8d%n",
                            row.source().label,
                            row.toFirstPeer().toNanos() / 1e9,
                            row.dials()));
        }
        return text.toString();
    }
}
