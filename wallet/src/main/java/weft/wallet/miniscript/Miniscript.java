package weft.wallet.miniscript;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import weft.consensus.script.ScriptBuilder;
import weft.primitives.Bytes;

/// A script whose meaning can be analysed: who must sign, when, and how it is satisfied at the least cost.
/// See BIP-0379. Immutable. Nothing here recurses: expressions may be thousands deep.
///
/// @param <K> what stands for a key
public final class Miniscript<K> {
    private static final int WITNESS_SCRIPT_BYTES_MAX = 3_600;
    private static final int TAPSCRIPT_BYTES_MAX = 329_482;
    private static final int OPS_MAX = 201;
    private static final int WITNESS_STACK_MAX = 100;
    private static final int STACK_MAX = 1_000;

    private final Parts<K> parts;
    private final boolean tapscript;
    private final int type;
    private final int scriptLength;
    private final Ops ops;
    private final StackUse.Pair stack;

    /// What an expression is made of.
    ///
    /// @param k a threshold or a lock time
    /// @param data a hash
    record Parts<K>(Fragment fragment, List<Miniscript<K>> subs, List<K> keys, Bytes data, int k) {
        Parts {
            subs = List.copyOf(subs);
            keys = List.copyOf(keys);
        }
    }

    private Miniscript(Parts<K> parts, boolean tapscript) {
        this.parts = parts;
        this.tapscript = tapscript;
        List<Integer> types = parts.subs.stream().map(each -> each.type).toList();
        boolean typed = types.stream().allMatch(each -> each != 0);
        this.type = typed ? Types.of(parts.fragment, types, parts.k, tapscript) : 0;
        this.scriptLength = length();
        this.ops = Ops.of(parts.fragment, parts.subs, parts.k, parts.keys.size());
        this.stack = StackUse.of(parts.fragment, parts.subs, parts.k, parts.keys.size());
    }

    static <K> Miniscript<K> of(Parts<K> parts, boolean tapscript) {
        return new Miniscript<>(parts, tapscript);
    }

    private static int numberLength(long number) {
        return new ScriptBuilder().number(number).build().length();
    }

    private int length() {
        int inside = parts.subs.stream().mapToInt(each -> each.scriptLength).sum();
        int keys = parts.keys.size();
        return switch (parts.fragment) {
            case JUST_0, JUST_1 -> 1;
            case PK_K -> tapscript ? 33 : 34;
            case PK_H -> 24;
            case OLDER, AFTER -> 1 + numberLength(parts.k);
            case SHA256, HASH256 -> 39;
            case RIPEMD160, HASH160 -> 27;
            case MULTI -> 1 + numberLength(keys) + numberLength(parts.k) + 34 * keys;
            case MULTI_A -> 34 * keys + numberLength(parts.k) + 1;
            case AND_V -> inside;
            case WRAP_V -> inside + (parts.subs.getFirst().has("x") ? 1 : 0);
            case WRAP_S, WRAP_C, WRAP_N, AND_B, OR_B -> inside + 1;
            case WRAP_A, OR_C -> inside + 2;
            case WRAP_D, OR_D, OR_I, ANDOR -> inside + 3;
            case WRAP_J -> inside + 4;
            case THRESH -> inside + parts.subs.size() + numberLength(parts.k);
        };
    }

    /// Longest script that is relayed.
    static int lengthMax(boolean tapscript) {
        return tapscript ? TAPSCRIPT_BYTES_MAX : WITNESS_SCRIPT_BYTES_MAX;
    }

    Parts<K> parts() {
        return parts;
    }

    Fragment fragment() {
        return parts.fragment;
    }

    Miniscript<K> sub(int index) {
        return parts.subs.get(index);
    }

    Ops ops() {
        return ops;
    }

    StackUse.Pair stack() {
        return stack;
    }

    boolean isTapscript() {
        return tapscript;
    }

    /// Whether the type has all of some letters.
    boolean has(String letters) {
        return Types.has(type, letters);
    }

    /// The letters of the type; empty if there is none.
    public String type() {
        return Types.text(type);
    }

    /// Length of the script in bytes.
    public int scriptLength() {
        return scriptLength;
    }

    /// All keys, from left to right.
    public List<K> keys() {
        var keys = new ArrayList<K>();
        var open = new ArrayDeque<Miniscript<K>>();
        open.push(this);
        while (!open.isEmpty()) {
            Miniscript<K> next = open.pop();
            keys.addAll(next.parts.keys);
            next.parts.subs.reversed().forEach(open::push);
        }
        return keys;
    }

