package weft.app.bench.load;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import weft.app.rpc.RpcClient;
import weft.primitives.Block;
import weft.primitives.Transaction;
import weft.wire.InvItem;
import weft.wire.InvType;

/// One node under a flood: attackers, two honest peers, and an operator who gives it blocks and asks it.
final class FloodRun implements AutoCloseable {
    private static final long BLOCK_MILLIS = 250;
    private static final long ASK_MILLIS = 50;
    private static final long SETTLE_MILLIS = 2_000;
    private static final long RECOVERY_MILLIS = 10_000;
    private static final long LATE_MILLIS = 30_000;
    private static final long LOOK_MILLIS = 20;
    private static final int BLOCKS_A_TRANSACTION = 8;

    private final BenchNode node;
    private final RelayLoad load;
    private final SplittableRandom random;
    private final int port;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final List<Attacker> attackers = new ArrayList<>();
    private final Attacker.Sums sums = new Attacker.Sums();
    private final List<Double> askSeconds = Collections.synchronizedList(new ArrayList<>());
    private volatile boolean isOver;

    /// What was measured.
    ///
    /// @param questions of the operator
    record Result(
            Figures pings, Figures transactions, Figures questions, Blocks blocks, Load load) {}

    /// How blocks came to the honest peer.
    ///
    /// @param missing that it did not get
    /// @param hungUp whether the node hung up on an honest peer
    record Blocks(Figures times, int missing, boolean hungUp) {}

    /// What the attackers did, and what it cost the node.
    ///
    /// @param messages that the attackers could send in a second
    /// @param drops how often the node hung up on them
    /// @param cores that the node kept busy during the flood
    /// @param coresAfter the same, ten seconds after the flood
    /// @param memory resident, in bytes
    record Load(double messages, long drops, double cores, double coresAfter, Memory memory) {}

    /// Resident memory in bytes: before the flood, at most, and ten seconds after it.
    record Memory(long before, long peak, long after) {}

    /// @param node at the start of its chain
    FloodRun(BenchNode node, int port, RelayLoad load, long seed) {
        this.node = node;
        this.port = port;
        this.load = load;
        this.random = new SplittableRandom(seed);
    }

    Result run(int peers, int seconds) throws IOException, InterruptedException {
        node.give(load.blocks());
        List<InvItem> old =
                load.blocks().stream()
                        .map(block -> InvItem.of(InvType.BLOCK, block.hash()))
                        .toList();
        try (var hearer = new HonestPeer(port);
                var giver = new HonestPeer(port)) {
            apart(hearer::run);
            apart(giver::run);
            hearer.askForHeaders(load.blocks().getFirst().hash());
            Thread.sleep(SETTLE_MILLIS);
            long bytesBefore = node.residentBytes();
            attack(peers, old);
            Thread.sleep(SETTLE_MILLIS);
            apart(this::ask);
            double cpu = node.cpuSeconds();
            long messages = sums.messages().sum();
            long begun = System.nanoTime();
            var blocks = new ArrayList<Given<Block>>();
            var txs = new ArrayList<Given<Transaction>>();
            live(hearer, giver, seconds, blocks, txs);
            double took = (System.nanoTime() - begun) / 1e9;
            double cores = (node.cpuSeconds() - cpu) / took;
            double rate = (sums.messages().sum() - messages) / took;
            await(() -> haveCome(hearer, blocks) && areAnnounced(hearer, txs));
            isOver = true;
            stopAttack();
            Thread.sleep(RECOVERY_MILLIS);
            double cpuAfter = node.cpuSeconds();
            Thread.sleep(SETTLE_MILLIS);
            double coresAfter = (node.cpuSeconds() - cpuAfter) * 1_000 / SETTLE_MILLIS;
            List<Double> blockTimes = times(blocks, given -> hearer.blockAt(given.hash()));
            boolean hungUp = hearer.isGone() || giver.isGone();
            return new Result(
                    Figures.of(hearer.pingSeconds()),
                    Figures.of(times(txs, hearer::announcedAt)),
                    Figures.of(askSeconds),
                    new Blocks(Figures.of(blockTimes), blocks.size() - blockTimes.size(), hungUp),
                    new Load(
                            rate,
                            sums.drops().sum(),
                            cores,
                            coresAfter,
                            new Memory(bytesBefore, node.peakBytes(), node.residentBytes())));
        }
    }

    /// Runs what is measured. *Rationale:* among the attackers' threads it would wait until each of them has
    /// made its next message, and that would be measured.
    private static void apart(Runnable task) {
        Thread.ofPlatform().daemon().start(task);
    }

    /// Something that the node was given.
    ///
    /// @param nanos when, on the monotonic clock
    private record Given<T>(T what, long nanos) {}

    private interface Arrival<T> {
        @Nullable Long of(T what);
    }

    private static <T> List<Double> times(List<Given<T>> given, Arrival<T> arrival) {
        var times = new ArrayList<Double>();
        for (Given<T> each : given) {
            Long at = arrival.of(each.what());
            if (at != null) {
                times.add((at - each.nanos()) / 1e9);
            }
        }
        return times;
    }

    private void live(
            HonestPeer hearer,
            HonestPeer giver,
            int seconds,
            List<Given<Block>> blocks,
            List<Given<Transaction>> txs)
            throws IOException, InterruptedException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
        for (Block block : load.later()) {
            if (System.nanoTime() >= end) {
                return;
            }
            blocks.add(new Given<>(block, System.nanoTime()));
            node.give(List.of(block));
            hearer.ping(System.nanoTime());
            if (blocks.size() % BLOCKS_A_TRANSACTION == 0) {
                Transaction tx = load.transactions().get(txs.size());
                txs.add(new Given<>(tx, System.nanoTime()));
                giver.send(tx);
            }
            Thread.sleep(BLOCK_MILLIS);
        }
    }

    private static boolean haveCome(HonestPeer hearer, List<Given<Block>> blocks) {
        return blocks.stream().allMatch(each -> hearer.blockAt(each.what().hash()) != null);
    }

    private static boolean areAnnounced(HonestPeer hearer, List<Given<Transaction>> txs) {
        return txs.stream().allMatch(each -> hearer.announcedAt(each.what()) != null);
    }

    private static void await(BooleanSupplier holds) throws InterruptedException {
        long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(LATE_MILLIS);
        while (!holds.getAsBoolean() && System.nanoTime() < end) {
            Thread.sleep(LOOK_MILLIS);
        }
    }

    private void ask() {
        try {
            while (!isOver) {
                long begun = System.nanoTime();
                node.call("getblockcount");
                askSeconds.add((System.nanoTime() - begun) / 1e9);
                Thread.sleep(ASK_MILLIS);
            }
        } catch (RpcClient.RpcException e) {
            if (!isOver) {
                System.err.println("getblockcount failed: " + e.getMessage());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void attack(int peers, List<InvItem> old) {
        for (int i = 0; i < peers; i++) {
            var attacker = new Attacker(port, kind(i, peers), random.split(), old, sums);
            attackers.add(attacker);
            threads.execute(attacker::run);
        }
    }

    private static FloodKind kind(int number, int peers) {
        int left = number * 100 / peers;
        for (FloodKind kind : FloodKind.values()) {
            left -= kind.percent;
            if (left < 0) {
                return kind;
            }
        }
        return FloodKind.SILENT;
    }

    private void stopAttack() throws IOException {
        for (Attacker attacker : attackers) {
            attacker.close();
        }
    }

    @Override
    public void close() throws IOException {
        isOver = true;
        stopAttack();
        threads.shutdownNow();
    }
}
