package weft.app;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Optional;
import weft.consensus.ChainParams;
import weft.consensus.Network;
import weft.crypto.Sha256;
import weft.primitives.Bytes;
import weft.wire.Message;
import weft.wire.MessageCodec;
import weft.wire.Negotiated;
import weft.wire.NetAddress;
import weft.wire.Ping;
import weft.wire.Verack;
import weft.wire.VersionAddress;
import weft.wire.VersionMessage;
import weft.wire.transport.Frame;
import weft.wire.transport.Transport;
import weft.wire.transport.TransportEvent;

/// One end of a TCP connection to a node, which can say anything: good messages and any other bytes.
final class RawPeer implements AutoCloseable {
    static final Bytes REGTEST = ChainParams.of(Network.REGTEST).identity().magic();
    private static final int READ_BYTES = 1 << 16;

    private final Socket socket;
    private final Transport incoming = Transport.v1(0, REGTEST);
    private final ArrayDeque<Frame> frames = new ArrayDeque<>();

    RawPeer(int port) throws IOException {
        this(InetAddress.getLoopbackAddress(), port);
    }

    /// To an address of this machine, and from the same.
    RawPeer(InetAddress host, int port) throws IOException {
        socket = new Socket(host, port);
        socket.setTcpNoDelay(true);
    }

    /// A frame as the plain transport has it, with any field wrong that a test wants.
    static byte[] frame(Bytes magic, String command, long length, byte[] payload, boolean honest) {
        byte[] frame = new byte[24 + payload.length];
        System.arraycopy(magic.toByteArray(), 0, frame, 0, 4);
        byte[] name = command.getBytes(java.nio.charset.StandardCharsets.US_ASCII);
        System.arraycopy(name, 0, frame, 4, name.length);
        for (int i = 0; i < 4; i++) {
            frame[16 + i] = (byte) (length >>> (8 * i));
        }
        byte[] sum = Arrays.copyOf(Sha256.hash(Sha256.hash(payload)), 4);
        if (!honest) {
            sum[0] ^= 1;
        }
        System.arraycopy(sum, 0, frame, 20, 4);
        System.arraycopy(payload, 0, frame, 24, payload.length);
        return frame;
    }

    static byte[] frame(String command, byte[] payload) {
        return frame(REGTEST, command, payload.length, payload, true);
    }

    static VersionMessage version() {
        var nowhere = new VersionAddress(0, NetAddress.UNSPECIFIED);
        return new VersionMessage(
                Negotiated.PROTOCOL_VERSION,
                0,
                1_700_000_000,
                nowhere,
                nowhere,
                System.nanoTime(),
                "/raw:1/",
                0,
                true);
    }

    void send(byte[] bytes) throws IOException {
        socket.getOutputStream().write(bytes);
        socket.getOutputStream().flush();
    }

    void send(Message message) throws IOException {
        send(frame(message.command(), MessageCodec.encode(message).toByteArray()));
    }

    /// Shakes hands.
    RawPeer handshake() throws IOException {
        send(version());
        await("version");
        send(new Verack());
        await("verack");
        return this;
    }

    /// The next message of a kind; those before it are dropped.
    Frame await(String command) throws IOException {
        return find(command, Duration.ofSeconds(20))
                .orElseThrow(() -> new AssertionError("no " + command + " came"));
    }

    /// The next message of a kind, decoded.
    Message awaitMessage(String command) throws IOException {
        Frame frame = await(command);
        return MessageCodec.decode(frame.command(), frame.payload(), Negotiated.CURRENT);
    }

    /// The next message of a kind; empty if the connection ended or nothing came in time.
    Optional<Frame> find(String command, Duration patience) throws IOException {
        long deadline = System.nanoTime() + patience.toNanos();
        while (true) {
            Frame next = frames.poll();
            if (next == null) {
                if (!read(deadline)) {
                    return Optional.empty();
                }
            } else if (next.command().equals(command)) {
                return Optional.of(next);
            }
        }
    }

    /// Waits until the node has ended the connection.
    ///
    /// @return false if it did not in time
    boolean isDropped(Duration patience) {
        long deadline = System.nanoTime() + patience.toNanos();
        try {
            while (System.nanoTime() < deadline) {
                if (!read(deadline)) {
                    return System.nanoTime() < deadline;
                }
                frames.clear();
            }
            return false;
        } catch (IOException e) {
            // A reset is an end too.
            return true;
        }
    }

    /// Whether the node still answers on this connection.
    boolean answersPing() throws IOException {
        long nonce = System.nanoTime();
        send(new Ping(java.util.OptionalLong.of(nonce)));
        return find("pong", Duration.ofSeconds(10)).isPresent();
    }

    private boolean read(long deadline) throws IOException {
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
        }
        if (count < 0) {
            return false;
        }
        incoming.push(buffer, 0, count);
        for (var event = incoming.next(); event.isPresent(); event = incoming.next()) {
            if (event.get() instanceof TransportEvent.Received(Frame frame)) {
                frames.add(frame);
            }
        }
        return true;
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
