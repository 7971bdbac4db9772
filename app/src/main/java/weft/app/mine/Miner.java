package weft.app.mine;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import weft.app.cli.CliFault;
import weft.mining.HeaderSearch;
import weft.mining.MiningJob;
import weft.mining.WorkTemplate;
import weft.primitives.Block;
import weft.primitives.Bytes;
import weft.primitives.Check;
import weft.primitives.codec.ByteWriter;

/// Looks for blocks with several threads. One more thread waits for the node to tell of something better to
/// work on; whoever finds a block hands it over and fetches the next template.
final class Miner implements AutoCloseable {
    /// Hashes between two looks at whether there is other work: a few milliseconds.
    private static final int BATCH = 1 << 14;

    /// After so long a thread makes a new header, with the time as it is then.
    private static final long TIME_ROLL_NANOS = TimeUnit.SECONDS.toNanos(5);

    private static final int EXTRA_NONCE_BYTES = 8;
    private static final long RETRY_MILLIS = 2_000;

    private final NodePort node;
    private final MinerOptions options;
    private final Consumer<String> report;
    private final LongAdder hashes = new LongAdder();
    private final AtomicLong extraNonces = new AtomicLong();
    private final AtomicLong tickets = new AtomicLong();
    private final CountDownLatch done = new CountDownLatch(1);
    private final List<Thread> threads = new ArrayList<>();
    private final Object monitor = new Object();
    private volatile @Nullable Work work;
    private volatile @Nullable WorkTemplate newest;
    private volatile int accepted;
    private volatile Optional<String> failure = Optional.empty();

    /// What all threads work on.
    ///
    /// @param ticket when it was asked for: a higher one is newer
    private record Work(MiningJob job, String longPollId, Optional<SignetSeal> seal, long ticket) {}

    /// @param report gets lines for the user
    Miner(NodePort node, MinerOptions options, Consumer<String> report) {
        this.node = node;
        this.options = options;
        this.report = report;
    }

    /// Fetches the first template and starts the threads.
    ///
    /// @throws CliFault if the node does not answer or refuses
    /// @throws IllegalArgumentException if its template cannot be used, or the key does not fit
    void start() {
        Work first = fetch("");
        // Whether the key fits the challenge is said now, not by every thread.
        candidate(first, nextExtraNonce());
        publish(first);
        threads.add(Thread.ofVirtual().name("mine-poll").start(this::poll));
        for (int i = 0; i < options.threads(); i++) {
            threads.add(Thread.ofPlatform().daemon().name("mine-" + i).start(this::search));
        }
    }

    /// What is mined now, or was before the node went away.
    WorkTemplate template() {
        return Check.present(newest, "the miner was started");
    }

    /// Hashes tried since the start.
    long hashes() {
        return hashes.sum();
    }

    /// Blocks that the node took.
    int accepted() {
        return accepted;
    }

    /// Waits for the end: all blocks are mined, or the miner cannot go on.
    ///
    /// @return whether it came in this time
    boolean awaitEnd(long millis) throws InterruptedException {
        return done.await(millis, TimeUnit.MILLISECONDS);
    }

    /// Why the miner cannot go on.
    Optional<String> failure() {
        return failure;
    }

    private Work fetch(String longPollId) {
        long ticket = tickets.incrementAndGet();
        TemplateJson answer = node.template(options.isSignet(), longPollId);
        Optional<SignetSeal> seal =
                options.key()
                        .flatMap(
                                key ->
                                        answer.challenge()
                                                .map(script -> new SignetSeal(script, key)));
        MiningJob job =
                MiningJob.of(answer.template(), options.payTo(), options.text(), EXTRA_NONCE_BYTES);
        return new Work(job, answer.longPollId(), seal, ticket);
    }

    /// Takes work that is newer than what there is.
    private void publish(Work next) {
        synchronized (monitor) {
            Work now = work;
            if (now == null || next.ticket > now.ticket) {
                work = next;
                newest = next.job.template();
                monitor.notifyAll();
            }
        }
    }

    /// Said once, however long the node is away.
    private void stopWork(String why) {
        synchronized (monitor) {
            if (work != null) {
                report.accept(why);
            }
            work = null;
        }
    }

