package weft.wire;

import weft.primitives.BlockHash;
import weft.primitives.codec.ByteReader;
import weft.primitives.codec.ByteWriter;

/// `getblocks`: announce by `inv` what comes after the newest block of the locator that you know.
///
/// @param locator where the sender is
/// @param stop last block wanted; zero for as many as allowed
public record GetBlocks(BlockLocator locator, BlockHash stop) implements Message {
    /// Name on the wire.
    public static final String COMMAND = "getblocks";

    static GetBlocks read(ByteReader in) {
        return new GetBlocks(BlockLocator.read(in), BlockHash.read(in));
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
