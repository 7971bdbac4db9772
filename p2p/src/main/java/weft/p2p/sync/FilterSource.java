package weft.p2p.sync;

import java.util.Optional;
import weft.chain.api.HeaderNode;
import weft.primitives.Bytes;
import weft.primitives.Digest256;

/// Where filters of blocks come from that we serve: an index of them. Called on the thread of the peer
/// engine.
public interface FilterSource {
    /// Hash of a filter, and the filter header that commits to it. See BIP-0157.
    record Hashes(Digest256 filterHash, Digest256 header) {}

    /// The bytes of a block's basic filter; empty if it is not there (yet).
    Optional<Bytes> filter(HeaderNode node);

    /// Hash and header of a block's basic filter; empty if they are not there (yet).
    Optional<Hashes> hashes(HeaderNode node);
}
