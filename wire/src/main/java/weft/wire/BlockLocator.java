package weft.wire;

import java.util.List;
import weft.primitives.BlockHash;
import weft.primitives.Hash256;
import weft.primitives.codec.ByteReader;
import weft.primitives.codec.ByteWriter;

/// Where a node is: hashes of its chain from the tip backwards, ever further apart.
///
/// @param version protocol version of the sender; nobody reads it
/// @param hashes newest first; immutable
public record BlockLocator(int version, List<BlockHash> hashes) {
    /// Most hashes that a peer may send. Longer ones can be read; the engine disconnects.
    public static final int MAX_HASHES = 101;

    /// Keeps a copy of the list.
    public BlockLocator {
        hashes = List.copyOf(hashes);
    }

    /// A locator of our version.
    public static BlockLocator of(List<BlockHash> hashes) {
        return new BlockLocator(Negotiated.PROTOCOL_VERSION, hashes);
    }

    static BlockLocator read(ByteReader in) {
        return new BlockLocator(
                in.i32(), in.list(ByteReader.MAX_SIZE, Hash256.BYTES, BlockHash::read));
    }

    void write(ByteWriter out) {
        out.i32(version).list(hashes, BlockHash::write);
    }
}
