package weft.net;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import weft.chain.api.ChainCommand;
import weft.p2p.Outbox;
import weft.p2p.PeerEngine;
import weft.p2p.PeerEvent;
import weft.p2p.PeerId;
import weft.p2p.PeerInput;
import weft.p2p.PeerOutput;
import weft.primitives.Now;
import weft.primitives.log.Log;

/// Drives the peer engine: everything that touches the engine runs on the thread "weft-peer"; other threads
/// only call [#post] and [#ask].
///
/// The queue has no limit of its own, because what peers can put into it is limited for each peer: a
/// connection's reader waits for room in its [ReadBudget] before it posts a message, and the room is given
/// back when the engine has handled the message. A peer that does not read our answers is not heard until it
/// does, and a peer whose transaction is judged is not heard until there is a verdict.
public final class PeerLoop implements AutoCloseable {
    /// Chain commands that may wait before the peers' messages do.
    ///
    /// *Rationale:* enough to keep the chain engine busy over a pause of this thread, small enough that
    /// blocks do not pile up in memory.
    private static final int MAX_WAITING_CHAIN_COMMANDS = 128;

    private static final long IDLE_NANOS = TimeUnit.MILLISECONDS.toNanos(100);
    private static final long BUSY_TICK_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

    /// What waits for the thread.
    private sealed interface Job {
        record Input(PeerInput input, @Nullable PeerConnection from, int budget) implements Job {}

        record Question(Consumer<PeerEngine> question) implements Job {}

        record Writable(PeerConnection connection) implements Job {}

        /// At most one a connection at a time, however small the pieces that it sends.
        record Heard(PeerConnection connection) implements Job {}

        record Wake() implements Job {}
    }

    private final PeerEngine engine;
    private final Ports ports;
    private final Log log;
    private final LinkedBlockingQueue<Job> jobs = new LinkedBlockingQueue<>();
    private final Map<PeerId, PeerConnection> connections = new LinkedHashMap<>();
    private final Map<PeerId, Deque<Job.Input>> heldBack = new LinkedHashMap<>();
    private final Outbox outbox = new Outbox();
    private final Thread thread;
    private @Nullable Dialer dialer;
    private volatile boolean running = true;
    private long lastTickNanos = System.nanoTime();

    /// What the loop needs from the rest of the program.
    ///
    /// @param time the clock, which a test may have set
    /// @param chain takes commands for the chain engine; must not block
    /// @param chainWaiting how many commands the chain engine has not begun yet
    /// @param events hears what happened among the peers; must not block
    /// @param fatal hears that the engine failed: the program must stop
    public record Ports(
            Supplier<Now> time,
            Consumer<ChainCommand> chain,
            Supplier<Integer> chainWaiting,
            Consumer<PeerEvent> events,
            Consumer<Throwable> fatal) {}

    /// A loop that does not run yet.
    public PeerLoop(PeerEngine engine, Ports ports, Log log) {
        this.engine = engine;
        this.ports = ports;
        this.log = log;
        this.thread = Thread.ofPlatform().name("weft-peer").unstarted(this::run);
    }

    /// Begins to drive the engine.
    ///
    /// @param opener makes connections when the engine wants them
    public void start(Dialer opener) {
        dialer = opener;
        thread.start();
    }

    /// Hands an input to the engine; never blocks. Inputs that a peer can make in any number go through
    /// [#postFrom].
    public void post(PeerInput input) {
        jobs.add(new Job.Input(input, null, 0));
    }

    /// Hands a message of a connection to the engine, once the connection has room for it.
    void postFrom(PeerConnection connection, PeerInput input, int bytes)
            throws InterruptedException {
        int budget = connection.budget().take(bytes);
        jobs.add(new Job.Input(input, connection, budget));
    }

    /// Makes a connection known to the loop, before any input of it is posted.
    void open(PeerConnection connection, PeerInput first) {
        jobs.add(new Job.Question(any -> connections.put(connection.id(), connection)));
        post(first);
    }

    /// Bytes came in; the loop asks the connection how many when it gets there.
    void heard(PeerConnection connection) {
        jobs.add(new Job.Heard(connection));
    }

    void writable(PeerConnection connection) {
        jobs.add(new Job.Writable(connection));
    }

