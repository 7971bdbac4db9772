package weft.mempool;

import java.util.Arrays;

/// A growing list of slots of the graph.
final class Slots {
    private int[] items;
    private int size;

    Slots() {
        this(8);
    }

    Slots(int capacity) {
        items = new int[capacity];
    }

    static Slots of(int... slots) {
        var list = new Slots(Math.max(slots.length, 1));
        for (int slot : slots) {
            list.add(slot);
        }
        return list;
    }

    int size() {
        return size;
    }

    boolean isEmpty() {
        return size == 0;
    }

    int at(int index) {
        return items[index];
    }

    void add(int slot) {
        if (size == items.length) {
            items = Arrays.copyOf(items, Math.max(8, size * 2));
        }
        items[size++] = slot;
    }

    int indexOf(int slot) {
        for (int i = 0; i < size; i++) {
            if (items[i] == slot) {
                return i;
            }
        }
        return -1;
    }

    boolean contains(int slot) {
        return indexOf(slot) >= 0;
    }

    /// Takes one out; the last takes its place.
    ///
    /// @return whether it was there
    boolean remove(int slot) {
        int index = indexOf(slot);
        if (index >= 0) {
            items[index] = items[--size];
        }
        return index >= 0;
    }

    int[] toArray() {
        return Arrays.copyOf(items, size);
    }
}
