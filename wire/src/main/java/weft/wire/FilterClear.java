package weft.wire;

import weft.primitives.codec.ByteWriter;

/// `filterclear`: forget the bloom filter. See BIP-0037.
public record FilterClear() implements Message {
    /// Name on the wire.
    public static final String COMMAND = "filterclear";

    @Override
    public String command() {
        return COMMAND;
    }

    /// Writes nothing: the message has no payload.
    @Override
    public void write(ByteWriter out) {}
}
