package weft.chain.api;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import weft.primitives.BlockHash;
import weft.primitives.Check;

/// Finds headers of one [HeaderTable] by their hash: about eight bytes a header. Not safe for use by two
/// threads.
///
/// *Rationale:* where a header is looked for follows from its hash and the table's secret key. On networks
/// where work is cheap, headers could else be made that all stand in one place.
public final class HeaderIndex {
    private static final int FIRST_SLOTS = 16;

    /// The number of a header plus one; 0 is free.
    private int[] slots = new int[FIRST_SLOTS];

    private int size;
    private @Nullable HeaderTable table;

    /// Knows no header.
    public HeaderIndex() {}

    /// Adds a header, which must be of the same table as the others.
    ///
    /// @return whether its hash was not here before
    public boolean add(HeaderNode node) {
        Check.argument(
                table == null || table == node.table(), "the headers of an index are of one table");
        table = node.table();
        if (find(node.hash()) != null) {
            return false;
        }
        if ((size + 1) * 4L > slots.length * 3L) {
            grow(node.table());
        }
        put(node.table(), node.id());
        size++;
        return true;
    }

    private void grow(HeaderTable of) {
        int[] old = slots;
        slots = new int[old.length * 2];
        for (int slot : old) {
            if (slot != 0) {
                put(of, slot - 1);
            }
        }
    }

    private void put(HeaderTable of, int id) {
        int mask = slots.length - 1;
        int i = of.place(id) & mask;
        while (slots[i] != 0) {
            i = (i + 1) & mask;
        }
        slots[i] = id + 1;
    }

    /// The header of a hash; null if it is not here.
    public @Nullable HeaderNode find(BlockHash hash) {
        HeaderTable of = table;
        if (of == null) {
            return null;
        }
        int mask = slots.length - 1;
        for (int i = of.place(hash) & mask; slots[i] != 0; i = (i + 1) & mask) {
            if (of.hasHash(slots[i] - 1, hash)) {
                return of.at(slots[i] - 1);
            }
        }
        return null;
    }

    /// Number of headers.
    public int size() {
        return size;
    }

    /// Forgets all headers.
    public void clear() {
        Arrays.fill(slots, 0);
        size = 0;
        table = null;
    }
}
