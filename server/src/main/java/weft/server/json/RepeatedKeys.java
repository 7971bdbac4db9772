package weft.server.json;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// An object in whose text a key stood more than once. The first value is the one that is found; some callers
/// want to know of the others.
final class RepeatedKeys extends ObjectNode {
    private static final long serialVersionUID = 1L;

    private final transient List<Map.Entry<String, JsonNode>> all = new ArrayList<>();

    RepeatedKeys(ObjectNode soFar) {
        super(JsonNodeFactory.instance);
        soFar.properties().forEach(each -> add(each.getKey(), each.getValue()));
    }

    void add(String key, JsonNode value) {
        all.add(Map.entry(key, value));
        putIfAbsent(key, value);
    }

    /// All fields in their order.
    List<Map.Entry<String, JsonNode>> all() {
        return List.copyOf(all);
    }
}
