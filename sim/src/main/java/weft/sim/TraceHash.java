package weft.sim;

import weft.p2p.PeerInput;

/// A running hash of everything that happens in a world: when, to whom, what, from whom, how large. Two runs
/// with one hash had one history.
final class TraceHash {
    private static final long FIRST = 0x9e37_79b9_7f4a_7c15L;
    private static final long SECOND = 0xc2b2_ae3d_27d4_eb4fL;

    private long high = FIRST;
    private long low = SECOND;

    TraceHash() {}

    void add(long nanos, int node, PeerInput input) {
        mix(nanos);
        mix(node);
        switch (input) {
            case PeerInput.Received each -> {
                mix(each.peer().value());
                mix(each.message().command().hashCode());
                mix(each.wireBytes());
            }
            case PeerInput.Sent each -> {
                mix(each.peer().value());
                mix(each.command().hashCode());
                mix(each.wireBytes());
            }
            case PeerInput.Connected each -> mix(each.peer().value());
            case PeerInput.Accepted each -> mix(each.peer().value());
            case PeerInput.Disconnected each -> mix(each.peer().value());
            default -> mix(input.getClass().getSimpleName().hashCode());
        }
    }

    private void mix(long value) {
        high = scramble(high ^ value);
        low = scramble(low + value * FIRST);
    }

    /// A permutation of 64 bits in which each bit changes half of the others.
    private static long scramble(long value) {
        long mixed = (value ^ (value >>> 32)) * SECOND;
        mixed = (mixed ^ (mixed >>> 29)) * FIRST;
        return mixed ^ (mixed >>> 32);
    }

    @Override
    public String toString() {
        return String.format(java.util.Locale.ROOT, "%016x%016x", high, low);
    }
}
