package weft.wire;

import java.util.List;
import weft.primitives.BlockHash;
import weft.primitives.Check;
import weft.primitives.codec.ByteReader;
import weft.primitives.codec.ByteWriter;
import weft.primitives.codec.MalformedBytes;

/// `getblocktxn`: send these transactions of a block. See BIP-0152.
///
/// @param block which block
/// @param indexes positions in the block, 0 to 65,535, rising; immutable. The wire carries differences.
public record GetBlockTxn(BlockHash block, List<Integer> indexes) implements Message {
    /// Name on the wire.
    public static final String COMMAND = "getblocktxn";

    /// Checks that the positions rise, and keeps a copy of the list.
    public GetBlockTxn {
        indexes = List.copyOf(indexes);
        int least = 0;
        for (int index : indexes) {
            Check.argument(
                    index >= least && index >>> 16 == 0, "positions do not rise, or are no uint16");
            least = index + 1;
        }
    }

    static GetBlockTxn read(ByteReader in) {
        BlockHash block = BlockHash.read(in);
        int[] least = {0};
        return new GetBlockTxn(
                block, in.list(ByteReader.MAX_SIZE, 1, reader -> readIndex(reader, least)));
    }

    private static Integer readIndex(ByteReader in, int[] least) {
        int index = least[0] + in.compactSize();
        if (index >>> 16 != 0) {
            throw new MalformedBytes("differential value overflow");
        }
        least[0] = index + 1;
        return index;
    }

    @Override
    public String command() {
        return COMMAND;
    }

    @Override
    public void write(ByteWriter out) {
        block.write(out);
        out.compactSize(indexes.size());
        int least = 0;
        for (int index : indexes) {
            out.compactSize(index - least);
            least = index + 1;
        }
    }
}
