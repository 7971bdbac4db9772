package weft.app.attack;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import weft.consensus.ChainParams;
import weft.consensus.Network;
import weft.crypto.Sha256;
import weft.primitives.Bytes;
import weft.testkit.Saboteur;
import weft.wire.Message;
import weft.wire.MessageCodec;
import weft.wire.Negotiated;
import weft.wire.NetAddress;
import weft.wire.Ping;
import weft.wire.Pong;
import weft.wire.ServiceFlags;
import weft.wire.Verack;
import weft.wire.VersionAddress;
import weft.wire.VersionMessage;
import weft.wire.WtxidRelay;
import weft.wire.transport.Frame;
import weft.wire.transport.Transport;
import weft.wire.transport.TransportEvent;

/// One end of a TCP connection to a node, which can say anything. Its socket reads only when a test asks what
/// came.
class WirePeer implements AutoCloseable {
    static final Bytes REGTEST = ChainParams.of(Network.REGTEST).identity().magic();

    /// For an answer that comes at once; some machines are slow.
    static final Duration PATIENCE = Duration.ofSeconds(30);

    private static final int READ_BYTES = 1 << 16;
    private static final int CONNECT_MILLIS = 10_000;

    private final Socket socket = new Socket();
    private final Transport incoming;
    private final ArrayDeque<Frame> frames = new ArrayDeque<>();
    private boolean over;

    /// What became of a peer. Who comes from this machine is never discouraged, so that it is enough to see
    /// who was hung up on.
    enum Fate {
        KEPT,
        DROPPED
    }

    /// @param incoming reads what the node sends
    WirePeer(int port, Transport incoming) throws IOException {
        this.incoming = incoming;
        var node = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
        socket.connect(node, CONNECT_MILLIS);
        socket.setTcpNoDelay(true);
    }

    /// A peer that speaks the plain transport.
    static WirePeer plain(int port) throws IOException {
        return new WirePeer(port, Transport.v1(0, REGTEST));
    }

    /// A frame of the plain transport.
    ///
    /// @param length what it says of itself, whatever its payload has
    static byte[] frame(String command, long length, byte[] payload) {
        byte[] frame = new byte[24 + payload.length];
        System.arraycopy(REGTEST.toByteArray(), 0, frame, 0, 4);
        byte[] name = command.getBytes(StandardCharsets.US_ASCII);
        System.arraycopy(name, 0, frame, 4, name.length);
        for (int i = 0; i < 4; i++) {
            frame[16 + i] = (byte) (length >>> (8 * i));
        }
        byte[] sum = Sha256.hash(Sha256.hash(payload));
        System.arraycopy(sum, 0, frame, 20, 4);
        System.arraycopy(payload, 0, frame, 24, payload.length);
        return frame;
    }

    static VersionMessage version() {
        var nowhere = new VersionAddress(0, NetAddress.UNSPECIFIED);
        return new VersionMessage(
                Negotiated.PROTOCOL_VERSION,
                ServiceFlags.NETWORK | ServiceFlags.WITNESS,
                System.currentTimeMillis() / 1_000,
                nowhere,
                nowhere,
                System.nanoTime(),
                "/wire:1/",
                0,
                true);
    }

    /// Shakes hands.
    WirePeer handshake() throws IOException {
        send(version());
        await("version");
        send(new WtxidRelay());
        send(new Verack());
        await("verack");
        return this;
    }

    /// Sends bytes as they are.
    final synchronized void sendBytes(byte[] bytes) throws IOException {
        socket.getOutputStream().write(bytes);
        socket.getOutputStream().flush();
    }

    /// Sends a message with any payload.
    void send(String command, byte[] payload) throws IOException {
        sendBytes(frame(command, payload.length, payload));
    }

    final void send(Message message) throws IOException {
        send(message.command(), MessageCodec.encode(message).toByteArray());
    }

    /// Sends what the node may hang up on before it has read it all.
    ///
    /// @return whether all went out
    final boolean trySend(Message message) {
        try {
            send(message);
            return true;
        } catch (IOException e) {
            over = true;
            return false;
        }
    }

    /// The port by which the node tells it from others.
    final int localPort() {
        return socket.getLocalPort();
    }

    /// The next message of a kind; those before it are dropped.
    final Frame await(String command) throws IOException {
        return find(command, Saboteur.patience(PATIENCE))
                .orElseThrow(() -> new AssertionError("no " + command + " came"));
    }

