package weft.sim;

import java.util.LinkedHashMap;
import java.util.Map;
import weft.p2p.PeerId;
import weft.primitives.BlockHash;

/// One end of a connection between two nodes, as the node at this end sees it.
final class Link {
    final PeerId peer;
    final SimNode owner;
    final long latencyNanos;
    Link other;
    boolean open = true;

    /// When something came from the other end; the beginning counts.
    long heardNanos;

    /// Blocks that the owner asked for and that are not answered yet, and when it asked.
    final Map<BlockHash, Long> asked = new LinkedHashMap<>();

    private long busyUntilNanos;

    Link(PeerId peer, SimNode owner, long latencyNanos) {
        this.peer = peer;
        this.owner = owner;
        this.latencyNanos = latencyNanos;
        this.other = this;
    }

    /// When a message that leaves now arrives at the other end; messages keep their order.
    long arrival(long nowNanos, long transmissionNanos) {
        busyUntilNanos = Math.max(busyUntilNanos, nowNanos) + transmissionNanos;
        return busyUntilNanos + latencyNanos;
    }
}
