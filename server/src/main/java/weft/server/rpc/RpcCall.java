package weft.server.rpc;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.List;
import tools.jackson.databind.JsonNode;
import weft.server.json.Json;

/// One call: who makes it and with what arguments.
///
/// @param method its name
/// @param arguments by position; null where one was left out
/// @param user who is logged in
/// @param path of the URL
public record RpcCall(String method, List<JsonNode> arguments, String user, String path) {
    private static final int COIN_DECIMALS = 8;
    private static final BigDecimal MONEY_MAX = BigDecimal.valueOf(21_000_000);
    private static final int HASH_HEX = 64;

    /// Copies the list.
    public RpcCall {
        arguments = List.copyOf(arguments);
    }

    /// Number of arguments.
    public int size() {
        return arguments.size();
    }

    /// An argument; JSON's null where there is none.
    public JsonNode at(int index) {
        return index < arguments.size() ? arguments.get(index) : Json.nothing();
    }

    /// Whether an argument was given and is not null.
    public boolean has(int index) {
        return !at(index).isNull();
    }

    /// A text.
    public String text(int index) {
        JsonNode value = at(index);
        if (!value.isString()) {
            throw wrongType(value, "string");
        }
        return value.stringValue();
    }

    /// A text, or what holds where it was left out.
    public String text(int index, String fallback) {
        return has(index) ? text(index) : fallback;
    }

    private static RpcException wrongType(JsonNode value, String expected) {
        return RpcException.type(
                "JSON value of type "
                        + Json.typeName(value)
                        + " is not of expected type "
                        + expected);
    }

    /// A whole number of 32 bits.
    public int integer(int index) {
        long value = number(index);
        if (value != (int) value) {
            throw outOfRange();
        }
        return (int) value;
    }

    /// A whole number of 32 bits, or what holds where it was left out.
    public int integer(int index, int fallback) {
        return has(index) ? integer(index) : fallback;
    }

    /// A whole number.
    public long number(int index) {
        JsonNode value = at(index);
        if (!value.isNumber()) {
            throw wrongType(value, "number");
        }
        return whole(value);
    }

    /// A number, maybe with a fraction.
    public double real(int index) {
        JsonNode value = at(index);
        if (!value.isNumber()) {
            throw wrongType(value, "number");
        }
        return value.doubleValue();
    }

    /// A whole number, or what holds where it was left out.
    public long number(int index, long fallback) {
        return has(index) ? number(index) : fallback;
    }

    static long whole(JsonNode value) {
        if (!value.isIntegralNumber()) {
            throw outOfRange();
        }
        BigInteger exact = value.bigIntegerValue();
        if (exact.bitLength() > 63) {
            throw outOfRange();
        }
        return exact.longValueExact();
    }

    private static RpcException outOfRange() {
        return RpcException.misc("JSON integer out of range");
    }

    /// A truth value.
    public boolean bool(int index) {
        JsonNode value = at(index);
        if (!value.isBoolean()) {
            throw wrongType(value, "bool");
        }
        return value.booleanValue();
    }

    /// A truth value, or what holds where it was left out.
    public boolean bool(int index, boolean fallback) {
        return has(index) ? bool(index) : fallback;
    }

    /// A level of detail that older callers give as a truth value.
    public int verbosity(int index, int fallback) {
        JsonNode value = at(index);
        if (value.isBoolean()) {
            return value.booleanValue() ? 1 : 0;
        }
        return has(index) ? integer(index) : fallback;
    }

    /// Coins, given as number or text.
    ///
    /// @return satoshis, not negative
    public long amount(int index) {
        return amount(at(index));
    }

    static long amount(JsonNode value) {
        if (!value.isNumber() && !value.isString()) {
            throw RpcException.type("Amount is not a number or string");
        }
        BigDecimal coins;
        try {
            coins = value.isNumber() ? value.decimalValue() : new BigDecimal(value.stringValue());
        } catch (NumberFormatException e) {
            throw RpcException.type("Invalid amount");
        }
        if (coins.stripTrailingZeros().scale() > COIN_DECIMALS) {
            throw RpcException.type("Invalid amount");
        }
        if (coins.signum() < 0 || coins.compareTo(MONEY_MAX) > 0) {
            throw RpcException.type("Amount out of range");
        }
        return coins.movePointRight(COIN_DECIMALS).longValueExact();
    }

    /// A hash of 64 hexadecimal digits, as text.
    ///
    /// @param name of the parameter, for messages
    public String hash(int index, String name) {
        return hash(text(index), name);
    }

    static String hash(String hex, String name) {
        if (hex.length() != HASH_HEX) {
            throw RpcException.parameter(
                    name
                            + " must be of length "
                            + HASH_HEX
                            + " (not "
                            + hex.length()
                            + ", for '"
                            + hex
                            + "')");
        }
        if (!isHex(hex)) {
            throw RpcException.parameter(name + " must be hexadecimal string (not '" + hex + "')");
        }
        return hex;
    }

    /// Whether a text is an even number of hexadecimal digits, one pair at least.
    static boolean isHex(String text) {
        return !text.isEmpty()
                && text.length() % 2 == 0
                && text.chars().allMatch(c -> Character.digit(c, 16) >= 0 && c < 0x80);
    }
}
