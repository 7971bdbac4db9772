package weft.p2p.defence;

import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Lanes that take turns: each in its own order, all in a circle, none for longer than a turn. However much
/// waits in one lane, another's next item waits for one turn of each lane at most.
///
/// A turn ends after so many items, or when they cost so much together; the last may cost more. Not
/// thread-safe.
///
/// @param <K> names lanes; used as a key
/// @param <T> what waits
public final class Turns<K, T> {
    private final int itemsATurn;
    private final long costATurn;
    private final Map<K, Lane<K, T>> lanes = new LinkedHashMap<>();
    private final ArrayDeque<Lane<K, T>> circle = new ArrayDeque<>();
    private int items;
    private long cost;
    private long taken;
    private @Nullable Lane<K, T> last;

    /// No lanes.
    ///
    /// @param itemsATurn 1 or more
    /// @param costATurn 1 or more
    public Turns(int itemsATurn, long costATurn) {
        this.itemsATurn = itemsATurn;
        this.costATurn = costATurn;
    }

    private record Entry<T>(T item, long cost) {}

    private static final class Lane<K, T> {
        final K key;
        final Deque<Entry<T>> entries = new ArrayDeque<>();
        boolean paused;

        /// How many items were taken from all lanes when one was taken from this, or when it was made.
        long servedAt;

        long servedBefore;

        Lane(K key, long taken) {
            this.key = key;
            this.servedAt = taken;
            this.servedBefore = taken;
        }
    }

    /// Adds an item to the end of a lane, which is made if there is none.
    ///
    /// @param cost 0 or more
    public void add(K key, T item, long itemCost) {
        Lane<K, T> lane = lanes.get(key);
        if (lane == null) {
            lane = new Lane<>(key, taken);
            lanes.put(key, lane);
            circle.addLast(lane);
        }
        lane.entries.addLast(new Entry<>(item, itemCost));
    }

    /// Takes the next item; null if there is none in a lane that goes on.
    public @Nullable T poll() {
        Lane<K, T> lane = circle.peekFirst();
        if (lane == null) {
            return null;
        }
        Entry<T> next = lane.entries.removeFirst();
        last = lane;
        lane.servedBefore = lane.servedAt;
        lane.servedAt = ++taken;
        items++;
        cost += next.cost;
        if (lane.entries.isEmpty()) {
            lanes.remove(lane.key);
            circle.removeFirst();
            endTurn();
        } else if (items >= itemsATurn || cost >= costATurn) {
            circle.addLast(circle.removeFirst());
            endTurn();
        }
        return next.item;
    }

    private void endTurn() {
        items = 0;
        cost = 0;
    }

    /// Puts back the item that was taken last from a lane, before all others of it, and lets the lane wait
    /// until [#resume].
    public void pause(K key, T item, long itemCost) {
        Lane<K, T> lane = lanes.get(key);
        if (lane == null) {
            Lane<K, T> emptied = last;
            boolean isSame = emptied != null && emptied.key.equals(key);
            lane = emptied != null && isSame ? emptied : new Lane<>(key, taken);
            lanes.put(key, lane);
        }
        lane.servedAt = lane.servedBefore;
        lane.entries.addFirst(new Entry<>(item, itemCost));
        lane.paused = true;
        if (circle.peekFirst() == lane) {
            endTurn();
        }
        circle.remove(lane);
    }

    /// Lets a lane go on, at the end of the circle; nothing if it does not wait.
    public void resume(K key) {
        Lane<K, T> lane = lanes.get(key);
        if (lane != null && lane.paused) {
            lane.paused = false;
            circle.addLast(lane);
        }
    }

    /// Whether a lane waits.
    public boolean isPaused(K key) {
        Lane<K, T> lane = lanes.get(key);
        return lane != null && lane.paused;
    }

    /// Lanes that wait, first those that were served longest ago. *Rationale:* where one item of them all may
    /// go on at a time, it is not always that of the same lane.
    public List<K> paused() {
        return lanes.values().stream()
                .filter(each -> each.paused)
                .sorted(Comparator.comparingLong(Turns::servedAt))
                .map(each -> each.key)
                .toList();
    }

    private static long servedAt(Lane<?, ?> lane) {
        return lane.servedAt;
    }

    /// Takes a lane away.
    ///
    /// @return all that waited in it, in order
    public List<T> drop(K key) {
        Lane<K, T> lane = lanes.remove(key);
        if (lane == null) {
            return List.of();
        }
        last = last == lane ? null : last;
        if (circle.peekFirst() == lane) {
            endTurn();
        }
        circle.remove(lane);
        return lane.entries.stream().map(Entry::item).toList();
    }

    /// Whether [#poll] has nothing.
    public boolean isEmpty() {
        return circle.isEmpty();
    }
}
