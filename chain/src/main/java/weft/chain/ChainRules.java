package weft.chain;

import java.math.BigInteger;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import weft.chain.api.BlockFailure;
import weft.chain.api.HeaderNode;
import weft.consensus.ChainParams;
import weft.consensus.Coin;
import weft.primitives.Block;
import weft.primitives.BlockHash;
import weft.primitives.BlockHeader;
import weft.primitives.Now;
import weft.primitives.Transaction;

/// What the chain state asks of consensus, with verdicts as [BlockFailure]s. Pure functions; a null
/// failure means that the rule is kept. [ConsensusRules] is the real one.
public interface ChainRules {
    /// The first block.
    Block genesis();

    /// Expected number of hashes that a header took.
    BigInteger work(BlockHeader header);

    /// Height and hash agree with a checkpoint.
    boolean isCheckpoint(HeaderNode node);

    /// Rules of a header alone: proof of work.
    @Nullable BlockFailure checkHeader(BlockHeader header, BlockHash hash);

    /// Rules of a header on its branch: difficulty, time, version.
    @Nullable BlockFailure checkHeaderInContext(BlockHeader header, HeaderNode parent, Now now);

    /// Rules of a block alone: merkle root, sizes, transactions (Core: `CheckBlock`).
    @Nullable BlockFailure checkBlock(Block block);

    /// Rules of a block alone that nobody has worked on or signed yet: as [#checkBlock], but without the
    /// solution of BIP-0325.
    @Nullable BlockFailure checkTemplate(Block block);

    /// Rules of a block on its branch: lock times, coinbase height, witness commitment, weight.
    @Nullable BlockFailure checkBlockInContext(Block block, HeaderNode parent);

    /// Whether no output of the block may exist already. See BIP-0030.
    boolean forbidsOverwriting(HeaderNode node);

    /// Whether disconnecting the block may find its coinbase gone: the blocks that BIP-0030 came too
    /// late for.
    boolean isOverwritten(HeaderNode node);

    /// Rules of a transaction that is not a coinbase on the coins that it spends: amounts, maturity.
    ///
    /// @param height of the block that the transaction is in
    TxVerdict checkInputs(Transaction tx, List<Coin> spent, int height);

    /// Whether the relative lock times of a transaction are met. See BIP-0068.
    boolean areSequenceLocksMet(Transaction tx, List<Coin> spent, HeaderNode node);

    /// Flags of the interpreter for a block, as Core numbers them.
    int scriptFlags(HeaderNode node);

    /// Cost of a transaction's signature operations. See BIP-0141.
    ///
    /// @param spent empty for a coinbase
    long sigOpsCost(Transaction tx, List<Coin> spent, int flags);

    /// New coins that a block may make, in satoshis.
    long subsidy(int height);

    /// Seconds between blocks that the network aims at.
    long targetSpacingSeconds();

    /// Transactions of the network up to some time, to estimate progress by; empty where nobody knows.
    default Optional<ChainParams.TxData> txData() {
        return Optional.empty();
    }

    /// Snapshots of all coins that may be loaded.
    default List<ChainParams.AssumeUtxo> snapshots() {
        return List.of();
    }

    /// Height from which blocks commit to witnesses. See BIP-0141.
    default int segwitHeight() {
        return 0;
    }

    /// Bits of the block version that miners switched rules on with that are not known here, for the block
    /// on top of a header.
    default List<Integer> unknownRules(HeaderNode tip) {
        return List.of();
    }

    /// The fee of a transaction, or why it breaks a rule.
    ///
    /// @param fee in satoshis; 0 with a failure
    record TxVerdict(long fee, @Nullable BlockFailure failure) {}
}
