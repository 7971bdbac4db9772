package weft.sim;

import weft.p2p.PeerId;

/// One end of a connection between two nodes, as the node at this end sees it.
final class Link {
    final PeerId peer;
    final SimNode owner;
    final long latencyNanos;
    Link other;
    boolean open = true;
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
