package weft.sim;

import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import weft.p2p.P2pOptions;
import weft.p2p.PeerId;
import weft.p2p.PeerInput;
import weft.p2p.tx.Spreading;
import weft.primitives.Digest256;
import weft.primitives.Hash256;
import weft.primitives.Transaction;
import weft.wire.DandelionTx;
import weft.wire.Inv;
import weft.wire.InvItem;
import weft.wire.NetAddress;
import weft.wire.NetworkId;
import weft.wire.TxMessage;
import weft.wire.VersionMessage;

/// What spies learn of who pays, by the estimator of the literature: whichever honest node a spy first hears
/// of a payment from is taken for its source. All spies tell each other all. See "Deanonymization in the
/// Bitcoin P2P Network" by Fanti and Viswanath and "Dandelion" by Bojja Venkatakrishnan, Fanti and Viswanath,
/// both of 2017.
public final class SpyReport {
    /// From one payment to the next: a network in use, whose nodes have something to tell all the time.
    private static final Duration GAP = Duration.ofSeconds(2);

    /// For the last payments to reach everybody, from the longest stem.
    private static final Duration REST = Duration.ofMinutes(2);

    private static final int COMMON_PERCENT = 95;
    private static final String PRIVATE_AGENT = "/pynode:0.0.1/";

    private SpyReport() {}

    /// Who listens.
    public enum Observer {
        /// Somebody who connects to a part of the nodes, relays nothing, and is an inbound peer to each. All
        /// nodes of the network are honest, those that it does not hear too.
        SUPERNODE,
        /// A part of the nodes themselves, which relay like anybody else and which others dial.
        NODES;

        /// By the name that options have for it: `supernode`, `nodes`.
        public static Optional<Observer> named(String name) {
            for (Observer each : values()) {
                if (each.label().equals(name)) {
                    return Optional.of(each);
                }
            }
            return Optional.empty();
        }

        /// Its name in options.
        public String label() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /// A network with spies, and payments in it.
    ///
    /// @param seed all chance comes from it
    /// @param nodes of the network, those that are spies too
    /// @param fraction of the nodes that are spies, or that the supernode is connected to, 0 to 1
    /// @param rounds payments that each honest node makes; all together at most [Treasury#COINS]
    public record Setting(long seed, int nodes, Observer observer, double fraction, int rounds) {
        /// Nodes that are spies or that a spy is connected to.
        private int touched() {
            return (int) Math.round(nodes * fraction);
        }

        private int firstHonest() {
            return observer == Observer.NODES ? touched() : 0;
        }
    }

    /// What they learned.
    ///
    /// @param policy how transactions are announced, or `private` for `-privatebroadcast` with diffusion
    /// @param found payments that were put down to the right node (recall)
    /// @param precision what a guess is worth: of the payments put down to a node, the share that is its own,
    ///     on average over nodes
    /// @param seconds until a payment had come to 95 % of the nodes, on average
    public record Row(String policy, Proportion found, double precision, double seconds) {
        /// The share of the payments that were put down to the right node.
        public double recall() {
            return found.share();
        }
    }

    /// @param privately whether payments are handed to strangers over Tor first
    private record Policy(Spreading spreading, boolean privately) {
        String label() {
            return privately ? "private" : spreading.label();
        }

        P2pOptions options(P2pOptions standard) {
            P2pOptions spread = standard.with(standard.tx().with(spreading));
            var networks = List.of(NetworkId.IPV4, NetworkId.TORV3);
            return privately
                    ? spread.with(new P2pOptions.Access(List.of(), networks, true))
                    : spread;
        }
    }

    /// What is noted while the network runs.
    private static final class Notes {
        final int nodes;
        final BitSet spies = new BitSet();
        final Map<Digest256, Integer> heardFrom = new HashMap<>();
        final Map<Digest256, BitSet> having = new HashMap<>();
        final Map<Digest256, Long> sentNanos = new HashMap<>();
        final List<Double> seconds = new ArrayList<>();

        /// Connections over Tor on which a spy cannot see who is at the other end, nor guess.
        final Set<String> veiled = new HashSet<>();

        Notes(int nodes) {
            this.nodes = nodes;
        }

        void hear(SimNode node, PeerId peer, Digest256 hash) {
            boolean seen = !veiled.contains(node.index() + " " + peer);
            if (seen && spies.get(node.index())) {
                int from = node.neighbour(peer).index();
                if (!spies.get(from)) {
                    heardFrom.putIfAbsent(hash, from);
                }
            }
        }

        void have(SimNode node, Digest256 hash) {
            BitSet all = having.computeIfAbsent(hash, _ -> new BitSet());
            boolean wasCommon = isCommon(all);
            all.set(node.index());
            if (!wasCommon && isCommon(all)) {
                long nanos = node.world().scheduler().nowNanos();
                seconds.add((nanos - sentNanos.getOrDefault(hash, nanos)) / 1e9);
            }
        }

        private boolean isCommon(BitSet all) {
            return all.cardinality() * 100 >= nodes * COMMON_PERCENT;
        }
    }

    /// Every honest node makes one payment, and a part of the nodes are spies.
    ///
    /// @param nodes of the network, with the spies
    /// @param fraction of them that are spies, 0 to 1
    public static Row row(long seed, int nodes, double fraction, Spreading spreading) {
        return row(new Setting(seed, nodes, Observer.NODES, fraction, 1), spreading);
    }

    /// Honest nodes pay, one after the other.
    public static Row row(Setting setting, Spreading spreading) {
        return row(setting, new Policy(spreading, false));
    }

