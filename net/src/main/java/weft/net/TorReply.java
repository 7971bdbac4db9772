package weft.net;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// An answer of Tor's control port: a code and lines. See section 2.3 of Tor's control-spec.
///
/// @param code of three digits; 250 where all went well
/// @param lines what follows the code in each
record TorReply(int code, List<String> lines) {
    /// Where all went well.
    static final int OK = 250;

    /// Where the command is not known.
    static final int UNKNOWN = 510;

    /// Answers that nobody asked for.
    private static final int ASYNCHRONOUS = 600;

    private static final int LINES_MAX = 1_000;

    /// Copies the list.
    TorReply {
        lines = List.copyOf(lines);
    }

    boolean isOk() {
        return code == OK;
    }

    /// Makes answers of lines.
    static final class Assembly {
        private final List<String> lines = new ArrayList<>();

        /// Takes the next line.
        ///
        /// @return the answer that it completes; empty if there is more to come, or nobody asked for it
        Optional<TorReply> add(String line) {
            if (line.length() < 4 || !isCode(line.substring(0, 3))) {
                return Optional.empty();
            }
            if (lines.size() < LINES_MAX) {
                lines.add(line.substring(4));
            }
            if (line.charAt(3) != ' ') {
                return Optional.empty();
            }
            var reply = new TorReply(Integer.parseInt(line.substring(0, 3)), lines);
            lines.clear();
            return reply.code >= ASYNCHRONOUS ? Optional.empty() : Optional.of(reply);
        }
    }

    private static boolean isCode(String digits) {
        return digits.chars().allMatch(c -> c >= '0' && c <= '9');
    }

    /// The first word of a line.
    static String typeOf(String line) {
        int space = line.indexOf(' ');
        return space < 0 ? line : line.substring(0, space);
    }

    /// The `KEY=value` pairs after the first word of a line.
    static Map<String, String> pairsOf(String line) {
        int space = line.indexOf(' ');
        return space < 0 ? Map.of() : pairs(line.substring(space + 1));
    }

    /// `KEY=value` pairs, up to the first word that is none; none at all if a quotation does not end.
    static Map<String, String> pairs(String text) {
        var found = new TreeMap<String, String>();
        int at = 0;
        while (at < text.length()) {
            int equals = at;
            while (equals < text.length() && "= ".indexOf(text.charAt(equals)) < 0) {
                equals++;
            }
            if (equals == text.length()) {
                return Map.of();
            }
            if (text.charAt(equals) == ' ') {
                break;
            }
            int end = endOfValue(text, equals + 1);
            if (end < 0) {
                return Map.of();
            }
            String value = text.substring(equals + 1, end);
            boolean quoted = value.startsWith("\"");
            found.put(
                    text.substring(at, equals),
                    quoted ? unescape(value.substring(1, value.length() - 1)) : value);
            at = end < text.length() && text.charAt(end) == ' ' ? end + 1 : end;
        }
        return found;
    }

    /// Where a value ends, with its quotation mark; -1 if it does not.
    private static int endOfValue(String text, int from) {
        int at = from;
        if (at < text.length() && text.charAt(at) == '"') {
            for (at++; at < text.length() && text.charAt(at) != '"'; at++) {
                at += text.charAt(at) == '\\' ? 1 : 0;
            }
            return at < text.length() ? at + 1 : -1;
        }
        while (at < text.length() && text.charAt(at) != ' ') {
            at++;
        }
        return at;
    }

    /// Undoes C's escapes, octal ones among them; a backslash before anything else means just that.
    private static String unescape(String text) {
        var plain = new StringBuilder();
        for (int at = 0; at < text.length(); at++) {
            char c = text.charAt(at);
            if (c != '\\') {
                plain.append(c);
                continue;
            }
            c = text.charAt(++at);
            switch (c) {
                case 'n' -> plain.append('\n');
                case 't' -> plain.append('\t');
                case 'r' -> plain.append('\r');
                default -> {
                    int digits = octalDigits(text, at);
                    if (digits == 0) {
                        plain.append(c);
                    } else {
                        plain.append((char) Integer.parseInt(text.substring(at, at + digits), 8));
                        at += digits - 1;
                    }
                }
            }
        }
        return plain.toString();
    }

    /// Three digits only if the number fits a byte.
    private static int octalDigits(String text, int at) {
        int count = 0;
        while (count < 3
                && at + count < text.length()
                && text.charAt(at + count) >= '0'
                && text.charAt(at + count) <= '7') {
            count++;
        }
        return count == 3 && text.charAt(at) > '3' ? 2 : count;
    }
}
