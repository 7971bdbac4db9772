package weft.p2p;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.OptionalLong;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.IntFunction;
import java.util.function.LongFunction;
import java.util.function.Predicate;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;
import weft.chain.api.ChainCommand;
import weft.p2p.addr.NetGroups;
import weft.p2p.sync.SyncRules;
import weft.primitives.Bytes;
import weft.primitives.Now;
import weft.primitives.log.Log;
import weft.primitives.log.LogCategory;
import weft.wire.AddressEntry;
import weft.wire.Message;
import weft.wire.Negotiated;
import weft.wire.NetAddress;
import weft.wire.Ping;
import weft.wire.Pong;
import weft.wire.ServiceFlags;
import weft.wire.Verack;
import weft.wire.VersionAddress;
import weft.wire.VersionMessage;
import weft.wire.WtxidRelay;

/// One engine in a world of fakes with time cranked by hand: dials, names and peers behave as a test says.
final class EngineWorld {
    static final int PORT = 8333;
    static final long FULL = ServiceFlags.NETWORK | ServiceFlags.WITNESS;
    private static final NetAddress LOCAL = NetAddress.parse("99.1.1.1:8333", PORT);

    final List<String> lines = new ArrayList<>();
    final List<PeerOutput.Connect> dials = new ArrayList<>();
    final List<Long> dialNanos = new ArrayList<>();
    final List<String> resolved = new ArrayList<>();
    final Map<PeerId, FakePeer> peers = new LinkedHashMap<>();
    final List<PeerEvent> events = new ArrayList<>();

    /// What the chain engine was asked and has not answered.
    final List<ChainCommand> commands = new ArrayList<>();

    final PeerEngine engine;

    /// Whether there is a node at an address.
    Predicate<NetAddress> alive = any -> true;

    /// What the nth peer says that it runs.
    IntFunction<String> agents = any -> "/fake:1/";

    /// What a node at an address says that it runs; empty for what [#agents] says.
    Function<NetAddress, String> programs = any -> "";

    /// What a node at an address offers.
    ToLongFunction<NetAddress> offers = any -> FULL;

    /// What a polite peer answers besides.
    Function<Message, List<Message>> answers = any -> List.of();

    /// How long a polite peer takes to answer a ping.
    Function<NetAddress, Duration> roundTrips = any -> Duration.ZERO;

    /// What names mean.
    Map<String, List<NetAddress>> names = Map.of();

    /// What the clock on the wall shows when so much time has passed.
    LongFunction<Instant> wall = passed -> Instant.ofEpochSecond(1_700_000_000).plusNanos(passed);

    private final Outbox out = new Outbox();
    private long nanos = Duration.ofHours(1).toNanos();
    private long nextPeer;

    /// What happens at which nanosecond.
    private final NavigableMap<Long, List<Runnable>> later = new TreeMap<>();

    /// Collects lines.
    private final Log log =
            new Log() {
                @Override
                public boolean isOn(LogCategory category, Level level) {
                    return true;
                }

                @Override
                public void write(LogCategory category, Level level, String message) {
                    lines.add(message);
                }
            };

    EngineWorld(long seed, P2pOptions options) {
        var random = new SplittableRandom(seed);
        engine =
                new PeerEngine(
                        options,
                        PeerEngine.Memory.empty(options, random.split(), log),
                        new FakeRules(),
                        random,
                        log);
    }

    /// A node that dials nobody by itself.
    static P2pOptions quiet() {
        P2pOptions standard = P2pOptions.of(PORT, NetGroups.PUBLIC);
        return standard.with(standard.sources().quiet());
    }

    static P2pOptions standard() {
        return P2pOptions.of(PORT, NetGroups.PUBLIC);
    }

    /// A peer whose other end is the test.
    final class FakePeer {
        final PeerId id;
        final NetAddress address;
        final List<Message> received = new ArrayList<>();
        boolean closed;

        /// Whether what is sent to it arrives; else it waits on our side.
        boolean isReading = true;

        String closedWhy = "";

        /// Answers `version` and `ping` by itself.
        boolean polite;

        long services;
        String userAgent;

        /// Its clock minus ours.
        long skewSeconds;

        FakePeer(PeerId id, NetAddress address) {
            this.id = id;
            this.address = address;
            this.services = offers.applyAsLong(address);
            String program = programs.apply(address);
            this.userAgent = program.isEmpty() ? agents.apply((int) id.value()) : program;
        }

