package weft.server.rpc;

import java.util.List;
import tools.jackson.databind.JsonNode;
import weft.server.json.Json;

/// A table of methods without a node.
final class FakeMethods {
    private FakeMethods() {}

    static RpcTable table() {
        var table = new RpcTable();
        table.add(
                List.of(
                        RpcCommand.of(
                                "test",
                                "add",
                                "Adds.",
                                call -> Json.number(call.integer(0) + call.integer(1, 100)),
                                RpcParam.required("a", ParamType.NUM, "One"),
                                RpcParam.optional("b|bee", ParamType.NUM, "100", "Other")),
                        RpcCommand.of(
                                "test",
                                "show",
                                "Shows its arguments.",
                                FakeMethods::show,
                                RpcParam.optional("x", ParamType.ANY, "", ""),
                                RpcParam.optional("y", ParamType.ANY, "", ""),
                                RpcParam.optional("z", ParamType.ANY, "", "")),
                        RpcCommand.of(
                                "test",
                                "name",
                                "Takes a text.",
                                call -> Json.text(call.text(0)),
                                RpcParam.required("name", ParamType.STR, "A text")),
                        RpcCommand.of(
                                "hidden",
                                "fail",
                                "Fails.",
                                call -> {
                                    throw new RpcException(
                                            RpcError.INVALID_PARAMETER, "never right");
                                })));
        table.warmUpFinished();
        return table;
    }

    private static JsonNode show(RpcCall call) {
        var list = Json.array();
        call.arguments().forEach(list::add);
        return list;
    }
}
