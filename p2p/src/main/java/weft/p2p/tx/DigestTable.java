package weft.p2p.tx;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import weft.crypto.SipHash;
import weft.primitives.Digest256;

/// Things by a hash that each of them holds: one reference in an array for each, where a `HashMap` takes an
/// object more. Salted, so that nobody can choose hashes that lie in one place: all of a hash counts.
///
/// @param <T> what is found
final class DigestTable<T> {
    private static final int SLOTS_MIN = 8;

    private final Function<T, Digest256> hashOf;
    private final long salt;
    private @Nullable Object[] slots = new @Nullable Object[SLOTS_MIN];
    private int size;

    /// An empty one.
    ///
    /// @param salt that nobody knows
    DigestTable(Function<T, Digest256> hashOf, long salt) {
        this.hashOf = hashOf;
        this.salt = salt;
    }

    int size() {
        return size;
    }

    @SuppressWarnings("unchecked")
    private @Nullable T at(int place) {
        return (T) slots[place];
    }

    /// What has a hash; null for nothing.
    @Nullable T get(Digest256 hash) {
        return at(placeOf(hash));
    }

    boolean contains(Digest256 hash) {
        return get(hash) != null;
    }

    /// Adds a thing, in the place of what had its hash.
    void put(T thing) {
        int place = placeOf(hashOf.apply(thing));
        boolean isNew = slots[place] == null;
        slots[place] = thing;
        if (isNew && ++size > slots.length / 3 * 2) {
            resize(slots.length * 2);
        }
    }

    /// Takes out what has a hash.
    ///
    /// @return null if there was nothing
    @Nullable T remove(Digest256 hash) {
        int place = placeOf(hash);
        T removed = at(place);
        if (removed == null) {
            return null;
        }
        size--;
        if (size == 0) {
            slots = new @Nullable Object[SLOTS_MIN];
            return removed;
        }
        close(place);
        return removed;
    }

    /// Moves back what was put behind a place because it was taken.
    private void close(int place) {
        int mask = slots.length - 1;
        int gap = place;
        int next = (gap + 1) & mask;
        for (T each = at(next); each != null; each = at(next)) {
            int wanted = first(hashOf.apply(each));
            if (((next - wanted) & mask) >= ((next - gap) & mask)) {
                slots[gap] = each;
                gap = next;
            }
            next = (next + 1) & mask;
        }
        slots[gap] = null;
    }

    /// All of them, in no order.
    List<T> values() {
        var all = new ArrayList<T>(size);
        for (int i = 0; i < slots.length; i++) {
            T each = at(i);
            if (each != null) {
                all.add(each);
            }
        }
        return all;
    }

    private void resize(int length) {
        List<T> all = values();
        slots = new @Nullable Object[length];
        all.forEach(each -> slots[placeOf(hashOf.apply(each))] = each);
    }

    /// Where a hash is, or the free place for it.
    private int placeOf(Digest256 hash) {
        int mask = slots.length - 1;
        int place = first(hash);
        for (T each = at(place); each != null; each = at(place)) {
            if (hashOf.apply(each).equals(hash)) {
                break;
            }
            place = (place + 1) & mask;
        }
        return place;
    }

    /// Where a hash would be if nothing else were there.
    int first(Digest256 hash) {
        long keyed =
                SipHash.hash(
                        salt, RollingFilter.mix(salt), hash.w0(), hash.w1(), hash.w2(), hash.w3());
        return (int) keyed & (slots.length - 1);
    }
}