    /// Asks for better work again and again; where the node does not wait, every few seconds.
    private void poll() {
        while (done.getCount() > 0) {
            try {
                Work now = work;
                String id = now == null ? "" : now.longPollId;
                if (id.isEmpty()
                        && now != null
                        && done.await(RETRY_MILLIS, TimeUnit.MILLISECONDS)) {
                    return;
                }
                publish(fetch(id));
            } catch (CliFault | IllegalArgumentException e) {
                if (done.getCount() > 0) {
                    stopWork("waiting for the node: " + firstLine(e));
                    pause();
                }
            } catch (InterruptedException e) {
                return;
            }
        }
    }

    private void pause() {
        try {
            if (done.await(RETRY_MILLIS, TimeUnit.MILLISECONDS)) {
                Thread.currentThread().interrupt();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /// The part of a fault that fits on a line.
    static String firstLine(Exception fault) {
        String text = String.valueOf(fault.getMessage()).lines().findFirst().orElse("");
        return text.replaceFirst("^timeout on transient error: ", "");
    }

    private Bytes nextExtraNonce() {
        return new ByteWriter().i64(extraNonces.getAndIncrement()).toBytes();
    }

    private static Block candidate(Work now, Bytes extraNonce) {
        long seconds = Instant.now().getEpochSecond();
        WorkTemplate.Place place = now.job.template().place();
        // The node's clock may be another than ours, a test's for instance: never before its time.
        long time = Math.max(seconds, Math.max(place.time(), place.minTime()));
        Block block = now.job.candidate(extraNonce, Math.min(time, place.time() + 3_600));
        return now.seal.map(seal -> seal.seal(block)).orElse(block);
    }

    private void search() {
        try {
            while (done.getCount() > 0) {
                Work now = awaitWork();
                Block block = candidate(now, nextExtraNonce());
                OptionalLong nonce = tryNonces(now, block);
                if (nonce.isPresent()) {
                    hand(
                            now,
                            Block.of(
                                    block.header().withNonce(nonce.getAsLong()),
                                    block.transactions()));
                }
            }
        } catch (InterruptedException e) {
            // The miner is closed.
        } catch (RuntimeException e) {
            end(firstLine(e));
        }
    }

    private Work awaitWork() throws InterruptedException {
        synchronized (monitor) {
            Work now = work;
            while (now == null) {
                monitor.wait();
                now = work;
            }
            return now;
        }
    }

    /// All nonces of a header, unless there is other work or the header's time is old.
    private OptionalLong tryNonces(Work now, Block block) {
        var search = new HeaderSearch(block.header(), now.job.template().place().target());
        long begun = System.nanoTime();
        for (long first = 0; first < HeaderSearch.NONCES; first += BATCH) {
            OptionalLong nonce = search.search(first, BATCH);
            hashes.add(nonce.isPresent() ? nonce.getAsLong() - first + 1 : BATCH);
            if (nonce.isPresent()) {
                return nonce;
            }
            if (!isCurrent(now)
                    || done.getCount() == 0
                    || System.nanoTime() - begun > TIME_ROLL_NANOS) {
                break;
            }
        }
        return OptionalLong.empty();
    }

    private boolean isCurrent(Work some) {
        Work now = work;
        return now != null && now.ticket == some.ticket;
    }

    /// One block at a time: who finds one on top of a block that is no tip any more keeps it.
    private synchronized void hand(Work now, Block block) {
        if (!isCurrent(now) || done.getCount() == 0) {
            return;
        }
        try {
            Optional<String> refused = node.submit(block);
            int height = now.job.template().place().height();
            report.accept(
                    refused.isPresent()
                            ? "block " + height + " refused: " + refused.get()
                            : "block " + height + " " + block.hash());
            if (refused.isEmpty()) {
                accepted++;
            }
            if (options.blocks() > 0 && accepted >= options.blocks()) {
                done.countDown();
                return;
            }
            publish(fetch(""));
        } catch (CliFault | IllegalArgumentException e) {
            stopWork("waiting for the node: " + firstLine(e));
        }
    }

    private void end(String why) {
        failure = Optional.of(why);
        done.countDown();
    }

    @Override
    public void close() {
        done.countDown();
        threads.forEach(Thread::interrupt);
    }
}
