package weft.server.rpc;

import static weft.server.rpc.RpcParam.optional;
import static weft.server.rpc.RpcParam.required;

import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;
import weft.chain.api.HeaderNode;
import weft.chain.filter.BlockFilter;
import weft.chain.index.FilterIndex;
import weft.chain.index.IndexSet;
import weft.chain.index.IndexWriter;
import weft.chain.index.IndexedBlock;
import weft.server.NodeApi;
import weft.server.json.Json;

/// How far the indexes are, and what the one of block filters knows.
public final class IndexRpc {
    private final NodeApi node;

    /// Methods over a node.
    public IndexRpc(NodeApi node) {
        this.node = node;
    }

    /// The methods.
    public List<RpcCommand> commands() {
        return List.of(
                RpcCommand.of(
                        "util",
                        "getindexinfo",
                        "How far each index is.",
                        this::getIndexInfo,
                        optional("index_name", ParamType.STR, "", "Only this one")),
                RpcCommand.of(
                        "blockchain",
                        "getblockfilter",
                        "The BIP 157 filter of a block, and its filter header.",
                        this::getBlockFilter,
                        required("blockhash", ParamType.HEX, "The block"),
                        optional("filtertype", ParamType.STR, "basic", "The type of the filter")));
    }

    private JsonNode getIndexInfo(RpcCall call) {
        String wanted = call.text(0, "");
        ObjectNode json = Json.object();
        for (IndexWriter writer : node.indexes().writers()) {
            String name = writer.follower().name();
            if (wanted.isEmpty() || wanted.equals(name)) {
                IndexedBlock best = writer.best();
                json.putObject(name)
                        .put("synced", writer.isSynced())
                        .put("best_block_height", best == null ? 0 : best.height());
            }
        }
        return json;
    }

    /// The index of a type of filters.
    ///
    /// @throws RpcException if there is none
    static IndexSet.Kept<FilterIndex> filters(NodeApi node, String type) {
        if (!type.equals("basic")) {
            throw RpcException.notFound("Unknown filtertype");
        }
        return node.indexes()
                .filters()
                .orElseThrow(
                        () -> RpcException.misc("Index is not enabled for filtertype " + type));
    }

    private record Asked(HeaderNode block, boolean wasConnected) {}

    private JsonNode getBlockFilter(RpcCall call) {
        String hash = call.hash(0, "blockhash");
        IndexSet.Kept<FilterIndex> kept = filters(node, call.text(1, "basic"));
        Asked asked =
                node.onChain(
                        engine -> {
                            HeaderNode found = BlockchainRpc.find(engine, hash);
                            boolean wasConnected =
                                    engine.chain().chain().contains(found)
                                            || engine.chain().undo(found).isPresent();
                            return new Asked(found, wasConnected);
                        });
        boolean isReady = node.awaitIndex(kept.writer());
        Optional<BlockFilter> filter = kept.index().filter(asked.block);
        Optional<FilterIndex.Hashes> hashes = kept.index().hashes(asked.block);
        if (filter.isEmpty() || hashes.isEmpty()) {
            throw notFound(asked.wasConnected, isReady);
        }
        return Json.object()
                .put("filter", filter.get().encoded().toHex())
                .put("header", hashes.get().header().toHex());
    }

    private static RpcException notFound(boolean wasConnected, boolean isReady) {
        String text = "Filter not found.";
        if (!wasConnected) {
            return RpcException.notFound(text + " Block was not connected to active chain.");
        }
        return isReady
                ? new RpcException(
                        RpcError.INTERNAL_ERROR,
                        text + " This error is unexpected and indicates index corruption.")
                : RpcException.misc(
                        text + " Block filters are still in the process of being indexed.");
    }
}
