package weft.p2p.sync;

import java.math.BigInteger;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import weft.chain.api.HeaderNode;
import weft.chain.api.Origin;
import weft.p2p.Outbox;
import weft.p2p.PeerId;
import weft.p2p.PeerTable;
import weft.p2p.peers.PeerMap;
import weft.primitives.BlockHash;
import weft.primitives.BlockHeader;
import weft.primitives.Now;
import weft.primitives.log.Log;
import weft.wire.InvItem;
import weft.wire.InvType;
import weft.wire.ServiceFlags;

/// What the parts of the synchronisation share.
final class SyncContext {
    private static final int RECENT_INTERVALS = 20;
    private static final int BUFFER_BLOCKS = 144;

    final SyncRules rules;
    final SyncOptions options;
    final PeerTable peers;
    final RandomGenerator random;
    final Log log;
    final ChainIndex chain = new ChainIndex();
    final BlocksInFlight inFlight = new BlocksInFlight();
    final RecentBlocks recent = new RecentBlocks();

    /// Requested blocks that the chain engine has but has not yet spoken of: neither wanted nor known to be
    /// stored.
    final Set<BlockHash> submitted = new HashSet<>();

    private final PeerMap<SyncPeer> states = new PeerMap<>();

    SyncContext(
            SyncRules rules,
            SyncOptions options,
            PeerTable peers,
            RandomGenerator random,
            Log log) {
        this.rules = rules;
        this.options = options;
        this.peers = peers;
        this.random = random;
        this.log = log;
    }

    /// Whether a header is at most twenty block intervals old.
    boolean isRecent(HeaderNode node, Now now) {
        return node.time() > now.unixSeconds() - RECENT_INTERVALS * rules.targetSpacingSeconds();
    }

    /// Work that a branch must have before its headers are kept: about what our chain had a day ago.
    BigInteger antiDosWork() {
        HeaderNode tip = chain.tip();
        BigInteger buffer = rules.work(tip.header()).multiply(BigInteger.valueOf(BUFFER_BLOCKS));
        BigInteger nearTip = tip.chainWork().subtract(buffer.min(tip.chainWork()));
        return nearTip.max(rules.minimumChainWork());
    }

    /// Work that headers claim together.
    BigInteger workOf(List<BlockHeader> headers) {
        BigInteger total = BigInteger.ZERO;
        for (BlockHeader header : headers) {
            total = total.add(rules.work(header));
        }
        return total;
    }

    /// What we offer: all blocks only if there is no snapshot whose history is missing.
    long ourServices() {
        return chain.historyBase() == null
                ? options.ourServices()
                : options.ourServices() & ~ServiceFlags.NETWORK;
    }

    void add(SyncPeer peer) {
        states.put(peer.id(), peer);
    }

    void remove(PeerId peer) {
        states.remove(peer);
    }

    @Nullable SyncPeer find(PeerId peer) {
        return states.get(peer);
    }

    @Nullable SyncPeer find(Origin origin) {
        return origin.id() < 0 ? null : states.get(new PeerId(origin.id()));
    }

    /// All peers in the order of their numbers; the list stays as it is.
    Collection<SyncPeer> all() {
        return states.values();
    }

    static Origin origin(SyncPeer peer) {
        return new Origin(peer.id().value());
    }

    void misbehaving(SyncPeer peer, String why, Outbox out) {
        peers.misbehaving(peer.id(), why, out);
    }

    void disconnect(SyncPeer peer, String why, Outbox out) {
        peers.disconnect(peer.id(), why, out);
    }

    static boolean servesBlocks(SyncPeer peer) {
        return (peer.peer.services() & (ServiceFlags.NETWORK | ServiceFlags.NETWORK_LIMITED)) != 0;
    }

    static boolean isLimited(SyncPeer peer) {
        return !peer.peer.hasServices(ServiceFlags.NETWORK)
                && peer.peer.hasServices(ServiceFlags.NETWORK_LIMITED);
    }

    static boolean servesWitnesses(SyncPeer peer) {
        return peer.peer.hasServices(ServiceFlags.WITNESS);
    }

    /// A request for a whole block, with witnesses where the peer has them.
    static InvItem wanted(SyncPeer peer, BlockHash hash) {
        return InvItem.of(servesWitnesses(peer) ? InvType.WITNESS_BLOCK : InvType.BLOCK, hash);
    }
}
