package weft.sim;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import java.util.function.Predicate;
import weft.chain.api.Origin;
import weft.primitives.Transaction;
import weft.primitives.Wtxid;
import weft.wire.Message;
import weft.wire.SendCmpct;
import weft.wire.SendHeaders;

/// How long transactions and blocks of a megabyte take to all nodes of a network in six [Regions].
///
/// Nodes have no computing time: what is measured is the way over lines. All nodes know the transactions of a
/// block before it comes, but each node that is not the finder lacks one with a chance of 13 % (SimBlock's
/// figure for compact blocks that need a second question, from Imtiaz et al.).
public final class PropagationReport {
    private static final int KNOWN_ADDRESSES = 200;
    private static final int WARM_UP_BLOCKS = 4;
    private static final int BLOCK_TRANSACTIONS = 290;
    private static final int PAYMENTS = 5;
    private static final int TRIES = 10_000_000;
    private static final double LACKING = 0.13;

    /// One node of so many mines.
    private static final int MINER_OF = 10;

    private static final Duration PATIENCE = Duration.ofMinutes(3);

    private PropagationReport() {}

    /// How blocks are relayed.
    public enum Profile {
        /// `inv` and the whole block, as until 2015; headers are asked for before a block.
        LEGACY_2013,
        /// Compact blocks, which three peers of each node send unasked. See BIP-0152.
        COMPACT,
        /// Compact blocks; only to miners they are sent unasked.
        FAST_MINERS;

        /// What a node does not say.
        private Predicate<Message> unsaid(boolean miner) {
            return switch (this) {
                case LEGACY_2013 ->
                        message -> message instanceof SendCmpct || message instanceof SendHeaders;
                case COMPACT -> _ -> false;
                case FAST_MINERS ->
                        message -> !miner && message instanceof SendCmpct(boolean fast, _) && fast;
            };
        }

        /// Its name in reports.
        public String label() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }

    /// When things had come to how many, in seconds, on average over what was sent.
    ///
    /// @param half of all nodes
    /// @param most 90 % of all nodes
    /// @param nearlyAll 95 % of all nodes
    /// @param minersHalf half of the miners
    /// @param nodes when it had come to each of them, whatever was sent taken together
    public record Row(
            double half, double most, double nearlyAll, double minersHalf, Arrivals nodes) {
        private static Row of(Arrivals nodes, Arrivals miners) {
            return new Row(nodes.at(0.5), nodes.at(0.9), nodes.at(0.95), miners.at(0.5), nodes);
        }

        private static Row mean(List<Row> rows) {
            return new Row(
                    rows.stream().mapToDouble(Row::half).average().orElseThrow(),
                    rows.stream().mapToDouble(Row::most).average().orElseThrow(),
                    rows.stream().mapToDouble(Row::nearlyAll).average().orElseThrow(),
                    rows.stream().mapToDouble(Row::minersHalf).average().orElseThrow(),
                    Arrivals.all(rows.stream().map(Row::nodes).toList()));
        }
    }

    /// What was measured in one network.
    ///
    /// @param transactions payments of some nodes, announced at random moments
    /// @param blocks of a megabyte
    /// @param blockBytes length of such a block
    public record Result(Profile profile, Row transactions, Row blocks, int blockBytes) {}

    /// One network, and what is measured in it.
    private static final class Town {
        final Treasury treasury = Treasury.ofLongPayments();
        final World world;
        final SplittableRandom random;
        final int size;

        Town(long seed, int size, Profile profile) {
            this.size = size;
            this.random = new SplittableRandom(seed);
            this.world = new World(seed, new Regions(seed));
            world.shareBlocks();
            var factory = new FullNodes((_, options) -> options).bornWith(treasury);
            for (int i = 0; i < size; i++) {
                world.add(factory).silence(profile.unsaid(i % MINER_OF == 0));
            }
            Citizens.connect(world, factory, Math.min(size, KNOWN_ADDRESSES));
            world.run(Duration.ofMinutes(1));
            for (int i = 0; i < WARM_UP_BLOCKS; i++) {
                mine();
                world.run(Duration.ofSeconds(20));
            }
        }

        SimNode anyone() {
            return world.nodes().get(random.nextInt(size));
        }

        SimNode mine() {
            SimNode miner = world.nodes().get(random.nextInt(size / MINER_OF) * MINER_OF);
            miner.act(
                    (engine, now, events) -> {
                        engine.during(now, events);
                        engine.mine(1, Treasury.script(), TRIES);
                    });
            return miner;
        }

