package weft.server.rpc;

import static weft.server.rpc.RpcParam.optional;
import static weft.server.rpc.RpcParam.required;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import weft.chain.BlockPlace;
import weft.chain.BlockUndo;
import weft.chain.api.HeaderNode;
import weft.chain.filter.BlockFilter;
import weft.chain.index.FilterIndex;
import weft.chain.index.FollowedBlock;
import weft.primitives.Bytes;
import weft.primitives.Check;
import weft.primitives.Transaction;
import weft.server.NodeApi;
import weft.server.json.Json;
import weft.wallet.sign.SigningProvider;

/// Finds the blocks that matter to some descriptors, by their filters. One search at a time.
public final class ScanBlocksRpc {
    private static final int BLOCKS_EACH = 1_000;
    private static final int PERCENT = 100;

    private final NodeApi node;

    /// The search that runs; null if none does.
    private @Nullable Search running;

    /// Methods over a node.
    public ScanBlocksRpc(NodeApi node) {
        this.node = node;
    }

    /// What is searched and how far it is.
    private static final class Search {
        private final int from;
        private volatile int height;
        private final int to;
        private volatile boolean aborted;

        Search(int from, int to) {
            this.from = from;
            this.height = from;
            this.to = to;
        }

        int percent() {
            return to == from ? PERCENT : (int) (PERCENT * (long) (height - from) / (to - from));
        }
    }

    /// The methods.
    public List<RpcCommand> commands() {
        return List.of(
                RpcCommand.of(
                        "blockchain",
                        "scanblocks",
                        "Finds the blocks that matter to some descriptors; needs"
                                + " -blockfilterindex.",
                        this::scanBlocks,
                        required("action", ParamType.STR, "start, status or abort"),
                        optional(
                                "scanobjects",
                                ParamType.ARR,
                                "",
                                "Descriptors, or objects with desc and range"),
                        optional("start_height", ParamType.NUM, "0", "First block"),
                        optional("stop_height", ParamType.NUM, "the tip", "Last block"),
                        optional("filtertype", ParamType.STR, "basic", "The type of the filters"),
                        optional(
                                "options",
                                ParamType.OBJ,
                                "",
                                "filter_false_positives: look into the blocks too")));
    }

    private JsonNode scanBlocks(RpcCall call) {
        return switch (call.text(0)) {
            case "status" -> status();
            case "abort" -> Json.bool(abort());
            case "start" -> start(call);
            default -> throw RpcException.parameter("Invalid action '" + call.text(0) + "'");
        };
    }

    private synchronized JsonNode status() {
        return running == null
                ? Json.nothing()
                : Json.object()
                        .put("progress", running.percent())
                        .put("current_height", running.height);
    }

    private synchronized boolean abort() {
        if (running == null) {
            return false;
        }
        running.aborted = true;
        return true;
    }

    private synchronized Search begin() {
        if (running != null) {
            throw RpcException.parameter(
                    "Scan already in progress, use action \"abort\" or \"status\"");
        }
        running = new Search(0, 0);
        return running;
    }

    private synchronized void end() {
        running = null;
    }

    private synchronized Search replace(Search search) {
        running = search;
        return search;
    }

    private JsonNode start(RpcCall call) {
        begin();
        try {
            FilterIndex filters = IndexRpc.filters(node, call.text(4, "basic")).index();
            boolean exact = call.at(5).path("filter_false_positives").asBoolean(false);
            HeaderNode stop = stop(call);
            if (call.at(1).isNull()) {
                throw RpcException.misc("scanobjects argument is required for the start action");
            }
            Set<Bytes> scripts = new LinkedHashSet<>();
            for (JsonNode each : call.at(1)) {
                scripts.addAll(
                        Descriptors.scripts(
                                each,
                                node.params().addressPrefixes(),
                                new SigningProvider(),
                                false));
            }
            Search search = replace(new Search(call.integer(2, 0), stop.height()));
            return search(search, filters, scripts, stop, exact);
        } finally {
            end();
        }
    }

    private HeaderNode stop(RpcCall call) {
        int from = call.integer(2, 0);
        return node.onChain(
                engine -> {
                    if (engine.chain().chain().at(from) == null) {
                        throw RpcException.misc("Invalid start_height");
                    }
                    if (!call.has(3)) {
                        return engine.tip();
                    }
                    HeaderNode found = engine.chain().chain().at(call.integer(3));
                    if (found == null || found.height() < from) {
                        throw RpcException.misc("Invalid stop_height");
                    }
                    return found;
                });
    }

    private ObjectNode search(
            Search search,
            FilterIndex filters,
            Set<Bytes> scripts,
            HeaderNode stop,
            boolean exact) {
        ArrayNode found = Json.array();
        int last = search.from;
        for (int first = search.from; first <= stop.height() && !search.aborted; ) {
            last = (int) Math.min(stop.height(), first + BLOCKS_EACH - 1L);
            HeaderNode end = Check.present(stop.ancestor(last), "it is below the last block");
            for (HeaderNode each : FilterIndex.nodes(first, end)) {
                Optional<BlockFilter> filter = filters.filter(each);
                if (filter.isPresent()
                        && filter.get().matchesAny(scripts)
                        && (!exact || matters(each, scripts))) {
                    found.add(each.hash().toString());
                }
                search.height = each.height();
            }
            first = last + 1;
        }
        ObjectNode json = Json.object();
        json.put("from_height", search.from).put("to_height", last);
        json.set("relevant_blocks", found);
        return json.put("completed", !search.aborted);
    }

    /// Looks into a block itself.
    private boolean matters(HeaderNode at, Set<Bytes> scripts) {
        BlockPlace place =
                node.onChain(
                        engine ->
                                engine.chain()
                                        .place(at)
                                        .orElseThrow(() -> PruneRpc.missing(engine.chain(), at)));
        FollowedBlock read = node.read(place);
        for (Transaction tx : read.block().transactions()) {
            if (tx.outputs().stream().anyMatch(out -> scripts.contains(out.scriptPubKey()))) {
                return true;
            }
        }
        var spent = new ArrayList<Bytes>();
        for (BlockUndo.TxUndo undo : read.undo().transactions()) {
            undo.coins().forEach(coin -> spent.add(coin.out().scriptPubKey()));
        }
        return spent.stream().anyMatch(scripts::contains);
    }
}
