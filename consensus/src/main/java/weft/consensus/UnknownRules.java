package weft.consensus;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import weft.primitives.BlockHash;
import weft.primitives.Check;

/// Rules that miners switched on by bits of the block version and that this program does not know: it may
/// then take blocks for valid that others refuse. See BIP-0009, "warning mechanism".
///
/// Remembers what it found. Not safe for use by two threads.
public final class UnknownRules {
    private static final int BITS = 29;
    private static final Bits NONE = new Bits(0, 0);

    private final ChainParams params;
    private final VersionBits known;
    private final Map<BlockHash, Bits> seen = new HashMap<>();

    /// The bits that are past their vote, as masks.
    private record Bits(int lockedIn, int active) {}

    /// Of one network.
    public UnknownRules(ChainParams params) {
        this.params = params;
        this.known = new VersionBits(params);
    }

    /// Bits of unknown rules that are in force for the block on top of `tip`, the lowest first.
    public List<Integer> active(HeaderView tip) {
        int mask = bits(tip).active;
        var list = new ArrayList<Integer>();
        for (int bit = 0; bit < BITS; bit++) {
            if ((mask & (1 << bit)) != 0) {
                list.add(bit);
            }
        }
        return List.copyOf(list);
    }

    private Bits bits(HeaderView tip) {
        int window = params.deployments().window();
        Deque<HeaderView> open = new ArrayDeque<>();
        HeaderView end = tip.ancestor(tip.height() - (tip.height() + 1) % window);
        Bits bits = NONE;
        // No votes count in the first period, nor below the height of the network's parameters.
        while (end != null
                && end.height() >= window
                && end.height() >= params.heights().minBip9Warning()) {
            Bits before = seen.get(end.hash());
            if (before != null) {
                bits = before;
                break;
            }
            open.push(end);
            end = end.ancestor(end.height() - window);
        }
        while (!open.isEmpty()) {
            HeaderView period = open.pop();
            bits = after(bits, period);
            seen.put(period.hash(), bits);
        }
        return bits;
    }

    private Bits after(Bits before, HeaderView end) {
        int past = before.lockedIn | before.active;
        int voted = 0;
        int[] votes = votes(end);
        for (int bit = 0; bit < BITS; bit++) {
            if (votes[bit] >= params.deployments().threshold()) {
                voted |= 1 << bit;
            }
        }
        return new Bits(voted & ~past, past);
    }

    /// Votes by bit in the period that ends with a header, without those for rules that are known.
    private int[] votes(HeaderView end) {
        int first = end.height() + 1 - params.deployments().window();
        // What is expected changes only where a period begins.
        HeaderView before = Check.present(end.ancestor(first - 1), "not the first period");
        int expected = known.blockVersion(before);
        int[] votes = new int[BITS];
        @Nullable HeaderView node = end;
        while (node != null && node.height() >= first) {
            if (node.height() >= params.heights().minBip9Warning()) {
                int version = node.header().version();
                for (int bit = 0; bit < BITS; bit++) {
                    if (VersionBits.hasBit(version, bit) && (expected & (1 << bit)) == 0) {
                        votes[bit]++;
                    }
                }
            }
            node = node.parent();
        }
        return votes;
    }
}
