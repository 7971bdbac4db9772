package weft.p2p.tx;

import java.util.Collection;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import weft.chain.api.Origin;
import weft.p2p.PeerId;
import weft.p2p.PeerTable;
import weft.p2p.peers.PeerMap;
import weft.primitives.log.Log;

/// What the parts of transaction relay share.
final class TxContext {
    final TxOptions options;
    final PeerTable peers;
    final RandomGenerator random;
    final Log log;
    final MempoolMirror mempool = new MempoolMirror();
    boolean initialBlockDownload = true;
    boolean uploadLimited;
    long mempoolMinFee;
    private final PeerMap<TxPeer> states = new PeerMap<>();

    TxContext(TxOptions options, PeerTable peers, RandomGenerator random, Log log) {
        this.options = options;
        this.peers = peers;
        this.random = random;
        this.log = log;
    }

    void add(TxPeer peer) {
        states.put(peer.id(), peer);
    }

    void remove(PeerId peer) {
        states.remove(peer);
    }

    @Nullable TxPeer find(PeerId peer) {
        return states.get(peer);
    }

    @Nullable TxPeer find(Origin origin) {
        return origin.id() < 0 ? null : states.get(new PeerId(origin.id()));
    }

    /// All peers in the order of their numbers; the list stays as it is.
    Collection<TxPeer> all() {
        return states.values();
    }

    /// A waiting time with a given mean, each moment as likely as any other to be the end.
    long exponentialNanos(long meanNanos) {
        return (long) (-Math.log1p(-random.nextDouble()) * meanNanos);
    }
}
