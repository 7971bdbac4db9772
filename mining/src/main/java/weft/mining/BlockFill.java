package weft.mining;

import static java.util.Arrays.stream;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;
import java.util.TreeSet;
import weft.consensus.BlockCheck;
import weft.consensus.LockTimes;
import weft.mempool.MempoolEntry;
import weft.mempool.MiningView;

/// Chooses what comes into a block: the transaction that pays the best rate together with those of its
/// ancestors that are not in the block yet, then the next. Where ancestors came in, what is left of a package
/// has other sums; those are kept apart, the mempool's own order stays as it is.
final class BlockFill {
    private static final int RESERVED_SIGOPS = 400;
    private static final int WITNESS_SCALE = 4;

    /// Packages in a row that did not fit, before a nearly full block is called full.
    private static final int FAILURES_MAX = 1_000;

    private static final int SWAPS_MAX = 32;
    private static final int SWAPS_INSIDE_MAX = 200;
    private static final int SWAPS_OUTSIDE_MAX = 2_000;

    private final MiningView view;
    private final TemplateOptions options;
    private final int height;
    private final long lockTimeCutoff;
    private final BitSet inBlock = new BitSet();
    private final BitSet failed = new BitSet();
    private final BitSet isModified = new BitSet();
    private final BitSet isLoaded = new BitSet();
    private final long[] vsizes;
    private final long[] fees;
    private final long[] sigops;
    private final TreeSet<Integer> modified = new TreeSet<>(this::compareModified);
    private final List<Integer> chosen = new ArrayList<>();
    private final List<Integer> tooLarge = new ArrayList<>();
    private long weight = TemplateOptions.RESERVED_WEIGHT;
    private long sigopCost = RESERVED_SIGOPS;

    /// @param height of the block
    /// @param lockTimeCutoff median time past of the block before
    BlockFill(MiningView view, TemplateOptions options, int height, long lockTimeCutoff) {
        this.view = view;
        this.options = options;
        this.height = height;
        this.lockTimeCutoff = lockTimeCutoff;
        this.vsizes = new long[view.capacity()];
        this.fees = new long[view.capacity()];
        this.sigops = new long[view.capacity()];
    }

    /// The chosen transactions, parents first.
    List<MempoolEntry> run() {
        int failures = 0;
        while (view.hasNext() || !modified.isEmpty()) {
            if (view.hasNext() && isDone(view.peek())) {
                view.next();
                continue;
            }
            int best = takeBest();
            load(best);
            if (fees[best] < options.minRate().fee(vsizes[best])) {
                break;
            }
            if (!fits(best)) {
                failed.set(best);
                if (tooLarge.size() < SWAPS_OUTSIDE_MAX) {
                    tooLarge.add(best);
                }
                if (++failures > FAILURES_MAX
                        && weight > options.weightMax() - TemplateOptions.RESERVED_WEIGHT) {
                    break;
                }
                continue;
            }
            int[] added = withMissingAncestors(best);
            if (!areFinal(added)) {
                failed.set(best);
                continue;
            }
            failures = 0;
            for (int slot : added) {
                put(slot);
            }
            updateDescendants(added);
        }
        fillUp();
        return chosen.stream().map(view::entry).toList();
    }

    /// At the end there is room for less than any package: something small leaves for something larger that
    /// pays more, as long as that helps.
    private void fillUp() {
        if (tooLarge.isEmpty()) {
            return;
        }
        tooLarge.removeIf(slot -> inBlock.get(slot) || withMissingAncestors(slot).length > 1);
        int first = Math.max(0, chosen.size() - SWAPS_INSIDE_MAX);
        List<Integer> ends = new ArrayList<>(chosen.subList(first, chosen.size()));
        ends.removeIf(slot -> stream(view.descendants(slot)).anyMatch(inBlock::get));
        for (int i = 0; i < SWAPS_MAX && swapBest(ends); i++) {
            // Each swap pays.
        }
    }

    private boolean swapBest(List<Integer> ends) {
        long most = 0;
        int bestOut = -1;
        int bestIn = -1;
        for (int in : tooLarge) {
            for (int out : ends) {
                long gain = view.fee(in) - view.fee(out);
                if (gain > most && mayTakePlace(in, out)) {
                    most = gain;
                    bestOut = out;
                    bestIn = in;
                }
            }
        }
        if (most == 0) {
            return false;
        }
        chosen.remove(Integer.valueOf(bestOut));
        ends.remove(Integer.valueOf(bestOut));
        inBlock.clear(bestOut);
        weight -= view.entry(bestOut).tx().weight();
        sigopCost -= view.entry(bestOut).sigopCost();
        put(bestIn);
        ends.add(bestIn);
        tooLarge.remove(Integer.valueOf(bestIn));
        tooLarge.add(bestOut);
        return true;
    }

