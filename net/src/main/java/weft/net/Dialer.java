package weft.net;

import java.io.IOException;
import java.net.InetAddress;
import java.net.StandardProtocolFamily;
import java.net.UnknownHostException;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import weft.p2p.PeerInput;
import weft.p2p.PeerOutput;
import weft.primitives.log.Log;
import weft.primitives.log.LogCategory;
import weft.wire.NetAddress;
import weft.wire.NetworkId;

/// Opens connections and looks up names, each on a virtual thread of its own; answers go to the [PeerLoop].
public final class Dialer {
    /// Lookups under way at once.
    ///
    /// *Rationale:* the platform's resolver blocks a thread; the engine asks for a handful of names at most.
    private static final int MAX_LOOKUPS = 8;

    /// Addresses taken from one answer.
    ///
    /// *Rationale:* Core takes 256 of one DNS seed, so that no seed can fill the address book alone.
    private static final int MAX_ADDRESSES_A_NAME = 256;

    /// Names on their way through a proxy at once.
    private static final int MAX_STAND_INS = 256;

    private final NetOptions options;
    private final ConnectionFactory connections;
    private final PeerLoop loop;
    private final Log log;
    private final Map<NetAddress, String> standIns = new ConcurrentHashMap<>();
    private final AtomicLong users = new AtomicLong();
    private final Semaphore lookups = new Semaphore(MAX_LOOKUPS);

    /// A dialer whose answers go to `loop`.
    public Dialer(NetOptions options, ConnectionFactory connections, PeerLoop loop, Log log) {
        this.options = options;
        this.connections = connections;
        this.loop = loop;
        this.log = log;
    }

    void dial(PeerOutput.Connect wanted) {
        Thread.ofVirtual().name("dial-" + wanted.address()).start(() -> connect(wanted));
    }

    private void connect(PeerOutput.Connect wanted) {
        NetAddress address = wanted.address();
        log.debug(
                LogCategory.NET,
                () -> "trying " + (wanted.v2() ? "v2" : "v1") + " connection to " + address);
        NetAddress proxy = proxyOf(address);
        boolean direct = address.network() == NetworkId.IPV4 || address.network() == NetworkId.IPV6;
        if (!direct && proxy == null) {
            loop.post(
                    new PeerInput.DialFailed(
                            wanted.dial(), "no way to reach " + address.network() + " addresses"));
            return;
        }
        NetAddress next = proxy == null ? address : proxy;
        String host = nameOf(address);
        try {
            SocketChannel channel =
                    SocketChannel.open(
                            next.network() == NetworkId.IPV4
                                    ? StandardProtocolFamily.INET
                                    : StandardProtocolFamily.INET6);
            try {
                channel.socket()
                        .connect(
                                Listener.socketAddress(next),
                                Math.toIntExact(options.connectTimeout().toMillis()));
                if (proxy != null) {
                    Socks5.connect(channel.socket(), host, address.port(), user());
                }
                connections.connected(channel, wanted);
            } catch (IOException e) {
                channel.close();
                throw e;
            }
        } catch (IOException e) {
            log.debug(
                    LogCategory.NET,
                    () -> "connect() to " + address + " failed: " + e.getMessage());
            loop.post(new PeerInput.DialFailed(wanted.dial(), String.valueOf(e.getMessage())));
        }
    }

    private @Nullable NetAddress proxyOf(NetAddress address) {
        return address.network() == NetworkId.INTERNAL
                ? options.proxies().forNames()
                : options.proxies().byNetwork().get(address.network());
    }

    private String nameOf(NetAddress address) {
        String name = standIns.remove(address);
        return name == null ? address.addressText() : name;
    }

    /// A user's name that no other connection has; empty where the proxy need not tell them apart.
    private String user() {
        return options.proxies().separate() ? Long.toString(users.incrementAndGet()) : "";
    }

    /// Looks a name up. Where a proxy does that, the answer is an address that stands for the name.
    void resolve(String name, int port) {
        if (options.proxies().forNames() != null) {
            NetAddress standIn = NetAddress.internal(name).withPort(port);
            if (standIns.size() < MAX_STAND_INS) {
                standIns.put(standIn, name);
                loop.post(new PeerInput.Resolved(name, List.of(standIn)));
            } else {
                loop.post(new PeerInput.Resolved(name, List.of()));
            }
            return;
        }
        Thread.ofVirtual()
                .name("resolve-" + name)
                .start(
                        () -> {
                            lookups.acquireUninterruptibly();
                            try {
                                loop.post(new PeerInput.Resolved(name, lookUp(name, port)));
                            } finally {
                                lookups.release();
                            }
                        });
    }

    private static List<NetAddress> lookUp(String name, int port) {
        try {
            var found = new ArrayList<NetAddress>();
            for (InetAddress address : InetAddress.getAllByName(name)) {
                if (found.size() < MAX_ADDRESSES_A_NAME) {
                    found.add(NetAddress.ofIp(address.getAddress(), port));
                }
            }
            return found;
        } catch (UnknownHostException e) {
            return List.of();
        }
    }
}
