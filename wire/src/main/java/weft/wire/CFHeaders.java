package weft.wire;

import java.util.List;
import weft.primitives.BlockHash;
import weft.primitives.Check;
import weft.primitives.Digest256;
import weft.primitives.Hash256;
import weft.primitives.codec.ByteReader;
import weft.primitives.codec.ByteWriter;

/// `cfheaders`: filter hashes of a range, and the filter header before it. See BIP-0157.
///
/// @param filterType 0 is the basic filter of BIP-0158
/// @param stop last block of the range
/// @param previousHeader filter header of the block before the range
/// @param filterHashes one for each block; immutable
public record CFHeaders(
        int filterType, BlockHash stop, Digest256 previousHeader, List<Digest256> filterHashes)
        implements Message {
    /// Name on the wire.
    public static final String COMMAND = "cfheaders";

    /// Checks the range and keeps a copy of the list.
    public CFHeaders {
        Check.argument(filterType >>> 8 == 0, "filter type is not a byte");
        filterHashes = List.copyOf(filterHashes);
    }

    static CFHeaders read(ByteReader in) {
        return new CFHeaders(
                in.u8(),
                BlockHash.read(in),
                Digest256.read(in),
                in.list(ByteReader.MAX_SIZE, Hash256.BYTES, Digest256::read));
    }

    @Override
    public String command() {
        return COMMAND;
    }

    @Override
    public void write(ByteWriter out) {
        out.u8(filterType);
        stop.write(out);
        previousHeader.write(out);
        out.list(filterHashes, Digest256::write);
    }
}