    private boolean mayTakePlace(int in, int out) {
        MempoolEntry entry = view.entry(in);
        MempoolEntry leaving = view.entry(out);
        long newWeight = weight - leaving.tx().weight() + WITNESS_SCALE * entry.vsize();
        return newWeight < options.weightMax()
                && sigopCost - leaving.sigopCost() + entry.sigopCost() < BlockCheck.SIGOPS_COST_MAX
                && view.fee(in) >= options.minRate().fee(entry.vsize())
                && stream(view.ancestors(in)).noneMatch(ancestor -> ancestor == out)
                && stream(view.descendants(out)).noneMatch(inBlock::get)
                && areFinal(new int[] {in});
    }

    private boolean isDone(int slot) {
        return isModified.get(slot) || inBlock.get(slot) || failed.get(slot);
    }

    /// The better of the mempool's best and the best of what has other sums now.
    private int takeBest() {
        if (modified.isEmpty()) {
            return view.next();
        }
        int changed = modified.first();
        if (view.hasNext()) {
            load(view.peek());
            if (compareModified(view.peek(), changed) < 0) {
                return view.next();
            }
        }
        modified.pollFirst();
        isModified.clear(changed);
        return changed;
    }

    private void load(int slot) {
        if (!isLoaded.get(slot)) {
            isLoaded.set(slot);
            vsizes[slot] = view.ancestorVsize(slot);
            fees[slot] = view.ancestorFees(slot);
            sigops[slot] = view.ancestorSigops(slot);
        }
    }

    private boolean fits(int slot) {
        return weight + WITNESS_SCALE * vsizes[slot] < options.weightMax()
                && sigopCost + sigops[slot] < BlockCheck.SIGOPS_COST_MAX;
    }

    private int[] withMissingAncestors(int slot) {
        int[] ancestors = view.ancestors(slot);
        int count = 0;
        var missing = new Integer[ancestors.length + 1];
        for (int ancestor : ancestors) {
            if (!inBlock.get(ancestor)) {
                missing[count++] = ancestor;
            }
        }
        missing[count++] = slot;
        Arrays.sort(
                missing,
                0,
                count,
                Comparator.<Integer>comparingInt(view::ancestorCount)
                        .thenComparing((a, b) -> view.isBefore(a, b) ? -1 : 1));
        var slots = new int[count];
        for (int i = 0; i < count; i++) {
            slots[i] = missing[i];
        }
        return slots;
    }

    private boolean areFinal(int[] slots) {
        for (int slot : slots) {
            if (!LockTimes.isFinal(view.entry(slot).tx(), height, lockTimeCutoff)) {
                return false;
            }
        }
        return true;
    }

    private void put(int slot) {
        if (isModified.get(slot)) {
            modified.remove(slot);
            isModified.clear(slot);
        }
        MempoolEntry entry = view.entry(slot);
        chosen.add(slot);
        inBlock.set(slot);
        weight += entry.tx().weight();
        sigopCost += entry.sigopCost();
    }

    private void updateDescendants(int[] added) {
        for (int slot : added) {
            for (int descendant : view.descendants(slot)) {
                if (inBlock.get(descendant)) {
                    continue;
                }
                load(descendant);
                if (isModified.get(descendant)) {
                    modified.remove(descendant);
                }
                vsizes[descendant] -= view.entry(slot).vsize();
                fees[descendant] -= view.fee(slot);
                sigops[descendant] -= view.entry(slot).sigopCost();
                modified.add(descendant);
                isModified.set(descendant);
            }
        }
    }

    /// By rate, a package that pays less than its last transaction alone counts for what it pays; ties go by
    /// the ids' bytes.
    private int compareModified(int a, int b) {
        if (a == b) {
            return 0;
        }
        boolean allA = paysLess(a);
        boolean allB = paysLess(b);
        double sizeA = allA ? vsizes[a] : view.entry(a).vsize();
        double sizeB = allB ? vsizes[b] : view.entry(b).vsize();
        double left = (double) (allA ? fees[a] : view.fee(a)) * sizeB;
        double right = (double) (allB ? fees[b] : view.fee(b)) * sizeA;
        if (left != right) {
            return left > right ? -1 : 1;
        }
        return view.isBefore(a, b) ? -1 : 1;
    }

    private boolean paysLess(int slot) {
        return (double) fees[slot] * view.entry(slot).vsize()
                < (double) view.fee(slot) * vsizes[slot];
    }
}
