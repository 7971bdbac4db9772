package weft.sim;

import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.Map;
import weft.p2p.ConnectionType;
import weft.p2p.PeerId;
import weft.primitives.BlockHash;
import weft.primitives.Digest256;

/// One end of a connection between two nodes, as the node at this end sees it.
final class Link {
    /// A time that did not come.
    static final long NEVER = Long.MIN_VALUE;

    final PeerId peer;
    final SimNode owner;
    final long latencyNanos;
    Link other;
    boolean open = true;

    /// What it was opened for, as who dialled has it.
    ConnectionType type = ConnectionType.MANUAL;

    /// Whether the owner dialled.
    boolean dialled;

    /// When something came from the other end; the beginning counts.
    long heardNanos;

    /// Blocks that the owner asked for and that are not answered yet, and when it asked.
    final Map<BlockHash, Long> asked = new LinkedHashMap<>();

    /// Transactions that the owner asked for, by the id that it used, and when.
    final Map<Digest256, Long> askedTxs = new LinkedHashMap<>();

    /// Transactions that the owner announced, by the number that [Secrecy] gave them.
    final BitSet told = new BitSet();

    /// When the owner asked for headers; [#NEVER] if it has the answer.
    long headersAskedNanos = NEVER;

    /// Bytes that the owner sent and that have not arrived yet.
    long bytesOnTheWay;

    private long busyUntilNanos;
    private long lastArrivalNanos;

    Link(PeerId peer, SimNode owner, long latencyNanos) {
        this.peer = peer;
        this.owner = owner;
        this.latencyNanos = latencyNanos;
        this.other = this;
    }

    /// When a message that leaves now arrives at the other end; messages keep their order.
    ///
    /// @param detourNanos by what the way is longer than usual
    long arrival(long nowNanos, long transmissionNanos, long detourNanos) {
        busyUntilNanos = Math.max(busyUntilNanos, nowNanos) + transmissionNanos;
        lastArrivalNanos = Math.max(lastArrivalNanos, busyUntilNanos + latencyNanos + detourNanos);
        return lastArrivalNanos;
    }
}
