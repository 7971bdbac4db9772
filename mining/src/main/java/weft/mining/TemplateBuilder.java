package weft.mining;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import weft.chain.api.HeaderNode;
import weft.consensus.BlockCheck;
import weft.consensus.ChainParams;
import weft.consensus.LockTimes;
import weft.consensus.MerkleRoot;
import weft.consensus.PowRules;
import weft.consensus.Subsidy;
import weft.consensus.TxCheck;
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
import weft.primitives.Txid;
import weft.primitives.Witness;

/// Makes blocks to be mined, byte for byte as Bitcoin Core makes them: the coinbase's script is the height
/// and OP_0, its second output commits to the witnesses, always.
///
/// Transactions go in by the fee rate that they and their missing ancestors pay together, the best first.
public final class TemplateBuilder {
    /// Weight left for header and coinbase, as Core does.
    private static final int RESERVED_WEIGHT = 4_000;

    private static final int RESERVED_SIGOPS = 400;

    private final ChainParams params;
    private final VersionBits versions;

    /// Blocks for one network.
    public TemplateBuilder(ChainParams params) {
        this.params = params;
        this.versions = new VersionBits(params);
    }

    /// A block on top of `tip` with the best of the mempool.
    ///
    /// @param payTo script of the output that gets subsidy and fees
    public BlockTemplate build(HeaderNode tip, Mempool mempool, Bytes payTo, Now now) {
        List<MempoolEntry> chosen = choose(tip, mempool);
        return template(tip, chosen, payTo, now);
    }

    /// A block on top of `tip` with just these transactions, in this order.
    public BlockTemplate buildOf(HeaderNode tip, List<MempoolEntry> entries, Bytes payTo, Now now) {
        return template(tip, entries, payTo, now);
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
        var draft =
                new BlockHeader(
                        versions.blockVersion(tip), tip.hash(), Digest256.ZERO, time, bits, 0);
        // As Bitcoin Core: the commitment is always there, what it commits with once BIP-0141 is in force.
        Bytes nonce = Bytes.wrap(new byte[Digest256.BYTES]);
        Digest256 commitment = WitnessCommitment.of(Block.of(draft, all), nonce);
        all.set(0, coinbase(height, payTo, value, commitment));
        Digest256 root = MerkleRoot.of(Block.of(draft, all)).root();
        return Block.of(
                new BlockHeader(
                        draft.version(), draft.parent(), root, draft.time(), draft.bits(), 0),
                all);
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

    private List<MempoolEntry> choose(HeaderNode tip, Mempool mempool) {
        var chosen = new ArrayList<MempoolEntry>();
        Set<Txid> inBlock = new HashSet<>();
        var open = new ArrayList<>(mempool.entries());
        long weight = RESERVED_WEIGHT;
        int sigOps = RESERVED_SIGOPS;
        TxPackage best = best(open, inBlock, mempool);
        while (best != null) {
            boolean fits =
                    weight + best.weight() <= TxCheck.BLOCK_WEIGHT_MAX
                            && sigOps + best.sigOps() <= BlockCheck.SIGOPS_COST_MAX
                            && best.entries.stream()
                                    .allMatch(
                                            entry ->
                                                    LockTimes.isFinal(
                                                            entry.tx(),
                                                            tip.height() + 1,
                                                            tip.medianTimePast()));
            if (fits) {
                chosen.addAll(best.entries);
                best.entries.forEach(entry -> inBlock.add(entry.txid()));
                weight += best.weight();
                sigOps += best.sigOps();
            }
            MempoolEntry done = best.entries.getLast();
            open.removeIf(
                    entry -> entry.sequence() == done.sequence() || inBlock.contains(entry.txid()));
            best = best(open, inBlock, mempool);
        }
        return chosen;
    }

    /// A transaction with those of its ancestors that are not in the block yet, which come first.
    private record TxPackage(List<MempoolEntry> entries, long fee, long vsize) {
        long weight() {
            return entries.stream().mapToLong(entry -> entry.tx().weight()).sum();
        }

        int sigOps() {
            return entries.stream().mapToInt(MempoolEntry::sigopCost).sum();
        }
    }

    private static @Nullable TxPackage best(
            List<MempoolEntry> open, Set<Txid> inBlock, Mempool mempool) {
        TxPackage best = null;
        for (MempoolEntry entry : open) {
            var entries = new ArrayList<MempoolEntry>();
            for (MempoolEntry ancestor : mempool.ancestors(entry.tx())) {
                if (!inBlock.contains(ancestor.txid())) {
                    entries.add(ancestor);
                }
            }
            entries.add(entry);
            long fee = entries.stream().mapToLong(MempoolEntry::fee).sum();
            long vsize = entries.stream().mapToLong(MempoolEntry::vsize).sum();
            var candidate = new TxPackage(entries, fee, vsize);
            if (best == null || isBetter(candidate, best)) {
                best = candidate;
            }
        }
        return best;
    }

    private static boolean isBetter(TxPackage a, TxPackage b) {
        return Math.multiplyExact(a.fee, b.vsize) > Math.multiplyExact(b.fee, a.vsize);
    }
}