        /// Fills the mempools, and mines what is in them.
        Row block() {
            List<Transaction> all = new ArrayList<>();
            for (int i = 0; i < BLOCK_TRANSACTIONS; i++) {
                all.add(treasury.payment());
            }
            int height = anyone().height() + 1;
            for (SimNode each : world.nodes()) {
                int lacking = random.nextDouble() < LACKING ? random.nextInt(all.size()) : -1;
                each.act(
                        (engine, now, events) -> {
                            engine.during(now, events);
                            for (int i = 0; i < all.size(); i++) {
                                if (i != lacking) {
                                    engine.submitTx(Origin.SELF, all.get(i));
                                }
                            }
                        });
            }
            long[] came = new long[size];
            long begun = world.scheduler().nowNanos();
            SimNode miner = mine();
            return await(came, begun, miner, node -> node.height() >= height);
        }

        Row payment() {
            SimNode payer = anyone();
            long begun = world.scheduler().nowNanos();
            Wtxid wtxid = treasury.payFrom(payer).wtxid();
            return await(
                    new long[size],
                    begun,
                    payer,
                    node -> node.node().chain().mempool().contains(wtxid));
        }

        private Row await(long[] came, long begun, SimNode first, Predicate<SimNode> has) {
            Arrays.fill(came, -1);
            came[first.index()] = 0;
            int[] left = {size - 1};
            world.watch(
                    (node, _) -> {
                        if (came[node.index()] < 0 && has.test(node)) {
                            came[node.index()] = world.scheduler().nowNanos() - begun;
                            left[0]--;
                        }
                    });
            world.runUntil(() -> left[0] == 0, PATIENCE);
            world.watch((_, _) -> {});
            for (int i = 0; i < size; i++) {
                came[i] = came[i] < 0 ? PATIENCE.toNanos() : came[i];
            }
            var miners = new ArrayList<Long>();
            for (int i = 0; i < size; i += MINER_OF) {
                if (i != first.index()) {
                    miners.add(came[i]);
                }
            }
            long[] fast = miners.stream().mapToLong(each -> each).toArray();
            return Row.of(Arrivals.ofNanos(came), Arrivals.ofNanos(fast));
        }
    }

    /// Measures one network.
    ///
    /// @param nodes of the network, 20 or more
    /// @param blocks of a megabyte that are sent, 1 to 3
    public static Result measure(long seed, int nodes, int blocks, Profile profile) {
        var town = new Town(seed, nodes, profile);
        var payments = new ArrayList<Row>();
        for (int i = 0; i < PAYMENTS; i++) {
            payments.add(town.payment());
        }
        var found = new ArrayList<Row>();
        for (int i = 0; i < blocks; i++) {
            found.add(town.block());
        }
        SimNode someone = town.anyone();
        int bytes =
                someone.node()
                        .chain()
                        .chain()
                        .block(someone.node().chain().tip())
                        .orElseThrow()
                        .totalSize();
        return new Result(profile, Row.mean(payments), Row.mean(found), bytes);
    }

    /// The report as text, each line as soon as it is known.
    ///
    /// @return what was measured, one result for each profile
    public static List<Result> tell(long seed, int nodes, int blocks, Consumer<String> lines) {
        lines.accept(
                String.format(
                        Locale.ROOT,
                        "Seconds to 50, 90, 95 %% of %d nodes in six regions, and to half of the"
                                + " miners, seed %d",
                        nodes,
                        seed));
        lines.accept("");
        lines.accept(
                String.format(
                        Locale.ROOT,
                        "%-14s %-12s %8s %8s %8s %8s %10s",
                        "profile",
                        "what",
                        "50 %",
                        "90 %",
                        "95 %",
                        "miners",
                        "bytes"));
        var results = new ArrayList<Result>();
        for (Profile profile : Profile.values()) {
            Result result = measure(seed, nodes, blocks, profile);
            results.add(result);
            lines.accept(line(profile, "transaction", result.transactions(), ""));
            lines.accept(line(profile, "block", result.blocks(), "" + result.blockBytes()));
        }
        return results;
    }

    private static String line(Profile profile, String what, Row row, String bytes) {
        return String.format(
                Locale.ROOT,
                "%-14s %-12s %8.2f %8.2f %8.2f %8.2f %10s",
                profile.label(),
                what,
                row.half(),
                row.most(),
                row.nearlyAll(),
                row.minersHalf(),
                bytes);
    }
}
