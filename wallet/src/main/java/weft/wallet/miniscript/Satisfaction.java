package weft.wallet.miniscript;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import weft.primitives.Bytes;

/// The cheapest stack that satisfies an expression and that nobody else can change. See BIP-0379.
///
/// @param <K> what stands for a key
public final class Satisfaction<K> {
    private static final Stack EMPTY = new Stack(List.of(), 0, false, false);
    private static final Stack ZERO = Stack.of(Bytes.EMPTY);
    private static final Stack ONE = Stack.of(Bytes.parse("01"));
    private static final Stack ZEROS = Stack.of(Bytes.wrap(new byte[32]));

    private final Satisfier<K> satisfier;

    private Satisfaction(Satisfier<K> satisfier) {
        this.satisfier = satisfier;
    }

    /// What can be put on the stack.
    ///
    /// @param <K> what stands for a key
    public interface Satisfier<K> {
        /// A signature of a key; null if there is none.
        @Nullable Bytes sign(K key);

        /// The bytes of a key.
        Bytes bytes(K key);

        /// Whether a relative lock time has passed.
        boolean isOldEnough(int sequence);

        /// Whether an absolute lock time has passed.
        boolean isAfter(int lockTime);

        /// What has a hash; null if it is not known.
        ///
        /// @param function SHA256, HASH256, RIPEMD160 or HASH160
        @Nullable Bytes preimage(String function, Bytes hash);
    }

    /// Elements, the lowest first. No object stands for what cannot be.
    ///
    /// @param size bytes in a witness
    /// @param signed a signature is among them
    /// @param malleable others may change them
    private record Stack(List<Bytes> items, int size, boolean signed, boolean malleable) {
        static Stack of(Bytes item) {
            return new Stack(List.of(item), item.length() + 1, false, false);
        }

        Stack withSignature() {
            return new Stack(items, size, true, malleable);
        }

        Stack asMalleable() {
            return new Stack(items, size, signed, true);
        }
    }

    /// Both ways of running an expression.
    private record Pair(@Nullable Stack nsat, @Nullable Stack sat) {}

    private static @Nullable Stack plus(@Nullable Stack a, @Nullable Stack b) {
        if (a == null || b == null) {
            return null;
        }
        var items = new ArrayList<>(a.items);
        items.addAll(b.items);
        return new Stack(items, a.size + b.size, a.signed || b.signed, a.malleable || b.malleable);
    }

    private static @Nullable Stack malleable(@Nullable Stack stack) {
        return stack == null ? null : stack.asMalleable();
    }

    /// The one to use of two: where one needs no signature others could take that, so it must be taken first.
    private static @Nullable Stack either(@Nullable Stack a, @Nullable Stack b) {
        if (a == null || b == null) {
            return a == null ? b : a;
        }
        if (a.signed != b.signed) {
            return a.signed ? b : a;
        }
        Stack smaller = a.size <= b.size ? a : b;
        if (!a.signed) {
            return smaller.asMalleable();
        }
        if (a.malleable != b.malleable) {
            return a.malleable ? b : a;
        }
        return smaller;
    }

    /// The stack that satisfies an expression.
    ///
    /// @return null if something is missing, or others could change what there is
    public static <K> @Nullable List<Bytes> of(Miniscript<K> whole, Satisfier<K> satisfier) {
        var satisfaction = new Satisfaction<>(satisfier);
        Pair pair =
                whole.fold(
                        (Miniscript<K> node, List<Pair> inner) -> satisfaction.pair(node, inner));
        Stack sat = pair.sat;
        return sat == null || sat.malleable || !sat.signed ? null : sat.items;
    }

    private @Nullable Stack signature(K key) {
        Bytes signature = satisfier.sign(key);
        return signature == null ? null : Stack.of(signature).withSignature();
    }

