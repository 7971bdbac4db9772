package weft.net;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import weft.chain.api.ChainCommand;
import weft.p2p.Outbox;
import weft.p2p.PeerCommand;
import weft.p2p.PeerEngine;
import weft.p2p.PeerEvent;
import weft.p2p.PeerId;
import weft.p2p.PeerInput;
import weft.p2p.PeerMachine;
import weft.p2p.PeerOutput;
import weft.p2p.defence.Turns;
import weft.primitives.Now;
import weft.primitives.log.Log;

/// Drives the peer engine, alone or inside a machine: everything that touches the engine runs on the thread
/// "weft-peer"; other threads only call [#post] and [#ask].
///
/// The queue has no limit of its own, because what peers can put into it is limited for each peer: a
/// connection's reader waits for room in its [ReadBudget] before it posts a message, and the room is given
/// back when the engine has handled the message. A peer that does not read our answers is not heard until it
/// does, and a peer whose transaction is judged is not heard until there is a verdict. Who sends what the
/// chain engine must look at is not heard while too much waits there.
///
/// Peers take turns ([Turns]): however much of one waits, another's next message waits for one turn of each.
/// Who works us too much is not even read until others had their share ([weft.p2p.defence.WorkQuota]).
public final class PeerLoop implements AutoCloseable {
    /// What one peer may have done while others wait; a message may be larger.
    private static final int MESSAGES_A_TURN = 16;

    private static final long BYTES_A_TURN = 100_000;

    /// How often it is looked who may go on that made too much work.
    ///
    /// *Rationale:* a hundred lanes are looked through in microseconds, and the shares of this time are some
    /// messages each.
    private static final long SHARE_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

    private static final long IDLE_NANOS = TimeUnit.MILLISECONDS.toNanos(100);
    private static final long BUSY_TICK_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

    /// What waits for the thread.
    private sealed interface Job {
        record Input(PeerInput input, @Nullable PeerConnection from, int budget) implements Job {}

        record Open(PeerConnection connection, PeerInput first) implements Job {}

        record Question(Consumer<PeerEngine> question) implements Job {}

        record Told(PeerCommand command, CompletableFuture<List<PeerEvent>> answer)
                implements Job {}

        record Writable(PeerConnection connection) implements Job {}

        /// At most one a connection at a time, however small the pieces that it sends.
        record Heard(PeerConnection connection) implements Job {}

        record Wake() implements Job {}
    }

    private final PeerEngine engine;
    private final Driven driven;
    private final Ports ports;
    private final Log log;
    private final LinkedBlockingQueue<Job> jobs = new LinkedBlockingQueue<>();
    private final Map<PeerId, PeerConnection> connections = new LinkedHashMap<>();

    /// What has an order within one connection, in a lane for each.
    private final Turns<PeerId, Job> lanes = new Turns<>(MESSAGES_A_TURN, BYTES_A_TURN);

    /// Everything else.
    private final Deque<Job> others = new ArrayDeque<>();

    private final Deque<Job> urgent = new ArrayDeque<>();

    /// Ends of connections that wait in their lanes.
    private final Map<PeerId, Job> ends = new LinkedHashMap<>();

    private final Debtors debtors;
    private final SentMessages sent = new SentMessages();
    private boolean othersTurn;
    private final Outbox outbox = new Outbox();
    private final Thread thread;
    private @Nullable Dialer dialer;
    private volatile boolean running = true;
    private long lastTickNanos = System.nanoTime();
    private long lastLookNanos = lastTickNanos;
    private long lastShareNanos = lastTickNanos;

    /// What the loop needs from the rest of the program.
    ///
    /// @param time the clock, which a test may have set
    /// @param chain takes commands for the chain engine; must not block
    /// @param chainBehind whether so much waits for the chain engine that peers must not give it more
    /// @param events hears what happened among the peers; must not block
    /// @param fatal hears that the engine failed: the program must stop
    public record Ports(
            Supplier<Now> time,
            Consumer<ChainCommand> chain,
            BooleanSupplier chainBehind,
            Consumer<PeerEvent> events,
            Consumer<Throwable> fatal) {}

