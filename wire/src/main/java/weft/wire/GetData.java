package weft.wire;

import java.util.List;
import weft.primitives.codec.ByteReader;
import weft.primitives.codec.ByteWriter;

/// `getdata`: send these. Longer lists than allowed can be read, so that the engine can name their length.
///
/// @param items what the message is about; immutable
public record GetData(List<InvItem> items) implements Message {
    /// Name on the wire.
    public static final String COMMAND = "getdata";

    /// Keeps a copy of the list.
    public GetData {
        items = PackedItems.immutable(items);
    }

    /// A message about some objects.
    public static GetData of(InvItem... items) {
        return new GetData(List.of(items));
    }

    static GetData read(ByteReader in) {
        return new GetData(InvItem.readList(in));
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
