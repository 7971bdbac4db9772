package weft.mining;

import java.util.List;
import java.util.Optional;
import weft.primitives.BlockHash;
import weft.primitives.Bytes;
import weft.primitives.Digest256;
import weft.primitives.Transaction;

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
