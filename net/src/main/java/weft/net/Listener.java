package weft.net;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ProtocolFamily;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import weft.primitives.log.Log;
import weft.primitives.log.LogCategory;
import weft.wire.NetAddress;
import weft.wire.NetworkId;

/// Listens on one address and hands every connection that comes in to a [ConnectionFactory]. One virtual
/// thread.
public final class Listener implements AutoCloseable {
    /// Connections that the kernel keeps until we take them.
    private static final int BACKLOG = 128;

    private static final Duration CLOSE_WAIT = Duration.ofSeconds(2);
    private static final Duration PAUSE_AFTER_FAILURE = Duration.ofMillis(50);

    private final ServerSocketChannel channel;
    private final NetAddress address;
    private final NetOptions.Bind bind;
    private final ConnectionFactory connections;
    private final Log log;
    private final Thread acceptor;

    private Listener(
            ServerSocketChannel channel,
            NetAddress address,
            NetOptions.Bind bind,
            ConnectionFactory connections,
            Log log) {
        this.channel = channel;
        this.address = address;
        this.bind = bind;
        this.connections = connections;
        this.log = log;
        this.acceptor = Thread.ofVirtual().name("listen-" + address).unstarted(this::acceptLoop);
    }

    /// Opens the sockets and begins to accept. Where nobody insists on an address, goes on without it.
    ///
    /// Where the socket of all IPv6 addresses takes IPv4 too, as the system decides, it stands for both.
    ///
    /// @param into gets every listener as soon as it is open
    /// @throws NetException if an address cannot be bound that must be
    public static void openAll(
            List<NetOptions.Bind> binds,
            ConnectionFactory connections,
            List<Listener> into,
            Log log) {
        for (NetOptions.Bind bind : binds) {
            try {
                into.add(open(bind, connections, log));
            } catch (NetException e) {
                Optional<Listener> both = into.stream().filter(any -> any.covers(bind)).findFirst();
                if (both.isPresent() && e.getCause() instanceof java.net.BindException) {
                    log.info(
                            "Bound to "
                                    + bind.address()
                                    + " by the socket of "
                                    + both.get().address);
                } else if (bind.optional()) {
                    log.warning(String.valueOf(e.getMessage()));
                } else {
                    throw e;
                }
            }
        }
    }

    /// Whether this is the socket of all IPv6 addresses and the other would be that of all IPv4 ones.
    /// *Rationale:* that one cannot be bound can then only be because this one has taken it; had another
    /// program, this one could not have been opened.
    private boolean covers(NetOptions.Bind other) {
        return address.isBindAny()
                && other.address().isBindAny()
                && address.network() == NetworkId.IPV6
                && other.address().network() == NetworkId.IPV4
                && address.port() == other.address().port();
    }

    /// Opens the socket and begins to accept.
    ///
    /// @throws NetException if the address cannot be bound
    public static Listener open(NetOptions.Bind bind, ConnectionFactory connections, Log log) {
        NetAddress address = bind.address();
        try {
            // An IPv4 address gets an IPv4 socket, so that the system's tables show the address as
            // it was given.
            ProtocolFamily family =
                    address.network() == NetworkId.IPV4
                            ? StandardProtocolFamily.INET
                            : StandardProtocolFamily.INET6;
            ServerSocketChannel channel = ServerSocketChannel.open(family);
            try {
                channel.setOption(StandardSocketOptions.SO_REUSEADDR, true);
                channel.bind(socketAddress(address), BACKLOG);
            } catch (IOException e) {
                channel.close();
                throw e;
            }
            NetAddress bound = netAddress((InetSocketAddress) channel.getLocalAddress());
            log.info("Bound to " + bound);
            var listener = new Listener(channel, bound, bind, connections, log);
            listener.acceptor.start();
            return listener;
        } catch (java.net.BindException e) {
            String why =
                    e.getMessage() != null && e.getMessage().contains("in use")
                            ? "Unable to bind to "
                                    + address
                                    + " on this computer. weft is probably already running."
                            : "Unable to bind to "
                                    + address
                                    + " on this computer ("
                                    + e.getMessage()
                                    + ")";
            throw new NetException(why, e);
        } catch (UnsupportedOperationException e) {
            throw new NetException("Unable to listen on " + address + ": no such network here", e);
        } catch (IOException e) {
            throw new NetException(
                    "Unable to listen on " + address + " (" + e.getMessage() + ")", e);
        }
    }

    /// Where it listens; the port is the one that the system chose where 0 was asked for.
    public NetAddress address() {
        return address;
    }

    static InetSocketAddress socketAddress(NetAddress address) throws IOException {
        return new InetSocketAddress(
                InetAddress.getByAddress(address.address().toByteArray()), address.port());
    }

    static NetAddress netAddress(InetSocketAddress address) {
        return NetAddress.ofIp(address.getAddress().getAddress(), address.getPort());
    }

    private void acceptLoop() {
        while (channel.isOpen()) {
            try {
                SocketChannel accepted = channel.accept();
                connections.accepted(accepted, bind);
            } catch (ClosedChannelException e) {
                return;
            } catch (IOException e) {
                // Too many open files, for instance: the next moment may be better.
                log.debug(LogCategory.NET, () -> "socket error accept failed: " + e.getMessage());
                pause();
            } catch (RuntimeException | Error e) {
                // Want of memory, for instance: a port that nobody listens on any more is worse.
                pause();
                log.warning("could not take a connection to " + address + ": " + e);
            }
        }
    }

    private static void pause() {
        try {
            Thread.sleep(PAUSE_AFTER_FAILURE);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /// Closes the socket; connections that came in stay. On return nobody can connect any more: the socket
    /// ends only when the thread that accepts has noticed.
    @Override
    public void close() {
        try {
            channel.close();
            acceptor.join(CLOSE_WAIT);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (IOException e) {
            log.debug(
                    LogCategory.NET, () -> "closing a listening socket failed: " + e.getMessage());
        }
    }
}
