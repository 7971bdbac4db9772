package weft.server.rpc;

/// What values are accepted.
public enum ParamType {
    /// Text.
    STR("string", "string"),
    /// Hexadecimal text.
    HEX("string", "string"),
    /// A number.
    NUM("number", "numeric"),
    /// A truth value.
    BOOL("bool", "boolean"),
    /// An object.
    OBJ("object", "json object"),
    /// An array.
    ARR("array", "json array"),
    /// Coins, as number or text.
    AMOUNT("", "numeric or string"),
    /// The method looks for itself.
    ANY("", "string, numeric or json");

    private final String jsonName;
    private final String helpName;

    ParamType(String jsonName, String helpName) {
        this.jsonName = jsonName;
        this.helpName = helpName;
    }

    String jsonName() {
        return jsonName;
    }

    String helpName() {
        return helpName;
    }
}
