package weft.p2p;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import weft.p2p.addr.AddrManEntry;
import weft.primitives.Now;
import weft.primitives.log.Log;
import weft.primitives.log.LogCategory;
import weft.wire.NetAddress;
import weft.wire.NetworkId;

/// Opens connections: looks names up, refuses what is connected, banned or ourselves, and remembers what is
/// under way.
final class Dialler {
    private static final int NAMES_MAX = 64;
    private static final double HOUR_SECONDS = 3600;

    private final EngineParts parts;
    private final Log log;
    private final NavigableMap<DialId, Dial> underWay = new TreeMap<>();
    private final Map<String, List<Dial>> names = new LinkedHashMap<>();
    private final ArrayDeque<Dial> again = new ArrayDeque<>();
    private long nextId;
    private boolean active;

    Dialler(EngineParts parts) {
        this.parts = parts;
        this.log = parts.log;
        this.active = parts.options.access().networkActive();
        log.info("SetNetworkActive: " + active);
    }

    boolean isActive() {
        return active;
    }

    void setActive(boolean on) {
        log.info("SetNetworkActive: " + on);
        active = on;
    }

    Collection<Dial> underWay() {
        return underWay.values();
    }

    boolean isUnderWay(String name) {
        return names.containsKey(hostOf(name))
                || underWay.values().stream().anyMatch(each -> each.name().equals(name));
    }

    /// Takes a dial from those under way.
    @Nullable Dial take(DialId id) {
        return underWay.remove(id);
    }

    // ---- names

    private static final String I2P = ".b32.i2p";

    /// *Rationale:* SAM 3.1 knows no ports.
    private static final int I2P_PORT = 0;

    static String hostOf(String name) {
        int colon = name.lastIndexOf(':');
        boolean one = colon >= 0 && name.indexOf(':') == colon;
        return one ? name.substring(0, colon) : name;
    }

    int portOf(String name) {
        boolean i2p = hostOf(name).toLowerCase(Locale.ROOT).endsWith(I2P);
        int usual = i2p ? I2P_PORT : parts.options.self().port();
        if (hostOf(name).length() == name.length()) {
            return usual;
        }
        try {
            int port = Integer.parseInt(name.substring(hostOf(name).length() + 1));
            return port > 0 && port >>> 16 == 0 ? port : usual;
        } catch (NumberFormatException _) {
            return usual;
        }
    }

    /// A numeric address; null if the text is a name.
    @Nullable NetAddress numeric(String text) {
        try {
            return parts.meant(NetAddress.parse(IpShorthand.expand(text), portOf(text)));
        } catch (IllegalArgumentException _) {
            return null;
        }
    }

    void onResolved(String name, List<NetAddress> addresses, Now now, Outbox out) {
        List<Dial> waiting = names.remove(name);
        if (waiting == null || !active) {
            return;
        }
        for (Dial each : waiting) {
            if (addresses.isEmpty()) {
                log.debug(LogCategory.NET, () -> "no address found for " + each.name());
            } else {
                NetAddress chosen = addresses.get(parts.random.nextInt(addresses.size()));
                start(each.at(chosen), now, out);
            }
        }
    }

    // ---- dialling

    /// Opens a connection, unless something speaks against it.
    void dial(Dial dial, Now now, Outbox out) {
        if (!active) {
            return;
        }
        if (dial.name().isEmpty()) {
            NetAddress address = dial.address();
            if (!parts.locals.contains(address)
                    && !parts.isUnwanted(address)
                    && !isConnected(address)) {
                start(dial, now, out);
            }
            return;
        }
        if (isConnectedByName(dial.name())) {
            return;
        }
        NetAddress address = numeric(dial.name());
        if (address != null) {
            start(dial.at(address), now, out);
        } else if (names.size() < NAMES_MAX) {
            String host = hostOf(dial.name());
            names.computeIfAbsent(host, any -> new ArrayList<>()).add(dial);
            out.add(new PeerOutput.Resolve(host, portOf(dial.name())));
        }
    }

    private void start(Dial dial, Now now, Outbox out) {
        NetAddress address = dial.address();
        // Behind a proxy an internal address stands for a name.
        if (!address.isValid() && address.network() != NetworkId.INTERNAL) {
            log.debug(
                    LogCategory.NET,
                    () -> "Resolver returned invalid address " + address + " for " + dial.name());
            return;
        }
        if (isConnectedExactly(address)) {
            log.info(
                    dial.name().isEmpty()
                            ? "Failed to open new connection, already connected"
                            : "Not opening a connection to "
                                    + dial.name()
                                    + ", already connected to "
                                    + address);
            return;
        }
        open(dial, now, out);
    }

