package weft.p2p.sync;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import weft.chain.api.HeaderNode;
import weft.primitives.BlockHash;

/// Which block is asked of whom. One peer a block, but up to [#PARALLEL_MAX] for compact blocks at the tip.
final class BlocksInFlight {
    /// Peers from which one block is fetched at a time.
    static final int PARALLEL_MAX = 3;

    private final Map<BlockHash, List<BlockRequest>> byHash = new HashMap<>();
    private int peersDownloadingFrom;

    boolean contains(BlockHash hash) {
        return byHash.containsKey(hash);
    }

    boolean isEmpty() {
        return byHash.isEmpty();
    }

    /// Number of requests, a block asked of two peers counting twice.
    int size() {
        int count = 0;
        for (List<BlockRequest> requests : byHash.values()) {
            count += requests.size();
        }
        return count;
    }

    /// The requests for one block, oldest first.
    List<BlockRequest> of(BlockHash hash) {
        return byHash.getOrDefault(hash, List.of());
    }

    @Nullable BlockRequest of(BlockHash hash, SyncPeer from) {
        return from.inFlight.get(hash);
    }

    /// Whether a block may be asked of one who has just said that it has it: if nobody else is asked; or of
    /// an outbound peer, if only inbound ones are, which never hold all places.
    boolean mayAskToo(BlockHash hash, SyncPeer from) {
        List<BlockRequest> requests = of(hash);
        return requests.isEmpty()
                || (from.isOutbound()
                        && requests.size() < PARALLEL_MAX
                        && requests.stream().noneMatch(each -> each.from.isOutbound()));
    }

    int peersDownloadingFrom() {
        return peersDownloadingFrom;
    }

    /// Notes that a block is asked of a peer; the request that there was if it had been already.
    BlockRequest add(SyncPeer from, HeaderNode node, long nowNanos) {
        BlockRequest known = from.inFlight.get(node.hash());
        if (known != null) {
            return known;
        }
        var request = new BlockRequest(from, node);
        from.inFlight.put(node.hash(), request);
        if (from.inFlight.size() == 1) {
            from.downloadingNanos = nowNanos;
            peersDownloadingFrom++;
        }
        byHash.computeIfAbsent(node.hash(), _ -> new ArrayList<>()).add(request);
        return request;
    }

    /// Forgets that a block was asked of a peer.
    void remove(BlockHash hash, SyncPeer from, long nowNanos) {
        BlockRequest request = from.inFlight.get(hash);
        if (request == null) {
            return;
        }
        if (from.inFlight.values().iterator().next() == request) {
            from.downloadingNanos = Math.max(from.downloadingNanos, nowNanos);
        }
        from.inFlight.remove(hash);
        if (from.inFlight.isEmpty()) {
            peersDownloadingFrom--;
        }
        from.stallingNanos = null;
        List<BlockRequest> requests = byHash.get(hash);
        if (requests != null) {
            requests.remove(request);
            if (requests.isEmpty()) {
                byHash.remove(hash);
            }
        }
    }

    /// Forgets that a block was asked of anybody.
    void removeAll(BlockHash hash, long nowNanos) {
        for (BlockRequest request : List.copyOf(of(hash))) {
            remove(hash, request.from, nowNanos);
        }
    }

    /// Forgets all that was asked of a peer.
    void removePeer(SyncPeer from, long nowNanos) {
        for (BlockHash hash : List.copyOf(from.inFlight.keySet())) {
            remove(hash, from, nowNanos);
        }
    }
}
