package weft.primitives;

import java.util.List;
import weft.primitives.codec.ByteReader;
import weft.primitives.codec.ByteWriter;

/// The witness of one input: a stack of byte strings, bottom first. See BIP-0141.
///
/// @param items the stack; immutable
public record Witness(List<Bytes> items) {
    /// No items.
    public static final Witness EMPTY = new Witness(List.of());

    /// Copies the list.
    public Witness {
        items = List.copyOf(items);
    }

    /// A stack of these items, bottom first.
    public static Witness of(Bytes... items) {
        return new Witness(List.of(items));
    }

    /// Whether there is no item.
    public boolean isEmpty() {
        return items.isEmpty();
    }

    /// Reads a count and the items.
    public static Witness read(ByteReader in) {
        List<Bytes> items = in.list(ByteReader.MAX_SIZE, 1, ByteReader::varBytes);
        return items.isEmpty() ? EMPTY : new Witness(items);
    }

    /// Writes a count and the items.
    public void write(ByteWriter out) {
        out.list(items, (item, writer) -> writer.varBytes(item));
    }
}
