package weft.wire;

import weft.primitives.BlockHash;
import weft.primitives.Check;
import weft.primitives.codec.ByteReader;
import weft.primitives.codec.ByteWriter;

/// `getcfheaders`: send the filter hashes of a range. See BIP-0157.
///
/// @param filterType 0 is the basic filter of BIP-0158
/// @param startHeight first block, 0 to 2³² − 1
/// @param stop last block
public record GetCFHeaders(int filterType, long startHeight, BlockHash stop) implements Message {
    /// Name on the wire.
    public static final String COMMAND = "getcfheaders";

    /// Checks the ranges.
    public GetCFHeaders {
        Check.argument(filterType >>> 8 == 0, "filter type is not a byte");
        Check.argument(startHeight >>> 32 == 0, "start height is not a uint32");
    }

    static GetCFHeaders read(ByteReader in) {
        return new GetCFHeaders(in.u8(), in.u32(), BlockHash.read(in));
    }

    @Override
    public String command() {
        return COMMAND;
    }

    @Override
    public void write(ByteWriter out) {
        out.u8(filterType).u32(startHeight);
        stop.write(out);
    }
}
