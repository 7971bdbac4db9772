package weft.chain;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import weft.consensus.Coin;
import weft.primitives.Check;
import weft.primitives.OutPoint;

/// The few changes that one block makes to the coins of another view, until they are moved into it or
/// dropped.
///
/// An entry is *dirty* if it differs from the view below, and *fresh* if the view below has no unspent
/// coin there; a coin that is made and spent while fresh leaves no trace. Clean entries are what was
/// read from below. Not safe for use by two threads.
public final class CoinsOverlay implements CoinsView {
    private final CoinsView below;
    private final @Nullable CoinsCache cache;
    private final Map<OutPoint, Entry> entries;

    private static final class Entry {
        /// Of the out point, as the cache below computes it; 0 if there is none.
        final long hash;

        @Nullable Coin coin;
        boolean dirty;
        boolean fresh;

        Entry(long hash) {
            this.hash = hash;
        }
    }

    /// Nothing changed yet.
    ///
    /// @param below what is asked for coins that are not here
    public CoinsOverlay(CoinsView below) {
        this(below, 0);
    }

    /// Nothing changed yet.
    ///
    /// @param below what is asked for coins that are not here
    /// @param entries about how many coins will be asked for or changed
    CoinsOverlay(CoinsView below, int entries) {
        this.below = below;
        this.entries = LinkedHashMap.newLinkedHashMap(entries);
        this.cache = below instanceof CoinsCache cached ? cached : null;
    }

    @Override
    public @Nullable Coin coin(OutPoint outPoint) {
        return fetch(outPoint).coin;
    }

    /// An entry that is clean and has no coin says that there is none below.
    private Entry fetch(OutPoint outPoint) {
        Entry entry = entries.get(outPoint);
        if (entry == null) {
            entry = enter(outPoint);
            entry.coin = cache == null ? below.coin(outPoint) : cache.coin(outPoint, entry.hash);
        }
        return entry;
    }

    private Entry enter(OutPoint outPoint) {
        var entry = new Entry(cache == null ? 0 : cache.hash(outPoint));
        entries.put(outPoint, entry);
        return entry;
    }

    /// Adds a coin.
    ///
    /// @param mayOverwrite an unspent coin may be there already: a coinbase from before BIP-0034, or
    ///     undo data
    public void add(OutPoint outPoint, Coin coin, boolean mayOverwrite) {
        Entry entry = entries.get(outPoint);
        boolean fresh = false;
        if (entry == null) {
            entry = enter(outPoint);
            fresh = !mayOverwrite;
        } else if (!mayOverwrite) {
            Check.state(entry.coin == null, "no unspent coin is overwritten unawares");
            fresh = !entry.dirty;
        }
        entry.coin = coin;
        entry.dirty = true;
        entry.fresh |= fresh;
    }

    /// Spends a coin.
    ///
    /// @return the coin; null if there is none to spend
    public @Nullable Coin spend(OutPoint outPoint) {
        Entry entry = fetch(outPoint);
        Coin coin = entry.coin;
        if (coin == null) {
            return null;
        }
        entry.coin = null;
        entry.dirty = true;
        if (entry.fresh) {
            entries.remove(outPoint);
        }
        return coin;
    }

    /// Moves all changes into the cache below, which must be the view that this one was made on, and is
    /// empty then.
    void moveInto(CoinsCache target) {
        Check.state(target == below, "changes go where they were read from");
        entries.forEach(
                (outPoint, entry) -> {
                    if (entry.dirty) {
                        target.change(outPoint, entry.hash, entry.coin, entry.fresh);
                    }
                });
        entries.clear();
    }

    /// Shows every change, in the order in which the coins were first seen.
    void forEachChange(Change change) {
        entries.forEach(
                (outPoint, entry) -> {
                    if (entry.dirty) {
                        change.accept(outPoint, entry.coin, entry.fresh);
                    }
                });
    }

    /// Sees one change.
    @FunctionalInterface
    interface Change {
        /// Sees one change.
        ///
        /// @param coin null if it is spent
        /// @param fresh there is no unspent coin below
        void accept(OutPoint outPoint, @Nullable Coin coin, boolean fresh);
    }
}