        void sends(Message... messages) {
            for (Message each : messages) {
                int bytes = each.payload().length();
                input(new PeerInput.Received(id, each, bytes, bytes + 24));
            }
        }

        FakePeer handshake() {
            polite = true;
            sends(hello(1));
            sends(new WtxidRelay(), new Verack());
            return this;
        }

        private VersionMessage hello(long nonce) {
            return version(nonce, services, userAgent, now().unixSeconds() + skewSeconds);
        }

        boolean got(Class<? extends Message> type) {
            return received.stream().anyMatch(type::isInstance);
        }

        <T extends Message> T last(Class<T> type) {
            return received.stream()
                    .filter(type::isInstance)
                    .map(type::cast)
                    .reduce((first, second) -> second)
                    .orElseThrow(
                            () ->
                                    new AssertionError(
                                            "no " + type.getSimpleName() + " in " + received));
        }

        <T extends Message> int count(Class<T> type) {
            return (int) received.stream().filter(type::isInstance).count();
        }

        void hangUp() {
            closed = true;
            input(new PeerInput.Disconnected(id, "hung up", false));
        }

        private void hear(Message message) {
            received.add(message);
            int bytes = message.payload().length() + 24;
            if (isReading) {
                input(new PeerInput.Sent(id, message.command(), bytes, 0));
            }
            if (polite && !closed && message instanceof Ping(OptionalLong nonce)) {
                Duration trip = roundTrips.apply(address);
                Pong pong = Pong.of(nonce.orElse(0));
                if (trip.isZero()) {
                    sends(pong);
                } else {
                    later.computeIfAbsent(nanos + trip.toNanos(), _ -> new ArrayList<>())
                            .add(() -> answer(pong));
                }
            }
            if (polite && !closed) {
                answers.apply(message).forEach(this::sends);
            }
            if (polite && !closed && message instanceof VersionMessage && !isInbound()) {
                sends(hello(id.value() + 1000), new WtxidRelay(), new Verack());
            }
        }

        private void answer(Pong pong) {
            if (!closed) {
                sends(pong);
            }
        }

        private boolean isInbound() {
            Peer peer = engine.find(id);
            return peer == null || peer.isInbound();
        }
    }

    static VersionMessage version(long nonce, long services) {
        return version(nonce, services, "/fake:1/", 1_700_000_000);
    }

    static VersionMessage version(long nonce, long services, String userAgent, long seconds) {
        var nowhere = new VersionAddress(0, NetAddress.UNSPECIFIED);
        return new VersionMessage(
                Negotiated.PROTOCOL_VERSION,
                services,
                seconds,
                nowhere,
                nowhere,
                nonce,
                userAgent,
                0,
                true);
    }

    Now now() {
        return new Now(nanos, wall.apply(nanos));
    }

    long nanos() {
        return nanos;
    }

    /// Somebody dials us.
    FakePeer accept(String address) {
        return accept(NetAddress.parse(address, 50_000));
    }

    FakePeer accept(NetAddress address) {
        return accept(address, LOCAL, false);
    }

    /// Somebody comes through our onion service: all have the address of the Tor daemon.
    FakePeer acceptOnion(String daemon) {
        return accept(NetAddress.parse(daemon, 50_000), LOCAL, true);
    }

    /// Somebody dials one of our addresses, or the door for an onion service.
    FakePeer accept(NetAddress address, NetAddress local, boolean onionBind) {
        var peer = new FakePeer(new PeerId(nextPeer++), address);
        peers.put(peer.id, peer);
        input(new PeerInput.Accepted(peer.id, address, local, onionBind, PeerPermissions.NONE));
        input(new PeerInput.TransportReady(peer.id, TransportVersion.V1, Bytes.EMPTY));
        return peer;
    }

    /// The operator opens a connection.
    FakePeer dial(String address, ConnectionType type) {
        int before = peers.size();
        command(new PeerCommand.OpenConnection(address, type, false));
        return new ArrayList<>(peers.values()).subList(before, peers.size()).getLast();
    }

    void command(PeerCommand command) {
        input(new PeerInput.Command(command));
    }

    /// Whether the command did anything.
    boolean answer(PeerCommand command) {
        events.clear();
        command(command);
        return events.stream()
                .anyMatch(each -> each instanceof PeerEvent.Answered answer && answer.done());
    }

    void input(PeerInput input) {
        engine.handle(input, now(), out);
        drain();
    }

    private void drain() {
        for (PeerOutput each = out.poll(); each != null; each = out.poll()) {
            apply(each);
        }
    }

