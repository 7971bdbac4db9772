package weft.mempool;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import weft.primitives.Hash256;

/// Who spends whom among the transactions of the mempool, with sums over all ancestors and all descendants,
/// and orders that follow from them. Each transaction has a slot; slots are used again.
///
/// Columns instead of objects: a walk over relatives touches a few arrays. Sums count the transaction itself.
final class TxGraph {
    private static final Slots NONE = new Slots(0);

    MempoolEntry[] entries = new MempoolEntry[0];
    private Slots[] parents = new Slots[0];
    private Slots[] children = new Slots[0];
    private long[] births = new long[0];
    private long[] changes = new long[0];
    private int[] marks = new int[0];
    private int epoch;
    private int used;
    private int size;
    private long born;
    private long changed;
    private final Slots free = new Slots();

    /// Fees with what the operator added, in satoshis.
    long[] fees = new long[0];

    final Sums up = new Sums();
    final Sums down = new Sums();
    private long links;

    /// Worst first: who leaves when there is no room.
    final SlotHeap byDescendantScore = new SlotHeap(this::isWorse);

    /// Best first: who comes into the next block.
    final SlotHeap byAncestorRate = new SlotHeap(this::isMinedBefore);

    /// Oldest first.
    final SlotHeap byTime = new SlotHeap(this::isOlder);

    /// Count, virtual size, modified fees and signature operations of a transaction and its ancestors, or
    /// its descendants.
    static final class Sums {
        int[] counts = new int[0];
        long[] vsizes = new long[0];
        long[] fees = new long[0];
        long[] sigops = new long[0];

        private void grow(int capacity) {
            counts = Arrays.copyOf(counts, capacity);
            vsizes = Arrays.copyOf(vsizes, capacity);
            fees = Arrays.copyOf(fees, capacity);
            sigops = Arrays.copyOf(sigops, capacity);
        }

        private void set(int slot, MempoolEntry entry, long fee) {
            counts[slot] = 1;
            vsizes[slot] = entry.vsize();
            fees[slot] = fee;
            sigops[slot] = entry.sigopCost();
        }

        private void add(int slot, int sign, MempoolEntry entry, long fee) {
            counts[slot] += sign;
            vsizes[slot] += sign * entry.vsize();
            fees[slot] = saturated(fees[slot], sign * fee);
            sigops[slot] += (long) sign * entry.sigopCost();
        }
    }

    TxGraph() {}

    int size() {
        return size;
    }

    /// One more than the highest slot ever used.
    int capacity() {
        return used;
    }

    /// Links between parents and children.
    long links() {
        return links;
    }

    MempoolEntry entry(int slot) {
        return entries[slot];
    }

    Slots parents(int slot) {
        return parents[slot];
    }

    Slots children(int slot) {
        return children[slot];
    }

    /// Adds without overflow: the operator may add anything to a fee.
    static long saturated(long a, long b) {
        long sum = a + b;
        boolean overflows = ((a ^ sum) & (b ^ sum)) < 0;
        return overflows ? (a < 0 ? Long.MIN_VALUE : Long.MAX_VALUE) : sum;
    }

    /// Takes a transaction in that no other here spends yet.
    ///
    /// @param fee with what the operator added
    /// @param parentSlots each once
    /// @param ancestors all, itself left out
    int add(MempoolEntry entry, long fee, Slots parentSlots, Slots ancestors) {
        int slot = newSlot();
        entry.slot = slot;
        entries[slot] = entry;
        parents[slot] = NONE;
        children[slot] = NONE;
        births[slot] = born++;
        marks[slot] = 0;
        fees[slot] = fee;
        up.set(slot, entry, fee);
        down.set(slot, entry, fee);
        for (int i = 0; i < parentSlots.size(); i++) {
            link(parentSlots.at(i), slot);
        }
        for (MempoolEntry ancestor : inIdOrder(ancestors)) {
            up.add(slot, 1, ancestor, fees[ancestor.slot]);
            down.add(ancestor.slot, 1, entry, fee);
            noteChange(ancestor.slot);
        }
        changes[slot] = ++changed;
        byDescendantScore.add(slot);
        byAncestorRate.add(slot);
        byTime.add(slot);
        size++;
        return slot;
    }

