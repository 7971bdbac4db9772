package weft.wallet.miniscript;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import weft.primitives.Bytes;

/// Reads the text of an expression, without recursion. Not safe for use by two threads.
///
/// @param <K> what stands for a key
public final class MiniscriptParser<K> {
    private static final int KEYS_MAX = 20;
    private static final int KEYS_MAX_TAPSCRIPT = 999;
    private static final Bytes NO_DATA = Bytes.EMPTY;

    private final String text;
    private final boolean tapscript;
    private final Function<String, @Nullable K> keyOf;
    private final ArrayDeque<Frame> open = new ArrayDeque<>();
    private final ArrayDeque<Miniscript<K>> made = new ArrayDeque<>();
    private int at;

    private MiniscriptParser(String text, boolean tapscript, Function<String, @Nullable K> keyOf) {
        this.text = text;
        this.tapscript = tapscript;
        this.keyOf = keyOf;
    }

    /// What is to be done when the expressions inside are read.
    ///
    /// @param word function, or letter of a wrapper
    /// @param wanted how many expressions are inside; 0 if any number
    /// @param k a threshold
    private record Frame(String word, int wanted, int k, int madeBefore) {
        boolean isCall() {
            return word.length() > 1;
        }
    }

    /// Ends the reading: the text is no expression.
    private static final class NoMiniscript extends RuntimeException {
        private static final long serialVersionUID = 1L;

        NoMiniscript() {
            super(null, null, false, false);
        }
    }

    /// Reads an expression. Whether it has a type, and is sane, is not looked at.
    ///
    /// @param keyOf the key of a text; null if it is none
    /// @return empty if it is none
    public static <K> Optional<Miniscript<K>> parse(
            String text, boolean tapscript, Function<String, @Nullable K> keyOf) {
        try {
            return Optional.of(new MiniscriptParser<>(text, tapscript, keyOf).whole());
        } catch (NoMiniscript _) {
            return Optional.empty();
        }
    }

    private Miniscript<K> whole() {
        do {
            int before = made.size();
            expression();
            boolean isLeaf = made.size() > before;
            while (isLeaf && !open.isEmpty() && isDone()) {
                close(open.pop());
            }
        } while (!open.isEmpty());
        if (at != text.length()) {
            throw new NoMiniscript();
        }
        return made.pop();
    }

    /// Whether the innermost function has all that belongs into it; else steps over a comma.
    private boolean isDone() {
        Frame frame = open.getFirst();
        if (!frame.isCall()) {
            return true;
        }
        char next = at < text.length() ? text.charAt(at) : 0;
        int count = made.size() - frame.madeBefore;
        boolean more = frame.wanted == 0 || count < frame.wanted;
        boolean enough = frame.wanted == 0 || count == frame.wanted;
        at++;
        if (next == ')' && enough) {
            return true;
        }
        if (next != ',' || !more) {
            throw new NoMiniscript();
        }
        return false;
    }

    private Miniscript<K> node(Fragment fragment, List<Miniscript<K>> subs, int k) {
        return Miniscript.of(
                new Miniscript.Parts<>(fragment, subs, List.of(), NO_DATA, k), tapscript);
    }

    private void make(Miniscript<K> node) {
        // What has become too long will not be read to its end.
        if (node.scriptLength() > Miniscript.lengthMax(tapscript)) {
            throw new NoMiniscript();
        }
        made.push(node);
    }

    private void close(Frame frame) {
        List<Miniscript<K>> subs = new ArrayList<>();
        while (made.size() > frame.madeBefore) {
            subs.addFirst(made.pop());
        }
        Miniscript<K> x = subs.getFirst();
        make(
                switch (frame.word) {
                    case "u" -> node(Fragment.OR_I, List.of(x, zero()), 0);
                    case "l" -> node(Fragment.OR_I, List.of(zero(), x), 0);
                    case "t" ->
                            node(
                                    Fragment.AND_V,
                                    List.of(x, node(Fragment.JUST_1, List.of(), 0)),
                                    0);
                    case "and_n" -> node(Fragment.ANDOR, List.of(x, subs.get(1), zero()), 0);
                    case "thresh" -> {
                        if (frame.k > subs.size()) {
                            throw new NoMiniscript();
                        }
                        yield node(Fragment.THRESH, subs, frame.k);
                    }
                    default -> node(named(frame.word), subs, 0);
                });
    }

    private Miniscript<K> zero() {
        return node(Fragment.JUST_0, List.of(), 0);
    }

    private static Fragment named(String word) {
        for (Fragment each : Fragment.values()) {
            if (each.word().equals(word)) {
                return each;
            }
        }
        throw new NoMiniscript();
    }

