package weft.wallet.miniscript;

import static weft.consensus.script.Opcode.*;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import weft.primitives.Bytes;

/// Finds the expression that a script is, from its end to its begin, without recursion. Not safe for use by
/// two threads.
///
/// @param <K> what stands for a key
public final class MiniscriptDecoder<K> {
    private static final int KEYS_MAX = 20;
    private static final int KEYS_MAX_TAPSCRIPT = 999;
    private static final int PREIMAGE_BYTES = 32;

    private final ScriptItems in;
    private final boolean tapscript;
    private final KeyFinder<K> keys;
    private final ArrayDeque<Task> tasks = new ArrayDeque<>();
    private final ArrayDeque<Miniscript<K>> made = new ArrayDeque<>();

    private MiniscriptDecoder(ScriptItems in, boolean tapscript, KeyFinder<K> keys) {
        this.in = in;
        this.tapscript = tapscript;
        this.keys = keys;
    }

    /// Finds the keys of a script.
    ///
    /// @param <K> what stands for a key
    public interface KeyFinder<K> {
        /// The key of its bytes; null if it may not stand there.
        @Nullable K ofBytes(Bytes key);

        /// The key of its hash; null if it is not known.
        @Nullable K ofHash(Bytes hash);
    }

    /// What is to be read, or to be made of what was read.
    private enum What {
        /// An expression that is no `and_v`.
        SINGLE,
        /// An expression, maybe `and_v` of several.
        ANY,
        /// An expression that works below the top of the stack.
        BELOW_TOP,
        /// Whether one more expression comes before, and both are an `and_v`.
        MAYBE_AND_V,
        /// A function of what was read.
        MAKE,
        /// A swap, in front of what was read.
        SWAP,
        /// What goes to the other stack, in front of what was read.
        ALT,
        /// More of a threshold.
        THRESH_MORE,
        /// All of a threshold.
        THRESH_END,
        /// What comes before the last branch.
        BRANCH,
        /// What comes before NOTIF.
        NOT_IF,
        /// What comes before ELSE.
        BEFORE_ELSE
    }

    /// @param fragment what is made
    /// @param count expressions of a threshold so far
    private record Task(What what, Fragment fragment, int count, int k) {
        static Task of(What what) {
            return new Task(what, Fragment.JUST_0, 0, 0);
        }

        static Task make(Fragment fragment) {
            return new Task(What.MAKE, fragment, 0, 0);
        }
    }

    /// Finds the expression that a script is.
    ///
    /// @return empty if it is none, or none that has the type of a whole script
    public static <K> Optional<Miniscript<K>> decode(
            Bytes script, boolean tapscript, KeyFinder<K> keys) {
        if (script.length() > Miniscript.lengthMax(tapscript)) {
            return Optional.empty();
        }
        return ScriptItems.of(script)
                .map(items -> new MiniscriptDecoder<>(items, tapscript, keys))
                .flatMap(decoder -> Optional.ofNullable(decoder.whole()))
                .filter(Miniscript::isValidTopLevel);
    }

    private @Nullable Miniscript<K> whole() {
        tasks.push(Task.of(What.ANY));
        while (!tasks.isEmpty()) {
            boolean valid = made.isEmpty() || made.getFirst().isValid();
            if (!valid || !step(tasks.pop())) {
                return null;
            }
        }
        return made.size() == 1 && in.isAtEnd() ? made.getFirst() : null;
    }

    private boolean then(Task... inOrder) {
        for (int i = inOrder.length - 1; i >= 0; i--) {
            tasks.push(inOrder[i]);
        }
        return true;
    }

    private static Task any() {
        return Task.of(What.ANY);
    }

    private static Task single() {
        return Task.of(What.SINGLE);
    }

