package weft.p2p;

/// A connection: a number given by us when it opened, counted from 0 and never used again.
public record PeerId(long value) implements Comparable<PeerId> {
    @Override
    public int compareTo(PeerId other) {
        return Long.compare(value, other.value);
    }

    @Override
    public String toString() {
        return Long.toString(value);
    }
}
