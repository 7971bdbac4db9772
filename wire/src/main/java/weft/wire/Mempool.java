package weft.wire;

import weft.primitives.codec.ByteWriter;

/// `mempool`: announce what your mempool holds. See BIP-0035.
public record Mempool() implements Message {
    /// Name on the wire.
    public static final String COMMAND = "mempool";

    @Override
    public String command() {
        return COMMAND;
    }

    /// Writes nothing: the message has no payload.
    @Override
    public void write(ByteWriter out) {}
}