    /// The same with payments that are handed to strangers over Tor (`-privatebroadcast`), who announce them.
    public static Row privateRow(Setting setting) {
        return row(setting, new Policy(Spreading.DIFFUSION, true));
    }

    private static Row row(Setting setting, Policy policy) {
        var treasury = new Treasury();
        var factory = new FullNodes((_, options) -> policy.options(options)).bornWith(treasury);
        var world = new World(setting.seed, LinkModel.WIDE_AREA);
        Citizens.settle(world, factory, setting.nodes);
        if (policy.privately) {
            Citizens.tellOnions(world, factory);
        }
        var notes = new Notes(setting.nodes);
        List<SimNode> payers =
                List.copyOf(world.nodes().subList(setting.firstHonest(), setting.nodes));
        place(setting, world, notes);
        world.run(Duration.ofMinutes(1));
        world.watch((node, input) -> listen(node, input, notes));
        Map<Digest256, Integer> sources = new LinkedHashMap<>();
        for (int round = 0; round < setting.rounds; round++) {
            for (SimNode payer : payers) {
                long begun = world.scheduler().nowNanos();
                Transaction tx =
                        policy.privately ? treasury.payPrivately(payer) : treasury.payFrom(payer);
                notes.sentNanos.put(plain(tx.wtxid()), begun);
                notes.have(payer, plain(tx.wtxid()));
                sources.put(plain(tx.wtxid()), payer.index());
                world.run(GAP);
            }
        }
        world.run(REST);
        return judge(policy.label(), sources, notes, payers.size());
    }

    private static void place(Setting setting, World world, Notes notes) {
        switch (setting.observer) {
            case NODES -> notes.spies.set(0, setting.touched());
            case SUPERNODE -> {
                List<NetAddress> targets =
                        world.nodes().subList(0, setting.touched()).stream()
                                .map(SimNode::address)
                                .toList();
                SimNode spy = world.add((_, _) -> new Supernode(targets));
                notes.spies.set(spy.index());
                spy.start();
            }
        }
    }

    private static void listen(SimNode node, PeerInput input, Notes notes) {
        if (!(input instanceof PeerInput.Received each)) {
            return;
        }
        switch (each.message()) {
            case VersionMessage version when version.userAgent().equals(PRIVATE_AGENT) ->
                    notes.veiled.add(node.index() + " " + each.peer());
            case Inv(List<InvItem> items) ->
                    items.forEach(item -> notes.hear(node, each.peer(), item.hash()));
            case DandelionTx(Transaction tx) -> notes.hear(node, each.peer(), plain(tx.wtxid()));
            case TxMessage(Transaction tx, var _) -> notes.have(node, plain(tx.wtxid()));
            default -> {}
        }
    }

    private static Row judge(
            String policy, Map<Digest256, Integer> sources, Notes notes, int honest) {
        Map<Digest256, Integer> heardFrom = notes.heardFrom;
        Map<Integer, Integer> blamed = new HashMap<>();
        heardFrom.values().forEach(each -> blamed.merge(each, 1, Integer::sum));
        int right = 0;
        double precision = 0;
        for (Map.Entry<Digest256, Integer> each : sources.entrySet()) {
            if (each.getValue().equals(heardFrom.get(each.getKey()))) {
                right++;
                precision += 1.0 / blamed.getOrDefault(each.getValue(), 1);
            }
        }
        double seconds = notes.seconds.stream().mapToDouble(each -> each).average().orElse(0);
        return new Row(policy, new Proportion(right, sources.size()), precision / honest, seconds);
    }

    private static Digest256 plain(Hash256 hash) {
        return new Digest256(hash.w0(), hash.w1(), hash.w2(), hash.w3());
    }

    /// The report as text, for each way in which transactions are announced.
    ///
    /// @param settings what to play, with one seed and one size
    public static String text(List<Setting> settings) {
        Setting first = settings.getFirst();
        var lines = new ArrayList<String>();
        lines.add(
                String.format(
                        Locale.ROOT,
                        "Payments put down to their sources by spies, %d nodes, seed %d",
                        first.nodes,
                        first.seed));
        lines.add("");
        lines.add(
                String.format(
                        Locale.ROOT,
                        "%-10s %-8s %-10s %8s %7s %15s %9s %8s %7s",
                        "observer",
                        "fraction",
                        "policy",
                        "payments",
                        "recall",
                        "95 % of samples",
                        "precision",
                        "seconds",
                        "more"));
        for (Setting setting : settings) {
            double diffusion = 0;
            var rows = new ArrayList<Row>();
            for (Spreading each : Spreading.values()) {
                rows.add(row(setting, each));
            }
            rows.add(privateRow(setting));
            for (Row row : rows) {
                boolean usual = row.policy().equals(Spreading.DIFFUSION.label());
                diffusion = usual ? row.seconds() : diffusion;
                lines.add(line(setting, row, diffusion));
            }
        }
        lines.add("");
        lines.add("recall and its interval in %; seconds: until a payment had come to 95 % of the");
        lines.add("nodes, on average; more: than with diffusion");
        return String.join(System.lineSeparator(), lines) + System.lineSeparator();
    }

    private static String line(Setting setting, Row row, double diffusion) {
        return String.format(
                Locale.ROOT,
                "%-10s %-8.2f %-10s %8d %7.1f %15s %9.3f %8.2f %+7.2f",
                setting.observer.label(),
                setting.fraction,
                row.policy(),
                row.found().of(),
                100 * row.recall(),
                row.found().percents(),
                row.precision(),
                row.seconds(),
                row.seconds() - diffusion);
    }
}
