package weft.net;

import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;
import weft.p2p.ConnectionType;
import weft.p2p.PeerInput;
import weft.p2p.PeerOutput;
import weft.primitives.log.Log;
import weft.primitives.log.LogCategory;
import weft.wire.NetAddress;
import weft.wire.NetworkId;
import weft.wire.transport.Entropy;

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

    /// How long a proxy may be silent.
    ///
    /// *Rationale:* a Tor circuit can take this long.
    private static final Duration PROXY_PATIENCE = Duration.ofSeconds(20);

    private final NetOptions options;
    private final ConnectionFactory connections;
    private final PeerLoop loop;
    private final Optional<I2pBridge> i2p;
    private final Entropy entropy;
    private final Log log;
    private final Map<NetAddress, String> standIns = new ConcurrentHashMap<>();

    /// Of Tor's own saying.
    private volatile @Nullable ProxyAddress onion;

    private final Semaphore lookups = new Semaphore(MAX_LOOKUPS);

    /// A dialer whose answers go to `loop`.
    ///
    /// @param i2p our way into I2P, if there is one
    /// @param entropy for what proxies tell connections apart by
    public Dialer(
            NetOptions options,
            ConnectionFactory connections,
            PeerLoop loop,
            Optional<I2pBridge> i2p,
            Entropy entropy,
            Log log) {
        this.i2p = i2p;
        this.options = options;
        this.connections = connections;
        this.loop = loop;
        this.entropy = entropy;
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
        String name = nameOf(address);
        try {
            boolean isPrivate = wanted.type() == ConnectionType.PRIVATE_BROADCAST;
            connections.connected(isPrivate ? openHidden(address) : open(address, name), wanted);
        } catch (IOException e) {
            log.debug(
                    LogCategory.NET,
                    () -> "connect() to " + address + " failed: " + e.getMessage());
            loop.post(new PeerInput.DialFailed(wanted.dial(), String.valueOf(e.getMessage())));
        }
    }

    /// With a proxy for a network nothing of it is dialled past that proxy, but for addresses that only
    /// this network has: no proxy elsewhere could reach them.
    private ConnectionFactory.Route open(NetAddress address, String name) throws IOException {
        if (address.network() == NetworkId.I2P && i2p.isPresent()) {
            return i2p.get().dial(address);
        }
        ProxyAddress proxy =
                address.network() == NetworkId.INTERNAL
                        ? options.proxies().forNames()
                        : options.proxies().byNetwork().get(address.network());
        if (proxy == null && address.network() == NetworkId.TORV3) {
            proxy = onion;
        }
        if (proxy != null && (address.isRoutable() || address.network() == NetworkId.INTERNAL)) {
            return route(throughProxy(proxy, name, address.port()));
        }
        return switch (address.network()) {
            case IPV4, IPV6, CJDNS ->
                    route(TimedChannel.connect(address, options.connectTimeout()));
            case TORV3, I2P, INTERNAL ->
                    throw new IOException("no way to reach " + address.network() + " addresses");
        };
    }

    /// A connection on which nobody learns where we are or whether we came before, or none: through Tor,
    /// which leads to IPv4 and IPv6 too, or from an address in I2P that is of this connection alone. This
    /// holds for every attempt, the second one without BIP-0324 too.
    private ConnectionFactory.Route openHidden(NetAddress address) throws IOException {
        return switch (address.network()) {
            case I2P -> bridge().dialAsSomebodyElse(address);
            case TORV3, IPV4, IPV6 ->
                    route(throughProxy(tor(), address.addressText(), address.port()));
            case CJDNS, INTERNAL ->
                    throw new IOException(
                            "no way to hide from " + address.network() + " addresses");
        };
    }

    private I2pBridge bridge() throws IOException {
        return i2p.orElseThrow(() -> new IOException("no bridge to I2P"));
    }

    private ProxyAddress tor() throws IOException {
        ProxyAddress named = options.proxies().byNetwork().get(NetworkId.TORV3);
        ProxyAddress proxy = named == null ? onion : named;
        if (proxy == null) {
            throw new IOException("no proxy for Tor");
        }
        return proxy;
    }

    private static ConnectionFactory.Route route(TimedChannel channel) throws IOException {
        return ConnectionFactory.Route.of(channel.channel());
    }

    private TimedChannel throughProxy(ProxyAddress proxy, String name, int port)
            throws IOException {
        Socks5.Login login = options.proxies().separate() ? Socks5.Login.random(entropy) : null;
        var handshake = new Socks5(name, port, login);
        TimedChannel channel;
        try {
            channel = TimedChannel.connect(proxy, options.connectTimeout());
        } catch (IOException e) {
            throw new IOException("proxy " + proxy.text() + ": " + e.getMessage(), e);
        }
        try {
            channel.patience(PROXY_PATIENCE);
            shake(channel, handshake);
            return channel;
        } catch (IOException e) {
            channel.close();
            throw e;
        }
    }

    /// Goes through the handshake, all of which may take no longer than the channel waits for one answer.
    static void shake(TimedChannel channel, Socks5 handshake) throws IOException {
        Duration whole = channel.patience();
        long end = System.nanoTime() + whole.toNanos();
        while (handshake.wanted() > 0) {
            channel.patience(Duration.ofNanos(Math.max(1, end - System.nanoTime())));
            channel.write(handshake.toSend());
            handshake.received(channel.read(handshake.wanted()));
        }
        channel.patience(whole);
    }

    private String nameOf(NetAddress address) {
        String name = standIns.remove(address);
        return name == null ? address.addressText() : name;
    }

    /// Onion addresses are dialled through this proxy from now on, unless the options name one.
    void useForOnion(ProxyAddress proxy) {
        onion = proxy;
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
                            List<NetAddress> found = List.of();
                            try {
                                found = lookUp(name, port);
                            } finally {
                                lookups.release();
                                // Whatever went wrong: who asked waits for an answer.
                                loop.post(new PeerInput.Resolved(name, found));
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
