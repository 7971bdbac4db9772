package weft.wire;

import java.util.Optional;
import weft.primitives.Bytes;

/// RFC 4648 base32 in lower case, for names of onion services and I2P destinations.
final class Base32 {
    private static final String DIGITS = "abcdefghijklmnopqrstuvwxyz234567";

    private Base32() {}

    /// Without padding.
    static String encode(Bytes bytes) {
        var text = new StringBuilder();
        int bits = 0;
        int held = 0;
        for (int i = 0; i < bytes.length(); i++) {
            held = ((held << 8) | bytes.at(i)) & 0xfff;
            for (bits += 8; bits >= 5; bits -= 5) {
                text.append(DIGITS.charAt((held >>> (bits - 5)) & 31));
            }
        }
        if (bits > 0) {
            text.append(DIGITS.charAt((held << (5 - bits)) & 31));
        }
        return text.toString();
    }

    /// Without padding; empty if a character is no digit or left-over bits are not zero.
    static Optional<Bytes> decode(String text) {
        byte[] bytes = new byte[text.length() * 5 / 8];
        int bits = 0;
        int held = 0;
        int at = 0;
        for (int i = 0; i < text.length(); i++) {
            int digit = DIGITS.indexOf(Character.toLowerCase(text.charAt(i)));
            if (digit < 0) {
                return Optional.empty();
            }
            held = ((held << 5) | digit) & 0xfff;
            bits += 5;
            if (bits >= 8) {
                bits -= 8;
                bytes[at++] = (byte) (held >>> bits);
            }
        }
        boolean clean = bits < 5 && (held & ((1 << bits) - 1)) == 0;
        return clean ? Optional.of(Bytes.wrap(bytes)) : Optional.empty();
    }
}
