package weft.crypto.internal;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Objects;

/// The native memory of one call: one piece, cut from the front, overwritten with zeros at the end, so that
/// no secret stays behind. Belongs to the thread that made it.
final class Frame implements AutoCloseable {
    private static final int ALIGNMENT_BYTES = 16;

    private final Arena arena = Arena.ofConfined();
    private final MemorySegment memory;
    private long used;

    /// A frame with room for `capacity` bytes.
    Frame(int capacity) {
        memory = arena.allocate(capacity, ALIGNMENT_BYTES);
    }

    /// `size` zero bytes, aligned for every type.
    MemorySegment room(int size) {
        MemorySegment part = memory.asSlice(used, size);
        used += -Math.floorDiv(-(long) size, ALIGNMENT_BYTES) * ALIGNMENT_BYTES;
        return part;
    }

    /// A copy of all these bytes.
    MemorySegment copy(byte[] bytes) {
        return copy(bytes, 0, bytes.length);
    }

    /// A copy of a part of these bytes.
    MemorySegment copy(byte[] bytes, int offset, int length) {
        Objects.checkFromIndexSize(offset, length, bytes.length);
        MemorySegment part = room(length);
        MemorySegment.copy(bytes, offset, part, ValueLayout.JAVA_BYTE, 0, length);
        return part;
    }

    @Override
    public void close() {
        memory.fill((byte) 0);
        arena.close();
    }
}
