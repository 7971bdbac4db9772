package weft.wire;

import weft.primitives.Block;
import weft.primitives.Transaction;
import weft.primitives.codec.ByteReader;
import weft.primitives.codec.ByteWriter;

/// `block`: one block. A block that is sent as it lies on disk need not be read for that: [Unknown] sends
/// its bytes.
///
/// @param block the block
/// @param encoding whether witnesses are written; what was read has [Transaction.Encoding#WITNESS]
public record BlockMessage(Block block, Transaction.Encoding encoding) implements Message {
    /// Name on the wire.
    public static final String COMMAND = "block";

    /// A block with its witnesses.
    public static BlockMessage of(Block block) {
        return new BlockMessage(block, Transaction.Encoding.WITNESS);
    }

    static BlockMessage read(ByteReader in) {
        return of(Block.read(in));
    }

    @Override
    public String command() {
        return COMMAND;
    }

    @Override
    public void write(ByteWriter out) {
        block.write(out, encoding);
    }
}
