package weft.wire;

import weft.primitives.BlockHash;
import weft.primitives.Bytes;
import weft.primitives.Check;
import weft.primitives.codec.ByteReader;
import weft.primitives.codec.ByteWriter;

/// `cfilter`: the filter of one block. See BIP-0157.
///
/// @param filterType 0 is the basic filter of BIP-0158
/// @param block which block
/// @param filter the count of elements and the Golomb-Rice coded set
public record CFilter(int filterType, BlockHash block, Bytes filter) implements Message {
    /// Name on the wire.
    public static final String COMMAND = "cfilter";

    /// Checks the range.
    public CFilter {
        Check.argument(filterType >>> 8 == 0, "filter type is not a byte");
    }

    static CFilter read(ByteReader in) {
        return new CFilter(in.u8(), BlockHash.read(in), in.varBytes());
    }

    @Override
    public String command() {
        return COMMAND;
    }

    @Override
    public void write(ByteWriter out) {
        out.u8(filterType);
        block.write(out);
        out.varBytes(filter);
    }
}
