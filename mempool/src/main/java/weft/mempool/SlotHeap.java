package weft.mempool;

import java.util.Arrays;

/// Slots by an order that may change: the first is known at once, a change of one slot costs a logarithm.
final class SlotHeap {
    /// A strict order of all slots in use.
    @FunctionalInterface
    interface Order {
        boolean isBefore(int a, int b);
    }

    private static final int NOWHERE = -1;

    private final Order order;
    private int[] heap = new int[16];
    private int[] places = new int[0];
    private int size;

    SlotHeap(Order order) {
        this.order = order;
    }

    int size() {
        return size;
    }

    /// The first slot; there must be one.
    int first() {
        return heap[0];
    }

    void add(int slot) {
        if (slot >= places.length) {
            int old = places.length;
            places = Arrays.copyOf(places, Math.max(slot + 1, old * 2));
            Arrays.fill(places, old, places.length, NOWHERE);
        }
        if (size == heap.length) {
            heap = Arrays.copyOf(heap, size * 2);
        }
        put(size++, slot);
        up(places[slot]);
    }

    void remove(int slot) {
        int place = places[slot];
        int last = heap[--size];
        places[slot] = NOWHERE;
        if (last != slot) {
            put(place, last);
            update(last);
        }
    }

    /// What the order looks at has changed for a slot.
    void update(int slot) {
        up(places[slot]);
        down(places[slot]);
    }

    /// A copy that can be emptied in order while nothing changes.
    Drain drain() {
        return new Drain(Arrays.copyOf(heap, size), order);
    }

    private void put(int place, int slot) {
        heap[place] = slot;
        places[slot] = place;
    }

    private void up(int from) {
        int slot = heap[from];
        int place = from;
        while (place > 0 && order.isBefore(slot, heap[(place - 1) >>> 1])) {
            put(place, heap[(place - 1) >>> 1]);
            place = (place - 1) >>> 1;
        }
        put(place, slot);
    }

    private void down(int from) {
        int slot = heap[from];
        int place = from;
        int child = best(heap, size, place, order);
        while (child >= 0 && order.isBefore(heap[child], slot)) {
            put(place, heap[child]);
            place = child;
            child = best(heap, size, place, order);
        }
        put(place, slot);
    }

    private static int best(int[] heap, int size, int place, Order order) {
        int left = 2 * place + 1;
        if (left >= size) {
            return -1;
        }
        return left + 1 < size && order.isBefore(heap[left + 1], heap[left]) ? left + 1 : left;
    }

    /// Hands out slots in order.
    static final class Drain {
        private final int[] heap;
        private final Order order;
        private int size;

        private Drain(int[] heap, Order order) {
            this.heap = heap;
            this.order = order;
            this.size = heap.length;
        }

        boolean isEmpty() {
            return size == 0;
        }

        int first() {
            return heap[0];
        }

        /// Takes the first out; there must be one.
        int next() {
            int first = heap[0];
            int last = heap[--size];
            int place = 0;
            int child = best(heap, size, place, order);
            while (child >= 0 && order.isBefore(heap[child], last)) {
                heap[place] = heap[child];
                place = child;
                child = best(heap, size, place, order);
            }
            heap[place] = last;
            return first;
        }
    }
}
