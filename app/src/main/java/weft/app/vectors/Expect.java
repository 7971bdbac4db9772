package weft.app.vectors;

import java.util.Arrays;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/// Comparisons inside a case.
final class Expect {
    private static final int SHOWN_MAX = 200;

    private Expect() {}

    /// Both are equal.
    static void same(String what, @Nullable Object wanted, @Nullable Object found) {
        if (wanted == null ? found != null : !wanted.equals(found)) {
            throw new Mismatch(what + " is " + cut(found) + ", expected " + cut(wanted));
        }
    }

    /// Both have the same bytes.
    static void same(String what, byte[] wanted, byte[] found) {
        if (!Arrays.equals(wanted, found)) {
            same(what, HexFormat.of().formatHex(wanted), HexFormat.of().formatHex(found));
        }
    }

    /// A statement holds.
    static void holds(String statement, boolean holds) {
        if (!holds) {
            throw new Mismatch("it does not hold that " + statement);
        }
    }

    private static String cut(@Nullable Object value) {
        String text = String.valueOf(value);
        return text.length() <= SHOWN_MAX ? text : text.substring(0, SHOWN_MAX) + "…";
    }
}
