package weft.wire;

import weft.primitives.codec.ByteWriter;

/// `sendheaders`: announce blocks by `headers` rather than `inv`. See BIP-0130.
public record SendHeaders() implements Message {
    /// Name on the wire.
    public static final String COMMAND = "sendheaders";

    @Override
    public String command() {
        return COMMAND;
    }

    /// Writes nothing: the message has no payload.
    @Override
    public void write(ByteWriter out) {}
}
