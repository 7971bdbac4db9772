package weft.wire;

import weft.primitives.Bytes;
import weft.primitives.codec.ByteReader;
import weft.primitives.codec.ByteWriter;

/// `filteradd`: add one element to the bloom filter. See BIP-0037. Longer elements than
/// [#MAX_ELEMENT_BYTES] can be read; the engine judges.
///
/// @param element a public key, hash, script push or outpoint
public record FilterAdd(Bytes element) implements Message {
    /// Name on the wire.
    public static final String COMMAND = "filteradd";

    /// Most bytes of an element that a peer may send in one message.
    public static final int MAX_ELEMENT_BYTES = 520;

    static FilterAdd read(ByteReader in) {
        return new FilterAdd(in.varBytes());
    }

    @Override
    public String command() {
        return COMMAND;
    }

    @Override
    public void write(ByteWriter out) {
        out.varBytes(element);
    }
}
