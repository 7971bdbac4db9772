package weft.wallet.miniscript;

import java.util.List;

/// What is known of an expression before it runs: its basic type (B, V, K, W), how much of the stack it takes
/// (z, o, n), whether it can be dissatisfied and how (d, u, e, f), whether it needs a signature (s), is safe
/// from malleation (m), ends in an operation without VERIFY form (x), and what lock times it has (g relative
/// by time, h relative by height, i absolute by time, j absolute by height, k no two of them that exclude
/// each other). A set of letters as bits. See BIP-0379.
final class Types {
    private static final String LETTERS = "BVKWzonduefsmxghijk";
    private static final int RELATIVE_TIME = 1 << 22;
    private static final int ABSOLUTE_TIME = 500_000_000;

    private Types() {}

    /// A set of letters.
    static int of(String letters) {
        int set = 0;
        for (int i = 0; i < letters.length(); i++) {
            set |= 1 << LETTERS.indexOf(letters.charAt(i));
        }
        return set;
    }

    /// Whether a set has all of some letters.
    static boolean has(int set, String letters) {
        int wanted = of(letters);
        return (set & wanted) == wanted;
    }

    /// The letters of a set.
    static String text(int set) {
        var text = new StringBuilder();
        for (int i = 0; i < LETTERS.length(); i++) {
            if ((set >>> i & 1) == 1) {
                text.append(LETTERS.charAt(i));
            }
        }
        return text.toString();
    }

    private static int when(boolean holds, String letters) {
        return holds ? of(letters) : 0;
    }

    private static int only(int set, String letters) {
        return set & of(letters);
    }

    /// The type of an expression; 0 if it has none.
    ///
    /// @param subs the types of what is inside
    /// @param k the number in it
    static int of(Fragment fragment, List<Integer> subs, int k, boolean tapscript) {
        int x = subs.isEmpty() ? 0 : subs.get(0);
        int y = subs.size() > 1 ? subs.get(1) : 0;
        int type =
                switch (fragment) {
                    case JUST_0 -> of("Bzudemsxk");
                    case JUST_1 -> of("Bzufmxk");
                    case PK_K -> of("Konudemsxk");
                    case PK_H -> of("Knudemsxk");
                    case OLDER -> of("Bzfmxk") | of((k & RELATIVE_TIME) != 0 ? "g" : "h");
                    case AFTER -> of("Bzfmxk") | of(k >= ABSOLUTE_TIME ? "i" : "j");
                    case SHA256, HASH256, RIPEMD160, HASH160 -> of("Bonudmk");
                    case MULTI -> of("Bnudemsk");
                    case MULTI_A -> of("Budemsk");
                    case AND_V, AND_B -> and(fragment, x, y);
                    case OR_B, OR_C, OR_D, OR_I -> or(fragment, x, y);
                    case ANDOR -> andor(x, y, subs.get(2));
                    case THRESH -> thresh(subs, k);
                    default -> wrapped(fragment, x, tapscript);
                };
        return (type & of("BVKW")) == 0 ? 0 : type;
    }

    private static int wrapped(Fragment fragment, int x, boolean tapscript) {
        int locks = only(x, "ghijk");
        return locks
                | switch (fragment) {
                    case WRAP_A -> when(has(x, "B"), "W") | only(x, "udfems") | of("x");
                    case WRAP_S -> when(has(x, "Bo"), "W") | only(x, "udfemsx");
                    case WRAP_C -> when(has(x, "K"), "B") | only(x, "ondfem") | of("us");
                    case WRAP_D ->
                            when(has(x, "Vz"), "B")
                                    | when(has(x, "z"), "o")
                                    | when(has(x, "f"), "e")
                                    | only(x, "ms")
                                    // Outside tapscript another true than 1 is just not relayed.
                                    | when(tapscript, "u")
                                    | of("ndx");
                    case WRAP_V -> when(has(x, "B"), "V") | only(x, "zonms") | of("fx");
                    case WRAP_J ->
                            when(has(x, "Bn"), "B")
                                    | when(has(x, "f"), "e")
                                    | only(x, "oums")
                                    | of("ndx");
                    case WRAP_N -> only(x, "Bzondfems") | of("ux");
                    default -> 0;
                };
    }

