package weft.mining;

import java.math.BigInteger;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import weft.consensus.CompactBits;
import weft.mempool.MempoolEntry;
import weft.primitives.BlockHash;
import weft.primitives.BlockHeader;
import weft.primitives.Bytes;
import weft.primitives.Digest256;
import weft.primitives.Transaction;
import weft.primitives.TxOut;

/// What a miner must know of a block to be: everything but who is paid, extra nonce and proof of work. See
/// BIP-0022 and BIP-0145.
///
/// @param place where the block stands and what its header must say
/// @param value subsidy and fees, in satoshis
/// @param commitment script of the output that commits to the witnesses; empty where there is none
/// @param transactions all but the coinbase, in order
public record WorkTemplate(
        Place place, long value, Optional<Bytes> commitment, List<Transaction> transactions) {
    /// Copies the list.
    public WorkTemplate {
        transactions = List.copyOf(transactions);
    }

    /// What a node's own template says.
    ///
    /// @param height of the block
    /// @param minTime the earliest time that the rules allow
    /// @param commits whether the block commits to its witnesses
    public static WorkTemplate of(
            BlockTemplate template, int height, long minTime, boolean commits) {
        BlockHeader header = template.block().header();
        List<TxOut> outputs = template.block().transactions().getFirst().outputs();
        BigInteger target = CompactBits.decode(template.bits()).value();
        var place =
                new Place(
                        height,
                        header.version(),
                        header.parent(),
                        template.bits(),
                        Digest256.parse(String.format(Locale.ROOT, "%064x", target)),
                        header.time(),
                        minTime);
        return new WorkTemplate(
                place,
                outputs.getFirst().value(),
                commits ? Optional.of(outputs.getLast().scriptPubKey()) : Optional.empty(),
                template.entries().stream().map(MempoolEntry::tx).toList());
    }

    /// Where a block stands and what its header must say.
    ///
    /// @param parent the block before
    /// @param bits target in compact form
    /// @param target the highest hash that is good enough, as a number
    /// @param time of the node, in seconds since 1970
    /// @param minTime the earliest time that the rules allow
    public record Place(
            int height,
            int version,
            BlockHash parent,
            long bits,
            Digest256 target,
            long time,
            long minTime) {}
}
