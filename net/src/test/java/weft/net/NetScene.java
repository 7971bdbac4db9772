package weft.net;

import java.io.IOException;
import java.io.InputStream;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.SplittableRandom;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.BooleanSupplier;
import weft.chain.api.ChainCommand;
import weft.p2p.P2pOptions;
import weft.p2p.PeerEngine;
import weft.p2p.addr.NetGroups;
import weft.p2p.defence.WorkQuota;
import weft.p2p.sync.SyncRules;
import weft.primitives.BlockHash;
import weft.primitives.BlockHeader;
import weft.primitives.Bytes;
import weft.primitives.Now;
import weft.primitives.log.Log;
import weft.primitives.log.LogCategory;
import weft.testkit.Saboteur;
import weft.wire.Message;
import weft.wire.MessageCodec;
import weft.wire.Negotiated;
import weft.wire.NetAddress;
import weft.wire.Ping;
import weft.wire.Pong;
import weft.wire.Verack;
import weft.wire.VersionAddress;
import weft.wire.VersionMessage;
import weft.wire.transport.Entropy;
import weft.wire.transport.Frame;
import weft.wire.transport.Magic;
import weft.wire.transport.Transport;
import weft.wire.transport.TransportEvent;

/// A peer engine that listens on a port of this machine, and clients that dial it.
final class NetScene implements AutoCloseable {
    static final int ROOM = 50_000;

    /// For what all peers have it hold.
    static final long COMMON_BYTES = ReceiveBudget.MOST_BYTES;

    static final Bytes MAGIC = Magic.REGTEST;

    final Queue<String> lines = new ConcurrentLinkedQueue<>();
    final BlockingQueue<ChainCommand> commands = new LinkedBlockingQueue<>();
    final PeerLoop loop;

    /// Whether the chain engine is so busy that peers must wait.
    volatile boolean chainBehind;

    /// Or that many of its [#commands] wait.
    volatile int commandsMax = Integer.MAX_VALUE;

    /// How far the engine's clock is ahead of the real one.
    volatile Duration ahead = Duration.ZERO;

    final ConnectionFactory connections;
    final Listener listener;
    final Dialer dialer;
    final Log log =
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
    private final Optional<I2pBridge> bridge;

    /// Switched off.
    final MessageCapture capture =
            new MessageCapture(
                    Path.of("target", "no-capture"),
                    0,
                    () -> new Now(System.nanoTime(), Instant.now()),
                    log);

    private final List<Throwable> failures = new CopyOnWriteArrayList<>();

    NetScene() {
        this(Proxies.NONE);
    }

    NetScene(Proxies proxies) {
        this(proxies, Optional.empty());
    }

    NetScene(Proxies proxies, Optional<NetOptions.I2p> i2p) {
        this(proxies, i2p, COMMON_BYTES);
    }

    /// @param commonBytes for what all peers have it hold
    NetScene(long commonBytes) {
        this(Proxies.NONE, Optional.empty(), commonBytes);
    }

    private NetScene(Proxies proxies, Optional<NetOptions.I2p> i2p, long commonBytes) {
        P2pOptions standard = P2pOptions.of(18_444, NetGroups.PUBLIC);
        P2pOptions quiet = standard.with(standard.sources().quiet());
        var random = new SplittableRandom(1);
        var engine =
                new PeerEngine(
                        quiet,
                        PeerEngine.Memory.empty(quiet, random.split(), log),
                        new NoChain(),
                        random,
                        log);
        loop =
                new PeerLoop(
                        engine,
                        new PeerLoop.Ports(
                                this::now,
                                commands::add,
                                () -> chainBehind || commands.size() >= commandsMax,
                                event -> {},
                                failures::add),
                        log);
        var options =
                new NetOptions(
                        MAGIC,
                        List.of(),
                        true,
                        Duration.ofSeconds(2),
                        new NetOptions.Bounds(ROOM, ROOM, WorkQuota.DEFAULT_PERCENT, commonBytes),
                        proxies,
                        i2p,
                        Optional.empty(),
                        false);
        Entropy entropy = new SecureRandom()::nextBytes;
        connections = new ConnectionFactory(options, loop, entropy, capture, log);
        bridge = i2p.map(each -> new I2pBridge(each, loop, entropy, log));
        dialer = new Dialer(options, connections, loop, bridge, entropy, log);
        loop.start(dialer);
        bridge.ifPresent(each -> each.start(connections));
        listener = Listener.open(loopback(0), connections, log);
    }

    static NetOptions.Bind loopback(int port) {
        return new NetOptions.Bind(NetAddress.parse("127.0.0.1:" + port, 0), false, null, false);
    }

