package weft.chain.api;

import java.util.AbstractList;
import java.util.RandomAccess;

/// Headers in some order, four bytes each.
public final class HeaderList extends AbstractList<HeaderNode> implements RandomAccess {
    private final HeaderTable table;
    private final int[] ids;

    /// Headers of a table by their numbers.
    ///
    /// @param ids is not copied and must not change any more
    public HeaderList(HeaderTable table, int[] ids) {
        this.table = table;
        this.ids = ids;
    }

    @Override
    public HeaderNode get(int index) {
        return table.at(ids[index]);
    }

    @Override
    public int size() {
        return ids.length;
    }
}