    private int newSlot() {
        if (!free.isEmpty()) {
            int slot = free.at(free.size() - 1);
            free.remove(slot);
            return slot;
        }
        if (used == entries.length) {
            int capacity = Math.max(16, used * 2);
            entries = Arrays.copyOf(entries, capacity);
            parents = Arrays.copyOf(parents, capacity);
            children = Arrays.copyOf(children, capacity);
            births = Arrays.copyOf(births, capacity);
            changes = Arrays.copyOf(changes, capacity);
            marks = Arrays.copyOf(marks, capacity);
            fees = Arrays.copyOf(fees, capacity);
            up.grow(capacity);
            down.grow(capacity);
        }
        return used++;
    }

    /// A child came before its parent: after a reorganisation. Sums stay as they are.
    void link(int parent, int child) {
        if (parents[child].contains(parent)) {
            return;
        }
        parents[child] = with(parents[child], parent);
        children[parent] = with(children[parent], child);
        links++;
    }

    private static Slots with(Slots slots, int slot) {
        Slots own = slots == NONE ? new Slots(2) : slots;
        own.add(slot);
        return own;
    }

    /// Adds what a late parent brings to all that come after it.
    ///
    /// @param descendants in the order of their ids' bytes
    void addRelations(int ancestor, List<MempoolEntry> descendants) {
        for (MempoolEntry descendant : descendants) {
            addAncestor(descendant.slot, 1, ancestor);
            down.add(ancestor, 1, descendant, fees[descendant.slot]);
            byDescendantScore.update(ancestor);
        }
        noteChange(ancestor);
    }

    private void addAncestor(int slot, int sign, int ancestor) {
        up.add(slot, sign, entries[ancestor], fees[ancestor]);
        byAncestorRate.update(slot);
        noteChange(slot);
    }

    /// Of transactions that pay the same and came in the same second, the one whose sums changed last leaves
    /// first: any change, also of the sums over ancestors, counts, and changes come one after another in the
    /// order of the ids' bytes. Core's order comes about in this way, and it decides which of them stay.
    private void noteChange(int slot) {
        changes[slot] = ++changed;
        byDescendantScore.update(slot);
    }

    /// Changes a fee by what the operator adds. A heap may have one slot out of order at a time: each is put
    /// right before the next changes.
    void addFee(int slot, long delta) {
        fees[slot] = saturated(fees[slot], delta);
        up.fees[slot] = saturated(up.fees[slot], delta);
        down.fees[slot] = saturated(down.fees[slot], delta);
        noteChange(slot);
        byAncestorRate.update(slot);
        for (MempoolEntry ancestor : inIdOrder(ancestors(slot))) {
            down.fees[ancestor.slot] = saturated(down.fees[ancestor.slot], delta);
            noteChange(ancestor.slot);
        }
        for (MempoolEntry descendant : inIdOrder(descendants(slot))) {
            up.fees[descendant.slot] = saturated(up.fees[descendant.slot], delta);
            byAncestorRate.update(descendant.slot);
            noteChange(descendant.slot);
        }
    }

    /// Takes one out whose descendants stay.
    void remove(MempoolEntry entry) {
        for (MempoolEntry descendant : inIdOrder(descendants(entry.slot))) {
            addAncestor(descendant.slot, -1, entry.slot);
        }
        removeClosed(List.of(entry));
    }

    /// Takes transactions out that nothing spends which stays: only ancestors' sums change.
    ///
    /// @param doomed in the order of their ids' bytes
    void removeClosed(List<MempoolEntry> doomed) {
        for (MempoolEntry entry : doomed) {
            for (MempoolEntry ancestor : inIdOrder(ancestors(entry.slot))) {
                down.add(ancestor.slot, -1, entry, fees[entry.slot]);
                noteChange(ancestor.slot);
            }
        }
        doomed.forEach(entry -> unlink(entry.slot));
    }

    private void unlink(int slot) {
        for (int i = 0; i < parents[slot].size(); i++) {
            children[parents[slot].at(i)].remove(slot);
            links--;
        }
        for (int i = 0; i < children[slot].size(); i++) {
            parents[children[slot].at(i)].remove(slot);
            links--;
        }
        byDescendantScore.remove(slot);
        byAncestorRate.remove(slot);
        byTime.remove(slot);
        entries[slot].slot = -1;
        parents[slot] = NONE;
        children[slot] = NONE;
        free.add(slot);
        size--;
    }

    /// Begins a walk: nothing is marked.
    int newEpoch() {
        if (++epoch == Integer.MAX_VALUE) {
            Arrays.fill(marks, 0);
            epoch = 1;
        }
        return epoch;
    }

