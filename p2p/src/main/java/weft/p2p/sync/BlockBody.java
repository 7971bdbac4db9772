package weft.p2p.sync;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import weft.crypto.Sha256;
import weft.primitives.Block;
import weft.primitives.Bytes;
import weft.primitives.Digest256;
import weft.primitives.Transaction;
import weft.primitives.Wtxid;

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
        var hashes = new ArrayList<byte[]>();
        block.transactions().forEach(tx -> hashes.add(tx.txid().toByteArray()));
        boolean[] duplicate = {false};
        if (!Digest256.of(merkleRoot(hashes, duplicate)).equals(block.header().merkleRoot())) {
            return "bad-txnmrklroot, hashMerkleRoot mismatch";
        }
        if (duplicate[0]) {
            return "bad-txns-duplicate, duplicate transaction";
        }
        if (block.transactions().isEmpty() || !block.transactions().getFirst().isCoinbase()) {
            boolean likeNode =
                    block.transactions().stream().anyMatch(tx -> tx.strippedSize() == MERKLE_NODE_BYTES);
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
            var hashes = new ArrayList<byte[]>();
            hashes.add(new byte[32]);
            for (Transaction tx : block.transactions().subList(1, block.transactions().size())) {
                Wtxid wtxid = tx.wtxid();
                hashes.add(wtxid.toByteArray());
            }
            byte[] root = merkleRoot(hashes, new boolean[1]);
            byte[] expected = Sha256.hashTwice(Bytes.wrap(root).plus(reserved.getFirst()).toByteArray());
            return Arrays.equals(expected, commitment.toByteArray())
                    ? ""
                    : "bad-witness-merkle-match, CheckWitnessMalleation : witness merkle commitment mismatch";
        }
        boolean witness = block.transactions().stream().anyMatch(Transaction::hasWitness);
        return witness ? "unexpected-witness, CheckWitnessMalleation : unexpected witness data found" : "";
    }

    /// @param duplicate set if two neighbours are equal where no rule made them so (CVE-2012-2459)
    private static byte[] merkleRoot(List<byte[]> leaves, boolean[] duplicate) {
        if (leaves.isEmpty()) {
            return new byte[32];
        }
        List<byte[]> level = leaves;
        while (level.size() > 1) {
            var above = new ArrayList<byte[]>();
            for (int i = 0; i < level.size(); i += 2) {
                byte[] left = level.get(i);
                byte[] right = i + 1 < level.size() ? level.get(i + 1) : left;
                duplicate[0] |= i + 1 < level.size() && Arrays.equals(left, right);
                above.add(Sha256.hashTwice(Bytes.wrap(left).plus(Bytes.wrap(right)).toByteArray()));
            }
            level = above;
        }
        return level.getFirst();
    }
}