    /// Goes through all expressions: down with a state, up with a result.
    ///
    /// @param down the state of an expression inside, from that of the outer one, that one, and its place
    /// @param up the result of an expression, from its state and the results of what is inside
    <S, R> R fold(S state, Down<S, K> down, Up<S, R, K> up) {
        var open = new ArrayDeque<Visit<S, R, K>>();
        open.push(new Visit<>(this, state));
        while (true) {
            Visit<S, R, K> top = open.getFirst();
            int next = top.results.size();
            if (next < top.node.parts.subs.size()) {
                open.push(new Visit<>(top.node.sub(next), down.state(top.state, top.node, next)));
                continue;
            }
            R result = up.result(top.state, top.node, top.results);
            open.pop();
            if (open.isEmpty()) {
                return result;
            }
            open.getFirst().results.add(result);
        }
    }

    /// Goes through all expressions from the inside out.
    <R> R fold(BiFunction<Miniscript<K>, List<R>, R> up) {
        return fold(
                Boolean.TRUE,
                (state, _, _) -> state,
                (_, node, results) -> up.apply(node, results));
    }

    /// The way down of [#fold].
    @FunctionalInterface
    interface Down<S, K> {
        S state(S outer, Miniscript<K> node, int index);
    }

    /// The way up of [#fold].
    @FunctionalInterface
    interface Up<S, R, K> {
        R result(S state, Miniscript<K> node, List<R> results);
    }

    private static final class Visit<S, R, K> {
        private final Miniscript<K> node;
        private final S state;
        private final List<R> results = new ArrayList<>();

        Visit(Miniscript<K> node, S state) {
            this.node = node;
            this.state = state;
        }
    }

    /// Whether it has a type, and its script is not too long to be relayed.
    public boolean isValid() {
        return type != 0 && scriptLength <= lengthMax(tapscript);
    }

    /// Whether it can be a script of its own.
    public boolean isValidTopLevel() {
        return isValid() && has("B");
    }

    /// Whether nobody can change a satisfaction that uses no more than it must.
    public boolean isNonMalleable() {
        return has("m");
    }

    /// Whether every satisfaction has a signature.
    public boolean needsSignature() {
        return has("s");
    }

    /// Whether no satisfaction needs two lock times of kinds that exclude each other.
    public boolean hasNoTimeLockMix() {
        return has("k");
    }

    /// Whether some satisfaction there is.
    public boolean isSatisfiable() {
        return stack.sat() != null;
    }

    /// Whether satisfactions keep the limits of operations and of the stack.
    public boolean hasValidSatisfactions() {
        StackUse use = stack.sat();
        int left = has("V") || type == 0 ? 0 : 1;
        boolean fits =
                use == null
                        || (tapscript
                                ? use.peak() + left <= STACK_MAX
                                : use.net() + left <= WITNESS_STACK_MAX);
        boolean few = tapscript || ops.sat() == Ops.NEVER || ops.count() + ops.sat() <= OPS_MAX;
        return isValid() && few && fits;
    }

    /// Whether no key stands in it twice.
    public boolean hasDistinctKeys(Comparator<K> order) {
        List<K> keys = keys();
        Set<K> different = new TreeSet<>(order);
        different.addAll(keys);
        return different.size() == keys.size();
    }

    /// Whether it could stand inside something sane.
    public boolean isSaneInside(Comparator<K> order) {
        return hasValidSatisfactions()
                && isNonMalleable()
                && hasNoTimeLockMix()
                && hasDistinctKeys(order);
    }

    /// Whether everything about it is as one would want: valid, safe from malleation, always signed, within
    /// all limits, without repeated keys.
    public boolean isSane(Comparator<K> order) {
        return isValidTopLevel() && isSaneInside(order) && needsSignature();
    }

    /// The innermost expression that is not sane; null if all are.
    public @Nullable Miniscript<K> firstInsane(Comparator<K> order) {
        var found = new ArrayList<Miniscript<K>>();
        fold(
                (Miniscript<K> node, List<Boolean> _) -> {
                    if (found.isEmpty() && !node.isSaneInside(order)) {
                        found.add(node);
                    }
                    return true;
                });
        return found.isEmpty() ? null : found.getFirst();
    }

    /// The script.
    ///
    /// @param key the bytes of a key
    /// @param hash the hash of a key, 20 bytes
    public Bytes script(Function<K, Bytes> key, Function<K, Bytes> hash) {
        return new MiniscriptScript<>(key, hash).of(this);
    }

    /// The text.
    ///
    /// @param key the text of a key
    public String text(Function<K, String> key) {
        return MiniscriptText.of(this, key);
    }
}
