package weft.chain;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import weft.consensus.Coin;
import weft.primitives.Check;
import weft.primitives.OutPoint;

/// Changes to the coins of another view, kept in memory until they are moved into it or dropped.
///
/// An entry is *dirty* if it differs from the view below, and *fresh* if the view below has no unspent
/// coin there; a coin that is made and spent while fresh leaves no trace. Clean entries are what was
/// read from below. Not safe for use by two threads.
public final class CoinsCache implements CoinsView {
    private static final long ENTRY_BYTES = 330;

    private final CoinsView below;
    private final Map<OutPoint, Entry> entries = new HashMap<>();
    private final Map<OutPoint, Entry> dirty = new LinkedHashMap<>();
    private long bytes;

    private static final class Entry {
        @Nullable Coin coin;
        boolean dirty;
        boolean fresh;

        Entry(@Nullable Coin coin) {
            this.coin = coin;
        }
    }

    /// Nothing changed yet.
    ///
    /// @param below what is asked for coins that are not here
    public CoinsCache(CoinsView below) {
        this.below = below;
    }

    @Override
    public @Nullable Coin coin(OutPoint outPoint) {
        Entry entry = fetch(outPoint);
        return entry == null ? null : entry.coin;
    }

    private @Nullable Entry fetch(OutPoint outPoint) {
        Entry entry = entries.get(outPoint);
        if (entry == null) {
            Coin coin = below.coin(outPoint);
            if (coin == null) {
                return null;
            }
            entry = new Entry(coin);
            insert(outPoint, entry);
        }
        return entry;
    }

    private void insert(OutPoint outPoint, Entry entry) {
        entries.put(outPoint, entry);
        bytes += size(entry.coin);
    }

    private static long size(@Nullable Coin coin) {
        return ENTRY_BYTES + (coin == null ? 0 : coin.out().scriptPubKey().length());
    }

    private void set(OutPoint outPoint, Entry entry, @Nullable Coin coin) {
        bytes += size(coin) - size(entry.coin);
        entry.coin = coin;
        if (!entry.dirty) {
            entry.dirty = true;
            dirty.put(outPoint, entry);
        }
    }

    /// Adds a coin.
    ///
    /// @param mayOverwrite an unspent coin may be there already: a coinbase from before BIP-0034, or
    ///     undo data
    public void add(OutPoint outPoint, Coin coin, boolean mayOverwrite) {
        Entry entry = entries.get(outPoint);
        boolean fresh = false;
        if (entry == null) {
            entry = new Entry(null);
            insert(outPoint, entry);
            fresh = !mayOverwrite;
        } else if (!mayOverwrite) {
            Check.state(entry.coin == null, "no unspent coin is overwritten unawares");
            fresh = !entry.dirty;
        }
        set(outPoint, entry, coin);
        entry.fresh |= fresh;
    }

    /// Spends a coin.
    ///
    /// @return the coin; null if there is none to spend
    public @Nullable Coin spend(OutPoint outPoint) {
        Entry entry = fetch(outPoint);
        if (entry == null || entry.coin == null) {
            return null;
        }
        Coin coin = entry.coin;
        set(outPoint, entry, null);
        if (entry.fresh) {
            remove(outPoint, entry);
        }
        return coin;
    }

    private void remove(OutPoint outPoint, Entry entry) {
        entries.remove(outPoint);
        bytes -= size(entry.coin);
        if (entry.dirty) {
            dirty.remove(outPoint);
        }
    }

    /// Forgets a clean entry: something that was only looked at.
    public void uncache(OutPoint outPoint) {
        Entry entry = entries.get(outPoint);
        if (entry != null && !entry.dirty) {
            remove(outPoint, entry);
        }
    }

    /// Moves all changes into the cache below, which must be the view that this one was made on, and is
    /// empty then.
    void moveInto(CoinsCache target) {
        Check.state(target == below, "changes go where they were read from");
        dirty.forEach(target::take);
        clear();
    }

    private void take(OutPoint outPoint, Entry change) {
        Entry entry = entries.get(outPoint);
        if (entry == null) {
            if (change.fresh && change.coin == null) {
                return;
            }
            entry = new Entry(null);
            insert(outPoint, entry);
            set(outPoint, entry, change.coin);
            entry.fresh = change.fresh;
            return;
        }
        Check.state(!change.fresh || entry.coin == null, "a fresh coin has no unspent coin below");
        if (entry.fresh && change.coin == null) {
            remove(outPoint, entry);
        } else {
            set(outPoint, entry, change.coin);
        }
    }

    /// Shows every change; the coin is null where one was spent.
    void forEachChange(Change change) {
        dirty.forEach((outPoint, entry) -> change.accept(outPoint, entry.coin));
    }

    /// Sees one change.
    @FunctionalInterface
    interface Change {
        void accept(OutPoint outPoint, @Nullable Coin coin);
    }

    /// Keeps the entries as clean ones after their changes were written below; spent ones go.
    void markClean() {
        dirty.forEach(
                (outPoint, entry) -> {
                    entry.dirty = false;
                    entry.fresh = false;
                    if (entry.coin == null) {
                        entries.remove(outPoint);
                        bytes -= size(null);
                    }
                });
        dirty.clear();
    }

    /// Forgets everything.
    void clear() {
        entries.clear();
        dirty.clear();
        bytes = 0;
    }

    /// Number of entries, clean ones included.
    public int size() {
        return entries.size();
    }

    /// Number of entries that differ from the view below.
    public int dirtySize() {
        return dirty.size();
    }

    /// Memory in bytes, estimated.
    public long bytes() {
        return bytes;
    }
}
