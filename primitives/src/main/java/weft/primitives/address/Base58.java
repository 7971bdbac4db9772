package weft.primitives.address;

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

    private Base58() {}

    /// The text of some bytes, without a checksum.
    public static String encode(byte[] bytes) {
        int zeros = 0;
        while (zeros < bytes.length && bytes[zeros] == 0) {
            zeros++;
        }
        // One byte takes log 256 / log 58 < 1.38 digits.
        byte[] digits = new byte[(bytes.length - zeros) * 138 / 100 + 1];
        int used = 0;
        for (int i = zeros; i < bytes.length; i++) {
            int carry = bytes[i] & 0xff;
            int place = 0;
            for (; carry != 0 || place < used; place++) {
                carry += digits[place] << 8;
                digits[place] = (byte) (carry % BASE);
                carry /= BASE;
            }
            used = place;
        }
        var text = new StringBuilder(zeros + used).repeat(DIGITS.charAt(0), zeros);
        for (int place = used - 1; place >= 0; place--) {
            text.append(DIGITS.charAt(digits[place]));
        }
        return text.toString();
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
