package weft.wire;

import java.util.OptionalLong;
import weft.primitives.codec.ByteReader;
import weft.primitives.codec.ByteWriter;

/// `ping`: are you there? Since BIP-0031 (versions above 60,000) with a nonce that `pong` repeats.
///
/// @param nonce empty only between peers of version 60,000 and below
public record Ping(OptionalLong nonce) implements Message {
    /// Name on the wire.
    public static final String COMMAND = "ping";

    /// The last protocol version whose `ping` has no nonce.
    public static final int LAST_VERSION_WITHOUT_NONCE = 60_000;

    /// A ping that wants an answer.
    public static Ping of(long nonce) {
        return new Ping(OptionalLong.of(nonce));
    }

    static Ping read(ByteReader in, Negotiated negotiated) {
        boolean hasNonce = negotiated.version() > LAST_VERSION_WITHOUT_NONCE;
        return hasNonce ? of(in.i64()) : new Ping(OptionalLong.empty());
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
