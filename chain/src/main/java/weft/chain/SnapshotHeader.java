package weft.chain;

import weft.primitives.BlockHash;
import weft.primitives.Bytes;
import weft.primitives.codec.ByteReader;
import weft.primitives.codec.ByteWriter;
import weft.primitives.codec.MalformedBytes;

/// What a file of all coins begins with: Core's format, version 2.
///
/// @param magic of the network, four bytes
/// @param base block that the coins belong to
/// @param coins how many there are
public record SnapshotHeader(Bytes magic, BlockHash base, long coins) {
    /// Length in the file.
    public static final int BYTES = 5 + 2 + 4 + BlockHash.BYTES + 8;

    private static final Bytes FILE_MAGIC = Bytes.parse("7574786fff");
    private static final int VERSION = 2;

    /// Reads the first bytes of a file; whether the network is ours is for the caller to say.
    ///
    /// @throws MalformedBytes in Core's words
    public static SnapshotHeader read(ByteReader in) {
        if (!in.slice(FILE_MAGIC.length()).equals(FILE_MAGIC)) {
            throw new MalformedBytes(
                    "Invalid UTXO set snapshot magic bytes. Please check if this is indeed a snapshot "
                            + "file or if you are using an outdated snapshot format.");
        }
        int version = in.u16();
        if (version != VERSION) {
            throw new MalformedBytes(
                    "Version of snapshot "
                            + version
                            + " does not match any of the supported versions.");
        }
        return new SnapshotHeader(in.slice(4).compact(), BlockHash.read(in), in.i64());
    }

    /// Writes the first bytes of a file.
    public void write(ByteWriter out) {
        out.bytes(FILE_MAGIC).u16(VERSION).bytes(magic);
        base.write(out);
        out.i64(coins);
    }
}
