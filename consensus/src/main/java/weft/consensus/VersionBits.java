package weft.consensus;

import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;
import weft.primitives.BlockHash;
import weft.primitives.Check;

/// Rules that miners switch on by bits of the block version. See BIP-0009, with the minimum activation height
/// of BIP-0341.
public final class VersionBits {
    /// How the top three bits of a version that votes look.
    public static final int TOP_BITS = 0x2000_0000;

    private static final int TOP_MASK = 0xe000_0000;

    /// How far a rule has come.
    public enum State {
        DEFINED,
        STARTED,
        LOCKED_IN,
        ACTIVE,
        FAILED
    }

    private final ChainParams params;
    private final java.util.Map<Key, State> known = new java.util.HashMap<>();

    private record Key(String name, BlockHash periodEnd) implements Comparable<Key> {
        @Override
        public int compareTo(Key other) {
            int order = periodEnd.compareTo(other.periodEnd);
            return order == 0 ? name.compareTo(other.name) : order;
        }
    }

    /// States of one network's rules; remembers what it found. Not safe for use by two threads.
    public VersionBits(ChainParams params) {
        this.params = params;
    }

    /// The state of a rule for the block on top of `parent`.
    ///
    /// @param parent null for genesis
    public State state(ChainParams.Deployment rule, @Nullable HeaderView parent) {
        if (rule.startTime() == ChainParams.Deployment.ALWAYS_ACTIVE) {
            return State.ACTIVE;
        }
        if (rule.startTime() == ChainParams.Deployment.NEVER_ACTIVE) {
            return State.FAILED;
        }
        Deque<HeaderView> open = new ArrayDeque<>();
        HeaderView end = periodEnd(parent);
        State state = State.DEFINED;
        while (end != null) {
            State before = known.get(new Key(rule.name(), end.hash()));
            if (before != null) {
                state = before;
                break;
            }
            if (end.medianTimePast() < rule.startTime()) {
                known.put(new Key(rule.name(), end.hash()), State.DEFINED);
                break;
            }
            open.push(end);
            end = end.ancestor(end.height() - params.deployments().window());
        }
        while (!open.isEmpty()) {
            HeaderView period = open.pop();
            state = next(rule, state, period);
            known.put(new Key(rule.name(), period.hash()), state);
        }
        return state;
    }

    /// The last header of the period before the one that the block on top of `parent` is in.
    private @Nullable HeaderView periodEnd(@Nullable HeaderView parent) {
        if (parent == null) {
            return null;
        }
        int window = params.deployments().window();
        return parent.ancestor(parent.height() - (parent.height() + 1) % window);
    }

    private State next(ChainParams.Deployment rule, State state, HeaderView end) {
        return switch (state) {
            case DEFINED ->
                    end.medianTimePast() >= rule.startTime() ? State.STARTED : State.DEFINED;
            case STARTED -> {
                if (votes(rule, end) >= params.deployments().threshold()) {
                    yield State.LOCKED_IN;
                }
                yield end.medianTimePast() >= rule.timeout() ? State.FAILED : State.STARTED;
            }
            case LOCKED_IN ->
                    end.height() + 1 >= rule.minActivationHeight() ? State.ACTIVE : State.LOCKED_IN;
            case ACTIVE, FAILED -> state;
        };
    }

    private int votes(ChainParams.Deployment rule, HeaderView end) {
        int votes = 0;
        int first = end.height() + 1 - params.deployments().window();
        for (int height = end.height(); height >= first; height--) {
            HeaderView node = Check.present(end.ancestor(height), "a period is whole");
            if (hasBit(node.header().version(), rule.bit())) {
                votes++;
            }
        }
        return votes;
    }

    /// Whether a version votes with a bit.
    public static boolean hasBit(int version, int bit) {
        return (version & TOP_MASK) == TOP_BITS && (version & (1 << bit)) != 0;
    }

    /// The version of a block on top of `parent` that votes for every rule under way.
    public int blockVersion(HeaderView parent) {
        int version = TOP_BITS;
        for (ChainParams.Deployment rule : params.deployments().all()) {
            State state = state(rule, parent);
            if (state == State.STARTED || state == State.LOCKED_IN) {
                version |= 1 << rule.bit();
            }
        }
        return version;
    }
}