    /// What gets the inputs: the engine itself, or a machine round it.
    private interface Driven {
        void start(Now now, Outbox out);

        void handle(PeerInput input, Now now, Outbox out);

        OptionalLong nextDeadlineNanos();
    }

    private record Engine(PeerEngine engine) implements Driven {
        @Override
        public void start(Now now, Outbox out) {}

        @Override
        public void handle(PeerInput input, Now now, Outbox out) {
            engine.handle(input, now, out);
        }

        @Override
        public OptionalLong nextDeadlineNanos() {
            return engine.nextDeadlineNanos();
        }
    }

    private record Machine(PeerMachine machine) implements Driven {
        @Override
        public void start(Now now, Outbox out) {
            machine.start(now, out::add);
        }

        @Override
        public void handle(PeerInput input, Now now, Outbox out) {
            machine.handle(input, now, out::add);
        }

        @Override
        public OptionalLong nextDeadlineNanos() {
            return machine.nextDeadlineNanos();
        }
    }

    /// A loop that does not run yet, of an engine whose chain commands go to [Ports#chain].
    public PeerLoop(PeerEngine engine, Ports ports, Log log) {
        this(engine, new Engine(engine), ports, log);
    }

    /// A loop that does not run yet, of a machine that answers the chain commands of its engine itself. The
    /// machine begins on the loop's thread.
    ///
    /// @param machine gets the inputs
    /// @param engine the one inside it, which questions are asked of
    public PeerLoop(PeerMachine machine, PeerEngine engine, Ports ports, Log log) {
        this(engine, new Machine(machine), ports, log);
    }

    private PeerLoop(PeerEngine engine, Driven driven, Ports ports, Log log) {
        this.engine = engine;
        this.driven = driven;
        this.debtors = new Debtors(engine.quota());
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

    /// Hands a message of a connection to the engine; never blocks.
    ///
    /// @param budget what the connection's reader has taken for it
    void postFrom(PeerConnection connection, PeerInput input, int budget) {
        jobs.add(new Job.Input(input, connection, budget));
    }

    /// Makes a connection known to the loop, before any input of it is posted.
    void open(PeerConnection connection, PeerInput first) {
        jobs.add(new Job.Open(connection, first));
    }

    /// Bytes came in; the loop asks the connection how many when it gets there.
    void heard(PeerConnection connection) {
        jobs.add(new Job.Heard(connection));
    }

    void writable(PeerConnection connection) {
        jobs.add(new Job.Writable(connection));
    }

    /// Runs a question on the engine's thread, between two inputs, and waits for the answer. It only looks:
    /// what changes the engine is an input, or a recording of the inputs would not be whole.
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
        return await(answer);
    }

    /// Hands the operator's word to the engine and waits until it is carried out.
    ///
    /// @return what the engine answered, among other events that came of it
    /// @throws IllegalStateException if the loop has ended
    public List<PeerEvent> tell(PeerCommand command) {
        var answer = new CompletableFuture<List<PeerEvent>>();
        jobs.add(new Job.Told(command, answer));
        return await(answer);
    }

