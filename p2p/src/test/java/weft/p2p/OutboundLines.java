package weft.p2p;

import static weft.p2p.ConnectionType.ADDR_FETCH;
import static weft.p2p.ConnectionType.BLOCK_RELAY_ONLY;
import static weft.p2p.ConnectionType.FEELER;
import static weft.p2p.ConnectionType.MANUAL;
import static weft.p2p.ConnectionType.OUTBOUND_FULL_RELAY;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import weft.p2p.addr.AddrMan;
import weft.primitives.Bytes;
import weft.primitives.Now;
import weft.wire.NetAddress;
import weft.wire.NetworkId;
import weft.wire.ServiceFlags;

/// What the models of [OutboundPlan] share: the world, and a diary of all dials and connections, out of which
/// is read who is there, and who may be dialled.
class OutboundLines {
    static final long SECOND = 1_000_000_000L;

    /// What became of a dial.
    enum Fate {
        DIALLED,
        OPEN,
        CLOSING,
        GONE
    }

    /// A dial of ours, or a connection of somebody who dialled us.
    static final class Line {
        final Dial dial;
        final DialId id;
        final NetAddress address;
        Fate fate = Fate.DIALLED;
        PeerId peer = new PeerId(-1);
        long services;
        long openedNanos;
        boolean ready;

        Line(Dial dial, DialId id, NetAddress address) {
            this.dial = dial;
            this.id = id;
            this.address = address;
        }

        ConnectionType type() {
            return dial.type();
        }

        boolean isOpen() {
            return fate == Fate.OPEN;
        }
    }

    /// A node that the operator wants, with our tries since we were connected last.
    static final class Kept {
        final String name;
        final boolean v2;
        final boolean added;
        final List<Long> tries = new ArrayList<>();

        Kept(String name, boolean v2, boolean added) {
            this.name = name;
            this.v2 = v2;
            this.added = added;
        }

        /// Twice as long after each try, from 2 seconds to 60; with `-connect` from a half to 5.
        long nextTry() {
            if (tries.isEmpty()) {
                return Long.MIN_VALUE;
            }
            long first = added ? 2 * SECOND : SECOND / 2;
            long most = added ? 60 * SECOND : 5 * SECOND;
            int doubled = Math.min(tries.size() - 1, 10);
            return tries.getLast() + Math.min(first << doubled, most);
        }
    }

    final P2pOptions options;
    final P2pOptions.Sources sources;

    /// A machine with a model of its own; this is a copy of the one that is tested.
    final AddrMan book;

    /// How often what was met.
    final Map<String, Integer> met;

    // ---- what the world is like

    P2pOptions.Limits limits;
    boolean active;

    /// 0 until the chain is loaded.
    long tipTime;

    final Set<NetAddress> own = new HashSet<>();

    /// Banned, discouraged, or heard no more: hosts, with port 0.
    final Set<NetAddress> unwanted = new HashSet<>();

    long nanos;
    long seconds;

    // ---- what happened

    final List<Line> diary = new ArrayList<>();

    /// Names that are looked up.
    final List<Dial> waiting = new ArrayList<>();

    final List<Kept> kept = new ArrayList<>();
    final List<PeerOutput> out = new ArrayList<>();
    private long nextDial;

    OutboundLines(P2pOptions options, AddrMan book, Map<String, Integer> met) {
        this.options = options;
        this.sources = options.sources();
        this.limits = options.limits();
        this.active = options.access().networkActive();
        this.book = book;
        this.met = met;
        sources.connect().forEach(each -> kept.add(new Kept(each, speaksV2(), false)));
        sources.addNodes().forEach(each -> keep(each, speaksV2()));
    }

    void tell(Now now) {
        nanos = now.monotonicNanos();
        seconds = now.unixSeconds();
    }

    void meet(String what) {
        met.merge(what, 1, Integer::sum);
    }

    final int port() {
        return options.self().port();
    }

    boolean isLaboratory() {
        return sources.groups().allowLocal();
    }

    final boolean speaksV2() {
        return ServiceFlags.has(options.self().services(), ServiceFlags.P2P_V2);
    }

    // ---- who is there

    /// Under way or open, in the order of dials.
    List<Line> there() {
        return diary.stream()
                .filter(each -> each.fate == Fate.DIALLED || each.fate == Fate.OPEN)
                .toList();
    }

    /// Open, in the order of connections.
    List<Line> open() {
        return diary.stream()
                .filter(Line::isOpen)
                .sorted(Comparator.comparing(each -> each.peer))
                .toList();
    }

    List<Line> ready(ConnectionType... types) {
        return open().stream()
                .filter(each -> each.ready && List.of(types).contains(each.type()))
                .toList();
    }

    /// Those whose names are looked up count too.
    int count(ConnectionType... types) {
        return (int)
                Stream.concat(there().stream().map(Line::type), waiting.stream().map(Dial::type))
                        .filter(List.of(types)::contains)
                        .count();
    }

    /// One more may be dialled by itself than are to stay.
    boolean hasRoom() {
        int automatic = count(OUTBOUND_FULL_RELAY, BLOCK_RELAY_ONLY, FEELER, ADDR_FETCH);
        return automatic < limits.fullRelay() + limits.blockRelay() + 1;
    }

    boolean hasTwoPeers() {
        return ready(OUTBOUND_FULL_RELAY).size() >= 2;
    }

