package weft.primitives.address;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import weft.crypto.Sha256;

/// Base58: bytes as a large number in digits that cannot be confused; one leading `1` for each leading zero
/// byte. With a checksum of four bytes it is the text of old addresses and of keys.
public final class Base58 {
    private static final String DIGITS =
            "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
    private static final int BASE = DIGITS.length();
    private static final int CHECKSUM_BYTES = 4;
    private static final int WORD_BYTES = 4;
    private static final int GROUP_DIGITS = 5;

    /// 58 to the fifth: what a group of digits counts to. Shifted by a word it still fits a `long`.
    private static final int GROUP = BASE * BASE * BASE * BASE * BASE;

    private Base58() {}

    /// The text of some bytes, without a checksum.
    public static String encode(byte[] bytes) {
        int zeros = 0;
        while (zeros < bytes.length && bytes[zeros] == 0) {
            zeros++;
        }
        int[] groups = new int[(bytes.length - zeros) * 138 / 100 / GROUP_DIGITS + 1];
        int used = 0;
        int at = zeros;
        // Four bytes at a time, of which the first may have fewer, into groups of five digits.
        for (int next = at + (bytes.length - at) % WORD_BYTES; at < bytes.length; ) {
            int shift = 8 * (next - at);
            long carry = 0;
            for (; at < next; at++) {
                carry = carry << 8 | (bytes[at] & 0xff);
            }
            int place = 0;
            for (; carry != 0 || place < used; place++) {
                carry += (long) groups[place] << shift;
                groups[place] = (int) (carry % GROUP);
                carry /= GROUP;
            }
            used = place;
            next += WORD_BYTES;
        }
        return text(zeros, groups, used);
    }

    private static String text(int zeros, int[] groups, int used) {
        byte[] digits = new byte[used * GROUP_DIGITS];
        for (int place = 0; place < used; place++) {
            int rest = groups[place];
            for (int i = 0; i < GROUP_DIGITS; i++) {
                digits[digits.length - 1 - place * GROUP_DIGITS - i] =
                        (byte) DIGITS.charAt(rest % BASE);
                rest /= BASE;
            }
        }
        int first = 0;
        while (first < digits.length && digits[first] == DIGITS.charAt(0)) {
            first++;
        }
        String number = new String(digits, first, digits.length - first, StandardCharsets.US_ASCII);
        return "1".repeat(zeros) + number;
    }

    /// The bytes of a text without a checksum. White space around the digits is allowed, as in Bitcoin Core.
    ///
    /// @param bytesMax longest result; a longer text is given up as soon as that is clear
    /// @return empty if another character is in the text or the result would be too long
    public static Optional<byte[]> decode(String text, int bytesMax) {
        int at = 0;
        int end = text.length();
        while (at < end && isSpace(text.charAt(at))) {
            at++;
        }
        while (at < end && isSpace(text.charAt(end - 1))) {
            end--;
        }
        int zeros = 0;
        while (at < end && text.charAt(at) == DIGITS.charAt(0)) {
            zeros++;
            at++;
            if (zeros > bytesMax) {
                return Optional.empty();
            }
        }
        byte[] reversed = new byte[bytesMax + 1];
        int used = 0;
        for (; at < end; at++) {
            int carry = DIGITS.indexOf(text.charAt(at));
            if (carry < 0) {
                return Optional.empty();
            }
            int place = 0;
            for (; carry != 0 || place < used; place++) {
                carry += BASE * (reversed[place] & 0xff);
                reversed[place] = (byte) carry;
                carry >>>= 8;
            }
            used = place;
            if (zeros + used > bytesMax) {
                return Optional.empty();
            }
        }
        byte[] bytes = new byte[zeros + used];
        for (int place = 0; place < used; place++) {
            bytes[bytes.length - 1 - place] = reversed[place];
        }
        return Optional.of(bytes);
    }

    private static boolean isSpace(char c) {
        return c == ' ' || (c >= '\t' && c <= '\r');
    }

    /// The text of some bytes and their checksum: the first four bytes of their double SHA-256.
    public static String encodeChecked(byte[] bytes) {
        byte[] all = Arrays.copyOf(bytes, bytes.length + CHECKSUM_BYTES);
        System.arraycopy(Sha256.hashTwice(bytes), 0, all, bytes.length, CHECKSUM_BYTES);
        return encode(all);
    }

    /// The bytes of a text with a checksum.
    ///
    /// @param bytesMax longest result, without the checksum
    /// @return empty if the text is not Base58, too long or too short, or the checksum is wrong
    public static Optional<byte[]> decodeChecked(String text, int bytesMax) {
        return decode(text, bytesMax + CHECKSUM_BYTES).flatMap(Base58::withoutChecksum);
    }

    private static Optional<byte[]> withoutChecksum(byte[] all) {
        int length = all.length - CHECKSUM_BYTES;
        if (length < 0) {
            return Optional.empty();
        }
        byte[] hash = Sha256.hashTwice(all, 0, length);
        return Arrays.equals(all, length, all.length, hash, 0, CHECKSUM_BYTES)
                ? Optional.of(Arrays.copyOf(all, length))
                : Optional.empty();
    }
}
