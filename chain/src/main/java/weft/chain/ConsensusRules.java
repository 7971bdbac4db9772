package weft.chain;

import java.math.BigInteger;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import weft.chain.api.BlockFailure;
import weft.chain.api.HeaderNode;
import weft.consensus.BlockCheck;
import weft.consensus.BlockScriptFlags;
import weft.consensus.ChainParams;
import weft.consensus.Coin;
import weft.consensus.HeaderCheck;
import weft.consensus.LockTimes;
import weft.consensus.PowRules;
import weft.consensus.RuleFailure;
import weft.consensus.SigOps;
import weft.consensus.Subsidy;
import weft.consensus.TxInputs;
import weft.consensus.UnknownRules;
import weft.primitives.Block;
import weft.primitives.BlockHash;
import weft.primitives.BlockHeader;
import weft.primitives.Check;
import weft.primitives.Now;
import weft.primitives.Transaction;

/// The rules of one network, as the chain state asks for them. The one place where verdicts of the
/// consensus module become [BlockFailure]s.
public final class ConsensusRules implements ChainRules {
    /// Height up to which BIP-0034 proves that no coinbase repeats: then heights come back that old
    /// coinbases wrote by chance.
    private static final int BIP34_IMPLIES_BIP30_UNTIL = 1_983_702;

    private final ChainParams params;
    private final boolean checkpoints;
    private final UnknownRules unknown;

    /// Neighbours mostly have the same target, and the division takes long.
    private volatile @Nullable BitsWork lastWork;

    private record BitsWork(long bits, BigInteger work) {}

    /// The rules of a network.
    public ConsensusRules(ChainParams params) {
        this(params, true);
    }

    /// The rules of a network.
    ///
    /// @param checkpoints branches that leave the main one below a checkpoint are refused
    ///     (`-checkpoints`)
    public ConsensusRules(ChainParams params, boolean checkpoints) {
        this.params = params;
        this.checkpoints = checkpoints;
        this.unknown = new UnknownRules(params);
    }

    private static @Nullable BlockFailure failure(@Nullable RuleFailure broken) {
        if (broken == null) {
            return null;
        }
        BlockFailure.Kind kind =
                switch (broken.kind()) {
                    case CONSENSUS, PREMATURE -> BlockFailure.Kind.CONSENSUS;
                    case INVALID_HEADER -> BlockFailure.Kind.INVALID_HEADER;
                    case MUTATED -> BlockFailure.Kind.MUTATED;
                    case TIME_FUTURE -> BlockFailure.Kind.TIME_FUTURE;
                };
        return new BlockFailure(kind, broken.reason(), broken.detail());
    }

    @Override
    public Block genesis() {
        return params.genesis();
    }

    @Override
    public BigInteger work(BlockHeader header) {
        BitsWork last = lastWork;
        if (last == null || last.bits != header.bits()) {
            last = new BitsWork(header.bits(), PowRules.work(header.bits()));
            lastWork = last;
        }
        return last.work;
    }

    @Override
    public boolean isCheckpoint(HeaderNode node) {
        BlockHash known = checkpoints ? params.trust().checkpoints().get(node.height()) : null;
        return known != null && node.hash().equals(known);
    }

    @Override
    public @Nullable BlockFailure checkHeader(BlockHeader header, BlockHash hash) {
        return failure(HeaderCheck.checkWork(header, hash, params));
    }

    @Override
    public @Nullable BlockFailure checkHeaderInContext(
            BlockHeader header, HeaderNode parent, Now now) {
        return failure(HeaderCheck.checkInContext(header, parent, now.wall(), params));
    }

    @Override
    public @Nullable BlockFailure checkBlock(Block block) {
        return failure(BlockCheck.check(block, params));
    }

    @Override
    public @Nullable BlockFailure checkTemplate(Block block) {
        return failure(BlockCheck.check(block));
    }

    @Override
    public @Nullable BlockFailure checkBlockInContext(Block block, HeaderNode parent) {
        return failure(BlockCheck.checkInContext(block, parent, params));
    }

    @Override
    public boolean forbidsOverwriting(HeaderNode node) {
        if (node.hash().equals(params.exceptions().bip30Repeats().get(node.height()))) {
            return false;
        }
        if (node.height() >= BIP34_IMPLIES_BIP30_UNTIL) {
            return true;
        }
        HeaderNode parent = node.parent();
        HeaderNode bip34 = parent == null ? null : parent.ancestor(params.heights().bip34());
        boolean bip34Proves =
                bip34 != null
                        && params.heights().bip34Hash().filter(bip34.hash()::equals).isPresent();
        return !bip34Proves;
    }

    @Override
    public boolean isOverwritten(HeaderNode node) {
        return node.hash().equals(params.exceptions().bip30Unspendable().get(node.height()));
    }

    @Override
    public TxVerdict checkInputs(Transaction tx, List<Coin> spent, int height) {
        TxInputs.Result result = TxInputs.check(tx, spent, height);
        return new TxVerdict(result.fee(), failure(result.failure()));
    }

    @Override
    public boolean areSequenceLocksMet(Transaction tx, List<Coin> spent, HeaderNode node) {
        HeaderNode parent = Check.present(node.parent(), "genesis has no relative lock times");
        boolean bip68 = node.height() >= params.heights().csv();
        if (!LockTimes.hasSequenceLocks(tx, bip68)) {
            return true;
        }
        List<Integer> heights = spent.stream().map(Coin::height).toList();
        return LockTimes.areMet(LockTimes.sequenceLocks(tx, heights, parent, bip68), parent);
    }

    @Override
    public int scriptFlags(HeaderNode node) {
        return BlockScriptFlags.of(node.hash(), node.height(), params);
    }

    @Override
    public long sigOpsCost(Transaction tx, List<Coin> spent, int flags) {
        return SigOps.cost(tx, spent, flags);
    }

    @Override
    public long subsidy(int height) {
        return Subsidy.at(height, params);
    }

    @Override
    public long targetSpacingSeconds() {
        return params.powTargetSpacingSeconds();
    }

    @Override
    public Optional<ChainParams.TxData> txData() {
        return params.trust().chainTxData();
    }

    @Override
    public int segwitHeight() {
        return params.heights().segwit();
    }

    @Override
    public List<Integer> unknownRules(HeaderNode tip) {
        return unknown.active(tip);
    }

    @Override
    public List<ChainParams.AssumeUtxo> snapshots() {
        return params.trust().assumeUtxo();
    }
}
