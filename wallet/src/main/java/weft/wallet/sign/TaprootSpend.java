package weft.wallet.sign;

import java.util.Comparator;
import java.util.NavigableMap;
import java.util.NavigableSet;
import java.util.TreeMap;
import java.util.TreeSet;
import weft.primitives.Bytes;

/// What is known of a taproot output: the key inside, the root of its scripts, and for each script the ways
/// to prove that it is there. See BIP-0341. Not safe for use by two threads.
public final class TaprootSpend {
    /// Shorter ones first.
    private static final Comparator<Bytes> BY_LENGTH =
            Comparator.comparingInt(Bytes::length).thenComparing(Comparator.naturalOrder());

    private Bytes internalKey = Bytes.EMPTY;
    private Bytes merkleRoot = Bytes.EMPTY;
    private final NavigableMap<Leaf, NavigableSet<Bytes>> leaves = new TreeMap<>();

    /// Nothing known.
    public TaprootSpend() {}

    /// A script of a tree.
    ///
    /// @param version its leaf version, an even number
    public record Leaf(Bytes script, int version) implements Comparable<Leaf> {
        @Override
        public int compareTo(Leaf other) {
            int order = script.compareTo(other.script);
            return order == 0 ? Integer.compare(version, other.version) : order;
        }
    }

    /// The key inside, x-only; empty if it is not known.
    public Bytes internalKey() {
        return internalKey;
    }

    /// Sets the key inside.
    public void internalKey(Bytes key) {
        internalKey = key;
    }

    /// The root of the scripts, 32 bytes; empty if there are none, or none are known.
    public Bytes merkleRoot() {
        return merkleRoot;
    }

    /// Sets the root of the scripts.
    public void merkleRoot(Bytes root) {
        merkleRoot = root;
    }

    /// The scripts, each with its control blocks, the shortest first.
    public NavigableMap<Leaf, NavigableSet<Bytes>> leaves() {
        return leaves;
    }

    /// Adds a control block of a script.
    public void add(Leaf leaf, Bytes controlBlock) {
        leaves.computeIfAbsent(leaf, _ -> new TreeSet<>(BY_LENGTH)).add(controlBlock);
    }

    /// Adds what another knows; what is known here stays.
    public void merge(TaprootSpend other) {
        if (internalKey.isEmpty()) {
            internalKey = other.internalKey;
        }
        if (merkleRoot.isEmpty()) {
            merkleRoot = other.merkleRoot;
        }
        other.leaves.forEach((leaf, blocks) -> blocks.forEach(block -> add(leaf, block)));
    }
}
