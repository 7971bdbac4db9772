package weft.app.args;

import java.math.BigInteger;
import java.util.Locale;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Numbers as options write them, read as Bitcoin Core reads them.
final class Numbers {
    private static final Pattern LEADING =
            Pattern.compile("[ \\f\\n\\r\\t\\u000b]*([+-]?)([0-9]+)");
    private static final BigInteger LEAST = BigInteger.valueOf(Long.MIN_VALUE);
    private static final BigInteger MOST = BigInteger.valueOf(Long.MAX_VALUE);

    private static final Pattern BYTES = Pattern.compile("([0-9]{1,18})([kKmMgGtT]?)");
    private static final String UNITS = "kmgt";

    private Numbers() {}

    /// A number of bytes, with one of the letters k, m, g, t behind it: small ones are powers of 1,000,
    /// capitals of 1,024. Without a letter, of 1,024².
    ///
    /// @return empty if it is none, or too large
    static OptionalLong bytes(String text) {
        Matcher matcher = BYTES.matcher(text);
        if (!matcher.matches()) {
            return OptionalLong.empty();
        }
        String unit = matcher.group(2).isEmpty() ? "M" : matcher.group(2);
        int power = 1 + UNITS.indexOf(unit.toLowerCase(Locale.ROOT));
        long base = Character.isUpperCase(unit.charAt(0)) ? 1024 : 1000;
        BigInteger bytes =
                new BigInteger(matcher.group(1)).multiply(BigInteger.valueOf(base).pow(power));
        return bytes.compareTo(MOST) > 0
                ? OptionalLong.empty()
                : OptionalLong.of(bytes.longValue());
    }

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
