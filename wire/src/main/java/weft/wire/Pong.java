package weft.wire;

import java.util.OptionalLong;
import weft.primitives.codec.ByteReader;
import weft.primitives.codec.ByteWriter;

/// `pong`: the answer to [Ping]. See BIP-0031.
///
/// @param nonce that of the ping; empty when the payload was too short to hold one, which is no offence
public record Pong(OptionalLong nonce) implements Message {
    /// Name on the wire.
    public static final String COMMAND = "pong";

    /// The answer to a ping with this nonce.
    public static Pong of(long nonce) {
        return new Pong(OptionalLong.of(nonce));
    }

    static Pong read(ByteReader in) {
        return in.remaining() >= Long.BYTES ? of(in.i64()) : new Pong(OptionalLong.empty());
    }

    @Override
    public String command() {
        return COMMAND;
    }

    @Override
    public void write(ByteWriter out) {
        nonce.ifPresent(out::i64);
    }
}
