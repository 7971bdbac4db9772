package weft.server.rpc;

import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import weft.server.json.Json;

/// One parameter of a method.
///
/// @param names the name, and older names after `|`
/// @param type what values are accepted
/// @param fallback what holds where the argument is left out; null if it must be given
/// @param text one line of help
public record RpcParam(String names, ParamType type, @Nullable String fallback, String text) {
    /// One that must be given.
    public static RpcParam required(String names, ParamType type, String text) {
        return new RpcParam(names, type, null, text);
    }

    /// One that may be left out.
    ///
    /// @param fallback what holds then, in words; may be empty
    public static RpcParam optional(String names, ParamType type, String fallback, String text) {
        return new RpcParam(names, type, fallback, text);
    }

    /// Whether it may be left out.
    public boolean isOptional() {
        return fallback != null;
    }

    /// All names, the current one first.
    public List<String> aliases() {
        return Arrays.asList(names.split("\\|", -1));
    }

    /// The current name.
    public String name() {
        return aliases().getFirst();
    }

    /// Why a value is not accepted; null if it is.
    @Nullable String mismatch(JsonNode value) {
        if (type.jsonName().isEmpty() || (value.isNull() && isOptional())) {
            return null;
        }
        String found = Json.typeName(value);
        return found.equals(type.jsonName())
                ? null
                : "JSON value of type " + found + " is not of expected type " + type.jsonName();
    }

    String usage() {
        String shown = type == ParamType.STR || type == ParamType.HEX ? '"' + name() + '"' : name();
        return switch (type) {
            case OBJ -> "{...}";
            case ARR -> "[" + name() + ",...]";
            case STR, HEX, NUM, BOOL, AMOUNT, ANY -> shown;
        };
    }

    String helpLine(int position) {
        String how =
                fallback == null
                        ? "required"
                        : fallback.isEmpty() ? "optional" : "optional, default=" + fallback;
        return position
                + ". "
                + name()
                + "    ("
                + type.helpName()
                + ", "
                + how
                + ") "
                + text
                + "\n";
    }
}
