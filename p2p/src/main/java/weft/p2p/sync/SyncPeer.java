package weft.p2p.sync;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import weft.chain.api.HeaderNode;
import weft.p2p.ConnectionType;
import weft.p2p.Peer;
import weft.p2p.PeerId;
import weft.p2p.PeerPermissions;
import weft.primitives.BlockHash;
import weft.wire.ServiceFlags;

/// One peer as the synchronisation sees it. Times are on the monotonic clock in nanoseconds, null for never.
final class SyncPeer {
    final Peer peer;

    /// First choice for blocks and transactions: we dialled it, or trust it.
    final boolean preferred;

    /// The best header we know it has.
    @Nullable HeaderNode bestKnown;

    /// The last hash it announced that we did not know.
    @Nullable BlockHash lastUnknown;

    /// The last block that it and our active chain share, all blocks up to it being here.
    @Nullable HeaderNode lastCommon;

    /// The best header that we announced to it.
    @Nullable HeaderNode bestHeaderSent;

    // Headers from it.
    final ArrayDeque<PendingHeaders> pendingHeaders = new ArrayDeque<>();

    /// Where the last of them ends; null if none came or some were not accepted.
    @Nullable HeadersTail headersTail;

    boolean syncStarted;
    boolean askedForInvBeforeSync;

    /// It sent blocks, and the chain engine may not have looked at them yet.
    boolean blocksUnderWay;

    @Nullable Long getHeadersNanos;
    @Nullable Long headersTimeoutNanos;
    @Nullable HeadersSyncState lowWork;

    // Blocks from it.
    final Map<BlockHash, BlockRequest> inFlight = new LinkedHashMap<>();
    @Nullable Long stallingNanos;
    long downloadingNanos;
    long lastBlockSeconds;
    long lastAnnouncementSeconds;

    // Compact blocks.
    boolean providesCompact;
    boolean wantsCompactUnasked;
    boolean sendsCompactUnasked;

    // Announcements to it.
    boolean prefersHeaders;
    boolean sentSendHeaders;
    final List<HeaderNode> toAnnounce = new ArrayList<>();
    final List<BlockHash> toInv = new ArrayList<>();

    // Requests by it.
    final ArrayDeque<ServeRequest> requests = new ArrayDeque<>();
    @Nullable ServeRequest fetching;
    final ArrayDeque<FilterServer.Pending> filters = new ArrayDeque<>();
    @Nullable BlockHash continuation;
    boolean sendingPaused;

    /// Bytes of answers that wait to be sent, as far as we know.
    long unsentBytes;

    // Its chain must keep up with ours (outbound only).
    boolean protectedFromEviction;
    @Nullable Long chainTimeoutNanos;
    @Nullable HeaderNode chainBenchmark;
    boolean chainGetHeadersSent;

    SyncPeer(Peer peer) {
        this.peer = peer;
        this.preferred =
                (peer.type().isOutbound() || peer.permissions().has(PeerPermissions.NO_BAN))
                        && peer.type() != ConnectionType.ADDR_FETCH
                        && peer.type() != ConnectionType.FEELER
                        && (peer.services() & (ServiceFlags.NETWORK | ServiceFlags.NETWORK_LIMITED))
                                != 0;
    }

    PeerId id() {
        return peer.id();
    }

    boolean isOutbound() {
        return peer.type().isOutbound();
    }

    boolean may(int permission) {
        return peer.permissions().has(permission);
    }

    boolean isNoBan() {
        return may(PeerPermissions.NO_BAN);
    }

    /// Whether it has a header, as far as we know.
    boolean hasHeader(HeaderNode node) {
        HeaderNode known = bestKnown;
        HeaderNode sent = bestHeaderSent;
        return (known != null && known.hasAncestor(node))
                || (sent != null && sent.hasAncestor(node));
    }
}
