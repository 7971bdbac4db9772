package weft.chain;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import weft.chain.ConflictTree.Leaf;

/// Which blocks may be the tip, told naively: of the valid branches whose blocks have all arrived those with
/// most work, and of them the one that was whole first.
final class ArrivalModel {
    private final Set<Leaf> banned = new HashSet<>();
    private final Map<Leaf, List<Leaf>> orphans = new HashMap<>();
    private final Map<Leaf, Integer> whole = new HashMap<>();
    private final Set<Leaf> arrived = new HashSet<>();
    private boolean loose;
    private int next = 2;

    ArrivalModel(ConflictTree tree) {
        whole.put(tree.genesis(), 0);
    }

    void arrived(Leaf leaf) {
        Leaf parent = leaf.parent();
        if (parent == null || !arrived.add(leaf)) {
            return;
        }
        if (!whole.containsKey(parent)) {
            orphans.computeIfAbsent(parent, _ -> new ArrayList<>()).add(leaf);
            return;
        }
        var queue = new ArrayDeque<Leaf>(List.of(leaf));
        while (!queue.isEmpty()) {
            Leaf each = queue.remove();
            whole.put(each, next++);
            List<Leaf> children = orphans.remove(each);
            queue.addAll(children == null ? List.of() : children);
        }
    }

    boolean hasArrived(Leaf leaf) {
        return arrived.contains(leaf);
    }

    /// A restart forgets in which order blocks came; only the active branch stays first. From then on
    /// nothing may be known of the order of blocks that still wait for others.
    void restarted(Leaf tip) {
        loose |= orphans.values().stream().anyMatch(list -> list.size() > 1);
        whole.replaceAll((leaf, _) -> tip.isOn(leaf) ? 0 : 1);
        next = 2;
    }

    /// The operator's word against a block.
    void ban(Leaf leaf) {
        banned.add(leaf);
    }

    /// Takes back [#ban].
    void unban(Leaf leaf) {
        banned.remove(leaf);
    }

    /// The tip, or several where nothing decides between them.
    List<Leaf> best() {
        var best = new ArrayList<Leaf>();
        for (Leaf each : whole.keySet()) {
            if (each.coins() == null || banned.stream().anyMatch(each::isOn)) {
                continue;
            }
            int order = best.isEmpty() ? 1 : compare(each, best.getFirst());
            if (order > 0) {
                best.clear();
            }
            if (order >= 0) {
                best.add(each);
            }
        }
        return best;
    }

    private int compare(Leaf a, Leaf b) {
        int work = Long.compare(a.work(), b.work());
        return work != 0 || loose ? work : Integer.compare(sequence(b), sequence(a));
    }

    private int sequence(Leaf leaf) {
        return whole.getOrDefault(leaf, Integer.MAX_VALUE);
    }
}
