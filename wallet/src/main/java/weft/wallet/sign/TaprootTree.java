package weft.wallet.sign;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import weft.consensus.script.Taproot;
import weft.crypto.Secp256k1;
import weft.primitives.Bytes;
import weft.primitives.Check;

/// A taproot output as its maker knows it: the key inside and the whole tree of scripts. See BIP-0341.
/// Immutable.
public final class TaprootTree {
    /// Deepest place of a leaf.
    public static final int DEPTH_MAX = 128;

    private final Bytes internalKey;
    private final List<Leaf> leaves;
    private final Bytes merkleRoot;
    private final Bytes outputKey;
    private final int parity;
    private final List<Bytes> paths;

    /// A script at its place.
    ///
    /// @param depth below the root, 0 for a tree of one leaf
    /// @param version its leaf version, an even number
    public record Leaf(int depth, int version, Bytes script) {}

    /// A subtree: its hash, and the leaves below, each with the hashes on its way up so far.
    private record Node(int depth, Bytes hash, List<Integer> below) {}

    private TaprootTree(Bytes internalKey, List<Leaf> leaves) {
        this.internalKey = internalKey;
        this.leaves = List.copyOf(leaves);
        var ways = new ArrayList<Bytes>();
        Node root = join(this.leaves, ways);
        this.paths = List.copyOf(ways);
        this.merkleRoot = root == null ? Bytes.EMPTY : root.hash;
        byte[] internal = internalKey.toByteArray();
        byte[] tweak = Taproot.tweak(internal, merkleRoot.toByteArray());
        Bytes output =
                Bytes.wrap(
                        Secp256k1.get()
                                .xOnlyTweakAdd(internal, tweak)
                                .orElseThrow(() -> new IllegalArgumentException("not a key")));
        this.parity = output.at(0) & 1;
        this.outputKey = output.from(1);
    }

    /// A tree.
    ///
    /// @param internalKey x-only, a point of the curve
    /// @param leaves depth first, from left to right; see [#isComplete]
    public static TaprootTree of(Bytes internalKey, List<Leaf> leaves) {
        Check.argument(isComplete(leaves), "not a tree");
        return new TaprootTree(internalKey, leaves);
    }

    /// Whether depths of leaves, from left to right, are those of a tree.
    public static boolean isComplete(List<Leaf> leaves) {
        var open = new ArrayList<Integer>();
        for (Leaf leaf : leaves) {
            if (leaf.depth < 0 || leaf.depth > DEPTH_MAX) {
                return false;
            }
            if (!open.isEmpty() && (open.getLast() > leaf.depth || open.getLast() == 0)) {
                return false;
            }
            int depth = leaf.depth;
            while (!open.isEmpty() && open.getLast() == depth) {
                open.removeLast();
                depth--;
            }
            open.add(depth);
        }
        return open.isEmpty() || (open.size() == 1 && open.getFirst() == 0);
    }

    private static @Nullable Node join(List<Leaf> leaves, List<Bytes> paths) {
        var open = new ArrayList<Node>();
        for (int i = 0; i < leaves.size(); i++) {
            Leaf leaf = leaves.get(i);
            paths.add(Bytes.EMPTY);
            var node =
                    new Node(
                            leaf.depth,
                            Bytes.wrap(Taproot.leafHash(leaf.version, leaf.script)),
                            List.of(i));
            while (!open.isEmpty() && open.getLast().depth == node.depth) {
                node = join(open.removeLast(), node, paths);
            }
            open.add(node);
        }
        return open.isEmpty() ? null : open.getFirst();
    }

    private static Node join(Node left, Node right, List<Bytes> paths) {
        left.below.forEach(i -> paths.set(i, paths.get(i).plus(right.hash)));
        right.below.forEach(i -> paths.set(i, paths.get(i).plus(left.hash)));
        var below = new ArrayList<>(left.below);
        below.addAll(right.below);
        byte[] hash = Taproot.branchHash(left.hash.toByteArray(), right.hash.toByteArray());
        return new Node(left.depth - 1, Bytes.wrap(hash), below);
    }

    /// The key inside, x-only.
    public Bytes internalKey() {
        return internalKey;
    }

    /// The leaves, depth first, from left to right.
    public List<Leaf> leaves() {
        return leaves;
    }

    /// The key of the output, x-only.
    public Bytes outputKey() {
        return outputKey;
    }

    /// What a spender needs.
    public TaprootSpend spend() {
        var spend = new TaprootSpend();
        spend.internalKey(internalKey);
        spend.merkleRoot(merkleRoot);
        for (int i = 0; i < leaves.size(); i++) {
            Leaf leaf = leaves.get(i);
            Bytes head = Bytes.wrap(new byte[] {(byte) (leaf.version | parity)});
            spend.add(
                    new TaprootSpend.Leaf(leaf.script, leaf.version),
                    head.plus(internalKey).plus(paths.get(i)));
        }
        return spend;
    }
}
