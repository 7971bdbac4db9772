package weft.p2p;

/// An attempt to connect, from [PeerOutput.Connect] to [PeerInput.Connected] or [PeerInput.DialFailed].
public record DialId(long value) implements Comparable<DialId> {
    @Override
    public int compareTo(DialId other) {
        return Long.compare(value, other.value);
    }
}
