package weft.p2p.addr;

import java.util.Map;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import weft.p2p.Peer;
import weft.primitives.log.Log;
import weft.wire.NetAddress;
import weft.wire.NetworkId;

/// Our own addresses, as far as we know them, and which of them a peer is told.
public final class LocalAddresses {
    /// Score of an address of a network interface.
    public static final int INTERFACE = 1;

    /// Score of an address that we listen on explicitly.
    public static final int BIND = 2;

    /// Score of an address from port mapping.
    public static final int MAPPED = 3;

    /// Score of an address that the operator named (`-externalip`).
    public static final int MANUAL = 4;

    private static final int TRUST_PEER_ONE_IN = 2;
    private static final int TRUST_PEER_ONE_IN_IF_MANUAL = 8;

    private final NetGroups groups;
    private final boolean discover;
    private final RandomGenerator random;
    private final Log log;
    private final Map<NetAddress, Integer> scores = new TreeMap<>();

    /// No addresses yet.
    ///
    /// @param discover believe what peers say of our address (`-discover`)
    public LocalAddresses(NetGroups groups, boolean discover, RandomGenerator random, Log log) {
        this.groups = groups;
        this.discover = discover;
        this.random = random;
        this.log = log;
    }

    /// Learns an address of ours.
    ///
    /// @return whether it is of use
    public boolean add(NetAddress address, int score) {
        if (!groups.isRoutable(address) || (!discover && score < MANUAL)) {
            return false;
        }
        log.info("AddLocal(" + address + "," + score + ")");
        scores.merge(address, score, (old, fresh) -> fresh >= old ? fresh + 1 : old);
        return true;
    }

    /// Knows exactly these from now on, as another run did.
    ///
    /// @param known addresses and their scores
    public void restore(Map<NetAddress, Integer> known) {
        scores.clear();
        scores.putAll(known);
    }

    /// An address is ours no more.
    public void remove(NetAddress address) {
        log.info("RemoveLocal(" + address + ")");
        scores.remove(address);
    }

    /// A peer that dialled us says that it dialled this address.
    public void seen(NetAddress address) {
        scores.computeIfPresent(address, (any, score) -> score + 1);
    }

    /// Whether an address is ours.
    public boolean contains(NetAddress address) {
        return scores.containsKey(address);
    }

    /// Our addresses and their scores (`getnetworkinfo`'s `localaddresses`).
    public Map<NetAddress, Integer> all() {
        return new TreeMap<>(scores);
    }

    /// The address to tell a peer; [NetAddress#UNSPECIFIED] for none.
    ///
    /// @param seenByPeer our address as the peer's `version` has it
    /// @param listenPort our port, where nothing better is known
    public NetAddress forPeer(Peer peer, NetAddress seenByPeer, int listenPort) {
        NetAddress best = bestFor(peer, listenPort);
        if (isGood(seenByPeer, peer)) {
            int oneIn =
                    scores.getOrDefault(best, 0) > MANUAL
                            ? TRUST_PEER_ONE_IN_IF_MANUAL
                            : TRUST_PEER_ONE_IN;
            if (!groups.isRoutable(best) || random.nextInt(oneIn) == 0) {
                best = peer.isInbound() ? seenByPeer : seenByPeer.withPort(best.port());
            }
        }
        return groups.isRoutable(best) ? best : NetAddress.UNSPECIFIED;
    }

    private boolean isGood(NetAddress seenByPeer, Peer peer) {
        return discover && groups.isRoutable(peer.address()) && groups.isRoutable(seenByPeer);
    }

    private static NetworkId networkOf(Peer peer) {
        return peer.onionBind() ? NetworkId.TORV3 : peer.address().network();
    }

    private static boolean isPrivacyNet(NetworkId network) {
        return network == NetworkId.TORV3 || network == NetworkId.I2P;
    }

    private NetAddress bestFor(Peer peer, int listenPort) {
        NetAddress best = NetAddress.UNSPECIFIED.withPort(listenPort);
        int bestScore = -1;
        int bestReach = -1;
        for (Map.Entry<NetAddress, Integer> each : scores.entrySet()) {
            NetAddress address = each.getKey();
            boolean otherNetwork = address.network() != networkOf(peer);
            if (otherNetwork && (address.isPrivacyNet() || isPrivacyNet(networkOf(peer)))) {
                continue;
            }
            int reach = address.reachabilityFrom(peer.address());
            if (reach > bestReach || (reach == bestReach && each.getValue() > bestScore)) {
                best = address;
                bestReach = reach;
                bestScore = each.getValue();
            }
        }
        return best;
    }
}
