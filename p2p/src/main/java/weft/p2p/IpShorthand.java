package weft.p2p;

import org.jspecify.annotations.Nullable;

/// IPv4 addresses with fewer than four numbers, as operators write them: the last number fills all bytes
/// that are left, so that `127.1` is `127.0.0.1` and `10.1.258` is `10.1.1.2`.
final class IpShorthand {
    private static final int BYTE_MAX = 255;

    private IpShorthand() {}

    /// The address with all four numbers and the port, if there was one; any other text as it is.
    static String expand(String text) {
        int colon = text.indexOf(':');
        String host = colon < 0 ? text : text.substring(0, colon);
        String port = colon < 0 ? "" : text.substring(colon);
        String expanded = isPort(port) ? expandHost(host) : null;
        return expanded == null ? text : expanded + port;
    }

    private static boolean isPort(String text) {
        return text.isEmpty() || number(text.substring(1), 5) >= 0;
    }

    private static @Nullable String expandHost(String host) {
        int firstDot = host.indexOf('.');
        int lastDot = host.lastIndexOf('.');
        if (firstDot < 0) {
            return null;
        }
        boolean two = firstDot == lastDot;
        int first = number(host.substring(0, firstDot), 3);
        int rest = number(host.substring(lastDot + 1), 8);
        int second = two ? rest >>> 16 : number(host.substring(firstDot + 1, lastDot), 3);
        boolean fits = isByte(first) && isByte(second) && rest >= 0 && (two || rest >>> 16 == 0);
        if (!fits) {
            return null;
        }
        return first + "." + second + "." + (rest >>> 8 & BYTE_MAX) + "." + (rest & BYTE_MAX);
    }

    private static boolean isByte(int value) {
        return value >= 0 && value <= BYTE_MAX;
    }

    /// A number of so many digits at most; −1 for any other text.
    private static int number(String digits, int digitsMax) {
        boolean is =
                !digits.isEmpty()
                        && digits.length() <= digitsMax
                        && digits.chars().allMatch(c -> c >= '0' && c <= '9');
        return is ? Integer.parseInt(digits) : -1;
    }
}
