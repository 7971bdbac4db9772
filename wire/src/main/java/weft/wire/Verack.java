package weft.wire;

import weft.primitives.codec.ByteWriter;

/// `verack`: our `version` was heard.
public record Verack() implements Message {
    /// Name on the wire.
    public static final String COMMAND = "verack";

    @Override
    public String command() {
        return COMMAND;
    }

    /// Writes nothing: the message has no payload.
    @Override
    public void write(ByteWriter out) {}
}
