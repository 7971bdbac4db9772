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
    /// Room for the messages of one peer that came in, if the settings do not say less; one larger message
    /// fits in any room.
    ///
    /// *Rationale:* the engine works through it in milliseconds, so more does not make anybody faster, and a
    /// hundred such peers must not fill the memory.
    private static final int INBOUND_BYTES = 500_000;

    private final NetOptions options;
    private final PeerLoop loop;
    private final Entropy entropy;
    private final MessageCapture capture;
    private final Log log;
    private final AtomicLong nextPeer = new AtomicLong();
    private final ReceiveBudget common;

    /// Connections that report to `loop`.
    ///
    /// @param entropy for the keys and garbage of BIP-0324
    /// @param capture writes down messages while it is on
    public ConnectionFactory(
            NetOptions options, PeerLoop loop, Entropy entropy, MessageCapture capture, Log log) {
        this.options = options;
        this.loop = loop;
        this.entropy = entropy;
        this.capture = capture;
        this.log = log;
        this.common = new ReceiveBudget(options.bounds().commonBytesMax(), log);
    }

    /// Bytes that all connections together hold of what came in and is not handled yet.
    long held() {
        return common.held();
    }

    /// An open socket.
    ///
    /// @param local ours; [NetAddress#UNSPECIFIED] where it is of no use
    /// @param onClose what else ends with it
    record Route(SocketChannel channel, NetAddress local, Runnable onClose) {
        /// A socket that is all there is.
        static Route of(SocketChannel channel) throws IOException {
            return new Route(channel, ConnectionFactory.local(channel), () -> {});
        }
    }

    void accepted(SocketChannel channel, NetOptions.Bind bind) {
        try {
            accept(Route.of(channel), remote(channel), bind);
        } catch (IOException e) {
            closeQuietly(channel);
        } catch (RuntimeException | Error e) {
            closeQuietly(channel);
            throw e;
        }
    }

    /// Somebody came in by another way than a port of ours.
    void accepted(Route route, NetAddress remote) throws IOException {
        try {
            accept(route, remote, NetOptions.Bind.of(route.local, false));
        } catch (IOException | RuntimeException | Error e) {
            closeQuietly(route.channel);
            throw e;
        }
    }

    private void accept(Route route, NetAddress remote, NetOptions.Bind bind) throws IOException {
        var id = new PeerId(nextPeer.getAndIncrement());
        Transport transport =
                options.v2Transport()
                        ? Transport.detecting(id.value(), options.magic(), entropy)
                        : Transport.v1(id.value(), options.magic());
        PeerConnection connection = connection(id, route, transport, remote, false);
        log.debug(LogCategory.NET, () -> "connection from " + remote + " accepted");
        PeerPermissions granted =
                Optional.ofNullable(bind.permissions()).orElse(PeerPermissions.NONE);
        loop.open(
                connection,
                new PeerInput.Accepted(
                        connection.id(), remote, route.local, bind.onion(), granted));
        connection.start();
    }

    void connected(Route route, PeerOutput.Connect wanted) throws IOException {
        var id = new PeerId(nextPeer.getAndIncrement());
        Transport transport =
                wanted.v2()
                        ? Transport.v2Initiator(id.value(), options.magic(), entropy)
                        : Transport.v1(id.value(), options.magic());
        PeerConnection connection = connection(id, route, transport, wanted.address(), true);
        loop.open(
                connection,
                new PeerInput.Connected(
                        connection.id(), wanted.dial(), wanted.address(), route.local));
        connection.start();
    }

    private PeerConnection connection(
            PeerId id, Route route, Transport transport, NetAddress remote, boolean outbound)
            throws IOException {
        SocketChannel channel = route.channel;
        if (channel.supportedOptions().contains(StandardSocketOptions.TCP_NODELAY)) {
            channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
        }
        int most = options.bounds().receiveBytesMax();
        var parts =
                new PeerConnection.Parts(
                        id,
                        remote,
                        outbound,
                        route,
                        transport,
                        new ReadBudget(outbound ? most : Math.min(INBOUND_BYTES, most)),
                        common,
                        options.bounds().sendBytesMax());
        return new PeerConnection(parts, loop, capture, log);
    }

    private static NetAddress remote(SocketChannel channel) throws IOException {
        return Listener.netAddress((InetSocketAddress) channel.getRemoteAddress());
    }

    /// Ours; of no use where the next hop is a socket of this machine.
    private static NetAddress local(SocketChannel channel) throws IOException {
        return channel.getLocalAddress() instanceof InetSocketAddress address
                ? Listener.netAddress(address)
                : NetAddress.UNSPECIFIED;
    }

    private void closeQuietly(SocketChannel channel) {
        try {
            channel.close();
        } catch (IOException e) {
            log.debug(LogCategory.NET, () -> "closing a socket failed: " + e.getMessage());
        }
    }
}