    /// Opens a connection though there is one to that address.
    void dialOnceMore(Dial dial, Now now, Outbox out) {
        if (active) {
            open(dial, now, out);
        }
    }

    private void open(Dial dial, Now now, Outbox out) {
        NetAddress address = dial.address();
        log.debug(
                LogCategory.NET,
                () ->
                        "trying "
                                + (dial.v2() ? "v2" : "v1")
                                + " connection "
                                + (dial.name().isEmpty() ? address : dial.name())
                                + " lastseen="
                                + hoursSinceSeen(dial, now)
                                + "hrs");
        parts.book.attempt(address, dial.countFailure(), now.unixSeconds());
        var id = new DialId(nextId++);
        underWay.put(id, dial);
        out.add(new PeerOutput.Connect(id, address, dial.type(), dial.v2()));
    }

    private String hoursSinceSeen(Dial dial, Now now) {
        AddrManEntry entry = dial.name().isEmpty() ? parts.book.find(dial.address()) : null;
        double hours = entry == null ? 0 : (now.unixSeconds() - entry.timeSeconds()) / HOUR_SECONDS;
        return String.format(Locale.ROOT, "%.1f", hours);
    }

    /// Whether we are connected to a host, or about to be; ports tell hosts apart only where many share an
    /// address.
    boolean isConnected(NetAddress address) {
        boolean exact = parts.options.sources().groups().allowLocal() && !address.isRoutable();
        return exact
                ? isConnectedExactly(address)
                : isConnectedExactly(address) || isHostConnected(address);
    }

    private boolean isConnectedExactly(NetAddress address) {
        return parts.connections.open().stream()
                        .anyMatch(each -> each.peer.address().equals(address))
                || underWay.values().stream().anyMatch(each -> each.address().equals(address));
    }

    private boolean isHostConnected(NetAddress address) {
        NetAddress host = address.withPort(0);
        return parts.connections.open().stream()
                        .anyMatch(each -> each.peer.address().withPort(0).equals(host))
                || underWay.values().stream()
                        .anyMatch(each -> each.address().withPort(0).equals(host));
    }

    /// The connection that was dialled by a name; null if there is none.
    @Nullable Connection byName(String name) {
        for (Connection each : parts.connections.open()) {
            if (each.dial.name().equals(name)) {
                return each;
            }
        }
        return null;
    }

    private boolean isConnectedByName(String name) {
        return byName(name) != null || isUnderWay(name);
    }

    // ---- second tries

    /// A connection failed because they do not know BIP-0324: another one follows without it.
    void retryAsV1(Connection connection) {
        again.add(connection.dial.withV2(false));
        log.debug(
                LogCategory.NET,
                () -> "retrying with v1 transport protocol for peer=" + connection.id());
    }

    boolean hasSecondTries() {
        return !again.isEmpty();
    }

    void trySecondTime(Now now, Outbox out) {
        for (Dial dial = again.poll(); dial != null && active; dial = again.poll()) {
            if (!isConnectedExactly(dial.address())) {
                start(dial, now, out);
            }
        }
    }

    // ---- counting

    /// Connections that nobody asked for by hand, open or about to be.
    int countAutomatic() {
        return count(Dialler::isAutomatic);
    }

    private static boolean isAutomatic(ConnectionType type) {
        return switch (type) {
            case INBOUND, MANUAL, PRIVATE_BROADCAST -> false;
            case OUTBOUND_FULL_RELAY, BLOCK_RELAY_ONLY, FEELER, ADDR_FETCH -> true;
        };
    }

    /// Whether one more of a kind may be opened by hand.
    boolean mayOpen(ConnectionType type) {
        return switch (type) {
            case INBOUND, MANUAL, PRIVATE_BROADCAST -> false;
            case OUTBOUND_FULL_RELAY -> count(type) < parts.limits.fullRelay();
            case BLOCK_RELAY_ONLY -> count(type) < parts.limits.blockRelay();
            case ADDR_FETCH, FEELER -> true;
        };
    }

    /// Connections of a kind, open or about to be.
    int count(ConnectionType type) {
        return count(type::equals);
    }

    /// Names that are looked up count too. *Rationale:* a resolver may be slow, and answer many at once.
    private int count(Predicate<ConnectionType> wanted) {
        int count = 0;
        for (Connection each : parts.connections.open()) {
            count += wanted.test(each.peer.type()) ? 1 : 0;
        }
        for (Dial each : underWay.values()) {
            count += wanted.test(each.type()) ? 1 : 0;
        }
        for (List<Dial> each : names.values()) {
            for (Dial dial : each) {
                count += wanted.test(dial.type()) ? 1 : 0;
            }
        }
        return count;
    }
}
