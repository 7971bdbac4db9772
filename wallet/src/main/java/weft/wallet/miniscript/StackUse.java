package weft.wallet.miniscript;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What running a script does to the stack, at most: how many elements fewer there are afterwards, and how
/// many more than afterwards there are in between. No object stands for a script that cannot be satisfied.
///
/// @param net elements before, less elements afterwards
/// @param peak the most elements at any time, less elements afterwards
record StackUse(int net, int peak) {
    private static final StackUse NOTHING = new StackUse(0, 0);
    private static final StackUse PUSH = new StackUse(-1, 0);
    private static final StackUse TAKE = new StackUse(1, 1);
    private static final StackUse TAKE_TWO = new StackUse(2, 2);

    /// Both ways of running.
    ///
    /// @param sat satisfied; null if it cannot be
    /// @param dsat dissatisfied; null if it cannot be
    record Pair(@Nullable StackUse sat, @Nullable StackUse dsat) {
        static Pair both(StackUse use) {
            return new Pair(use, use);
        }
    }

    private static @Nullable StackUse then(@Nullable StackUse... parts) {
        StackUse all = NOTHING;
        for (StackUse part : parts) {
            if (part == null) {
                return null;
            }
            all = new StackUse(all.net + part.net, Math.max(part.peak, part.net + all.peak));
        }
        return all;
    }

    private static @Nullable StackUse either(@Nullable StackUse a, @Nullable StackUse b) {
        if (a == null || b == null) {
            return a == null ? b : a;
        }
        return new StackUse(Math.max(a.net, b.net), Math.max(a.peak, b.peak));
    }

    /// The use of an expression.
    ///
    /// @param keys number of keys in it
    static Pair of(Fragment fragment, List<? extends Miniscript<?>> subs, int k, int keys) {
        return switch (fragment) {
            case JUST_0 -> new Pair(null, PUSH);
            case JUST_1, OLDER, AFTER -> new Pair(PUSH, null);
            case PK_K -> Pair.both(PUSH);
            case PK_H -> {
                StackUse use = then(PUSH, NOTHING, PUSH, TAKE_TWO);
                yield new Pair(use, use);
            }
            case SHA256, HASH256, RIPEMD160, HASH160 ->
                    new Pair(then(PUSH, PUSH, TAKE_TWO, NOTHING, PUSH, TAKE), null);
            case MULTI -> Pair.both(new StackUse(k, k + keys + 2));
            case MULTI_A -> Pair.both(new StackUse(keys - 1, keys));
            case WRAP_A, WRAP_N, WRAP_S -> subs.get(0).stack();
            case WRAP_C -> {
                Pair x = subs.get(0).stack();
                yield new Pair(then(x.sat, TAKE), then(x.dsat, TAKE));
            }
            case WRAP_D -> new Pair(then(PUSH, TAKE, subs.get(0).stack().sat), then(PUSH, TAKE));
            case WRAP_V -> new Pair(then(subs.get(0).stack().sat, TAKE), null);
            case WRAP_J ->
                    new Pair(
                            then(PUSH, NOTHING, TAKE, subs.get(0).stack().sat),
                            then(PUSH, NOTHING, TAKE));
            case THRESH -> thresh(subs, k);
            default -> several(fragment, subs);
        };
    }

    private static Pair several(Fragment fragment, List<? extends Miniscript<?>> subs) {
        Pair x = subs.get(0).stack();
        Pair y = subs.get(1).stack();
        return switch (fragment) {
            case AND_V -> new Pair(then(x.sat, y.sat), null);
            case AND_B -> new Pair(then(x.sat, y.sat, TAKE), then(x.dsat, y.dsat, TAKE));
            case OR_B ->
                    new Pair(
                            then(either(then(x.sat, y.dsat), then(x.dsat, y.sat)), TAKE),
                            then(x.dsat, y.dsat, TAKE));
            case OR_C -> new Pair(either(then(x.sat, TAKE), then(x.dsat, TAKE, y.sat)), null);
            case OR_D ->
                    new Pair(
                            either(then(x.sat, PUSH, TAKE), then(x.dsat, NOTHING, TAKE, y.sat)),
                            then(x.dsat, NOTHING, TAKE, y.dsat));
            case OR_I ->
                    new Pair(then(TAKE, either(x.sat, y.sat)), then(TAKE, either(x.dsat, y.dsat)));
            default -> {
                Pair z = subs.get(2).stack();
                yield new Pair(
                        either(then(x.sat, TAKE, y.sat), then(x.dsat, TAKE, z.sat)),
                        then(x.dsat, TAKE, z.dsat));
            }
        };
    }

    private static Pair thresh(List<? extends Miniscript<?>> subs, int k) {
        List<@Nullable StackUse> sats = new ArrayList<>();
        sats.add(NOTHING);
        for (int i = 0; i < subs.size(); i++) {
            Pair each = subs.get(i).stack();
            StackUse add = i == 0 ? NOTHING : TAKE;
            List<@Nullable StackUse> next = new ArrayList<>();
            for (int j = 0; j <= sats.size(); j++) {
                StackUse without = j < sats.size() ? then(sats.get(j), each.dsat) : null;
                StackUse with = j > 0 ? then(sats.get(j - 1), each.sat) : null;
                next.add(then(either(without, with), add));
            }
            sats = next;
        }
        return new Pair(then(sats.get(k), PUSH, TAKE), then(sats.get(0), PUSH, TAKE));
    }
}
