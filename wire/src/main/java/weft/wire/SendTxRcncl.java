package weft.wire;

import weft.primitives.Check;
import weft.primitives.codec.ByteReader;
import weft.primitives.codec.ByteWriter;

/// `sendtxrcncl`: we can reconcile announcements by set sketches. See BIP-0330.
///
/// @param version highest version understood, 0 to 2³² − 1
/// @param salt our half of the salt of short ids
public record SendTxRcncl(long version, long salt) implements Message {
    /// Name on the wire.
    public static final String COMMAND = "sendtxrcncl";

    /// Checks the range.
    public SendTxRcncl {
        Check.argument(version >>> 32 == 0, "version is not a uint32");
    }

    static SendTxRcncl read(ByteReader in) {
        return new SendTxRcncl(in.u32(), in.i64());
    }

    @Override
    public String command() {
        return COMMAND;
    }

    @Override
    public void write(ByteWriter out) {
        out.u32(version).i64(salt);
    }
}
