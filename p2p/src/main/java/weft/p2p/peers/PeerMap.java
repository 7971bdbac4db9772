package weft.p2p.peers;

import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import weft.p2p.PeerId;

/// Something for each peer, in the order of their numbers.
///
/// Rarely changed and walked through at every event, so it is an array that is copied when it changes: a
/// list of [#values] that somebody walks through stays as it was.
///
/// @param <T> what there is for each peer
public final class PeerMap<T> {
    private long[] ids = {};
    private List<T> values = List.of();

    /// Nobody yet.
    public PeerMap() {}

    private int find(long id) {
        int low = 0;
        int high = ids.length - 1;
        while (low <= high) {
            int middle = (low + high) >>> 1;
            if (ids[middle] < id) {
                low = middle + 1;
            } else if (ids[middle] > id) {
                high = middle - 1;
            } else {
                return middle;
            }
        }
        return -(low + 1);
    }

    /// What there is for a peer; null if nothing.
    public @Nullable T get(PeerId peer) {
        int at = find(peer.value());
        return at < 0 ? null : values.get(at);
    }

    /// Sets what there is for a peer.
    public void put(PeerId peer, T value) {
        int at = find(peer.value());
        if (at >= 0) {
            T[] changed = copy(ids.length);
            changed[at] = value;
            values = view(changed);
            return;
        }
        int place = -(at + 1);
        int size = ids.length;
        long[] moreIds = Arrays.copyOf(ids, size + 1);
        T[] more = copy(size + 1);
        System.arraycopy(moreIds, place, moreIds, place + 1, size - place);
        System.arraycopy(more, place, more, place + 1, size - place);
        moreIds[place] = peer.value();
        more[place] = value;
        ids = moreIds;
        values = view(more);
    }

    /// Forgets a peer; an unknown one does not matter.
    public void remove(PeerId peer) {
        int at = find(peer.value());
        if (at < 0) {
            return;
        }
        int size = ids.length;
        T[] old = copy(size);
        long[] fewerIds = Arrays.copyOf(ids, size - 1);
        T[] fewer = Arrays.copyOf(old, size - 1);
        System.arraycopy(ids, at + 1, fewerIds, at, size - at - 1);
        System.arraycopy(old, at + 1, fewer, at, size - at - 1);
        ids = fewerIds;
        values = view(fewer);
    }

    @SuppressWarnings("unchecked")
    private T[] copy(int length) {
        // An array of objects that nobody outside sees as one of another kind.
        return (T[]) values.toArray(new Object[length]);
    }

    private static <T> List<T> view(T[] array) {
        return List.of(array);
    }

    /// How many peers there is something for.
    public int size() {
        return ids.length;
    }

    /// What there is, in the order of the peers' numbers, as it is now; it does not change.
    public List<T> values() {
        return values;
    }
}
