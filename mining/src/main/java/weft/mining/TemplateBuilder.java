package weft.mining;

import java.util.ArrayList;
import java.util.List;
import weft.chain.api.HeaderNode;
import weft.consensus.BlockCheck;
import weft.consensus.ChainParams;
import weft.consensus.MerkleRoot;
import weft.consensus.PowRules;
import weft.consensus.Subsidy;
import weft.consensus.VersionBits;
import weft.consensus.WitnessCommitment;
import weft.mempool.Mempool;
import weft.mempool.MempoolEntry;
import weft.primitives.Block;
import weft.primitives.BlockHeader;
import weft.primitives.Bytes;
import weft.primitives.Digest256;
import weft.primitives.Now;
import weft.primitives.OutPoint;
import weft.primitives.Transaction;
import weft.primitives.TxIn;
import weft.primitives.TxOut;
import weft.primitives.Witness;

/// Makes blocks to be mined, byte for byte as Bitcoin Core makes them: the coinbase's script is the height
/// and OP_0, its second output commits to the witnesses, always.
///
/// Transactions go in by the fee rate that they and their missing ancestors pay together, the best first.
public final class TemplateBuilder {
    private final ChainParams params;
    private final TemplateOptions options;
    private final VersionBits versions;

    /// Blocks for one network, as full as they may be.
    public TemplateBuilder(ChainParams params) {
        this(params, TemplateOptions.DEFAULT);
    }

    /// Blocks for one network.
    public TemplateBuilder(ChainParams params, TemplateOptions options) {
        this.params = params;
        this.options = options;
        this.versions = new VersionBits(params);
    }

    /// A block on top of `tip` with the best of the mempool.
    ///
    /// @param payTo script of the output that gets subsidy and fees
    public BlockTemplate build(HeaderNode tip, Mempool mempool, Bytes payTo, Now now) {
        return template(tip, choose(tip, mempool), payTo, now);
    }

    /// A block on top of `tip` with just these transactions, in this order.
    public BlockTemplate buildOf(HeaderNode tip, List<MempoolEntry> entries, Bytes payTo, Now now) {
        return template(tip, entries, payTo, now);
    }

    /// What comes into a block on top of `tip`, parents first.
    List<MempoolEntry> choose(HeaderNode tip, Mempool mempool) {
        return new BlockFill(mempool.miningView(), options, tip.height() + 1, tip.medianTimePast())
                .run();
    }

    private BlockTemplate template(
            HeaderNode tip, List<MempoolEntry> entries, Bytes payTo, Now now) {
        long fees = entries.stream().mapToLong(MempoolEntry::fee).sum();
        List<Transaction> transactions = entries.stream().map(MempoolEntry::tx).toList();
        Block block = assemble(tip, transactions, payTo, fees, now);
        return new BlockTemplate(block, fees, entries, block.header().bits());
    }

    /// A block of given transactions, whose fees the caller knows.
    ///
    /// @param fees in satoshis
    public Block assemble(
            HeaderNode tip, List<Transaction> transactions, Bytes payTo, long fees, Now now) {
        int height = tip.height() + 1;
        long time = blockTime(tip, now);
        long value = Subsidy.at(height, params) + fees;
        var all = new ArrayList<Transaction>();
        all.add(coinbase(height, payTo, value, Digest256.ZERO));
        all.addAll(transactions);
        long bits = PowRules.nextBits(tip, time, params.pow());
        var draft = new BlockHeader(version(tip), tip.hash(), Digest256.ZERO, time, bits, 0);
        // As Bitcoin Core: the commitment is always there, what it commits with once BIP-0141 is in
        // force.
        Bytes nonce = Bytes.wrap(new byte[Digest256.BYTES]);
        Digest256 commitment = WitnessCommitment.of(Block.of(draft, all), nonce);
        all.set(0, coinbase(height, payTo, value, commitment));
        Digest256 root = MerkleRoot.of(Block.of(draft, all)).root();
        return Block.of(
                new BlockHeader(
                        draft.version(), draft.parent(), root, draft.time(), draft.bits(), 0),
                all);
    }

    private int version(HeaderNode tip) {
        return options.version() < 0 ? versions.blockVersion(tip) : options.version();
    }

    private Transaction coinbase(int height, Bytes payTo, long value, Digest256 commitment) {
        Bytes script = BlockCheck.heightPush(height).plus(Bytes.wrap(new byte[] {0}));
        var input = new TxIn(OutPoint.NULL, script, TxIn.SEQUENCE_FINAL);
        var outputs = new ArrayList<TxOut>();
        outputs.add(new TxOut(value, payTo));
        outputs.add(new TxOut(0, WitnessCommitment.script(commitment)));
        boolean segwit = height >= params.heights().segwit();
        List<Witness> witnesses =
                segwit ? List.of(Witness.of(Bytes.wrap(new byte[Digest256.BYTES]))) : List.of();
        return Transaction.of(2, List.of(input), outputs, witnesses, 0);
    }

    /// Our clock, but after the median time past, and not before what BIP-0094 allows.
    private long blockTime(HeaderNode tip, Now now) {
        long least = tip.medianTimePast() + 1;
        boolean periodBegins = (tip.height() + 1) % params.pow().interval() == 0;
        if (params.pow().enforceBip94() && periodBegins) {
            least = Math.max(least, tip.time() - 600);
        }
        return Math.max(least, now.unixSeconds());
    }
}
