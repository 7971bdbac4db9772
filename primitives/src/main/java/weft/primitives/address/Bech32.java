package weft.primitives.address;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import weft.primitives.Bytes;
import weft.primitives.Check;

/// Bech32 (BIP-0173) and Bech32m (BIP-0350): a human-readable part, `1`, values of five bits each, and a
/// checksum that finds up to four wrong characters.
public final class Bech32 {
    /// Longest text, in characters.
    public static final int CHARACTERS_MAX = 90;

    private static final String DIGITS = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
    private static final int CHECKSUM_VALUES = 6;
    private static final int[] GENERATOR = {
        0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3
    };

    private Bech32() {}

    /// Which of the two checksums.
    public enum Encoding {
        /// BIP-0173: witness version 0.
        BECH32("Bech32", 1),
        /// BIP-0350: witness versions 1 to 16.
        BECH32M("Bech32m", 0x2bc830a3);

        private final String title;
        private final int constant;

        Encoding(String title, int constant) {
            this.title = title;
            this.constant = constant;
        }
    }

    /// What a text says.
    ///
    /// @param encoding which checksum is right
    /// @param hrp the human-readable part, lower case
    /// @param values of five bits each, without the checksum
    public record Decoded(Encoding encoding, String hrp, Bytes values) {}

    /// Why a text is no Bech32.
    ///
    /// @param message the sentence of Bitcoin Core; empty if there is no error
    /// @param positions indexes of the characters that are wrong, as far as that can be told
    public record Errors(String message, List<Integer> positions) {
        /// Copies the list.
        public Errors {
            positions = List.copyOf(positions);
        }
    }

    /// The text of some values, lower case.
    ///
    /// @param hrp the human-readable part, lower case
    /// @param values of five bits each
    public static String encode(Encoding encoding, String hrp, byte[] values) {
        Check.argument(
                hrp.equals(hrp.toLowerCase(Locale.ROOT)),
                "the human-readable part is not lower case");
        byte[] all = Arrays.copyOf(values, values.length + CHECKSUM_VALUES);
        int residue = residue(hrp, all) ^ encoding.constant;
        for (int i = 0; i < CHECKSUM_VALUES; i++) {
            all[values.length + i] = (byte) ((residue >>> (5 * (CHECKSUM_VALUES - 1 - i))) & 31);
        }
        var text = new StringBuilder(hrp.length() + 1 + all.length).append(hrp).append('1');
        for (byte value : all) {
            text.append(DIGITS.charAt(value));
        }
        return text.toString();
    }

    /// What a text says.
    ///
    /// @return empty if it is neither Bech32 nor Bech32m
    public static Optional<Decoded> decode(String text) {
        int separator = text.lastIndexOf('1');
        if (text.length() > CHARACTERS_MAX
                || !wrongCharacters(text).isEmpty()
                || !isSeparator(text, separator)
                || wrongDigit(text, separator) >= 0) {
            return Optional.empty();
        }
        String hrp = text.substring(0, separator).toLowerCase(Locale.ROOT);
        byte[] values = values(text, separator);
        int residue = residue(hrp, values);
        Bytes payload = Bytes.wrap(values, 0, values.length - CHECKSUM_VALUES);
        for (Encoding encoding : Encoding.values()) {
            if (residue == encoding.constant) {
                return Optional.of(new Decoded(encoding, hrp, payload));
            }
        }
        return Optional.empty();
    }

    /// What is wrong with a text, and where.
    public static Errors locateErrors(String text) {
        if (text.length() > CHARACTERS_MAX) {
            var beyond = new ArrayList<Integer>();
            for (int i = CHARACTERS_MAX; i < text.length(); i++) {
                beyond.add(i);
            }
            return new Errors("Bech32 string too long", beyond);
        }
        List<Integer> wrong = wrongCharacters(text);
        if (!wrong.isEmpty()) {
            return new Errors("Invalid character or mixed case", wrong);
        }
        int separator = text.lastIndexOf('1');
        if (separator < 0) {
            return new Errors("Missing separator", List.of());
        }
        if (!isSeparator(text, separator)) {
            return new Errors("Invalid separator position", List.of(separator));
        }
        int wrongDigit = wrongDigit(text, separator);
        if (wrongDigit >= 0) {
            return new Errors("Invalid Base 32 character", List.of(wrongDigit));
        }
        int residue =
                residue(
                        text.substring(0, separator).toLowerCase(Locale.ROOT),
                        values(text, separator));
        return wrongValues(residue, text.length(), text.length() - 1 - separator);
    }

    /// The smaller of the corrections that either checksum asks for.
    private static Errors wrongValues(int residue, int characters, int values) {
        String message = "Invalid checksum";
        List<Integer> fewest = List.of();
        for (Encoding encoding : Encoding.values()) {
            int syndrome = residue ^ encoding.constant;
            if (syndrome == 0) {
                return new Errors("", List.of());
            }
            List<Integer> found = Bech32Field.errors(syndrome, values);
            if (!found.isEmpty() && (fewest.isEmpty() || found.size() < fewest.size())) {
                fewest = found;
                message = "Invalid " + encoding.title + " checksum";
            }
        }
        // The field counts from the right.
        return new Errors(message, fewest.stream().map(place -> characters - 1 - place).toList());
    }

    private static boolean isSeparator(String text, int at) {
        return at > 0 && at + CHECKSUM_VALUES < text.length();
    }

    /// Indexes of characters that are not printable ASCII or whose case differs from that of the first
    /// letter.
    private static List<Integer> wrongCharacters(String text) {
        var wrong = new ArrayList<Integer>();
        boolean lower = false;
        boolean upper = false;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            boolean isLower = c >= 'a' && c <= 'z';
            boolean isUpper = c >= 'A' && c <= 'Z';
            if (c < 33 || c > 126 || (isLower && upper) || (isUpper && lower)) {
                wrong.add(i);
            }
            lower |= isLower && !upper;
            upper |= isUpper && !lower;
        }
        return wrong;
    }

    private static int digit(char c) {
        return DIGITS.indexOf(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c);
    }

    private static int wrongDigit(String text, int separator) {
        for (int i = separator + 1; i < text.length(); i++) {
            if (digit(text.charAt(i)) < 0) {
                return i;
            }
        }
        return -1;
    }

    private static byte[] values(String text, int separator) {
        byte[] values = new byte[text.length() - 1 - separator];
        for (int i = 0; i < values.length; i++) {
            values[i] = (byte) digit(text.charAt(separator + 1 + i));
        }
        return values;
    }

    /// The remainder of human-readable part and values, as a polynomial over GF(32), by the generator: six
    /// coefficients of five bits, the highest power first.
    private static int residue(String hrp, byte[] values) {
        int residue = 1;
        for (int i = 0; i < hrp.length(); i++) {
            residue = append(residue, hrp.charAt(i) >> 5);
        }
        residue = append(residue, 0);
        for (int i = 0; i < hrp.length(); i++) {
            residue = append(residue, hrp.charAt(i) & 31);
        }
        for (byte value : values) {
            residue = append(residue, value);
        }
        return residue;
    }

    private static int append(int residue, int value) {
        int top = residue >>> 25;
        int next = ((residue & 0x1ffffff) << 5) ^ value;
        for (int i = 0; i < GENERATOR.length; i++) {
            if (((top >>> i) & 1) != 0) {
                next ^= GENERATOR[i];
            }
        }
        return next;
    }
}
