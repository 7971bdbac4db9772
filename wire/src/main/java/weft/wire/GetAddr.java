package weft.wire;

import weft.primitives.codec.ByteWriter;

/// `getaddr`: send addresses of other nodes.
public record GetAddr() implements Message {
    /// Name on the wire.
    public static final String COMMAND = "getaddr";

    @Override
    public String command() {
        return COMMAND;
    }

    /// Writes nothing: the message has no payload.
    @Override
    public void write(ByteWriter out) {}
}
