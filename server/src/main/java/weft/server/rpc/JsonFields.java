package weft.server.rpc;

import tools.jackson.databind.JsonNode;
import weft.primitives.Bytes;
import weft.server.json.Json;

/// Fields of objects that callers give, with Bitcoin Core's messages where they are not as they must be.
final class JsonFields {
    private JsonFields() {}

    /// What values a field may have.
    enum Kind {
        STRING("string"),
        NUMBER("number"),
        BOOL("bool"),
        ANY("");

        private final String jsonName;

        Kind(String jsonName) {
            this.jsonName = jsonName;
        }
    }

    /// Checks that a field is there and of a kind.
    static void require(JsonNode object, String name, Kind kind) {
        if (isMissing(object, name)) {
            throw RpcException.type("Missing " + name);
        }
        check(object, name, kind);
    }

    /// Checks that a field is of a kind if it is there.
    static void allow(JsonNode object, String name, Kind kind) {
        if (!isMissing(object, name)) {
            check(object, name, kind);
        }
    }

    private static void check(JsonNode object, String name, Kind kind) {
        String found = Json.typeName(object.path(name));
        if (kind != Kind.ANY && !found.equals(kind.jsonName)) {
            throw RpcException.type(
                    "JSON value of type "
                            + found
                            + " for field "
                            + name
                            + " is not of expected type "
                            + kind.jsonName);
        }
    }

    /// Whether a field is not there, or null.
    static boolean isMissing(JsonNode object, String name) {
        JsonNode value = object.path(name);
        return value.isMissingNode() || value.isNull();
    }

    /// A value as it is asked for where no field has a name of its own.
    static void expect(JsonNode value, String jsonName) {
        String found = value.isMissingNode() ? "null" : Json.typeName(value);
        if (!found.equals(jsonName)) {
            throw RpcException.type(
                    "JSON value of type " + found + " is not of expected type " + jsonName);
        }
    }

    /// A text.
    static String text(JsonNode value) {
        expect(value, "string");
        return value.stringValue();
    }

    /// A hash in a field.
    static String hash(JsonNode object, String name) {
        return RpcCall.hash(text(object.path(name)), name);
    }

    /// Bytes in hexadecimal.
    ///
    /// @param name for the message
    static Bytes hex(JsonNode value, String name) {
        String text = value.isString() ? value.stringValue() : "";
        if (!RpcCall.isHex(text)) {
            throw RpcException.parameter(name + " must be hexadecimal string (not '" + text + "')");
        }
        return Bytes.parse(text);
    }

    /// A whole number of 32 bits.
    static int integer(JsonNode value) {
        expect(value, "number");
        long whole = RpcCall.whole(value);
        if (whole != (int) whole) {
            throw RpcException.misc("JSON integer out of range");
        }
        return (int) whole;
    }
}