    private Pair pair(Miniscript<K> node, List<Pair> inner) {
        return switch (node.fragment()) {
            case JUST_0 -> new Pair(EMPTY, null);
            case JUST_1 -> new Pair(null, EMPTY);
            case PK_K -> new Pair(ZERO, signature(node.parts().keys().getFirst()));
            case PK_H -> {
                K key = node.parts().keys().getFirst();
                Stack bytes = Stack.of(satisfier.bytes(key));
                yield new Pair(plus(ZERO, bytes), plus(signature(key), bytes));
            }
            case OLDER -> new Pair(null, satisfier.isOldEnough(node.parts().k()) ? EMPTY : null);
            case AFTER -> new Pair(null, satisfier.isAfter(node.parts().k()) ? EMPTY : null);
            case SHA256, HASH256, RIPEMD160, HASH160 -> {
                Bytes found = satisfier.preimage(node.fragment().name(), node.parts().data());
                yield new Pair(ZEROS, found == null ? null : Stack.of(found));
            }
            case MULTI -> multi(node);
            case MULTI_A -> multiA(node);
            case THRESH -> thresh(node, inner);
            case WRAP_A, WRAP_S, WRAP_C, WRAP_N -> inner.getFirst();
            case WRAP_D -> new Pair(ZERO, plus(inner.getFirst().sat, ONE));
            case WRAP_V -> new Pair(null, inner.getFirst().sat);
            case WRAP_J -> {
                Stack nsat = inner.getFirst().nsat;
                boolean open = nsat != null && !nsat.signed;
                yield new Pair(open ? ZERO.asMalleable() : ZERO, inner.getFirst().sat);
            }
            default -> several(node.fragment(), inner);
        };
    }

    private static Pair several(Fragment fragment, List<Pair> inner) {
        Pair x = inner.get(0);
        Pair y = inner.get(1);
        Stack both = plus(y.sat, x.sat);
        Stack neither = plus(y.nsat, x.nsat);
        Stack second = plus(y.sat, x.nsat);
        Stack first = plus(y.nsat, x.sat);
        return switch (fragment) {
            case AND_V -> new Pair(first, both);
            case AND_B ->
                    new Pair(either(either(neither, malleable(second)), malleable(first)), both);
            case OR_B -> new Pair(neither, either(either(first, second), malleable(both)));
            case OR_C -> new Pair(null, either(x.sat, second));
            case OR_D -> new Pair(neither, either(x.sat, second));
            case OR_I ->
                    new Pair(
                            either(plus(x.nsat, ONE), plus(y.nsat, ZERO)),
                            either(plus(x.sat, ONE), plus(y.sat, ZERO)));
            default -> {
                Pair z = inner.get(2);
                yield new Pair(
                        either(first, plus(z.nsat, x.nsat)), either(both, plus(z.sat, x.nsat)));
            }
        };
    }

    /// One more of several: for each number of those satisfied so far, with it and without.
    private static List<@Nullable Stack> oneMore(
            List<@Nullable Stack> sats, @Nullable Stack without, @Nullable Stack with) {
        List<@Nullable Stack> next = new ArrayList<>();
        for (int j = 0; j <= sats.size(); j++) {
            Stack unused = j < sats.size() ? plus(sats.get(j), without) : null;
            Stack used = j > 0 ? plus(sats.get(j - 1), with) : null;
            next.add(either(unused, used));
        }
        return next;
    }

    private Pair multi(Miniscript<K> node) {
        List<@Nullable Stack> sats = new ArrayList<>();
        // CHECKMULTISIG takes one element more than it needs.
        sats.add(ZERO);
        for (K key : node.parts().keys()) {
            sats = oneMore(sats, EMPTY, signature(key));
        }
        Stack nsat = ZERO;
        for (int i = 0; i < node.parts().k(); i++) {
            nsat = plus(nsat, ZERO);
        }
        return new Pair(nsat, sats.get(node.parts().k()));
    }

    private Pair multiA(Miniscript<K> node) {
        List<@Nullable Stack> sats = new ArrayList<>();
        sats.add(EMPTY);
        for (K key : node.parts().keys().reversed()) {
            sats = oneMore(sats, ZERO, signature(key));
        }
        return new Pair(sats.get(0), sats.get(node.parts().k()));
    }

    private Pair thresh(Miniscript<K> node, List<Pair> inner) {
        List<@Nullable Stack> sats = new ArrayList<>();
        sats.add(EMPTY);
        for (Pair each : inner.reversed()) {
            sats = oneMore(sats, each.nsat, each.sat);
        }
        int k = node.parts().k();
        Stack nsat = null;
        for (int i = 0; i < sats.size(); i++) {
            Stack each = i == 0 ? sats.get(i) : malleable(sats.get(i));
            nsat = i == k ? nsat : either(nsat, each);
        }
        return new Pair(nsat, sats.get(k));
    }
}
