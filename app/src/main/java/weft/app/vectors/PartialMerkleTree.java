package weft.app.vectors;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import weft.crypto.Sha256;
import weft.primitives.Bytes;
import weft.primitives.Digest256;
import weft.primitives.codec.MalformedBytes;
import weft.wire.MerkleBlock;

/// The part of a tree of hashes that a proof shows. See BIP-0037.
final class PartialMerkleTree {
    private static final int TRANSACTIONS_MAX = 4_000_000 / 240;

    private final MerkleBlock proof;
    private final List<Integer> matches = new ArrayList<>();
    private int bit;
    private int hash;
    private final Digest256 root;

    /// Walks through the proof.
    ///
    /// @throws MalformedBytes if it has more or less than its tree asks for
    PartialMerkleTree(MerkleBlock proof) {
        this.proof = proof;
        if (proof.txCount() == 0 || proof.txCount() > TRANSACTIONS_MAX) {
            throw new MalformedBytes("a proof over " + proof.txCount() + " transactions");
        }
        int height = 0;
        while (width(height) > 1) {
            height++;
        }
        root = walk(height, 0);
        if (hash != proof.hashes().size() || (bit + 7) / 8 != proof.flags().length()) {
            throw new MalformedBytes("a proof longer than its tree");
        }
    }

    private int width(int height) {
        return (int) ((proof.txCount() + (1L << height) - 1) >> height);
    }

    private Digest256 walk(int height, int position) {
        Bytes flags = proof.flags();
        if (bit >= 8 * flags.length()) {
            throw new MalformedBytes("a proof with too few flags");
        }
        boolean parentOfMatch = ((flags.at(bit / 8) >>> (bit % 8)) & 1) != 0;
        bit++;
        if (height == 0 || !parentOfMatch) {
            if (hash >= proof.hashes().size()) {
                throw new MalformedBytes("a proof with too few hashes");
            }
            if (height == 0 && parentOfMatch) {
                matches.add(position);
            }
            return proof.hashes().get(hash++);
        }
        Digest256 left = walk(height - 1, 2 * position);
        boolean hasRight = 2 * position + 1 < width(height - 1);
        Digest256 right = hasRight ? walk(height - 1, 2 * position + 1) : left;
        if (hasRight && right.equals(left)) {
            throw new MalformedBytes("a proof with the same hash twice");
        }
        return Digest256.of(
                new Sha256().update(left.toByteArray()).update(right.toByteArray()).finishTwice());
    }

    Digest256 root() {
        return root;
    }

    /// Positions of the transactions proven, in order.
    List<Integer> matches() {
        return Collections.unmodifiableList(matches);
    }
}
