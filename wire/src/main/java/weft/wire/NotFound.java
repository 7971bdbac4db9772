package weft.wire;

import java.util.List;
import weft.primitives.codec.ByteReader;
import weft.primitives.codec.ByteWriter;

/// `notfound`: we do not have what you asked for. Longer lists than allowed can be read.
///
/// @param items what the message is about; immutable
public record NotFound(List<InvItem> items) implements Message {
    /// Name on the wire.
    public static final String COMMAND = "notfound";

    /// Keeps a copy of the list.
    public NotFound {
        items = PackedItems.immutable(items);
    }

    /// A message about some objects.
    public static NotFound of(InvItem... items) {
        return new NotFound(List.of(items));
    }

    static NotFound read(ByteReader in) {
        return new NotFound(InvItem.readList(in));
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