    /// Marks a slot in a walk.
    ///
    /// @return whether it was not marked before
    boolean mark(int slot) {
        boolean isNew = marks[slot] != epoch;
        marks[slot] = epoch;
        return isNew;
    }

    /// All that a transaction needs, itself left out; nearer ones first.
    Slots ancestors(int slot) {
        return closure(Slots.of(slot), parents, 1);
    }

    /// All that need a transaction, itself left out; nearer ones first.
    Slots descendants(int slot) {
        return closure(Slots.of(slot), children, 1);
    }

    /// Some transactions with all that need one of them.
    Slots withDescendants(Slots roots) {
        return closure(roots, children, 0);
    }

    /// Some transactions with all that one of them needs.
    Slots withAncestors(Slots roots) {
        return closure(roots, parents, 0);
    }

    private Slots closure(Slots roots, Slots[] next, int skipped) {
        newEpoch();
        var open = new Slots();
        var found = new Slots();
        for (int i = 0; i < roots.size(); i++) {
            if (mark(roots.at(i))) {
                open.add(roots.at(i));
            }
        }
        for (int i = 0; i < open.size(); i++) {
            int slot = open.at(i);
            if (i >= skipped) {
                found.add(slot);
            }
            for (int k = 0; k < next[slot].size(); k++) {
                if (mark(next[slot].at(k))) {
                    open.add(next[slot].at(k));
                }
            }
        }
        return found;
    }

    /// Entries in the order of their ids' bytes, as Core's sets of entries go.
    List<MempoolEntry> inIdOrder(Slots slots) {
        var list = new ArrayList<MempoolEntry>(slots.size());
        for (int i = 0; i < slots.size(); i++) {
            list.add(entries[slots.at(i)]);
        }
        list.sort(Comparator.comparing(MempoolEntry::txid, TxGraph::compareBytes));
        return list;
    }

    /// Order of the bytes on the wire, which is not that of the texts.
    static int compareBytes(Hash256 a, Hash256 b) {
        int order = compareBytes(a.w0(), b.w0());
        if (order == 0) {
            order = compareBytes(a.w1(), b.w1());
        }
        if (order == 0) {
            order = compareBytes(a.w2(), b.w2());
        }
        return order == 0 ? compareBytes(a.w3(), b.w3()) : order;
    }

    private static int compareBytes(long a, long b) {
        return Long.compareUnsigned(Long.reverseBytes(a), Long.reverseBytes(b));
    }

    /// A transaction counts for what it pays itself or with all that need it, whichever is more.
    private boolean isWorse(int a, int b) {
        boolean allA = descendantsPayMore(a);
        boolean allB = descendantsPayMore(b);
        double left = (double) (allA ? down.fees[a] : fees[a]) * size(b, allB);
        double right = (double) (allB ? down.fees[b] : fees[b]) * size(a, allA);
        if (left != right) {
            return left < right;
        }
        long timeA = entries[a].seconds();
        long timeB = entries[b].seconds();
        return timeA == timeB ? changes[a] > changes[b] : timeA > timeB;
    }

    private double size(int slot, boolean withDescendants) {
        return withDescendants ? down.vsizes[slot] : entries[slot].vsize();
    }

    private boolean descendantsPayMore(int slot) {
        return (double) down.fees[slot] * entries[slot].vsize()
                > (double) fees[slot] * down.vsizes[slot];
    }

    /// A transaction counts for what it pays itself or with all that it needs, whichever is less.
    private boolean isMinedBefore(int a, int b) {
        boolean allA = ancestorsPayLess(a);
        boolean allB = ancestorsPayLess(b);
        double sizeA = allA ? up.vsizes[a] : entries[a].vsize();
        double sizeB = allB ? up.vsizes[b] : entries[b].vsize();
        double left = (double) (allA ? up.fees[a] : fees[a]) * sizeB;
        double right = (double) (allB ? up.fees[b] : fees[b]) * sizeA;
        if (left != right) {
            return left > right;
        }
        return compareBytes(entries[a].txid(), entries[b].txid()) < 0;
    }

    private boolean ancestorsPayLess(int slot) {
        return (double) up.fees[slot] * entries[slot].vsize()
                < (double) fees[slot] * up.vsizes[slot];
    }

    private boolean isOlder(int a, int b) {
        long timeA = entries[a].seconds();
        long timeB = entries[b].seconds();
        return timeA == timeB ? births[a] < births[b] : timeA < timeB;
    }
}
