package weft.consensus;

import java.util.List;
import org.jspecify.annotations.Nullable;
import weft.primitives.Block;
import weft.primitives.Bytes;
import weft.primitives.Check;
import weft.primitives.Digest256;
import weft.primitives.Hash256;
import weft.primitives.Transaction;
import weft.primitives.codec.ByteWriter;

/// What a block must be, alone and on its branch, before its coins are looked at.
public final class BlockCheck {
    /// Most signature operations of a block, as BIP-0141 weighs them.
    public static final int SIGOPS_COST_MAX = 80_000;

    private static final int WITNESS_NONCE_BYTES = 32;

    private BlockCheck() {}

    /// The rules of a block alone, proof of work left out; null if all are kept.
    public static @Nullable RuleFailure check(Block block, ChainParams params) {
        Bytes challenge = params.signetChallenge().orElse(null);
        if (challenge != null && !SignetSolution.isValid(block, challenge, params)) {
            return RuleFailure.consensus(
                    "bad-signet-blksig", "signet block signature validation failure");
        }
        return check(block);
    }

    private static @Nullable RuleFailure checkRoot(Block block) {
        MerkleRoot.Result merkle = MerkleRoot.of(block);
        if (!merkle.root().equals(block.header().merkleRoot())) {
            return RuleFailure.mutated("bad-txnmrklroot", "hashMerkleRoot mismatch");
        }
        // CVE-2012-2459: the same root, another list of transactions.
        if (merkle.mutated()) {
            return RuleFailure.mutated("bad-txns-duplicate", "duplicate transaction");
        }
        return null;
    }

    /// The rules of a block alone, proof of work and signet's signature left out; null if all are kept.
    public static @Nullable RuleFailure check(Block block) {
        RuleFailure root = checkRoot(block);
        if (root != null) {
            return root;
        }
        List<Transaction> transactions = block.transactions();
        if (transactions.isEmpty()
                || (long) transactions.size() * TxCheck.WITNESS_SCALE > TxCheck.BLOCK_WEIGHT_MAX
                || (long) block.strippedSize() * TxCheck.WITNESS_SCALE > TxCheck.BLOCK_WEIGHT_MAX) {
            return RuleFailure.consensus("bad-blk-length", "size limits failed");
        }
        if (!transactions.getFirst().isCoinbase()) {
            return RuleFailure.consensus("bad-cb-missing", "first tx is not coinbase");
        }
        if (transactions.stream().skip(1).anyMatch(Transaction::isCoinbase)) {
            return RuleFailure.consensus("bad-cb-multiple", "more than one coinbase");
        }
        return checkTransactions(transactions);
    }

    private static @Nullable RuleFailure checkTransactions(List<Transaction> transactions) {
        long sigOps = 0;
        for (Transaction tx : transactions) {
            RuleFailure failure = TxCheck.check(tx);
            if (failure != null) {
                return RuleFailure.consensus(
                        failure.reason(),
                        "Transaction check failed (tx hash " + tx.txid() + ") " + failure.detail());
            }
            sigOps += SigOps.legacyCount(tx);
        }
        return sigOps * TxCheck.WITNESS_SCALE > SIGOPS_COST_MAX
                ? RuleFailure.consensus("bad-blk-sigops", "out-of-bounds SigOpCount")
                : null;
    }

    /// The rules of a block on top of `parent`; null if all are kept.
    public static @Nullable RuleFailure checkInContext(
            Block block, HeaderView parent, ChainParams params) {
        int height = parent.height() + 1;
        ChainParams.Heights heights = params.heights();
        long cutoff = height >= heights.csv() ? parent.medianTimePast() : block.header().time();
        for (Transaction tx : block.transactions()) {
            if (!LockTimes.isFinal(tx, height, cutoff)) {
                return RuleFailure.consensus("bad-txns-nonfinal", "non-final transaction");
            }
        }
        if (height >= heights.bip34()) {
            Bytes script = block.transactions().getFirst().inputs().getFirst().scriptSig();
            if (!script.startsWith(heightPush(height))) {
                return RuleFailure.consensus("bad-cb-height", "block height mismatch in coinbase");
            }
        }
        RuleFailure witness = checkWitness(block, height >= heights.segwit());
        if (witness != null) {
            return witness;
        }
        return block.weight() > TxCheck.BLOCK_WEIGHT_MAX
                ? RuleFailure.consensus(
                        "bad-blk-weight", "ContextualCheckBlock : weight limit failed")
                : null;
    }

    /// Whether the body may not be what its maker hashed, as far as the block alone can tell: who sent it may
    /// have changed it, and the block itself may still be valid.
    ///
    /// @param segwit whether the block may have witnesses
    public static boolean isMutated(Block block, boolean segwit) {
        if (checkRoot(block) != null) {
            return true;
        }
        List<Transaction> transactions = block.transactions();
        if (transactions.isEmpty() || !transactions.getFirst().isCoinbase()) {
            // An inner node of the tree has the length of two hashes: it may pose as a transaction.
            return transactions.stream().anyMatch(tx -> tx.strippedSize() == 2 * Hash256.BYTES);
        }
        return checkWitness(block, segwit) != null;
    }

    private static @Nullable RuleFailure checkWitness(Block block, boolean segwit) {
        Transaction coinbase = block.transactions().getFirst();
        int index = segwit ? WitnessCommitment.indexIn(coinbase) : -1;
        if (index >= 0) {
            List<Bytes> items = coinbase.witness(0).items();
            if (items.size() != 1 || items.getFirst().length() != WITNESS_NONCE_BYTES) {
                return RuleFailure.mutated(
                        "bad-witness-nonce-size",
                        "CheckWitnessMalleation : invalid witness reserved value size");
            }
            Bytes script = coinbase.outputs().get(index).scriptPubKey();
            Digest256 claimed =
                    Digest256.of(
                            script.slice(WitnessCommitment.PREFIX.length(), WITNESS_NONCE_BYTES)
                                    .toByteArray());
            return claimed.equals(WitnessCommitment.of(block, items.getFirst()))
                    ? null
                    : RuleFailure.mutated(
                            "bad-witness-merkle-match",
                            "CheckWitnessMalleation : witness merkle commitment mismatch");
        }
        return block.transactions().stream().anyMatch(Transaction::hasWitness)
                ? RuleFailure.mutated(
                        "unexpected-witness",
                        "CheckWitnessMalleation : unexpected witness data found")
                : null;
    }

    /// How the script of a coinbase must begin: the height as a script number. See BIP-0034.
    public static Bytes heightPush(int height) {
        Check.argument(height >= 0, "heights are not negative");
        if (height == 0) {
            return Bytes.wrap(new byte[] {0});
        }
        if (height <= 16) {
            return Bytes.wrap(new byte[] {(byte) (0x50 + height)});
        }
        var number = new ByteWriter();
        int rest = height;
        while (rest > 0) {
            number.u8(rest);
            rest >>>= 8;
            if (rest == 0 && (number.toByteArray()[number.size() - 1] & 0x80) != 0) {
                number.u8(0);
            }
        }
        return new ByteWriter().u8(number.size()).bytes(number.toByteArray()).toBytes();
    }
}