    /// Reads wrappers and the beginning of what they wrap.
    private void expression() {
        int colon = at;
        while (colon < text.length() && text.charAt(colon) >= 'a' && text.charAt(colon) <= 'z') {
            colon++;
        }
        if (colon > at && colon < text.length() && text.charAt(colon) == ':') {
            for (; at < colon; at++) {
                char letter = text.charAt(at);
                boolean twice = letter == 'v' && at > 0 && text.charAt(at - 1) == 'v';
                if ("ascdvjntlu".indexOf(letter) < 0 || twice) {
                    throw new NoMiniscript();
                }
                open.push(new Frame(String.valueOf(letter), 1, 0, made.size()));
            }
            at++;
        }
        if (take("0")) {
            make(zero());
        } else if (take("1")) {
            make(node(Fragment.JUST_1, List.of(), 0));
        } else {
            call();
        }
    }

    private boolean take(String what) {
        boolean fits = text.startsWith(what, at);
        at += fits ? what.length() : 0;
        return fits;
    }

    private void call() {
        int bracket = text.indexOf('(', at);
        if (bracket < 0) {
            throw new NoMiniscript();
        }
        String word = text.substring(at, bracket);
        at = bracket + 1;
        switch (word) {
            case "pk" -> key(Fragment.PK_K, true);
            case "pkh" -> key(Fragment.PK_H, true);
            case "pk_k" -> key(Fragment.PK_K, false);
            case "pk_h" -> key(Fragment.PK_H, false);
            case "sha256", "hash256" -> hash(named(word), 32);
            case "ripemd160", "hash160" -> hash(named(word), 20);
            case "after", "older" -> {
                int number = (int) number(until(')'), Integer.MAX_VALUE);
                make(node(named(word), List.of(), number));
            }
            case "multi", "multi_a" -> multi(named(word));
            case "thresh" -> {
                int k = (int) number(until(','), Integer.MAX_VALUE);
                open.push(new Frame(word, 0, k, made.size()));
            }
            case "andor" -> open.push(new Frame(word, 3, 0, made.size()));
            case "and_n", "and_b", "and_v", "or_b", "or_c", "or_d", "or_i" ->
                    open.push(new Frame(word, 2, 0, made.size()));
            default -> throw new NoMiniscript();
        }
    }

    /// The text up to a character, which is stepped over.
    private String until(char end) {
        int to = text.indexOf(end, at);
        if (to <= at) {
            throw new NoMiniscript();
        }
        String found = text.substring(at, to);
        at = to + 1;
        return found;
    }

    private static long number(String digits, long most) {
        boolean isNumber =
                digits.length() <= 18 && digits.chars().allMatch(c -> c >= '0' && c <= '9');
        long number = isNumber ? Long.parseLong(digits) : 0;
        if (number < 1 || number > most) {
            throw new NoMiniscript();
        }
        return number;
    }

    private K keyOf(String written) {
        K key = keyOf.apply(written);
        if (key == null) {
            throw new NoMiniscript();
        }
        return key;
    }

    private void key(Fragment fragment, boolean checked) {
        K key = keyOf(until(')'));
        Miniscript<K> node =
                Miniscript.of(
                        new Miniscript.Parts<>(fragment, List.of(), List.of(key), NO_DATA, 0),
                        tapscript);
        make(checked ? node(Fragment.WRAP_C, List.of(node), 0) : node);
    }

    private void hash(Fragment fragment, int length) {
        String hex = until(')');
        boolean fits =
                hex.length() == 2 * length
                        && hex.chars().allMatch(c -> c < 0x80 && Character.digit(c, 16) >= 0);
        if (!fits) {
            throw new NoMiniscript();
        }
        make(
                Miniscript.of(
                        new Miniscript.Parts<>(fragment, List.of(), List.of(), Bytes.parse(hex), 0),
                        tapscript));
    }

    private void multi(Fragment fragment) {
        int most = tapscript ? KEYS_MAX_TAPSCRIPT : KEYS_MAX;
        if (tapscript != (fragment == Fragment.MULTI_A)) {
            throw new NoMiniscript();
        }
        long k = number(until(','), most);
        var keys = new ArrayList<K>();
        int end = text.indexOf(')', at);
        for (int comma = text.indexOf(',', at);
                comma >= 0 && comma < end;
                comma = text.indexOf(',', at)) {
            keys.add(keyOf(until(',')));
        }
        keys.add(keyOf(until(')')));
        if (keys.size() > most || k > keys.size()) {
            throw new NoMiniscript();
        }
        make(
                Miniscript.of(
                        new Miniscript.Parts<>(fragment, List.of(), keys, NO_DATA, (int) k),
                        tapscript));
    }
}
