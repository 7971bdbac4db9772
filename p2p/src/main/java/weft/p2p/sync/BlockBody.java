package weft.p2p.sync;

import java.util.Arrays;
import java.util.List;
import weft.consensus.MerkleRoot;
import weft.crypto.Sha256;
import weft.primitives.Block;
import weft.primitives.Bytes;
import weft.primitives.Transaction;

/// Whether a block's transactions belong to its header; needs no chain.
final class BlockBody {
    private static final int MERKLE_NODE_BYTES = 64;
    private static final int COMMITMENT_BYTES_MIN = 38;
    private static final Bytes COMMITMENT_PREFIX = Bytes.parse("6a24aa21a9ed");

    private BlockBody() {}

    /// What is wrong with the body, with Core's reject reason; empty if nothing is.
    ///
    /// @param segwit whether the block may have witnesses
    static String mutation(Block block, boolean segwit) {
        MerkleRoot.Result merkle = MerkleRoot.of(block);
        if (!merkle.root().equals(block.header().merkleRoot())) {
            return "bad-txnmrklroot, hashMerkleRoot mismatch";
        }
        if (merkle.mutated()) {
            return "bad-txns-duplicate, duplicate transaction";
        }
        if (block.transactions().isEmpty() || !block.transactions().getFirst().isCoinbase()) {
            boolean likeNode =
                    block.transactions().stream()
                            .anyMatch(tx -> tx.strippedSize() == MERKLE_NODE_BYTES);
            return likeNode ? "64-byte transaction" : "";
        }
        return witnessMutation(block, segwit);
    }

    private static String witnessMutation(Block block, boolean segwit) {
        Transaction coinbase = block.transactions().getFirst();
        Bytes commitment = Bytes.EMPTY;
        for (var output : coinbase.outputs()) {
            Bytes script = output.scriptPubKey();
            if (script.length() >= COMMITMENT_BYTES_MIN && script.startsWith(COMMITMENT_PREFIX)) {
                commitment = script.slice(COMMITMENT_PREFIX.length(), 32);
            }
        }
        if (segwit && !commitment.isEmpty()) {
            List<Bytes> reserved = coinbase.witness(0).items();
            if (reserved.size() != 1 || reserved.getFirst().length() != 32) {
                return "bad-witness-nonce-size, CheckWitnessMalleation : invalid witness reserved value size";
            }
            Bytes root = Bytes.wrap(MerkleRoot.ofWitnesses(block).toByteArray());
            byte[] expected = Sha256.hashTwice(root.plus(reserved.getFirst()).toByteArray());
            return Arrays.equals(expected, commitment.toByteArray())
                    ? ""
                    : "bad-witness-merkle-match, CheckWitnessMalleation : witness merkle commitment mismatch";
        }
        boolean witness = block.transactions().stream().anyMatch(Transaction::hasWitness);
        return witness
                ? "unexpected-witness, CheckWitnessMalleation : unexpected witness data found"
                : "";
    }
}
