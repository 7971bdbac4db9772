package weft.server.json;

import java.math.BigDecimal;
import java.math.MathContext;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.cfg.JsonNodeFeature;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.DecimalNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// JSON as Bitcoin Core reads and writes it: numbers keep their exact text, objects the order of their keys,
/// and no value is ever bound to a class.
public final class Json {
    private static final int DEPTH_MAX = 512;
    private static final int COIN_DECIMALS = 8;
    private static final int DOUBLE_DIGITS = 16;
    private static final int PLAIN_EXPONENT_MIN = -4;

    private static final JsonMapper MAPPER =
            JsonMapper.builder(
                            JsonFactory.builder()
                                    .streamReadConstraints(
                                            StreamReadConstraints.builder()
                                                    .maxNestingDepth(DEPTH_MAX)
                                                    .maxStringLength(Integer.MAX_VALUE)
                                                    .build())
                                    .build())
                    .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
                    .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                    .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
                    .build();

    private Json() {}

    /// Reads one value, all of the text.
    ///
    /// @throws IllegalArgumentException if the text is not JSON
    public static JsonNode parse(String text) {
        try (JsonParser parser = MAPPER.createParser(text)) {
            JsonToken first = parser.nextToken();
            if (first == null) {
                throw new IllegalArgumentException("no JSON");
            }
            JsonNode node = JsonTree.read(parser, first);
            if (parser.nextToken() != null) {
                throw new IllegalArgumentException("no JSON: more than one value");
            }
            return checked(node);
        } catch (JacksonException e) {
            throw new IllegalArgumentException("no JSON: " + e.getOriginalMessage(), e);
        }
    }

