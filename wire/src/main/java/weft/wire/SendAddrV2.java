package weft.wire;

import weft.primitives.codec.ByteWriter;

/// `sendaddrv2`: we understand `addrv2`; allowed between `version` and `verack` only. See BIP-0155.
public record SendAddrV2() implements Message {
    /// Name on the wire.
    public static final String COMMAND = "sendaddrv2";

    @Override
    public String command() {
        return COMMAND;
    }

    /// Writes nothing: the message has no payload.
    @Override
    public void write(ByteWriter out) {}
}