    private void apply(PeerOutput output) {
        switch (output) {
            case PeerOutput.Send(PeerId to, Message message) -> {
                FakePeer peer = peers.get(to);
                if (peer != null && !peer.closed) {
                    peer.hear(message);
                }
            }
            case PeerOutput.Connect connect -> connect(connect);
            case PeerOutput.Disconnect(PeerId id, String why) -> {
                FakePeer peer = peers.get(id);
                if (peer != null && !peer.closed) {
                    peer.closed = true;
                    peer.closedWhy = why;
                    input(new PeerInput.Disconnected(id, why, false));
                }
            }
            case PeerOutput.Resolve(String name, int port) -> {
                resolved.add(name);
                input(new PeerInput.Resolved(name, names.getOrDefault(name, List.of())));
            }
            case PeerOutput.Emit(PeerEvent event) -> events.add(event);
            case PeerOutput.Chain(ChainCommand command) -> commands.add(command);
            case PeerOutput.PauseReading _ -> {}
        }
    }

    /// Dialled peers are polite unless the test said otherwise.
    boolean politeDials = true;

    private void connect(PeerOutput.Connect connect) {
        dials.add(connect);
        dialNanos.add(nanos);
        if (!alive.test(connect.address())) {
            input(new PeerInput.DialFailed(connect.dial(), "nobody there"));
            return;
        }
        var peer = new FakePeer(new PeerId(nextPeer++), connect.address());
        peer.polite = politeDials;
        peers.put(peer.id, peer);
        input(new PeerInput.Connected(peer.id, connect.dial(), connect.address(), LOCAL));
    }

    /// Lets time pass, with a tick whenever the engine wants one.
    void advance(Duration time) {
        long end = nanos + time.toNanos();
        for (int i = 0; i < 1_000_000; i++) {
            long due = Math.max(engine.nextDeadlineNanos().orElse(Long.MAX_VALUE), nanos);
            if (!later.isEmpty() && later.firstKey() <= Math.min(due, end)) {
                Map.Entry<Long, List<Runnable>> first = later.pollFirstEntry();
                nanos = Math.max(nanos, first.getKey());
                first.getValue().forEach(Runnable::run);
                continue;
            }
            if (due > end) {
                break;
            }
            if (due == nanos) {
                due = nanos + 1_000_000;
            }
            nanos = Math.min(due, end);
            input(new PeerInput.Tick());
            if (nanos == end) {
                break;
            }
        }
        nanos = end;
        input(new PeerInput.Tick());
    }

    /// The machine sleeps: time passes, and nobody is woken before its end.
    void sleep(Duration time) {
        nanos += time.toNanos();
        input(new PeerInput.Tick());
    }

    /// Fills the address book with full nodes, each of a group of its own.
    List<NetAddress> fillBook(int count) {
        var all = new ArrayList<NetAddress>();
        for (int i = 0; i < count; i++) {
            NetAddress address =
                    NetAddress.parse(20 + i % 90 + "." + i / 90 + ".3.4:" + PORT, PORT);
            all.add(address);
            engine.addrMan()
                    .add(
                            List.of(new AddressEntry(now().unixSeconds(), FULL, address)),
                            NetAddress.parse(120 + i % 60 + ".1.1.1", 0),
                            0,
                            now().unixSeconds());
        }
        return all;
    }

    boolean logged(String part) {
        return lines.stream().anyMatch(each -> each.contains(part));
    }

    long open(ConnectionType type) {
        return engine.peersSnapshot(now()).stream().filter(each -> each.type() == type).count();
    }

    @Nullable FakePeer peer(PeerId id) {
        return peers.get(id);
    }

    /// Rules of no chain.
    private static final class FakeRules implements SyncRules {
        @Override
        public java.math.BigInteger minimumChainWork() {
            return java.math.BigInteger.ZERO;
        }

        @Override
        public long targetSpacingSeconds() {
            return 600;
        }

        @Override
        public java.math.BigInteger work(weft.primitives.BlockHeader header) {
            return java.math.BigInteger.ONE;
        }

        @Override
        public boolean hasValidWork(
                weft.primitives.BlockHeader header, weft.primitives.BlockHash hash) {
            return true;
        }

        @Override
        public boolean isPermittedTransition(long height, long bitsBefore, long bits) {
            return true;
        }

        @Override
        public boolean isSegwitActive(int height) {
            return true;
        }
    }
}