    /// Reads one value of UTF-8 bytes, all of them.
    ///
    /// @throws IllegalArgumentException if they are not JSON
    public static JsonNode parse(byte[] utf8) {
        try {
            // Decoded here, because the parser would guess other encodings, and Bitcoin Core knows
            // only this one.
            return parse(
                    StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(utf8)).toString());
        } catch (CharacterCodingException e) {
            throw new IllegalArgumentException("no UTF-8", e);
        }
    }

    /// Refuses halves of surrogate pairs, which an escape can smuggle in.
    private static JsonNode checked(JsonNode node) {
        if (node.isString()) {
            checkText(node.stringValue());
        }
        for (var entry : node.properties()) {
            checkText(entry.getKey());
            checked(entry.getValue());
        }
        if (node.isArray()) {
            node.forEach(Json::checked);
        }
        return node;
    }

    private static void checkText(String text) {
        if (text.codePoints()
                .anyMatch(c -> c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE)) {
            throw new IllegalArgumentException("no JSON: half of a surrogate pair");
        }
    }

    /// The fields of an object in their order, those whose name was given before too: an object finds the
    /// first of each name.
    public static List<Map.Entry<String, JsonNode>> entries(JsonNode object) {
        return object instanceof RepeatedKeys repeated
                ? repeated.all()
                : List.copyOf(object.properties());
    }

    /// An empty object.
    public static ObjectNode object() {
        return JsonNodeFactory.instance.objectNode();
    }

    /// An empty array.
    public static ArrayNode array() {
        return JsonNodeFactory.instance.arrayNode();
    }

    /// A text.
    public static JsonNode text(String value) {
        return JsonNodeFactory.instance.stringNode(value);
    }

    /// A whole number.
    public static JsonNode number(long value) {
        return JsonNodeFactory.instance.numberNode(value);
    }

    /// A truth value.
    public static JsonNode bool(boolean value) {
        return JsonNodeFactory.instance.booleanNode(value);
    }

    /// Nothing.
    public static JsonNode nothing() {
        return JsonNodeFactory.instance.nullNode();
    }

    /// An amount of money: coins with eight decimals.
    ///
    /// @param satoshis may be negative
    public static JsonNode amount(long satoshis) {
        return DecimalNode.valueOf(BigDecimal.valueOf(satoshis, COIN_DECIMALS));
    }

    /// A number with a fraction, written with up to 16 significant digits.
    public static JsonNode real(double value) {
        return JsonNodeFactory.instance.numberNode(value);
    }

    /// Writes a value on one line.
    public static String write(JsonNode node) {
        return write(node, 0);
    }

    /// Writes a value.
    ///
    /// @param indent blanks for each level; 0 puts all on one line
    public static String write(JsonNode node, int indent) {
        var out = new StringBuilder();
        write(node, indent, 1, out);
        return out.toString();
    }

    private static void write(JsonNode node, int indent, int level, StringBuilder out) {
        if (node.isObject()) {
            out.append('{');
            boolean first = true;
            for (var entry : node.properties()) {
                separate(first, indent, level, out);
                first = false;
                quote(entry.getKey(), out);
                out.append(indent == 0 ? ":" : ": ");
                write(entry.getValue(), indent, level + 1, out);
            }
            finish(indent, level, out).append('}');
        } else if (node.isArray()) {
            out.append('[');
            boolean first = true;
            for (JsonNode each : node) {
                separate(first, indent, level, out);
                first = false;
                write(each, indent, level + 1, out);
            }
            finish(indent, level, out).append(']');
        } else if (node.isString()) {
            quote(node.stringValue(), out);
        } else if (node.isDouble() || node.isFloat()) {
            out.append(realText(node.doubleValue()));
        } else if (node.isBigDecimal()) {
            out.append(decimalText(node.decimalValue()));
        } else if (node.isInt() || node.isLong()) {
            out.append(node.longValue());
        } else {
            out.append(node);
        }
    }

    private static void separate(boolean first, int indent, int level, StringBuilder out) {
        if (!first) {
            out.append(',');
        }
        if (indent > 0) {
            out.append('\n').repeat(' ', indent * level);
        }
    }

    private static StringBuilder finish(int indent, int level, StringBuilder out) {
        return indent > 0 ? out.append('\n').repeat(' ', indent * (level - 1)) : out;
    }

    private static void quote(String text, StringBuilder out) {
        out.append('"');
        int done = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c >= ' ' && c != '"' && c != '\\' && c != 0x7f) {
                continue;
            }
            out.append(text, done, i);
            done = i + 1;
            switch (c) {
                case '"' -> out.append("\\\"");
                case '\\' -> out.append("\\\\");
                case '\b' -> out.append("\\b");
                case '\f' -> out.append("\\f");
                case '\n' -> out.append("\\n");
                case '\r' -> out.append("\\r");
                case '\t' -> out.append("\\t");
                default -> out.append(String.format(java.util.Locale.ROOT, "\\u%04x", (int) c));
            }
        }
        out.append(text, done, text.length());
        out.append('"');
    }

    /// Amounts have all their decimals; what was read comes out as it came in, but for the form of an
    /// exponent.
    private static String decimalText(BigDecimal value) {
        if (value.scale() == COIN_DECIMALS) {
            return value.toPlainString();
        }
        String text = value.toString().replace('E', 'e');
        int last = text.length() - 1;
        boolean hasOneDigit = text.indexOf('e') == last - 2;
        return hasOneDigit ? text.substring(0, last) + "0" + text.charAt(last) : text;
    }

    /// As C++ prints a double with 16 digits of precision: 4.656542373906925e-10, 0.5, 1.
    static String realText(double value) {
        if (value == 0) {
            return "0";
        }
        BigDecimal rounded =
                new BigDecimal(value).round(new MathContext(DOUBLE_DIGITS)).stripTrailingZeros();
        int exponent = rounded.precision() - rounded.scale() - 1;
        if (exponent >= PLAIN_EXPONENT_MIN && exponent < DOUBLE_DIGITS) {
            return rounded.toPlainString();
        }
        String mantissa = rounded.movePointLeft(exponent).stripTrailingZeros().toPlainString();
        String digits = Integer.toString(Math.abs(exponent));
        return mantissa + (exponent < 0 ? "e-" : "e+") + (digits.length() < 2 ? "0" : "") + digits;
    }

    /// Core's name of a value's type, as its messages have it.
    public static String typeName(JsonNode node) {
        if (node.isObject()) {
            return "object";
        }
        if (node.isArray()) {
            return "array";
        }
        if (node.isString()) {
            return "string";
        }
        if (node.isNumber()) {
            return "number";
        }
        return node.isBoolean() ? "bool" : "null";
    }
}
