package weft.wire;

import weft.primitives.BlockHash;
import weft.primitives.codec.ByteReader;
import weft.primitives.codec.ByteWriter;

/// `getheaders`: send headers of what comes after the newest block of the locator that you know.
///
/// @param locator where the sender is
/// @param stop last block wanted; zero for as many as allowed
public record GetHeaders(BlockLocator locator, BlockHash stop) implements Message {
    /// Name on the wire.
    public static final String COMMAND = "getheaders";

    static GetHeaders read(ByteReader in) {
        return new GetHeaders(BlockLocator.read(in), BlockHash.read(in));
    }

    @Override
    public String command() {
        return COMMAND;
    }

    @Override
    public void write(ByteWriter out) {
        locator.write(out);
        stop.write(out);
    }
}
