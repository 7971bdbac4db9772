package weft.app.args;

import java.math.BigInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Numbers as options write them, read as Bitcoin Core reads them.
final class Numbers {
    private static final Pattern LEADING =
            Pattern.compile("[ \\f\\n\\r\\t\\u000b]*([+-]?)([0-9]+)");
    private static final BigInteger LEAST = BigInteger.valueOf(Long.MIN_VALUE);
    private static final BigInteger MOST = BigInteger.valueOf(Long.MAX_VALUE);

    private Numbers() {}

    /// The number that a text begins with, 0 if it begins with none; the nearest there is if it is too
    /// large or too small.
    static long leading(String text) {
        Matcher matcher = LEADING.matcher(text);
        if (!matcher.lookingAt()) {
            return 0;
        }
        var number = new BigInteger(matcher.group(2));
        if (matcher.group(1).equals("-")) {
            number = number.negate();
        }
        return number.max(LEAST).min(MOST).longValue();
    }
}
