package weft.light;

import org.jspecify.annotations.Nullable;
import weft.p2p.bloom.PartialMerkleTree;
import weft.primitives.Digest256;
import weft.primitives.Transaction;
import weft.wire.MerkleBlock;

/// Checks the proof that a transaction is in a block, as `merkleblock` and `gettxoutproof` give it, together
/// with the proof of the block's coinbase. See BIP-0037.
///
/// - *Rationale:* a Merkle tree does not say where its leaves are. A node above two hashes is the hash of 64
///   bytes, and so is a transaction of 64 bytes; who mines such a transaction can prove below it a payment
///   that never was, or sell an inner node as a payment (CVE-2017-12842). All transactions are equally deep,
///   and a coinbase whose half is the hash of something cannot be made: so the depth of the coinbase is the
///   true one.
/// - A transaction of 64 bytes is not proven at all, even if it is there.
///
/// What is proven is that the block's header commits to the transaction; whether the header is of the chain,
/// and the chain valid, is for [LightChain] to say.
public final class InclusionProof {
    /// Length of two hashes side by side, and so the length that no proven transaction may have.
    private static final int INNER_NODE_BYTES = 64;

    private InclusionProof() {}

    /// Why a proof proves nothing.
    public enum Refusal {
        /// The two proofs are of different blocks.
        OTHER_BLOCK,
        /// A proof is no tree, or not the tree of its header.
        BROKEN_TREE,
        /// A proof does not name the transaction that was given.
        NOT_NAMED,
        /// What was given as a coinbase is none, or is not the first transaction.
        NO_COINBASE,
        /// A transaction has 64 bytes without its witnesses.
        POSES_AS_NODE,
        /// The transaction would lie deeper in the tree than the coinbase, or higher.
        OTHER_DEPTH
    }

    /// Checks both proofs.
    ///
    /// @param tx whole, in any form
    /// @param proof of the transaction
    /// @param coinbase of the same block, whole
    /// @param coinbaseProof may be the same as `proof`, if that proves both
    /// @return why nothing is proven; null if the header commits to the transaction
    public static @Nullable Refusal check(
            Transaction tx, MerkleBlock proof, Transaction coinbase, MerkleBlock coinbaseProof) {
        if (!proof.header().equals(coinbaseProof.header())) {
            return Refusal.OTHER_BLOCK;
        }
        if (posesAsNode(tx) || posesAsNode(coinbase)) {
            return Refusal.POSES_AS_NODE;
        }
        PartialMerkleTree.Matches named = matches(proof);
        PartialMerkleTree.Matches first = matches(coinbaseProof);
        if (named == null || first == null) {
            return Refusal.BROKEN_TREE;
        }
        if (position(coinbase, first) != 0 || !coinbase.isCoinbase()) {
            return Refusal.NO_COINBASE;
        }
        if (position(tx, named) < 0) {
            return Refusal.NOT_NAMED;
        }
        return sameDepth(proof, coinbaseProof) ? null : Refusal.OTHER_DEPTH;
    }

    private static boolean posesAsNode(Transaction tx) {
        return tx.strippedSize() == INNER_NODE_BYTES;
    }

    private static PartialMerkleTree.@Nullable Matches matches(MerkleBlock proof) {
        PartialMerkleTree.Matches found = PartialMerkleTree.of(proof).matches();
        return found != null && found.root().equals(proof.header().merkleRoot()) ? found : null;
    }

    /// Where a proof names a transaction; negative if it does not.
    private static int position(Transaction tx, PartialMerkleTree.Matches named) {
        int at = named.transactions().indexOf(Digest256.of(tx.txid().toByteArray()));
        return at < 0 ? at : named.positions().get(at);
    }

    /// All leaves of one proof are equally deep, by the number of transactions that it claims.
    private static boolean sameDepth(MerkleBlock proof, MerkleBlock coinbaseProof) {
        return depth(proof.txCount()) == depth(coinbaseProof.txCount());
    }

    private static int depth(long txCount) {
        return Long.SIZE - Long.numberOfLeadingZeros(txCount - 1);
    }
}
