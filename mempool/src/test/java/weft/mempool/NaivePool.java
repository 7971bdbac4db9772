package weft.mempool;

import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import weft.primitives.OutPoint;
import weft.primitives.Transaction;
import weft.primitives.TxIn;
import weft.primitives.Txid;

/// A mempool so simple that it can be believed: a list, and every answer counted anew by walking over all of
/// it.
final class NaivePool {
    /// A transaction and what it pays.
    record Item(Transaction tx, long fee, long vsize, int sigops, long seconds) {}

    final Map<Txid, Item> items = new LinkedHashMap<>();
    final Map<Txid, Long> deltas = new TreeMap<>();
    int sampleCapacity;

    NaivePool() {}

    long modifiedFee(Item item) {
        return item.fee + deltas.getOrDefault(item.tx.txid(), 0L);
    }

    List<Item> parents(Transaction tx) {
        var found = new LinkedHashSet<Item>();
        for (TxIn input : tx.inputs()) {
            Item parent = items.get(input.prevout().txid());
            if (parent != null) {
                found.add(parent);
            }
        }
        return List.copyOf(found);
    }

    private List<Item> children(Item item) {
        return items.values().stream()
                .filter(
                        other ->
                                other.tx.inputs().stream()
                                        .anyMatch(
                                                input ->
                                                        input.prevout()
                                                                .txid()
                                                                .equals(item.tx.txid())))
                .toList();
    }

    /// All that a transaction needs, itself left out.
    Set<Item> ancestors(Transaction tx) {
        var found = new LinkedHashSet<Item>();
        for (Item parent : parents(tx)) {
            found.add(parent);
            found.addAll(ancestors(parent.tx));
        }
        return found;
    }

    /// A transaction with all that need it.
    Set<Item> family(Item item) {
        var found = new LinkedHashSet<Item>();
        found.add(item);
        for (Item child : children(item)) {
            found.addAll(family(child));
        }
        return found;
    }

    Set<Item> conflicts(Transaction tx) {
        var found = new LinkedHashSet<Item>();
        for (Item item : items.values()) {
            for (TxIn input : item.tx.inputs()) {
                OutPoint coin = input.prevout();
                if (tx.inputs().stream().anyMatch(own -> own.prevout().equals(coin))) {
                    found.add(item);
                }
            }
        }
        return found;
    }

    Optional<Item> spender(OutPoint coin) {
        return items.values().stream()
                .filter(item -> item.tx.inputs().stream().anyMatch(in -> in.prevout().equals(coin)))
                .findFirst();
    }

    Set<Item> families(Set<Item> roots) {
        var found = new LinkedHashSet<Item>();
        roots.forEach(root -> found.addAll(family(root)));
        return found;
    }

    void add(Item item) {
        items.put(item.tx.txid(), item);
        if (items.size() > sampleCapacity) {
            sampleCapacity = Math.max(1, sampleCapacity * 2);
        }
    }

    void remove(Item item) {
        items.remove(item.tx.txid());
        if (!items.isEmpty() && items.size() * 2 < sampleCapacity) {
            sampleCapacity = items.size();
        }
    }

    void removeFamilies(Set<Item> roots) {
        // In the order of the ids' bytes: the simulated capacity depends on each step alone.
        families(roots).forEach(this::remove);
    }

    /// Memory in Core's way of counting, from nothing but the list.
    long memoryBytes() {
        long bytes = items.size() * 416L + deltas.size() * 96L;
        bytes += sampleCapacity == 0 ? 0 : (sampleCapacity * 16L + 31) / 16 * 16;
        for (Item item : items.values()) {
            bytes += item.tx.inputs().size() * 64L;
            bytes += parents(item.tx).size() * 128L;
            bytes += MemoryUsage.of(item.tx);
        }
        return bytes;
    }

    /// What leaves first: the higher of the rate alone and the rate with all descendants is the lowest of
    /// all; of equal ones that of the latest second.
    Item worst() {
        Item worst = null;
        for (Item item : items.values()) {
            if (worst == null || isWorse(item, worst)) {
                worst = item;
            }
        }
        if (worst == null) {
            throw new IllegalStateException("there is one");
        }
        return worst;
    }

    private boolean isWorse(Item a, Item b) {
        double rateA = score(a);
        double rateB = score(b);
        return Math.abs(rateA - rateB) > 1e-9 * Math.max(Math.abs(rateA), Math.abs(rateB))
                ? rateA < rateB
                : a.seconds >= b.seconds;
    }

    double score(Item item) {
        Set<Item> family = family(item);
        double fees = family.stream().mapToLong(this::modifiedFee).sum();
        double vsize = family.stream().mapToLong(Item::vsize).sum();
        return Math.max(fees / vsize, (double) modifiedFee(item) / item.vsize);
    }

    /// Lets go until there is room.
    ///
    /// @return how many left
    int trim(long bytesMax) {
        int count = 0;
        while (memoryBytes() > bytesMax) {
            Set<Item> family = family(worst());
            family.forEach(this::remove);
            count += family.size();
        }
        return count;
    }

    void expire(long cutoffSeconds) {
        var old = new LinkedHashSet<Item>();
        for (Item item : items.values()) {
            if (item.seconds < cutoffSeconds) {
                old.add(item);
            }
        }
        removeFamilies(old);
    }
}