    private Now now() {
        return new Now(System.nanoTime() + ahead.toNanos(), Instant.now().plus(ahead));
    }

    int port() {
        return listener.address().port();
    }

    int peers() {
        return loop.ask(engine -> engine.peersSnapshot(now()).size());
    }

    boolean logged(String part) {
        return lines.stream().anyMatch(each -> each.contains(part));
    }

    static void await(BooleanSupplier holds) throws InterruptedException {
        Duration patience = Saboteur.patience(Duration.ofSeconds(60));
        long deadline = System.nanoTime() + patience.toNanos();
        while (!holds.getAsBoolean()) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("not within " + patience);
            }
            Thread.sleep(5);
        }
    }

    /// Dials the engine.
    Client client() throws IOException {
        return new Client(
                SocketChannel.open(new InetSocketAddress(InetAddress.getLoopbackAddress(), port()))
                        .socket());
    }

    /// One end of a connection, in the hands of a test.
    static final class Client implements AutoCloseable {
        final Socket socket;
        private final Transport incoming = Transport.v1(0, MAGIC);
        private final List<Frame> frames = new ArrayList<>();

        /// Whether each ping is answered as soon as it is read.
        boolean answersPings;

        Client(Socket socket) throws IOException {
            this.socket = socket;
            socket.setTcpNoDelay(true);
            socket.setSoTimeout(20_000);
        }

        static byte[] framed(Message... messages) throws IOException {
            var bytes = new java.io.ByteArrayOutputStream();
            try (Transport transport = Transport.v1(0, MAGIC)) {
                for (Message each : messages) {
                    transport.send(each);
                    for (var next = transport.nextToSend();
                            next.isPresent();
                            next = transport.nextToSend()) {
                        bytes.write(next.get().bytes().toByteArray());
                    }
                }
            }
            return bytes.toByteArray();
        }

        void send(Message... messages) throws IOException {
            socket.getOutputStream().write(framed(messages));
        }

        Client handshake() throws IOException {
            var nowhere = new VersionAddress(0, NetAddress.UNSPECIFIED);
            send(
                    new VersionMessage(
                            Negotiated.PROTOCOL_VERSION,
                            0,
                            1_700_000_000,
                            nowhere,
                            nowhere,
                            System.nanoTime(),
                            "/x:1/",
                            0,
                            true));
            await("version");
            send(new Verack());
            await("verack");
            return this;
        }

        Message await(String command) throws IOException {
            while (true) {
                for (Frame each : List.copyOf(frames)) {
                    frames.remove(each);
                    if (each.command().equals(command)) {
                        return MessageCodec.decode(
                                each.command(), each.payload(), Negotiated.CURRENT);
                    }
                }
                if (!read()) {
                    throw new AssertionError("the end came before " + command);
                }
            }
        }

        private void answer(Frame frame) throws IOException {
            if (answersPings && frame.command().equals(Ping.COMMAND)) {
                var ping =
                        (Ping)
                                MessageCodec.decode(
                                        frame.command(), frame.payload(), Negotiated.CURRENT);
                send(Pong.of(ping.nonce().orElse(0)));
            }
        }

        /// Reads to the end, whatever comes. A reset is one too: so a system closes for who has not read all.
        void drain() throws IOException {
            try {
                while (read()) {
                    frames.clear();
                }
            } catch (SocketException e) {
                if (!"Connection reset".equals(e.getMessage())) {
                    throw e;
                }
            }
        }

        private boolean read() throws IOException {
            byte[] buffer = new byte[1 << 16];
            InputStream in = socket.getInputStream();
            int count = in.read(buffer);
            if (count < 0) {
                return false;
            }
            incoming.push(buffer, 0, count);
            for (var event = incoming.next(); event.isPresent(); event = incoming.next()) {
                if (event.get() instanceof TransportEvent.Received(Frame frame)) {
                    frames.add(frame);
                    answer(frame);
                }
            }
            return true;
        }

        @Override
        public void close() throws IOException {
            incoming.close();
            socket.close();
        }
    }

    @Override
    public void close() {
        bridge.ifPresent(I2pBridge::close);
        listener.close();
        loop.close();
        if (!failures.isEmpty()) {
            throw new AssertionError("the engine failed", failures.getFirst());
        }
    }

    /// Rules of no chain.
    private static final class NoChain implements SyncRules {
        @Override
        public BigInteger minimumChainWork() {
            return BigInteger.ZERO;
        }

        @Override
        public long targetSpacingSeconds() {
            return 600;
        }

        @Override
        public BigInteger work(BlockHeader header) {
            return BigInteger.ONE;
        }

        @Override
        public boolean hasValidWork(BlockHeader header, BlockHash hash) {
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
