package weft.wire;

import weft.primitives.BlockHash;
import weft.primitives.Check;
import weft.primitives.codec.ByteReader;
import weft.primitives.codec.ByteWriter;

/// `getcfcheckpt`: send every thousandth filter header up to a block. See BIP-0157.
///
/// @param filterType 0 is the basic filter of BIP-0158
/// @param stop last block
public record GetCFCheckpt(int filterType, BlockHash stop) implements Message {
    /// Name on the wire.
    public static final String COMMAND = "getcfcheckpt";

    /// Checks the range.
    public GetCFCheckpt {
        Check.argument(filterType >>> 8 == 0, "filter type is not a byte");
    }

    static GetCFCheckpt read(ByteReader in) {
        return new GetCFCheckpt(in.u8(), BlockHash.read(in));
    }

    @Override
    public String command() {
        return COMMAND;
    }

    @Override
    public void write(ByteWriter out) {
        out.u8(filterType);
        stop.write(out);
    }
}