    List<Line> lasting() {
        return there().stream()
                .filter(
                        each ->
                                each.type() == OUTBOUND_FULL_RELAY
                                        || each.type() == BLOCK_RELAY_ONLY
                                        || each.type() == MANUAL)
                .toList();
    }

    static boolean isIp(NetAddress address) {
        return address.network() == NetworkId.IPV4 || address.network() == NetworkId.IPV6;
    }

    /// Groups of the connections that are to stay. Those of hidden networks mean nothing.
    Set<Bytes> takenGroups() {
        var groups = new HashSet<Bytes>();
        for (Line each : lasting()) {
            if (isIp(each.address)) {
                groups.add(sources.groups().groupOf(each.address));
            }
        }
        return groups;
    }

    /// Only then a failure says something about an address.
    boolean isOnline() {
        long hidden = lasting().stream().filter(each -> !isIp(each.address)).count();
        int all = limits.fullRelay() + limits.blockRelay() + limits.inbound();
        return takenGroups().size() + hidden >= Math.min(all - 1, 2);
    }

    boolean isThere(NetAddress address) {
        return there().stream().anyMatch(each -> each.address.equals(address));
    }

    /// A host is dialled once, whatever its ports, unless all is on one machine.
    boolean isHostThere(NetAddress address) {
        boolean byPort = isLaboratory() && !address.isRoutable();
        NetAddress host = address.withPort(0);
        return byPort
                ? isThere(address)
                : there().stream().anyMatch(each -> each.address.withPort(0).equals(host));
    }

    boolean isUnwanted(NetAddress address) {
        return unwanted.contains(address.withPort(0));
    }

    boolean isReachable(NetAddress address) {
        return options.access().reachable().contains(address.network());
    }

    /// Who has only the last blocks is good enough for who is near the tip.
    boolean isDesirable(long services) {
        boolean near = (seconds - tipTime) / 600 < 144;
        boolean isLimited = ServiceFlags.has(services, ServiceFlags.NETWORK_LIMITED);
        long blocks = near && isLimited ? ServiceFlags.NETWORK_LIMITED : ServiceFlags.NETWORK;
        return ServiceFlags.has(services, blocks | ServiceFlags.WITNESS);
    }

    // ---- dialling

    static String hostOf(String name) {
        return name.substring(0, name.indexOf(':') < 0 ? name.length() : name.indexOf(':'));
    }

    final @Nullable NetAddress numeric(String name) {
        try {
            return NetAddress.parse(name, port());
        } catch (IllegalArgumentException _) {
            return null;
        }
    }

    boolean isUnderWay(String name) {
        return waiting.stream().anyMatch(each -> hostOf(each.name()).equals(hostOf(name)))
                || there().stream().anyMatch(each -> !each.isOpen() && isOf(each, name));
    }

    static boolean isOf(Line line, String name) {
        return line.dial.name().equals(name);
    }

    void dial(Dial dial) {
        if (!active) {
            return;
        }
        if (dial.name().isEmpty()) {
            NetAddress address = dial.address();
            if (own.contains(address) || isUnwanted(address) || isHostThere(address)) {
                meet("dial refused");
            } else {
                start(dial);
            }
        } else if (open().stream().noneMatch(each -> isOf(each, dial.name()))
                && !isUnderWay(dial.name())) {
            NetAddress address = numeric(dial.name());
            if (address != null) {
                start(dial.at(address));
            } else {
                waiting.add(dial);
                boolean bare = dial.name().indexOf(':') < 0;
                String port = dial.name().substring(dial.name().indexOf(':') + 1);
                int number = bare ? port() : Integer.parseInt(port);
                out.add(new PeerOutput.Resolve(hostOf(dial.name()), number));
            }
        }
    }

    void start(Dial dial) {
        if (isThere(dial.address()) || !dial.address().isValid()) {
            meet("address not dialled");
            return;
        }
        open(dial);
    }

    void open(Dial dial) {
        book.attempt(dial.address(), dial.countFailure(), seconds);
        var line = new Line(dial, new DialId(nextDial++), dial.address());
        diary.add(line);
        meet((dial.countFailure() ? "counted " : "") + dial.type());
        out.add(new PeerOutput.Connect(line.id, dial.address(), dial.type(), dial.v2()));
    }

    // ---- nodes that the operator wants

    boolean isConnected(Kept one) {
        NetAddress address = numeric(one.name);
        return open().stream()
                .anyMatch(each -> each.address.equals(address) || isOf(each, one.name));
    }

    void keepNodes() {
        int room = 8 - count(MANUAL);
        for (Kept each : active ? kept : List.<Kept>of()) {
            if (isConnected(each)) {
                each.tries.clear();
            } else if ((room > 0 || !each.added)
                    && nanos >= each.nextTry()
                    && !isUnderWay(each.name)) {
                room--;
                each.tries.add(nanos);
                dial(Dial.named(each.name, MANUAL, each.v2));
            }
        }
    }

    final boolean keep(String name, boolean v2) {
        NetAddress address = numeric(name);
        for (Kept each : kept) {
            boolean same = address != null && address.equals(numeric(each.name));
            if (each.added && (same || each.name.equals(name))) {
                return false;
            }
        }
        kept.add(new Kept(name, v2, true));
        return true;
    }

    boolean forget(String name) {
        return kept.removeIf(each -> each.added && each.name.equals(name));
    }

    boolean isKept(NetAddress address) {
        return kept.stream()
                .filter(each -> each.added)
                .anyMatch(
                        each ->
                                each.name.equals(address.toString())
                                        || each.name.equals(address.addressText()));
    }
}
