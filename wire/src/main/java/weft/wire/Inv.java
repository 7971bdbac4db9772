package weft.wire;

import java.util.List;
import weft.primitives.codec.ByteReader;
import weft.primitives.codec.ByteWriter;

/// `inv`: we have these. Longer lists than allowed can be read, so that the engine can name their length.
///
/// @param items what the message is about; immutable
public record Inv(List<InvItem> items) implements Message {
    /// Name on the wire.
    public static final String COMMAND = "inv";

    /// Keeps a copy of the list.
    public Inv {
        items = PackedItems.immutable(items);
    }

    /// A message about some objects.
    public static Inv of(InvItem... items) {
        return new Inv(List.of(items));
    }

    static Inv read(ByteReader in) {
        return new Inv(InvItem.readList(in));
    }

    @Override
    public String command() {
        return COMMAND;
    }

    @Override
    public void write(ByteWriter out) {
        out.list(items, InvItem::write);
    }
}
