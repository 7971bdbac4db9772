package weft.wire;

import java.util.AbstractList;
import java.util.List;
import java.util.RandomAccess;
import weft.primitives.Bytes;
import weft.primitives.Digest256;

/// Items as they came over the wire, taken apart when they are asked for. Immutable.
///
/// *Rationale:* a message may name 50,000, which are 3.6 MB of objects and 1.8 MB of bytes, and many peers'
/// messages may wait at a time.
final class PackedItems extends AbstractList<InvItem> implements RandomAccess {
    private final Bytes bytes;
    private final int count;

    private PackedItems(Bytes bytes) {
        this.bytes = bytes;
        this.count = bytes.length() / InvItem.BYTES;
    }

    /// Items in a row, which nobody changes any more.
    ///
    /// @param bytes 36 for each item
    static List<InvItem> of(Bytes bytes) {
        return new PackedItems(bytes);
    }

    /// A list that nobody can change.
    static List<InvItem> immutable(List<InvItem> items) {
        return items instanceof PackedItems ? items : List.copyOf(items);
    }

    @Override
    public InvItem get(int index) {
        if (index < 0 || index >= count) {
            throw new IndexOutOfBoundsException(index);
        }
        byte[] array = bytes.backingArray();
        int at = bytes.backingOffset() + index * InvItem.BYTES;
        int type =
                (array[at] & 0xff)
                        | (array[at + 1] & 0xff) << 8
                        | (array[at + 2] & 0xff) << 16
                        | (array[at + 3] & 0xff) << 24;
        return new InvItem(type, Digest256.of(array, at + Integer.BYTES));
    }

    @Override
    public int size() {
        return count;
    }
}
