package weft.wire.transport;

import java.nio.ByteBuffer;
import java.util.Optional;
import weft.primitives.Bytes;

/// Takes bytes as they arrive, in pieces of any size, and finds messages in them. No I/O.
///
/// Memory is bounded by the bytes received: an announced length is never believed before its bytes are there.
public interface TransportDecoder {
    /// Takes received bytes; they are copied. After a [TransportEvent.Fatal] they are dropped.
    void push(byte[] bytes, int offset, int length);

    /// Takes the remaining bytes of a buffer.
    default void push(ByteBuffer bytes) {
        if (bytes.hasArray()) {
            push(bytes.array(), bytes.arrayOffset() + bytes.position(), bytes.remaining());
            bytes.position(bytes.limit());
        } else {
            byte[] copy = new byte[bytes.remaining()];
            bytes.get(copy);
            push(copy, 0, copy.length);
        }
    }

    /// Takes received bytes.
    default void push(Bytes bytes) {
        push(bytes.backingArray(), bytes.backingOffset(), bytes.length());
    }

    /// The next event; empty until more bytes come.
    Optional<TransportEvent> next();
}