    private <T> T await(CompletableFuture<T> answer) {
        if (!running) {
            throw ended();
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

    private static IllegalStateException ended() {
        return new IllegalStateException("the node is shutting down");
    }

    /// How many messages were sent since the start, by command. May be asked by any thread.
    public Map<String, Long> messagesSent() {
        return sent.counts();
    }

    private void run() {
        // Who waits in the log for a thread of Bitcoin Core's shall find it.
        for (String duty : List.of("net", "addcon", "msghand")) {
            log.info(duty + " thread start");
        }
        try {
            driven.start(ports.time().get(), outbox);
            drain();
            while (running) {
                Job job = next();
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

    /// What the chain engine tells and what the operator asks comes first; *rationale:* peers cannot make
    /// more of it than the chain engine does work, and a new block must not wait behind what a flood brings.
    /// Else peers take turns, and after each of their messages comes one thing of all others, such as bytes
    /// sent.
    private @Nullable Job next() throws InterruptedException {
        sortAll();
        if (urgent.isEmpty() && others.isEmpty() && lanes.isEmpty()) {
            Job job = jobs.poll(waitNanos(), TimeUnit.NANOSECONDS);
            if (job != null) {
                sort(job);
            }
        }
        Job next = urgent.poll();
        if (next != null) {
            return next;
        }
        othersTurn = !othersTurn;
        Job first = othersTurn ? others.poll() : lanes.poll();
        if (first != null) {
            return first;
        }
        return othersTurn ? lanes.poll() : others.poll();
    }

    private void sortAll() {
        for (Job job = jobs.poll(); job != null; job = jobs.poll()) {
            sort(job);
        }
    }

    private void sort(Job job) {
        switch (job) {
            case Job.Open(var connection, PeerInput _) -> lanes.add(connection.id(), job, 0);
            case Job.Input(PeerInput.TransportReady ready, var _, int _) ->
                    lanes.add(ready.peer(), job, 0);
            case Job.Input(PeerInput.Disconnected gone, var _, int _) -> {
                if (lanes.isPaused(gone.peer())) {
                    forget(lanes.drop(gone.peer()));
                }
                lanes.add(gone.peer(), job, 0);
                ends.put(gone.peer(), job);
            }
            case Job.Input(PeerInput.Chain _, var _, int _) -> urgent.add(job);
            case Job.Question _, Job.Told _ -> urgent.add(job);
            case Job.Input(PeerInput _, var from, int budget) -> {
                if (from == null) {
                    others.add(job);
                } else {
                    lanes.add(from.id(), job, budget);
                }
            }
            case Job.Writable _, Job.Heard _, Job.Wake _ -> others.add(job);
        }
    }

    /// Lets time pass, however fast jobs come: who asks without end must not stop pings and timeouts.
    private void tickIfDue(boolean busy) {
        long now = System.nanoTime();
        shareIfDue(now);
        if (busy) {
            // To ask for the next deadline costs something for each peer: not after each message.
            if (now - lastLookNanos < BUSY_TICK_NANOS) {
                return;
            }
            lastLookNanos = now;
            if (waitNanos() > 0) {
                return;
            }
        }
        lastLookNanos = now;
        lastTickNanos = now;
        handle(new Job.Input(new PeerInput.Tick(), null, 0));
        drain();
    }

    /// Gives peers their shares of the work that they may make, and lets go on who has no debt any more.
    private void shareIfDue(long now) {
        if (now - lastShareNanos < SHARE_NANOS) {
            return;
        }
        debtors.pass(now - lastShareNanos, lanes::resume);
        lastShareNanos = now;
    }

    private long waitNanos() {
        long most = debtors.isEmpty() ? IDLE_NANOS : SHARE_NANOS;
        long idleLeft = Math.clamp(IDLE_NANOS - (System.nanoTime() - lastTickNanos), 0, most);
        OptionalLong deadline = driven.nextDeadlineNanos();
        if (deadline.isEmpty()) {
            return idleLeft;
        }
        // Never longer than the idle time, because a mock clock may jump past the deadline.
        long left = deadline.getAsLong() - ports.time().get().monotonicNanos();
        return Math.clamp(left, 0, idleLeft);
    }

    private void handle(Job job) {
        switch (job) {
            case Job.Open(var connection, PeerInput first) -> {
                connections.put(connection.id(), connection);
                driven.handle(first, ports.time().get(), outbox);
                connection.spareIfTrusted(engine.find(connection.id()));
            }
            case Job.Input input -> handleInput(input);
            case Job.Question(var question) -> question.accept(engine);
            case Job.Told(var command, var answer) -> {
                try {
                    answer.complete(obey(command));
                } finally {
                    // Nothing, unless the engine failed: nobody shall wait for ever.
                    answer.completeExceptionally(ended());
                }
            }
            case Job.Writable(var connection) -> release(connection.id());
            case Job.Heard(var connection) ->
                    driven.handle(
                            new PeerInput.Heard(connection.id(), connection.takeHeard()),
                            ports.time().get(),
                            outbox);
            case Job.Wake() -> {}
        }
    }

    private void handleInput(Job.Input job) {
        PeerConnection from = job.from;
        if (from != null) {
            if (from.isCongested() || engine.mustWait(job.input) || awaitsChain(job.input)) {
                hold(from, job);
                if (lanes.isPaused(from.id())) {
                    debtors.onHeld(from);
                }
                return;
            }
        }
        driven.handle(job.input, ports.time().get(), outbox);
        if (from != null) {
            // Before there is room for its next message.
            debtors.onHandled(from);
            from.handled(job.input, job.budget);
        }
        releaseAfter(job.input);
        if (job.input instanceof PeerInput.Disconnected(PeerId peer, String _, boolean _)) {
            connections.remove(peer);
            debtors.onGone(peer);
            ends.remove(peer);
            forget(lanes.drop(peer));
        }
    }

    /// Asks again for the messages that had to wait for such an input.
    private void releaseAfter(PeerInput input) {
        switch (input) {
            case PeerInput.Chain _, PeerInput.Tick _ -> {
                drain();
                lanes.paused().forEach(this::release);
            }
            case PeerInput.Sent each -> {
                sent.add(each.command());
                if (lanes.isPaused(each.peer())) {
                    drain();
                    release(each.peer());
                }
            }
            default -> {}
        }
    }

    /// All of a connection waits, unless its end has come: who left waits for no answer.
    private void hold(PeerConnection from, Job.Input job) {
        Job end = ends.get(from.id());
        if (end == null) {
            lanes.pause(from.id(), job, job.budget);
            return;
        }
        forget(List.of(job));
        forget(lanes.drop(from.id()));
        lanes.add(from.id(), end, 0);
    }

    /// A reader that waits for room would wait for ever, and hold its buffer, if nothing came back.
    private static void forget(List<Job> dropped) {
        for (Job each : dropped) {
            if (each instanceof Job.Input(PeerInput input, var from, int budget) && from != null) {
                from.handled(input, budget);
            }
        }
    }

    /// While the chain engine is far behind, what gives it more to do waits, with all that its sender says
    /// after; others are heard. *Rationale:* one block may take minutes (CVE-2013-2292).
    private boolean awaitsChain(PeerInput input) {
        return input instanceof PeerInput.Received each
                && ChainWork.isIn(each.message())
                && ports.chainBehind().getAsBoolean();
    }

    /// What a connection waited for may have come: room for answers, a verdict.
    private void release(PeerId connection) {
        if (!debtors.isHeld(connection)) {
            lanes.resume(connection);
        }
    }

    private List<PeerEvent> obey(PeerCommand command) {
        var events = new ArrayList<PeerEvent>();
        driven.handle(new PeerInput.Command(command), ports.time().get(), outbox);
        for (PeerOutput output = outbox.poll(); output != null; output = outbox.poll()) {
            if (output instanceof PeerOutput.Emit(PeerEvent event)) {
                events.add(event);
            }
            apply(output);
        }
        return events;
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
                    var queued = new PeerInput.Queued(peer, connection.send(message));
                    driven.handle(queued, ports.time().get(), outbox);
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
        sortAll();
        for (Job job = lanes.poll(); job != null; job = lanes.poll()) {
            if (job instanceof Job.Open(var connection, PeerInput _)) {
                // It is to be closed with the others.
                connections.put(connection.id(), connection);
            }
        }
        for (Job job = urgent.poll(); job != null; job = urgent.poll()) {
            if (job instanceof Job.Question(var question)) {
                question.accept(engine);
            } else if (job instanceof Job.Told(var _, var answer)) {
                answer.completeExceptionally(ended());
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
