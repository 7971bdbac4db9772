package weft.p2p.bloom;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import org.jspecify.annotations.Nullable;
import weft.crypto.Sha256;
import weft.primitives.Block;
import weft.primitives.Bytes;
import weft.primitives.Check;
import weft.primitives.Digest256;
import weft.primitives.Hash256;
import weft.primitives.Transaction;
import weft.wire.MerkleBlock;

/// The proof that some transactions are in a block: the part of its Merkle tree that is needed to find the
/// root from them. See BIP-0037.
///
/// Nodes are visited depth first. A node above a wanted transaction has bit 1 and is followed down; any other
/// has bit 0 and a hash. Transactions, at the bottom, have a hash whichever their bit is.
public final class PartialMerkleTree {
    /// Least weight of a transaction without witnesses; no block has more transactions than fit.
    private static final int TRANSACTIONS_MAX = 4_000_000 / 240;

    private final int txCount;
    private final List<Digest256> hashes;
    private final BitSet bits;
    private final int bitCount;

    private PartialMerkleTree(int txCount, List<Digest256> hashes, BitSet bits, int bitCount) {
        this.txCount = txCount;
        this.hashes = hashes;
        this.bits = bits;
        this.bitCount = bitCount;
    }

    /// What a proof proves.
    ///
    /// @param root of the tree; to be compared with the header's
    /// @param transactions that the proof was made for, in the order of the block
    /// @param positions of them in the block, beginning with 0
    public record Matches(Digest256 root, List<Digest256> transactions, List<Integer> positions) {
        /// Keeps copies of the lists.
        public Matches {
            transactions = List.copyOf(transactions);
            positions = List.copyOf(positions);
        }
    }

    /// The proof for some transactions of a block.
    ///
    /// @param txids of all transactions of the block, at least one
    /// @param wanted the positions of those to be proved
    public static PartialMerkleTree of(List<? extends Hash256> txids, BitSet wanted) {
        Check.argument(!txids.isEmpty(), "a block without transactions");
        var builder = new Builder(txids, wanted);
        builder.descend(height(txids.size()), 0);
        return new PartialMerkleTree(
                txids.size(), List.copyOf(builder.hashes), builder.bits, builder.bitCount);
    }

    /// The `merkleblock` message for some transactions of a block.
    public static MerkleBlock message(Block block, BitSet wanted) {
        List<? extends Hash256> txids =
                block.transactions().stream().map(Transaction::txid).toList();
        PartialMerkleTree tree = of(txids, wanted);
        return new MerkleBlock(block.header(), tree.txCount, tree.hashes, tree.flags());
    }

    /// The proof in a message. What it proves, if anything, is for [#matches] to say.
    public static PartialMerkleTree of(MerkleBlock message) {
        int count = (int) Math.min(message.txCount(), Integer.MAX_VALUE);
        return new PartialMerkleTree(
                count,
                message.hashes(),
                BitSet.valueOf(message.flags().toByteArray()),
                message.flags().length() * 8);
    }

    /// The bits, packed, least significant first.
    public Bytes flags() {
        byte[] packed = new byte[(bitCount + 7) / 8];
        byte[] used = bits.toByteArray();
        System.arraycopy(used, 0, packed, 0, used.length);
        return Bytes.wrap(packed);
    }

    /// The hashes, depth first.
    public List<Digest256> hashes() {
        return hashes;
    }

    /// Transactions of the block.
    public int txCount() {
        return txCount;
    }

    /// Reads the proof; null if it is no proof at all, whatever the root.
    public @Nullable Matches matches() {
        if (txCount == 0
                || txCount > TRANSACTIONS_MAX
                || hashes.size() > txCount
                || bitCount < hashes.size()) {
            return null;
        }
        var reader = new Reader(this);
        Digest256 root = reader.ascend(height(txCount), 0);
        boolean allUsed =
                (reader.bitsUsed + 7) / 8 == (bitCount + 7) / 8
                        && reader.hashesUsed == hashes.size();
        return reader.broken || !allUsed
                ? null
                : new Matches(root, reader.transactions, reader.positions);
    }

    private static int width(int txCount, int level) {
        return (txCount + (1 << level) - 1) >> level;
    }

    private static int height(int txCount) {
        int height = 0;
        while (width(txCount, height) > 1) {
            height++;
        }
        return height;
    }

    private static Digest256 parent(Hash256 left, Hash256 right) {
        byte[] both = new byte[2 * Sha256.BYTES];
        System.arraycopy(left.toByteArray(), 0, both, 0, Sha256.BYTES);
        System.arraycopy(right.toByteArray(), 0, both, Sha256.BYTES, Sha256.BYTES);
        return Digest256.of(Sha256.hashTwice(both, 0, both.length));
    }

    /// Makes a proof.
    private static final class Builder {
        private final List<List<Digest256>> levels = new ArrayList<>();
        private final BitSet wanted;
        private final List<Digest256> hashes = new ArrayList<>();
        private final BitSet bits = new BitSet();
        private int bitCount;

        Builder(List<? extends Hash256> txids, BitSet wanted) {
            this.wanted = wanted;
            List<Digest256> level = new ArrayList<>();
            txids.forEach(each -> level.add(Digest256.of(each.toByteArray())));
            levels.add(level);
            while (levels.getLast().size() > 1) {
                levels.add(above(levels.getLast()));
            }
        }

        private static List<Digest256> above(List<Digest256> level) {
            List<Digest256> above = new ArrayList<>((level.size() + 1) / 2);
            for (int i = 0; i < level.size(); i += 2) {
                above.add(parent(level.get(i), level.get(Math.min(i + 1, level.size() - 1))));
            }
            return above;
        }

        void descend(int level, int at) {
            int next = wanted.nextSetBit(at << level);
            boolean isAbove = next >= 0 && next < (at + 1) << level && next < levels.get(0).size();
            bits.set(bitCount++, isAbove);
            if (level == 0 || !isAbove) {
                hashes.add(levels.get(level).get(at));
                return;
            }
            descend(level - 1, at * 2);
            if (at * 2 + 1 < levels.get(level - 1).size()) {
                descend(level - 1, at * 2 + 1);
            }
        }
    }

    /// Reads a proof.
    private static final class Reader {
        private final PartialMerkleTree tree;
        private final List<Digest256> transactions = new ArrayList<>();
        private final List<Integer> positions = new ArrayList<>();
        private int bitsUsed;
        private int hashesUsed;
        private boolean broken;

        Reader(PartialMerkleTree tree) {
            this.tree = tree;
        }

        Digest256 ascend(int level, int at) {
            if (broken || bitsUsed >= tree.bitCount) {
                broken = true;
                return Digest256.ZERO;
            }
            boolean isAbove = tree.bits.get(bitsUsed++);
            if (level == 0 || !isAbove) {
                return leaf(level, at, isAbove);
            }
            Digest256 left = ascend(level - 1, at * 2);
            Digest256 right = left;
            if (at * 2 + 1 < width(tree.txCount, level - 1)) {
                right = ascend(level - 1, at * 2 + 1);
                // Two equal halves could stand for transactions that are in the block once only.
                broken |= right.equals(left);
            }
            return broken ? Digest256.ZERO : parent(left, right);
        }

        private Digest256 leaf(int level, int at, boolean isWanted) {
            if (hashesUsed >= tree.hashes.size()) {
                broken = true;
                return Digest256.ZERO;
            }
            Digest256 hash = tree.hashes.get(hashesUsed++);
            if (level == 0 && isWanted) {
                transactions.add(hash);
                positions.add(at);
            }
            return hash;
        }
    }
}
