package weft.server.rpc;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import weft.server.json.Json;

/// Puts arguments that were given by name in their places. The name `args` stands for leading arguments by
/// place.
final class NamedArguments {
    private NamedArguments() {}

    static List<JsonNode> toPositions(JsonNode named, List<RpcParam> params) {
        Map<String, JsonNode> left = new LinkedHashMap<>();
        for (Map.Entry<String, JsonNode> entry : Json.entries(named)) {
            if (left.put(entry.getKey(), entry.getValue()) != null) {
                throw RpcException.parameter(
                        "Parameter " + entry.getKey() + " specified multiple times");
            }
        }
        var placed = new ArrayList<JsonNode>();
        int hole = 0;
        int firstHole = 0;
        String firstName = null;
        for (RpcParam param : params) {
            JsonNode value = take(left, param);
            if (value == null) {
                hole++;
                if (placed.isEmpty()) {
                    firstHole = hole;
                }
                continue;
            }
            for (; hole > 0; hole--) {
                placed.add(Json.nothing());
            }
            placed.add(value);
            if (firstName == null) {
                firstName = param.names();
            }
        }
        JsonNode leading = left.get("args");
        List<JsonNode> all = placed;
        if (leading != null && leading.isArray()) {
            left.remove("args");
            if (firstHole < leading.size() && firstName != null) {
                throw RpcException.parameter(
                        "Parameter "
                                + firstName
                                + " specified twice both as positional and named argument");
            }
            all = new ArrayList<>();
            leading.forEach(all::add);
            all.addAll(placed.subList(Math.min(all.size(), placed.size()), placed.size()));
        }
        if (!left.isEmpty()) {
            throw RpcException.parameter(
                    "Unknown named parameter " + left.keySet().iterator().next());
        }
        return all;
    }

    private static @Nullable JsonNode take(Map<String, JsonNode> left, RpcParam param) {
        for (String name : param.aliases()) {
            JsonNode value = left.remove(name);
            if (value != null) {
                return value;
            }
        }
        return null;
    }
}
