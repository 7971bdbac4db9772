package weft.wire;

import java.util.List;
import weft.primitives.BlockHash;
import weft.primitives.Check;
import weft.primitives.Digest256;
import weft.primitives.Hash256;
import weft.primitives.codec.ByteReader;
import weft.primitives.codec.ByteWriter;

/// `cfcheckpt`: every thousandth filter header up to a block. See BIP-0157.
///
/// @param filterType 0 is the basic filter of BIP-0158
/// @param stop last block
/// @param filterHeaders those at heights 1,000, 2,000 and so on; immutable
public record CFCheckpt(int filterType, BlockHash stop, List<Digest256> filterHeaders)
        implements Message {
    /// Name on the wire.
    public static final String COMMAND = "cfcheckpt";

    /// Checks the range and keeps a copy of the list.
    public CFCheckpt {
        Check.argument(filterType >>> 8 == 0, "filter type is not a byte");
        filterHeaders = List.copyOf(filterHeaders);
    }

    static CFCheckpt read(ByteReader in) {
        return new CFCheckpt(
                in.u8(),
                BlockHash.read(in),
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
        out.list(filterHeaders, Digest256::write);
    }
}