    private boolean step(Task task) {
        return switch (task.what) {
            case SINGLE -> !in.isAtEnd() && (leaf() || hash() || multi() || outer());
            case ANY -> then(single(), Task.of(What.MAYBE_AND_V));
            case BELOW_TOP ->
                    !in.isAtEnd()
                            && then(
                                    any(),
                                    Task.of(in.take(OP_FROMALTSTACK) ? What.ALT : What.SWAP));
            case MAYBE_AND_V -> {
                boolean ends =
                        in.isAtEnd()
                                || in.is(0, OP_IF)
                                || in.is(0, OP_ELSE)
                                || in.is(0, OP_NOTIF)
                                || in.is(0, OP_TOALTSTACK)
                                || in.is(0, OP_SWAP);
                yield ends || then(any(), Task.make(Fragment.AND_V));
            }
            case MAKE -> make(task.fragment);
            case SWAP -> in.take(OP_SWAP) && make(Fragment.WRAP_S);
            case ALT -> in.take(OP_TOALTSTACK) && make(Fragment.WRAP_A);
            case THRESH_MORE -> {
                if (in.take(OP_ADD)) {
                    yield then(
                            Task.of(What.BELOW_TOP),
                            new Task(What.THRESH_MORE, task.fragment, task.count + 1, task.k));
                }
                yield then(
                        single(), new Task(What.THRESH_END, task.fragment, task.count + 1, task.k));
            }
            case THRESH_END -> task.k <= task.count && make(Fragment.THRESH, task.count, task.k);
            case BRANCH -> branch();
            case NOT_IF ->
                    then(single(), Task.make(in.take(OP_IFDUP) ? Fragment.OR_D : Fragment.OR_C));
            case BEFORE_ELSE -> {
                if (in.take(OP_IF)) {
                    yield make(Fragment.OR_I);
                }
                yield in.take(OP_NOTIF) && then(single(), Task.make(Fragment.ANDOR));
            }
        };
    }

    private boolean branch() {
        if (in.take(OP_ELSE)) {
            return then(any(), Task.of(What.BEFORE_ELSE));
        }
        if (in.take(OP_NOTIF)) {
            return then(Task.of(What.NOT_IF));
        }
        if (!in.take(OP_IF)) {
            return false;
        }
        if (in.take(OP_DUP)) {
            return make(Fragment.WRAP_D);
        }
        return in.take(OP_0NOTEQUAL) && in.take(OP_SIZE) && make(Fragment.WRAP_J);
    }

    private boolean make(Fragment fragment) {
        int subs = fragment.isWrapper() ? 1 : fragment == Fragment.ANDOR ? 3 : 2;
        return make(fragment, subs, 0);
    }

