package weft.chain.index;

import weft.chain.api.HeaderNode;
import weft.primitives.BlockHash;
import weft.primitives.Bytes;
import weft.primitives.codec.ByteReader;
import weft.primitives.codec.ByteWriter;

/// A block that an index knows.
public record IndexedBlock(BlockHash hash, int height) {
    private static final int KEY_BYTES = 1 + Integer.BYTES + BlockHash.BYTES;

    /// The block of a header.
    public static IndexedBlock of(HeaderNode node) {
        return new IndexedBlock(node.hash(), node.height());
    }

    static IndexedBlock read(Bytes value) {
        ByteReader in = ByteReader.of(value.backingArray(), value.backingOffset(), value.length());
        return new IndexedBlock(BlockHash.read(in), in.i32());
    }

    Bytes write() {
        var out = new ByteWriter(BlockHash.BYTES + Integer.BYTES);
        hash.write(out);
        return out.i32(height).toBytes();
    }

    /// A key that sorts by height, and has room for every branch.
    Bytes key(char kind) {
        var out = new ByteWriter(KEY_BYTES);
        out.u8(kind).i32(Integer.reverseBytes(height));
        hash.write(out);
        return out.toBytes();
    }
}
