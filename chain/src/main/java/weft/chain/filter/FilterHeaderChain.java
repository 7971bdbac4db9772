package weft.chain.filter;

import java.util.ArrayList;
import java.util.List;
import weft.crypto.Sha256;
import weft.primitives.Check;
import weft.primitives.Digest256;
import weft.primitives.codec.ByteWriter;

/// The filter headers of one branch of blocks, by height: each commits to a filter and to the header before,
/// so one header commits to all filters below it. See BIP-0157. Not safe for use by two threads.
public final class FilterHeaderChain {
    /// Every so many blocks a header is a checkpoint.
    public static final int CHECKPOINT_INTERVAL = 1_000;

    private final List<Digest256> headers = new ArrayList<>();

    /// A chain without a header: the next one is that of genesis.
    public FilterHeaderChain() {}

    /// The header of a block out of its filter's hash and the header before.
    public static Digest256 header(Digest256 filterHash, Digest256 previous) {
        var out = new ByteWriter(64);
        filterHash.write(out);
        previous.write(out);
        return Digest256.of(Sha256.hashTwice(out.toByteArray()));
    }

    /// The last header of a range: what a `cfheaders` message claims.
    ///
    /// @param previous the header before the range
    public static Digest256 last(Digest256 previous, List<Digest256> filterHashes) {
        Digest256 header = previous;
        for (Digest256 hash : filterHashes) {
            header = header(hash, header);
        }
        return header;
    }

    /// Height of the last header; -1 if there is none.
    public int height() {
        return headers.size() - 1;
    }

    /// The header at a height.
    ///
    /// @return zero at height -1
    public Digest256 at(int height) {
        Check.argument(height >= -1 && height <= height(), "no filter header is so high");
        return height < 0 ? Digest256.ZERO : headers.get(height);
    }

    /// Adds the next block's filter.
    ///
    /// @return the block's filter header
    public Digest256 append(Digest256 filterHash) {
        Digest256 header = header(filterHash, at(height()));
        headers.add(header);
        return header;
    }

    /// Forgets the headers above a height, for another branch.
    public void rewind(int height) {
        Check.argument(height >= -1, "heights begin at 0");
        while (height() > height) {
            headers.removeLast();
        }
    }

    /// The headers at heights 1,000, 2,000 and so on.
    public List<Digest256> checkpoints() {
        var found = new ArrayList<Digest256>();
        for (int at = CHECKPOINT_INTERVAL; at <= height(); at += CHECKPOINT_INTERVAL) {
            found.add(headers.get(at));
        }
        return List.copyOf(found);
    }
}
