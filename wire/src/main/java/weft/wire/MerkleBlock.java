package weft.wire;

import java.util.List;
import weft.primitives.BlockHeader;
import weft.primitives.Bytes;
import weft.primitives.Check;
import weft.primitives.Digest256;
import weft.primitives.Hash256;
import weft.primitives.codec.ByteReader;
import weft.primitives.codec.ByteWriter;

/// `merkleblock`: a block header and the proof that some transactions are in the block. See BIP-0037.
///
/// @param header of the block
/// @param txCount transactions in the block, 0 to 2³² − 1
/// @param hashes nodes of the Merkle tree, in depth-first order; immutable
/// @param flags one bit a node, packed, least significant first
public record MerkleBlock(BlockHeader header, long txCount, List<Digest256> hashes, Bytes flags)
        implements Message {
    /// Name on the wire.
    public static final String COMMAND = "merkleblock";

    /// Checks the range and keeps a copy of the list.
    public MerkleBlock {
        Check.argument(txCount >>> 32 == 0, "transaction count is not a uint32");
        hashes = List.copyOf(hashes);
    }

    static MerkleBlock read(ByteReader in) {
        return new MerkleBlock(
                BlockHeader.read(in),
                in.u32(),
                in.list(ByteReader.MAX_SIZE, Hash256.BYTES, Digest256::read),
                in.varBytes());
    }

    @Override
    public String command() {
        return COMMAND;
    }

    @Override
    public void write(ByteWriter out) {
        header.write(out);
        out.u32(txCount).list(hashes, Digest256::write).varBytes(flags);
    }
}
