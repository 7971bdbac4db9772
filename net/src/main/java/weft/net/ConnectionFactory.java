package weft.net;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.SocketChannel;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import weft.p2p.PeerId;
import weft.p2p.PeerInput;
import weft.p2p.PeerOutput;
import weft.p2p.PeerPermissions;
import weft.primitives.log.Log;
import weft.primitives.log.LogCategory;
import weft.wire.NetAddress;
import weft.wire.transport.Entropy;
import weft.wire.transport.Transport;

/// Makes a [PeerConnection] of an open socket, numbers it, and tells the [PeerLoop].
public final class ConnectionFactory {
    private final NetOptions options;
    private final PeerLoop loop;
    private final Entropy entropy;
    private final Optional<MessageCapture> capture;
    private final Log log;
    private final AtomicLong nextPeer = new AtomicLong();

    /// Connections that report to `loop`.
    ///
    /// @param entropy for the keys and garbage of BIP-0324
    /// @param capture writes down all messages, if there is one
    public ConnectionFactory(
            NetOptions options,
            PeerLoop loop,
            Entropy entropy,
            Optional<MessageCapture> capture,
            Log log) {
        this.options = options;
        this.loop = loop;
        this.entropy = entropy;
        this.capture = capture;
        this.log = log;
    }

    void accepted(SocketChannel channel, NetOptions.Bind bind) {
        var id = new PeerId(nextPeer.getAndIncrement());
        Transport transport =
                options.v2Transport()
                        ? Transport.detecting(id.value(), options.magic(), entropy)
                        : Transport.v1(id.value(), options.magic());
        try {
            NetAddress remote = remote(channel);
            NetAddress local = local(channel);
            PeerConnection connection = connection(id, channel, transport, remote);
            log.debug(LogCategory.NET, () -> "connection from " + remote + " accepted");
            PeerPermissions granted =
                    Optional.ofNullable(bind.permissions()).orElse(PeerPermissions.NONE);
            loop.open(
                    connection,
                    new PeerInput.Accepted(connection.id(), remote, local, bind.onion(), granted));
            connection.start();
        } catch (IOException e) {
            closeQuietly(channel);
        }
    }

    void connected(SocketChannel channel, PeerOutput.Connect wanted) throws IOException {
        var id = new PeerId(nextPeer.getAndIncrement());
        Transport transport =
                wanted.v2()
                        ? Transport.v2Initiator(id.value(), options.magic(), entropy)
                        : Transport.v1(id.value(), options.magic());
        PeerConnection connection = connection(id, channel, transport, wanted.address());
        loop.open(
                connection,
                new PeerInput.Connected(
                        connection.id(), wanted.dial(), wanted.address(), local(channel)));
        connection.start();
    }

    private PeerConnection connection(
            PeerId id, SocketChannel channel, Transport transport, NetAddress remote)
            throws IOException {
        channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
        var budget = new ReadBudget(options.receiveBytesMax());
        var parts =
                new PeerConnection.Parts(
                        id, remote, channel, transport, budget, options.sendBytesMax());
        return new PeerConnection(parts, loop, capture, log);
    }

    private static NetAddress remote(SocketChannel channel) throws IOException {
        return Listener.netAddress((InetSocketAddress) channel.getRemoteAddress());
    }

    private static NetAddress local(SocketChannel channel) throws IOException {
        return Listener.netAddress((InetSocketAddress) channel.getLocalAddress());
    }

    private void closeQuietly(SocketChannel channel) {
        try {
            channel.close();
        } catch (IOException e) {
            log.debug(LogCategory.NET, () -> "closing a socket failed: " + e.getMessage());
        }
    }
}
