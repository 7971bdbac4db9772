package weft.wallet.miniscript;

import java.util.ArrayList;
import java.util.List;

/// How many operations a script has that count against the limit, and how many keys of CHECKMULTISIG count
/// too when it is satisfied or dissatisfied.
///
/// @param count operations in the script
/// @param sat keys when satisfied; [#NEVER] if it cannot be
/// @param dsat keys when dissatisfied; [#NEVER] if it cannot be
record Ops(int count, int sat, int dsat) {
    static final int NEVER = -1;

    private static int sum(int a, int b) {
        return a == NEVER || b == NEVER ? NEVER : a + b;
    }

    private static int most(int a, int b) {
        return Math.max(a, b);
    }

    /// The operations of an expression.
    ///
    /// @param keys number of keys in it
    static Ops of(Fragment fragment, List<? extends Miniscript<?>> subs, int k, int keys) {
        Ops x = subs.isEmpty() ? new Ops(0, 0, 0) : subs.get(0).ops();
        return switch (fragment) {
            case JUST_1 -> new Ops(0, 0, NEVER);
            case JUST_0 -> new Ops(0, NEVER, 0);
            case PK_K -> new Ops(0, 0, 0);
            case PK_H -> new Ops(3, 0, 0);
            case OLDER, AFTER -> new Ops(1, 0, NEVER);
            case SHA256, HASH256, RIPEMD160, HASH160 -> new Ops(4, 0, NEVER);
            case MULTI -> new Ops(1, keys, keys);
            case MULTI_A -> new Ops(keys + 1, 0, 0);
            case WRAP_S, WRAP_C, WRAP_N -> new Ops(x.count + 1, x.sat, x.dsat);
            case WRAP_A -> new Ops(x.count + 2, x.sat, x.dsat);
            case WRAP_D -> new Ops(x.count + 3, x.sat, 0);
            case WRAP_J -> new Ops(x.count + 4, x.sat, 0);
            case WRAP_V -> new Ops(x.count + (subs.get(0).has("x") ? 1 : 0), x.sat, NEVER);
            case THRESH -> thresh(subs, k);
            default -> several(fragment, subs);
        };
    }

    private static Ops several(Fragment fragment, List<? extends Miniscript<?>> subs) {
        Ops x = subs.get(0).ops();
        Ops y = subs.get(1).ops();
        int count = x.count + y.count;
        int both = sum(x.sat, y.sat);
        int neither = sum(x.dsat, y.dsat);
        int second = sum(x.dsat, y.sat);
        return switch (fragment) {
            case AND_V -> new Ops(count, both, NEVER);
            case AND_B -> new Ops(count + 1, both, neither);
            case OR_B -> new Ops(count + 1, most(sum(x.sat, y.dsat), second), neither);
            case OR_C -> new Ops(count + 2, most(x.sat, second), NEVER);
            case OR_D -> new Ops(count + 3, most(x.sat, second), neither);
            case OR_I -> new Ops(count + 3, most(x.sat, y.sat), most(x.dsat, y.dsat));
            default -> {
                Ops z = subs.get(2).ops();
                yield new Ops(
                        count + z.count + 3, most(both, sum(x.dsat, z.sat)), sum(x.dsat, z.dsat));
            }
        };
    }

    private static Ops thresh(List<? extends Miniscript<?>> subs, int k) {
        int count = 0;
        List<Integer> sats = List.of(0);
        for (Miniscript<?> sub : subs) {
            Ops each = sub.ops();
            count += each.count + 1;
            var next = new ArrayList<Integer>();
            for (int j = 0; j <= sats.size(); j++) {
                int without = j < sats.size() ? sum(sats.get(j), each.dsat) : NEVER;
                int with = j > 0 ? sum(sats.get(j - 1), each.sat) : NEVER;
                next.add(most(without, with));
            }
            sats = next;
        }
        return new Ops(count, sats.get(k), sats.get(0));
    }
}