    /// Runs a question on the engine's thread, between two inputs, and waits for the answer.
    ///
    /// @throws IllegalStateException if the loop has ended
    public <T> T ask(Function<PeerEngine, T> question) {
        if (Thread.currentThread().equals(thread)) {
            return question.apply(engine);
        }
        var answer = new CompletableFuture<T>();
        jobs.add(
                new Job.Question(
                        any -> {
                            try {
                                answer.complete(question.apply(any));
                            } catch (RuntimeException e) {
                                answer.completeExceptionally(e);
                            }
                        }));
        if (!running) {
            throw new IllegalStateException("the node is shutting down");
        }
        try {
            return answer.join();
        } catch (java.util.concurrent.CompletionException e) {
            if (e.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw e;
        }
    }

    private void run() {
        // Here one thread does what several do in Bitcoin Core; who waits for one of them in the
        // log
        // shall find it.
        for (String duty : List.of("net", "addcon", "msghand")) {
            log.info(duty + " thread start");
        }
        try {
            while (running) {
                Job job = jobs.poll();
                if (job == null) {
                    job = jobs.poll(waitNanos(), TimeUnit.NANOSECONDS);
                }
                if (job != null) {
                    handle(job);
                    drain();
                }
                tickIfDue(job != null);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException | Error e) {
            if (running) {
                ports.fatal().accept(e);
            }
        }
        running = false;
        answerTheRest();
    }

    /// Lets time pass, however fast jobs come: who asks without end must not stop pings and timeouts.
    private void tickIfDue(boolean busy) throws InterruptedException {
        long now = System.nanoTime();
        if (busy && (now - lastTickNanos < BUSY_TICK_NANOS || waitNanos() > 0)) {
            return;
        }
        lastTickNanos = now;
        handle(new Job.Input(new PeerInput.Tick(), null, 0));
        drain();
    }

    private long waitNanos() {
        long idleLeft = Math.clamp(IDLE_NANOS - (System.nanoTime() - lastTickNanos), 0, IDLE_NANOS);
        OptionalLong deadline = engine.nextDeadlineNanos();
        if (deadline.isEmpty()) {
            return idleLeft;
        }
        // Never longer than the idle time, because a mock clock may jump past the deadline.
        long left = deadline.getAsLong() - ports.time().get().monotonicNanos();
        return Math.clamp(left, 0, idleLeft);
    }

    private void handle(Job job) throws InterruptedException {
        switch (job) {
            case Job.Input input -> handleInput(input);
            case Job.Question(var question) -> question.accept(engine);
            case Job.Writable(var connection) -> release(connection);
            case Job.Heard(var connection) ->
                    engine.handle(
                            new PeerInput.Heard(connection.id(), connection.takeHeard()),
                            ports.time().get(),
                            outbox);
            case Job.Wake() -> {}
        }
    }

    private void handleInput(Job.Input job) throws InterruptedException {
        PeerConnection from = job.from;
        if (from != null) {
            Deque<Job.Input> held = heldBack.get(from.id());
            if (held != null || from.isCongested() || engine.mustWait(job.input)) {
                heldBack.computeIfAbsent(from.id(), any -> new ArrayDeque<>()).add(job);
                return;
            }
            awaitChain();
        }
        engine.handle(job.input, ports.time().get(), outbox);
        if (from != null) {
            from.budget().giveBack(job.budget);
        }
        if (job.input instanceof PeerInput.Chain && !heldBack.isEmpty()) {
            drain();
            for (PeerId each : List.copyOf(heldBack.keySet())) {
                release(connections.get(each));
            }
        }
        if (job.input instanceof PeerInput.Disconnected(PeerId peer, String _, boolean _)) {
            connections.remove(peer);
            forget(heldBack.remove(peer));
        }
    }

    /// A reader that waits for room would wait for ever, and hold its buffer, if nothing came back.
    private static void forget(@Nullable Deque<Job.Input> held) {
        if (held != null) {
            for (Job.Input each : held) {
                if (each.from != null) {
                    each.from.budget().giveBack(each.budget);
                }
            }
        }
    }

    /// Messages wait while the chain engine is far behind; everything else goes on.
    private void awaitChain() throws InterruptedException {
        while (running && ports.chainWaiting().get() > MAX_WAITING_CHAIN_COMMANDS) {
            TimeUnit.MILLISECONDS.sleep(1);
        }
    }

    private void release(@Nullable PeerConnection connection) throws InterruptedException {
        if (connection == null) {
            return;
        }
        Deque<Job.Input> held = heldBack.remove(connection.id());
        while (held != null && !held.isEmpty()) {
            if (connection.isCongested() || engine.mustWait(held.getFirst().input)) {
                heldBack.put(connection.id(), held);
                return;
            }
            handleInput(held.removeFirst());
            drain();
        }
    }

    private void drain() {
        for (PeerOutput output = outbox.poll(); output != null; output = outbox.poll()) {
            apply(output);
        }
    }

    private void apply(PeerOutput output) {
        switch (output) {
            case PeerOutput.Send(PeerId peer, var message) -> {
                PeerConnection connection = connections.get(peer);
                if (connection != null) {
                    connection.send(message);
                }
            }
            case PeerOutput.Connect connect -> dialer().dial(connect);
            case PeerOutput.Disconnect(PeerId peer, String why) -> {
                PeerConnection connection = connections.get(peer);
                if (connection != null) {
                    connection.closeAfterSending(why);
                }
            }
            case PeerOutput.PauseReading(PeerId peer, boolean paused) -> {
                PeerConnection connection = connections.get(peer);
                if (connection != null) {
                    connection.pauseReading(paused);
                }
            }
            case PeerOutput.Resolve(String name, int port) -> dialer().resolve(name, port);
            case PeerOutput.Chain(ChainCommand command) -> ports.chain().accept(command);
            case PeerOutput.Emit(PeerEvent event) -> ports.events().accept(event);
        }
    }

    private Dialer dialer() {
        return weft.primitives.Check.present(dialer, "the loop was started");
    }

    private void answerTheRest() {
        for (Job job = jobs.poll(); job != null; job = jobs.poll()) {
            if (job instanceof Job.Question(var question)) {
                question.accept(engine);
            }
        }
    }

    /// Ends the thread and closes every connection.
    @Override
    public void close() {
        running = false;
        jobs.add(new Job.Wake());
        try {
            thread.join(TimeUnit.SECONDS.toMillis(5));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        connections.values().forEach(connection -> connection.close("shutdown"));
        log.info("net thread exit");
    }
}
