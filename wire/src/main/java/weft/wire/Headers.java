package weft.wire;

import java.util.List;
import weft.primitives.BlockHeader;
import weft.primitives.codec.ByteReader;
import weft.primitives.codec.ByteWriter;

/// `headers`: block headers in order. More than [#MAX_HEADERS] can be read; the engine judges.
///
/// @param headers the headers; immutable
public record Headers(List<BlockHeader> headers) implements Message {
    /// Name on the wire.
    public static final String COMMAND = "headers";

    /// Most headers that a peer may send in one message.
    public static final int MAX_HEADERS = 2_000;

    /// Keeps a copy of the list.
    public Headers {
        headers = List.copyOf(headers);
    }

    static Headers read(ByteReader in) {
        return new Headers(in.list(ByteReader.MAX_SIZE, BlockHeader.BYTES + 1, Headers::readOne));
    }

    @Override
    public String command() {
        return COMMAND;
    }

    @Override
    public void write(ByteWriter out) {
        out.list(headers, Headers::writeOne);
    }

    private static BlockHeader readOne(ByteReader in) {
        BlockHeader header = BlockHeader.read(in);
        in.compactSize();
        return header;
    }

    private static void writeOne(BlockHeader header, ByteWriter out) {
        header.write(out);
        out.compactSize(0);
    }
}
