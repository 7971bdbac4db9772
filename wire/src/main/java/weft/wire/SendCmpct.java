package weft.wire;

import weft.primitives.codec.ByteReader;
import weft.primitives.codec.ByteWriter;

/// `sendcmpct`: we understand compact blocks. See BIP-0152.
///
/// @param highBandwidth whether new blocks should come as `cmpctblock` at once
/// @param version form of the short ids; [#VERSION] is the only one in use
public record SendCmpct(boolean highBandwidth, long version) implements Message {
    /// Name on the wire.
    public static final String COMMAND = "sendcmpct";

    /// The form of short ids over wtxids.
    public static final long VERSION = 2;

    static SendCmpct read(ByteReader in) {
        return new SendCmpct(in.bool(), in.i64());
    }

    @Override
    public String command() {
        return COMMAND;
    }

    @Override
    public void write(ByteWriter out) {
        out.bool(highBandwidth).i64(version);
    }
}