    /// Puts together what was read last: it stands first.
    private boolean make(Fragment fragment, int count, int k) {
        if (made.size() < count) {
            return false;
        }
        List<Miniscript<K>> subs = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            subs.add(made.pop());
        }
        if (fragment == Fragment.ANDOR) {
            // The script has the third before the second.
            subs = List.of(subs.get(0), subs.get(2), subs.get(1));
        }
        return make(fragment, subs, List.of(), Bytes.EMPTY, k);
    }

    private boolean make(
            Fragment fragment, List<Miniscript<K>> subs, List<K> of, Bytes data, int k) {
        made.push(Miniscript.of(new Miniscript.Parts<>(fragment, subs, of, data, k), tapscript));
        return true;
    }

    private boolean leaf() {
        if (in.take(OP_1)) {
            return make(Fragment.JUST_1, List.of(), List.of(), Bytes.EMPTY, 0);
        }
        if (in.take(OP_0)) {
            return make(Fragment.JUST_0, List.of(), List.of(), Bytes.EMPTY, 0);
        }
        int length = in.data(0).length();
        if (length == 33 || length == 32) {
            return key(Fragment.PK_K, keys.ofBytes(in.data(0)), 1);
        }
        if (in.is(0, OP_VERIFY)
                && in.is(1, OP_EQUAL)
                && in.data(2).length() == 20
                && in.is(3, OP_HASH160)
                && in.is(4, OP_DUP)) {
            return key(Fragment.PK_H, keys.ofHash(in.data(2)), 5);
        }
        boolean isOlder = in.is(0, OP_CHECKSEQUENCEVERIFY);
        if ((isOlder || in.is(0, OP_CHECKLOCKTIMEVERIFY)) && in.number(1) >= 1) {
            int number = (int) in.number(1);
            in.skip(2);
            Fragment fragment = isOlder ? Fragment.OLDER : Fragment.AFTER;
            return make(fragment, List.of(), List.of(), Bytes.EMPTY, number);
        }
        return false;
    }

    private boolean key(Fragment fragment, @Nullable K key, int operations) {
        if (key == null) {
            return false;
        }
        in.skip(operations);
        return make(fragment, List.of(), List.of(key), Bytes.EMPTY, 0);
    }

    private boolean hash() {
        boolean fits =
                in.is(0, OP_EQUAL)
                        && in.is(3, OP_VERIFY)
                        && in.is(4, OP_EQUAL)
                        && in.number(5) == PREIMAGE_BYTES
                        && in.is(6, OP_SIZE);
        if (!fits) {
            return false;
        }
        for (Fragment each :
                List.of(Fragment.SHA256, Fragment.HASH256, Fragment.RIPEMD160, Fragment.HASH160)) {
            int opcode =
                    switch (each) {
                        case SHA256 -> OP_SHA256;
                        case HASH256 -> OP_HASH256;
                        case RIPEMD160 -> OP_RIPEMD160;
                        default -> OP_HASH160;
                    };
            boolean isLong = each == Fragment.SHA256 || each == Fragment.HASH256;
            Bytes hash = in.data(1);
            if (in.is(2, opcode) && hash.length() == (isLong ? 32 : 20)) {
                in.skip(7);
                return make(each, List.of(), List.of(), hash, 0);
            }
        }
        return false;
    }

    private boolean multi() {
        if (in.is(0, OP_CHECKMULTISIG) && !tapscript) {
            return multiOfWitness();
        }
        return in.is(0, OP_NUMEQUAL) && tapscript && multiOfTapscript();
    }

    private boolean multiOfWitness() {
        long count = in.number(1);
        if (count < 1 || count > KEYS_MAX) {
            return false;
        }
        var found = new ArrayList<K>();
        for (int i = 0; i < count; i++) {
            K key = in.data(2 + i).length() == 33 ? keys.ofBytes(in.data(2 + i)) : null;
            if (key == null) {
                return false;
            }
            found.addFirst(key);
        }
        long k = in.number(2 + (int) count);
        in.skip(3 + (int) count);
        return k >= 1 && k <= count && make(Fragment.MULTI, List.of(), found, Bytes.EMPTY, (int) k);
    }

    private boolean multiOfTapscript() {
        long k = in.number(1);
        var found = new ArrayList<K>();
        int place = 2;
        while (true) {
            boolean isFirst = in.is(place, OP_CHECKSIG);
            boolean fits =
                    (isFirst || in.is(place, OP_CHECKSIGADD))
                            && in.data(place + 1).length() == 32
                            && found.size() < KEYS_MAX_TAPSCRIPT;
            K key = fits ? keys.ofBytes(in.data(place + 1)) : null;
            if (key == null) {
                return false;
            }
            found.addFirst(key);
            place += 2;
            if (isFirst) {
                break;
            }
        }
        in.skip(place);
        return k >= 1
                && k <= found.size()
                && make(Fragment.MULTI_A, List.of(), found, Bytes.EMPTY, (int) k);
    }

    /// Expressions with others inside.
    private boolean outer() {
        if (in.take(OP_CHECKSIG)) {
            return then(single(), Task.make(Fragment.WRAP_C));
        }
        if (in.take(OP_VERIFY)) {
            return then(single(), Task.make(Fragment.WRAP_V));
        }
        if (in.take(OP_0NOTEQUAL)) {
            return then(single(), Task.make(Fragment.WRAP_N));
        }
        if (in.is(0, OP_EQUAL) && in.left() >= 3 && in.number(1) >= 1) {
            int k = (int) in.number(1);
            in.skip(2);
            return then(new Task(What.THRESH_MORE, Fragment.THRESH, 0, k));
        }
        if (in.take(OP_ENDIF)) {
            return then(any(), Task.of(What.BRANCH));
        }
        if (in.take(OP_BOOLAND)) {
            return then(Task.of(What.BELOW_TOP), single(), Task.make(Fragment.AND_B));
        }
        return in.take(OP_BOOLOR)
                && then(Task.of(What.BELOW_TOP), single(), Task.make(Fragment.OR_B));
    }
}
