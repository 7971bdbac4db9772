package weft.wire;

import weft.primitives.Bytes;
import weft.primitives.Check;
import weft.primitives.codec.ByteReader;
import weft.primitives.codec.ByteWriter;
import weft.primitives.codec.MalformedBytes;

/// `feature`: we can do something that needs no protocol version of its own. See BIP-0434.
///
/// Unlike other messages it has exactly its fields and no byte more.
///
/// @param id which feature, 4 to 80 bytes, printable ASCII if the sender is polite
/// @param data what that feature wants to say, at most 512 bytes
public record Feature(Bytes id, Bytes data) implements Message {
    /// Name on the wire.
    public static final String COMMAND = "feature";

    /// The protocol version from which this message may be sent.
    public static final int PROTOCOL_VERSION_MIN = 70_017;

    private static final int ID_BYTES_MIN = 4;
    private static final int ID_BYTES_MAX = 80;
    private static final int DATA_BYTES_MAX = 512;

    /// Checks the lengths.
    public Feature {
        Check.argument(
                id.length() >= ID_BYTES_MIN && id.length() <= ID_BYTES_MAX,
                "a feature's name has 4 to 80 bytes");
        Check.argument(data.length() <= DATA_BYTES_MAX, "a feature has at most 512 bytes of data");
    }

    static Feature read(ByteReader in) {
        Bytes id = in.varBytes(ID_BYTES_MAX);
        if (id.length() < ID_BYTES_MIN) {
            throw new MalformedBytes("feature name of " + id.length() + " bytes");
        }
        Bytes data = in.varBytes(DATA_BYTES_MAX);
        in.expectEnd();
        return new Feature(id, data);
    }

    @Override
    public String command() {
        return COMMAND;
    }

    @Override
    public void write(ByteWriter out) {
        out.varBytes(id).varBytes(data);
    }
}