    /// The next message of a kind, decoded.
    final Message awaitMessage(String command) throws IOException {
        return decode(await(command));
    }

    static Message decode(Frame frame) {
        return MessageCodec.decode(frame.command(), frame.payload(), Negotiated.CURRENT);
    }

    /// The next message of a kind; empty if the connection ended or nothing came in time.
    final Optional<Frame> find(String command, Duration patience) throws IOException {
        long deadline = System.nanoTime() + patience.toNanos();
        while (true) {
            Frame next = next(deadline);
            if (next == null || next.command().equals(command)) {
                return Optional.ofNullable(next);
            }
        }
    }

    /// The next message; null if the connection ended or nothing came in time.
    final @Nullable Frame next(long deadline) throws IOException {
        while (frames.isEmpty()) {
            if (!read(deadline)) {
                return null;
            }
        }
        return frames.remove();
    }

    /// Whether the node hung up.
    final boolean isOver() {
        return over;
    }

    /// What the node did about all that was sent so far: it answers a ping, or it has hung up.
    final Fate fate() {
        long deadline = System.nanoTime() + Saboteur.patience(PATIENCE).toNanos();
        long nonce = System.nanoTime();
        try {
            send(new Ping(OptionalLong.of(nonce)));
        } catch (IOException e) {
            return Fate.DROPPED;
        }
        try {
            while (true) {
                Frame next = next(deadline);
                if (next == null && over) {
                    return Fate.DROPPED;
                } else if (next == null) {
                    throw new AssertionError("neither answered nor dropped");
                } else if (isPong(next, nonce)) {
                    return Fate.KEPT;
                }
            }
        } catch (SocketException e) {
            // A reset is an end too.
            return Fate.DROPPED;
        } catch (IOException e) {
            throw new AssertionError("read", e);
        }
    }

    /// Whether the node hangs up, without a word from here.
    final boolean isHungUpOn() {
        long deadline = System.nanoTime() + Saboteur.patience(PATIENCE).toNanos();
        try {
            while (read(deadline)) {
                frames.clear();
            }
        } catch (IOException e) {
            // A reset is an end too.
            return true;
        }
        return over;
    }

    /// Whether the node hangs up when the chain has judged what was sent, which pings do not wait for.
    final boolean isDroppedSoon() throws InterruptedException {
        long deadline = System.nanoTime() + Saboteur.patience(PATIENCE).toNanos();
        while (fate() == Fate.KEPT) {
            if (System.nanoTime() > deadline) {
                return false;
            }
            Thread.sleep(20);
        }
        return true;
    }

    /// All that has come since the last question, once the node has dealt with all that was sent so far.
    final List<Message> heard() throws IOException {
        long deadline = System.nanoTime() + Saboteur.patience(PATIENCE).toNanos();
        long nonce = System.nanoTime();
        send(new Ping(OptionalLong.of(nonce)));
        var heard = new ArrayList<Message>();
        while (true) {
            Frame next = next(deadline);
            if (next == null) {
                throw new AssertionError(over ? "dropped" : "no answer");
            }
            if (isPong(next, nonce)) {
                return heard;
            }
            heard.add(decode(next));
        }
    }

    static boolean isPong(Frame frame, long nonce) {
        return frame.command().equals("pong")
                && decode(frame) instanceof Pong pong
                && pong.nonce().orElse(-1) == nonce;
    }

    /// Reads once.
    ///
    /// @return false if nothing came in time, or the connection ended
    final boolean read(long deadline) throws IOException {
        long millis = (deadline - System.nanoTime()) / 1_000_000;
        if (millis <= 0) {
            return false;
        }
        socket.setSoTimeout((int) millis);
        byte[] buffer = new byte[READ_BYTES];
        InputStream in = socket.getInputStream();
        int count;
        try {
            count = in.read(buffer);
        } catch (SocketTimeoutException e) {
            return false;
        } catch (SocketException e) {
            over = true;
            throw e;
        }
        if (count < 0) {
            over = true;
            return false;
        }
        came(Arrays.copyOf(buffer, count));
        incoming.push(buffer, 0, count);
        for (var event = incoming.next(); event.isPresent(); event = incoming.next()) {
            if (event.get() instanceof TransportEvent.Received(Frame frame)) {
                frames.add(frame);
            }
        }
        return true;
    }

    /// Bytes came, as they were on the wire.
    void came(byte[] bytes) throws IOException {}

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
