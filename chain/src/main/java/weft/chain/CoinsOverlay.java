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
    private final Map<OutPoint, Entry> entries = new LinkedHashMap<>();

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
    public CoinsOverlay(CoinsView below) {
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
            entries.put(outPoint, entry);
        }
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
            entry = new Entry(null);
            entries.put(outPoint, entry);
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
        if (entry == null || entry.coin == null) {
            return null;
        }
        Coin coin = entry.coin;
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
        forEachChange(target::change);
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
