package weft.wire.classroom;

import weft.primitives.Check;
import weft.primitives.codec.ByteReader;
import weft.primitives.codec.ByteWriter;

/// A `version` message with exactly three fields: Version, BestHeight, AddrFrom. Whoever gets one with a
/// height above its own asks for the missing blocks; whoever gets one with a lower height answers with its
/// own.
///
/// On the wire: both numbers as 4 bytes, little-endian, signed; the address as a text after its CompactSize
/// length.
///
/// @param version protocol version of the sender
/// @param bestHeight height of the sender's tip
/// @param addrFrom where the sender listens, such as `localhost:3000`; at most 256 characters, one byte each
public record ClassroomVersion(int version, int bestHeight, String addrFrom) {
    /// Name on the wire.
    public static final String COMMAND = "version";

    private static final int MAX_ADDRESS_BYTES = 256;

    /// Checks the length of the address.
    public ClassroomVersion {
        Check.argument(
                addrFrom.length() <= MAX_ADDRESS_BYTES, "address longer than 256 characters");
    }

    /// Reads the three fields, and nothing more.
    ///
    /// @throws weft.primitives.codec.MalformedBytes if there are fewer or more bytes
    public static ClassroomVersion read(ByteReader in) {
        var version = new ClassroomVersion(in.i32(), in.i32(), in.varString(MAX_ADDRESS_BYTES));
        in.expectEnd();
        return version;
    }

    /// Writes the three fields.
    public void write(ByteWriter out) {
        out.i32(version).i32(bestHeight).varString(addrFrom);
    }

    /// Whether the sender of this knows blocks that a node at height `ourHeight` must ask for.
    public boolean isAheadOf(int ourHeight) {
        return bestHeight > ourHeight;
    }
}
