package weft.primitives;

import weft.crypto.Sha256;
import weft.primitives.codec.ByteReader;
import weft.primitives.codec.ByteWriter;

/// The 80 bytes that are hashed for proof of work.
///
/// @param version signed, as consensus compares it; bits as in BIP-0009
/// @param parent hash of the block before
/// @param merkleRoot over the transaction ids
/// @param time seconds since 1970, 0 to 2³² − 1
/// @param bits the target in compact form, 0 to 2³² − 1
/// @param nonce 0 to 2³² − 1
public record BlockHeader(
        int version, BlockHash parent, Digest256 merkleRoot, long time, long bits, long nonce) {
    /// Length of the encoding in bytes.
    public static final int BYTES = 80;

    /// Checks the ranges.
    public BlockHeader {
        Check.argument(time >>> 32 == 0, "time is not a uint32");
        Check.argument(bits >>> 32 == 0, "bits is not a uint32");
        Check.argument(nonce >>> 32 == 0, "nonce is not a uint32");
    }

    /// Reads 80 bytes.
    public static BlockHeader read(ByteReader in) {
        return new BlockHeader(
                in.i32(), BlockHash.read(in), Digest256.read(in), in.u32(), in.u32(), in.u32());
    }

    /// Writes 80 bytes.
    public void write(ByteWriter out) {
        out.i32(version);
        parent.write(out);
        merkleRoot.write(out);
        out.u32(time).u32(bits).u32(nonce);
    }

    /// The 80 bytes.
    public byte[] toByteArray() {
        var out = new ByteWriter(BYTES);
        write(out);
        return out.toByteArray();
    }

    /// The double SHA-256 of the 80 bytes; computed at each call, so keep it.
    public BlockHash hash() {
        return BlockHash.of(Sha256.hashTwice(toByteArray()));
    }

    /// The same header with another nonce.
    public BlockHeader withNonce(long newNonce) {
        return new BlockHeader(version, parent, merkleRoot, time, bits, newNonce);
    }
}
