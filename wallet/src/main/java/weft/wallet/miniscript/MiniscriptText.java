package weft.wallet.miniscript;

import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;

/// Writes the text of expressions, with the short forms of BIP-0379.
final class MiniscriptText {
    private MiniscriptText() {}

    static <K> String of(Miniscript<K> whole, Function<K, String> key) {
        // The state: whether a wrapper stands in front, so that a colon must come between.
        return whole.fold(
                false,
                (Boolean _, Miniscript<K> node, int _) -> isPrefix(node),
                (Boolean wrapped, Miniscript<K> node, List<String> inner) ->
                        write(node, inner, key, wrapped ? ":" : ""));
    }

    private static boolean isKey(Miniscript<?> node) {
        return node.fragment() == Fragment.WRAP_C
                && (node.sub(0).fragment() == Fragment.PK_K
                        || node.sub(0).fragment() == Fragment.PK_H);
    }

    private static boolean is(Miniscript<?> node, int sub, Fragment fragment) {
        return node.sub(sub).fragment() == fragment;
    }

    /// Whether an expression is written as a letter in front of what is inside.
    private static boolean isPrefix(Miniscript<?> node) {
        return switch (node.fragment()) {
            case AND_V -> is(node, 1, Fragment.JUST_1);
            case OR_I -> is(node, 0, Fragment.JUST_0) || is(node, 1, Fragment.JUST_0);
            default -> node.fragment().isWrapper();
        };
    }

    private static <K> String write(
            Miniscript<K> node, List<String> inner, Function<K, String> key, String colon) {
        Fragment fragment = node.fragment();
        if (isKey(node)) {
            boolean isHash = is(node, 0, Fragment.PK_H);
            String text = key.apply(node.sub(0).parts().keys().getFirst());
            return colon + (isHash ? "pkh(" : "pk(") + text + ")";
        }
        if (isPrefix(node)) {
            return switch (fragment) {
                case AND_V -> "t" + inner.getFirst();
                case OR_I ->
                        is(node, 0, Fragment.JUST_0) ? "l" + inner.get(1) : "u" + inner.getFirst();
                default -> fragment.word() + inner.getFirst();
            };
        }
        String all = String.join(",", inner);
        String number = Integer.toString(node.parts().k());
        return colon
                + switch (fragment) {
                    case JUST_0, JUST_1 -> fragment.word();
                    case PK_K, PK_H -> call(fragment, keys(node, key));
                    case OLDER, AFTER -> call(fragment, number);
                    case SHA256, HASH256, RIPEMD160, HASH160 ->
                            call(fragment, node.parts().data().toHex());
                    case MULTI, MULTI_A -> call(fragment, number + "," + keys(node, key));
                    case THRESH -> call(fragment, number + "," + all);
                    case ANDOR ->
                            is(node, 2, Fragment.JUST_0)
                                    ? "and_n(" + inner.get(0) + "," + inner.get(1) + ")"
                                    : call(fragment, all);
                    default -> call(fragment, all);
                };
    }

    private static String call(Fragment fragment, String inside) {
        return fragment.word() + "(" + inside + ")";
    }

    private static <K> String keys(Miniscript<K> node, Function<K, String> key) {
        return node.parts().keys().stream().map(key).collect(Collectors.joining(","));
    }
}
