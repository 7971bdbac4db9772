package weft.chain;

import java.math.BigInteger;
import java.util.List;
import org.jspecify.annotations.Nullable;
import weft.chain.api.BlockFailure;
import weft.chain.api.HeaderNode;
import weft.consensus.Coin;
import weft.primitives.Block;
import weft.primitives.BlockHash;
import weft.primitives.BlockHeader;
import weft.primitives.Bytes;
import weft.primitives.Digest256;
import weft.primitives.Now;
import weft.primitives.OutPoint;
import weft.primitives.Transaction;
import weft.primitives.TxIn;
import weft.primitives.TxOut;

/// Rules small enough to be modelled by hand: a block's work is what its nonce says, scripts are one
/// byte.
final class ToyRules implements ChainRules {
    static final long SUBSIDY = 1_000;
    static final int MATURITY = 2;
    static final Bytes BAD_SCRIPT = Bytes.parse("ff");

    /// A header of this version is a checkpoint.
    static final int CHECKPOINT_VERSION = 77;

    /// Runs the one-byte scripts.
    static final ScriptVerifier SCRIPTS =
            checks -> {
                for (ScriptCheck check : checks) {
                    if (check.tx().inputs().get(check.input()).scriptSig().equals(BAD_SCRIPT)) {
                        return new ScriptVerifier.Failure(check, "toy error");
                    }
                }
                return null;
            };

    private final Block genesis = block(BlockHash.ZERO, 0, 1, List.of(coinbase(0, 0, SUBSIDY)));

    static Block block(BlockHash parent, long time, long work, List<Transaction> txs) {
        return Block.of(new BlockHeader(4, parent, merkle(txs), time, 0, work), txs);
    }

    /// Not a Merkle tree, but enough to tell bodies apart.
    private static Digest256 merkle(List<Transaction> txs) {
        long mixed = 17;
        for (Transaction tx : txs) {
            mixed = mixed * 31 + tx.txid().w0();
        }
        return new Digest256(mixed, txs.size(), 0, 0);
    }

    static Transaction coinbase(int height, long unique, long value) {
        Bytes script =
                Bytes.wrap(new byte[] {2, (byte) height, (byte) unique, (byte) (unique >> 8)});
        var input = new TxIn(OutPoint.NULL, script, 0);
        return Transaction.of(
                1, List.of(input), List.of(new TxOut(value, Bytes.parse("51"))), List.of(), 0);
    }

    @Override
    public Block genesis() {
        return genesis;
    }

    @Override
    public BigInteger work(BlockHeader header) {
        return BigInteger.valueOf(header.nonce());
    }

    @Override
    public boolean isCheckpoint(HeaderNode node) {
        return node.header().version() == CHECKPOINT_VERSION;
    }

    @Override
    public @Nullable BlockFailure checkHeader(BlockHeader header, BlockHash hash) {
        return header.nonce() == 0
                ? new BlockFailure(
                        BlockFailure.Kind.INVALID_HEADER, "high-hash", "proof of work failed")
                : null;
    }

    @Override
    public @Nullable BlockFailure checkHeaderInContext(
            BlockHeader header, HeaderNode parent, Now now) {
        if (header.bits() != 0) {
            return new BlockFailure(BlockFailure.Kind.INVALID_HEADER, "bad-diffbits", "");
        }
        return header.time() > now.unixSeconds() + 7200
                ? new BlockFailure(BlockFailure.Kind.TIME_FUTURE, "time-too-new", "")
                : null;
    }

    @Override
    public @Nullable BlockFailure checkTemplate(Block block) {
        return checkBlock(block);
    }

    @Override
    public @Nullable BlockFailure checkBlock(Block block) {
        return merkle(block.transactions()).equals(block.header().merkleRoot())
                ? null
                : new BlockFailure(
                        BlockFailure.Kind.MUTATED, "bad-txnmrklroot", "hashMerkleRoot mismatch");
    }

    @Override
    public @Nullable BlockFailure checkBlockInContext(Block block, HeaderNode parent) {
        return block.transactions().getFirst().isCoinbase()
                ? null
                : ChainFailures.consensus("bad-cb-missing", "");
    }

    @Override
    public boolean forbidsOverwriting(HeaderNode node) {
        return true;
    }

    @Override
    public boolean isOverwritten(HeaderNode node) {
        return false;
    }

    @Override
    public TxVerdict checkInputs(Transaction tx, List<Coin> spent, int height) {
        long fee = 0;
        for (Coin coin : spent) {
            if (coin.isCoinbase() && height - coin.height() < MATURITY) {
                return new TxVerdict(
                        0, ChainFailures.consensus("bad-txns-premature-spend-of-coinbase", ""));
            }
            fee += coin.out().value();
        }
        for (TxOut out : tx.outputs()) {
            fee -= out.value();
        }
        return fee < 0
                ? new TxVerdict(0, ChainFailures.consensus("bad-txns-in-belowout", ""))
                : new TxVerdict(fee, null);
    }

    @Override
    public boolean areSequenceLocksMet(Transaction tx, List<Coin> spent, HeaderNode node) {
        return true;
    }

    @Override
    public int scriptFlags(HeaderNode node) {
        return 0;
    }

    @Override
    public long sigOpsCost(Transaction tx, List<Coin> spent, int flags) {
        return 0;
    }

    @Override
    public long subsidy(int height) {
        return SUBSIDY;
    }

    @Override
    public long targetSpacingSeconds() {
        return 600;
    }
}
