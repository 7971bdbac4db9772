package weft.server.rpc;

import static weft.server.rpc.RpcParam.optional;
import static weft.server.rpc.RpcParam.required;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;
import weft.chain.BlockPlace;
import weft.chain.api.HeaderNode;
import weft.chain.index.FollowedBlock;
import weft.server.NodeApi;
import weft.server.json.Json;

/// Figures of one block.
public final class BlockStatsRpc {
    private final NodeApi node;

    /// Methods over a node.
    public BlockStatsRpc(NodeApi node) {
        this.node = node;
    }

    /// The methods.
    public List<RpcCommand> commands() {
        return List.of(
                RpcCommand.of(
                        "blockchain",
                        "getblockstats",
                        "Fees, sizes and counts of a block, in satoshis and bytes.",
                        this::getBlockStats,
                        required("hash_or_height", ParamType.ANY, "The block"),
                        optional("stats", ParamType.ANY, "all", "Names of the wanted figures")));
    }

    private record Asked(HeaderNode block, BlockPlace place) {}

    private static RpcException wrongType(JsonNode value, String expected) {
        return RpcException.type(
                "JSON value of type "
                        + Json.typeName(value)
                        + " is not of expected type "
                        + expected);
    }

    private JsonNode getBlockStats(RpcCall call) {
        Set<String> wanted = new LinkedHashSet<>();
        if (call.has(1)) {
            if (!call.at(1).isArray()) {
                throw wrongType(call.at(1), "array");
            }
            for (JsonNode each : call.at(1)) {
                if (!each.isString()) {
                    throw wrongType(each, "string");
                }
                wanted.add(each.stringValue());
            }
        }
        Asked asked =
                node.onChain(
                        engine -> {
                            HeaderNode found = CoinStatsRpc.hashOrHeight(engine, call.at(0));
                            BlockPlace place =
                                    engine.chain()
                                            .place(found)
                                            .orElseThrow(
                                                    () ->
                                                            RpcException.misc(
                                                                    "Block not found on disk"));
                            return new Asked(found, place);
                        });
        if (asked.block.height() > 0 && asked.place.undo() == null) {
            throw RpcException.misc("Can't read undo data from disk");
        }
        FollowedBlock read = node.read(asked.place);
        ObjectNode all = new BlockStats(read, node.params()).json();
        if (wanted.isEmpty()) {
            return all;
        }
        ObjectNode json = Json.object();
        for (String name : wanted) {
            if (!all.has(name)) {
                throw RpcException.parameter("Invalid selected statistic '" + name + "'");
            }
            json.set(name, all.get(name));
        }
        return json;
    }
}
