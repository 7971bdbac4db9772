package weft.wire;

import weft.primitives.codec.ByteWriter;

/// `wtxidrelay`: announce transactions by wtxid; allowed between `version` and `verack` only. See BIP-0339.
public record WtxidRelay() implements Message {
    /// Name on the wire.
    public static final String COMMAND = "wtxidrelay";

    @Override
    public String command() {
        return COMMAND;
    }

    /// Writes nothing: the message has no payload.
    @Override
    public void write(ByteWriter out) {}
}