    private static boolean excludeEachOther(int x, int y) {
        return (has(x, "g") && has(y, "h"))
                || (has(x, "h") && has(y, "g"))
                || (has(x, "i") && has(y, "j"))
                || (has(x, "j") && has(y, "i"));
    }

    private static int and(Fragment fragment, int x, int y) {
        int both = x & y;
        int any = x | y;
        int shared =
                (when(has(any, "z"), "o") & any)
                        | only(x, "n")
                        | (when(has(x, "z"), "n") & y)
                        | only(both, "dmz")
                        | only(any, "sghij")
                        | when(has(both, "k") && !excludeEachOther(x, y), "k");
        if (fragment == Fragment.AND_V) {
            return shared
                    | (when(has(x, "V"), "KVB") & y)
                    | when(has(y, "f") || has(x, "s"), "f")
                    | only(y, "ux");
        }
        return shared
                | (when(has(y, "W"), "B") & x)
                | (when(has(both, "s"), "e") & both)
                | when(has(both, "f") || has(x, "sf") || has(y, "sf"), "f")
                | of("ux");
    }

    private static int or(Fragment fragment, int x, int y) {
        int both = x & y;
        int any = x | y;
        int shared = only(any, "ghij") | only(both, "k");
        if (fragment == Fragment.OR_B) {
            return shared
                    | when(has(x, "Bd") && has(y, "Wd"), "B")
                    | (when(has(any, "z"), "o") & any)
                    | (when(has(any, "s") && has(both, "e"), "m") & both)
                    | only(both, "zse")
                    | of("dux");
        }
        if (fragment == Fragment.OR_I) {
            return shared
                    | only(both, "VBKufs")
                    | when(has(both, "z"), "o")
                    | (when(has(any, "f"), "e") & any)
                    | (when(has(any, "s"), "m") & both)
                    | only(any, "d")
                    | of("x");
        }
        boolean isD = fragment == Fragment.OR_D;
        return shared
                | (when(has(x, "Bdu"), isD ? "B" : "V") & y)
                | (when(has(y, "z"), "o") & x)
                | (when(has(x, "e") && has(any, "s"), "m") & both)
                | only(both, "zs")
                | (isD ? only(y, "ufde") | of("x") : of("fx"));
    }

    private static int andor(int x, int y, int z) {
        int all = x & y & z;
        int either = x | (y & z);
        boolean safe = has(x, "s") || has(y, "f");
        return (when(has(x, "Bdu"), "BKV") & y & z)
                | only(all, "z")
                | (when(has(either, "z"), "o") & either)
                | only(y & z, "u")
                | (when(safe, "fe") & z)
                | only(z, "d")
                | (when(has(x, "e") && has(x | y | z, "s"), "m") & all)
                | only(z & (x | y), "s")
                | of("x")
                | only(x | y | z, "ghij")
                | when(has(all, "k") && !excludeEachOther(x, y), "k");
    }

    private static int thresh(List<Integer> subs, int k) {
        boolean allE = true;
        boolean allM = true;
        int taken = 0;
        int signed = 0;
        int locks = of("k");
        for (int i = 0; i < subs.size(); i++) {
            int each = subs.get(i);
            if (!has(each, i == 0 ? "Bdu" : "Wdu")) {
                return 0;
            }
            allE &= has(each, "e");
            allM &= has(each, "m");
            signed += has(each, "s") ? 1 : 0;
            taken += has(each, "z") ? 0 : has(each, "o") ? 1 : 2;
            boolean fit = k <= 1 || !excludeEachOther(locks, each);
            locks = only(locks | each, "ghij") | when(has(locks & each, "k") && fit, "k");
        }
        int rest = subs.size() - k;
        return of("Bdu")
                | when(taken == 0, "z")
                | when(taken == 1, "o")
                | when(allE && signed == subs.size(), "e")
                | when(allE && allM && signed >= rest, "m")
                | when(signed >= rest + 1, "s")
                | locks;
    }
}
