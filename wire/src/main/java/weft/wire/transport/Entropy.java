package weft.wire.transport;

/// Where secrets come from: `SecureRandom` in production, a seed in simulations.
@FunctionalInterface
public interface Entropy {
    /// Overwrites a whole array with bytes that nobody can guess.
    void fill(byte[] target);

    /// So many new bytes.
    default byte[] bytes(int count) {
        byte[] bytes = new byte[count];
        fill(bytes);
        return bytes;
    }
}
