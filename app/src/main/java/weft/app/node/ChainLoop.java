package weft.app.node;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import weft.chain.api.ChainCommand;
import weft.chain.api.ChainEvent;
import weft.node.ChainEngine;
import weft.primitives.BlockHeader;
import weft.primitives.Now;
import weft.primitives.Transaction;

/// Drives the chain engine: everything that touches the engine runs on the thread "weft-chain"; other threads
/// only call [#post] and [#ask].
///
/// The queue has no limit of its own: the peer loop, which alone can be made to post in any number, lets what
/// peers bring for it wait while too much waits here ([#isBehind]).
public final class ChainLoop implements AutoCloseable {
    private static final long TICK_NANOS = TimeUnit.SECONDS.toNanos(1);

    /// Commands that may wait before the peers' messages do.
    ///
    /// *Rationale:* enough to keep the engine busy over a pause of the peers' thread.
    private static final int COMMANDS_MAX = 128;

    /// What is in those commands, in bytes as on the wire. *Rationale:* a hundred of the largest blocks
    /// would take half a gigabyte, and anybody may send those that nobody asked for.
    private static final long BYTES_MAX = 64 << 20;

    private sealed interface Job {
        record Command(ChainCommand command, long bytes) implements Job {}

        record Question(Consumer<ChainEngine> question) implements Job {}

        record Wake() implements Job {}
    }

    private final ChainEngine engine;
    private final Supplier<Now> time;
    private final Consumer<ChainEvent> events;
    private final Consumer<Throwable> fatal;
    private final LinkedBlockingQueue<Job> jobs = new LinkedBlockingQueue<>();
    private final AtomicInteger waiting = new AtomicInteger();
    private final AtomicLong waitingBytes = new AtomicLong();
    private final Thread thread;
    private volatile boolean running = true;
    private boolean ended;
    private volatile BiConsumer<ChainEngine, Now> ticks = (engine, now) -> {};

    /// A loop that does not run yet.
    ///
    /// @param events hears every event, on this loop's thread; must not block
    /// @param fatal hears that the engine failed: the program must stop
    public ChainLoop(
            ChainEngine engine,
            Supplier<Now> time,
            Consumer<ChainEvent> events,
            Consumer<Throwable> fatal) {
        this.engine = engine;
        this.time = time;
        this.events = events;
        this.fatal = fatal;
        this.thread = Thread.ofPlatform().name("weft-chain").unstarted(this::run);
    }

    /// Loads the chain on the calling thread, then begins to drive the engine: what is left to connect is
    /// connected while nothing else is asked.
    ///
    /// @param check looks at the loaded chain, on the calling thread; where it throws, nothing runs
    public void start(Consumer<ChainEngine> check) {
        engine.begin(time.get(), events);
        check.accept(engine);
        thread.start();
    }

    /// Names who else is called at every tick, once a second while the engine is not at work, on the engine's
    /// thread; must not block, and must not need what [ChainEngine#settle] waits for.
    public synchronized void onTick(BiConsumer<ChainEngine, Now> also) {
        ticks = ticks.andThen(also);
    }

    private void tick() {
        engine.tick(time.get(), events);
        ticks.accept(engine, time.get());
    }

    /// Hands a command to the engine; never blocks.
    public void post(ChainCommand command) {
        long bytes = bytesOf(command);
        waiting.incrementAndGet();
        waitingBytes.addAndGet(bytes);
        jobs.add(new Job.Command(command, bytes));
    }

    private static long bytesOf(ChainCommand command) {
        return switch (command) {
            case ChainCommand.SubmitBlock each -> each.block().totalSize();
            case ChainCommand.SubmitTx each -> each.tx().totalSize();
            case ChainCommand.TestTx each ->
                    each.txs().stream().mapToLong(Transaction::totalSize).sum();
            case ChainCommand.SubmitPackage each ->
                    each.txs().stream().mapToLong(Transaction::totalSize).sum();
            case ChainCommand.SubmitHeaders each ->
                    (long) BlockHeader.BYTES * each.headers().size();
            case ChainCommand.NoteServed _, ChainCommand.FetchBlock _ -> 0;
        };
    }

    /// Whether so many commands wait, or so many bytes in them, that there must not be more of them.
    public boolean isBehind() {
        return waiting.get() > COMMANDS_MAX || waitingBytes.get() > BYTES_MAX;
    }

    /// Runs a question on the engine's thread, between two commands, and waits for the answer.
    ///
    /// @throws IllegalStateException if the loop has ended
    public <T> T ask(Function<ChainEngine, T> question) {
        if (Thread.currentThread().equals(thread)) {
            return question.apply(engine);
        }
        var answer = new CompletableFuture<T>();
        var job =
                new Job.Question(
                        any -> {
                            try {
                                any.settle(time.get(), events);
                                answer.complete(question.apply(any));
                            } catch (RuntimeException | Error e) {
                                answer.completeExceptionally(e);
                            }
                        });
        synchronized (jobs) {
            // What comes after the last look at the queue would never be answered.
            if (ended) {
                throw new IllegalStateException("the node is shutting down");
            }
            jobs.add(job);
        }
        try {
            return answer.join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw e;
        }
    }

    /// Lets long work of the engine end at the next block, so that [#end] is heard soon.
    void endSoon() {
        engine.chain().endSoon();
    }

    /// Does a last thing on the engine's thread, after which the engine is not called any more.
    void end(Consumer<ChainEngine> last) {
        ask(
                any -> {
                    last.accept(any);
                    running = false;
                    return true;
                });
    }

    private void run() {
        try {
            long nextTick = System.nanoTime() + TICK_NANOS;
            while (running) {
                Job job = jobs.poll();
                if (job == null && !engine.work(time.get(), events)) {
                    engine.settle(time.get(), events);
                    long wait = Math.max(0, nextTick - System.nanoTime());
                    job = jobs.poll(wait, TimeUnit.NANOSECONDS);
                }
                if (job != null) {
                    handle(job);
                }
                if (running && System.nanoTime() - nextTick >= 0) {
                    tick();
                    nextTick = System.nanoTime() + TICK_NANOS;
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException | Error e) {
            // A failure of ours is no verdict on anything: the program stops.
            fatal.accept(e);
        }
        running = false;
        synchronized (jobs) {
            ended = true;
        }
        for (Job job = jobs.poll(); job != null; job = jobs.poll()) {
            if (job instanceof Job.Question(var question)) {
                question.accept(engine);
            }
        }
    }

    private void handle(Job job) {
        switch (job) {
            case Job.Command(ChainCommand command, long bytes) -> {
                waiting.decrementAndGet();
                waitingBytes.addAndGet(-bytes);
                engine.handle(command, time.get(), events);
            }
            case Job.Question(var question) -> question.accept(engine);
            case Job.Wake() -> {}
        }
    }

    /// Ends the thread after the command in hand; the chain is not closed.
    @Override
    public void close() {
        running = false;
        jobs.add(new Job.Wake());
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
