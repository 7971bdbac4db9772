package weft.server.rpc;

import static weft.server.rpc.RpcParam.required;

import java.util.List;
import java.util.OptionalInt;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;
import weft.chain.BlockStatus;
import weft.chain.ChainState;
import weft.chain.Pruner;
import weft.chain.Pruning;
import weft.chain.api.HeaderNode;
import weft.node.ChainEngine;
import weft.p2p.PeerCommand;
import weft.p2p.PeerId;
import weft.p2p.PeerSnapshot;
import weft.primitives.BlockHash;
import weft.server.NodeApi;
import weft.server.json.Json;
import weft.wire.ServiceFlags;

/// Deletes old blocks, says which are gone, and gets single ones back.
public final class PruneRpc {
    private static final String CATEGORY = "blockchain";

    /// From here on a height is a time in seconds since 1970.
    private static final int HEIGHT_MAX = 1_000_000_000;

    /// Blocks may be so much older than they claim.
    private static final int TIME_WINDOW_SECONDS = 2 * 60 * 60;

    private final NodeApi node;

    /// Methods over a node.
    public PruneRpc(NodeApi node) {
        this.node = node;
    }

    /// The methods.
    public List<RpcCommand> commands() {
        return List.of(
                RpcCommand.of(
                        CATEGORY,
                        "pruneblockchain",
                        "Deletes old block files up to a height; answers with the last height deleted.",
                        this::prune,
                        required(
                                "height",
                                ParamType.NUM,
                                "The height, or a time in seconds since 1970")),
                RpcCommand.of(
                        CATEGORY,
                        "getblockfrompeer",
                        "Asks a peer for a block that is not here; says nothing of whether it comes.",
                        this::getBlockFromPeer,
                        required("block_hash", ParamType.STR, "The block"),
                        required("peer_id", ParamType.NUM, "Number of the connection")));
    }

    private JsonNode prune(RpcCall call) {
        int wanted = call.integer(0);
        return node.onChain(
                engine -> {
                    if (!engine.chain().pruner().options().isOn()) {
                        throw RpcException.misc(
                                "Cannot prune blocks because node is not in prune mode.");
                    }
                    if (wanted < 0) {
                        throw RpcException.parameter("Negative block height.");
                    }
                    prune(engine, wanted > HEIGHT_MAX ? heightAt(engine, wanted) : wanted);
                    OptionalInt pruned = engine.chain().pruner().prunedHeight();
                    return Json.number(pruned.orElse(-1));
                });
    }

    private static void prune(ChainEngine engine, int wanted) {
        Pruning options = engine.chain().pruner().options();
        int tip = engine.tip().height();
        if (tip < options.afterHeight()) {
            throw RpcException.misc("Blockchain is too short for pruning.");
        }
        if (wanted > tip) {
            throw RpcException.parameter("Blockchain is shorter than the attempted prune height.");
        }
        int height = Math.min(wanted, tip - Pruning.BLOCKS_TO_KEEP);
        if (height > 0) {
            engine.chain().prune(height, engine.now());
        }
    }

    /// The first height from which on no block is older than a time, with some room.
    private static int heightAt(ChainEngine engine, int unixSeconds) {
        long wanted = (long) unixSeconds - TIME_WINDOW_SECONDS;
        var chain = engine.chain().chain();
        int low = 0;
        int high = chain.height() + 1;
        while (low < high) {
            int middle = (low + high) >>> 1;
            HeaderNode at = chain.at(middle);
            if (at != null && at.timeMax() < wanted) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        if (low > chain.height()) {
            throw RpcException.parameter(
                    "Could not find block with at least the specified timestamp.");
        }
        return low;
    }

    private JsonNode getBlockFromPeer(RpcCall call) {
        BlockHash hash = BlockHash.parse(call.hash(0, "hash"));
        var peer = new PeerId(call.number(1));
        HeaderNode wanted = node.onChain(engine -> wanted(engine, hash));
        PeerSnapshot found =
                node.onPeers(engine -> engine.peersSnapshot(node.now())).stream()
                        .filter(each -> each.id().equals(peer))
                        .findFirst()
                        .orElseThrow(() -> RpcException.misc("Peer does not exist"));
        if (!ServiceFlags.has(found.services(), ServiceFlags.WITNESS)) {
            throw RpcException.misc("Pre-SegWit peer");
        }
        node.tellPeers(new PeerCommand.FetchBlock(peer, wanted));
        return Json.object();
    }

    private static HeaderNode wanted(ChainEngine engine, BlockHash hash) {
        HeaderNode found = engine.chain().headers().find(hash);
        if (found == null) {
            throw RpcException.misc("Block header missing");
        }
        if (engine.chain().pruner().options().isOn() && found.height() > engine.tip().height()) {
            throw RpcException.misc(
                    "In prune mode, only blocks that the node has already synced previously can be "
                            + "fetched from a peer");
        }
        if (engine.chain().headers().status(found).hasBlock()) {
            throw RpcException.misc("Block already downloaded");
        }
        return found;
    }

    /// Why a block cannot be read.
    static RpcException missing(ChainState chain, HeaderNode wanted) {
        return RpcException.misc(
                isPruned(chain, wanted)
                        ? "Block not available (pruned data)"
                        : "Block not found on disk");
    }

    /// Whether a block was here and is deleted.
    static boolean isPruned(ChainState chain, HeaderNode wanted) {
        BlockStatus status = chain.headers().status(wanted);
        return chain.pruner().hasPruned() && !status.hasBlock() && status.txCount() > 0;
    }

    /// Checks that the active chain can be taken back to before a block, if that is part of it.
    static void checkWayBack(ChainState chain, HeaderNode wanted) {
        HeaderNode each = chain.chain().contains(wanted) ? chain.chain().tip() : null;
        while (each != null && each.height() >= wanted.height()) {
            BlockStatus status = chain.headers().status(each);
            if (!status.hasBlock() || !status.hasUndo()) {
                throw new RpcException(
                        RpcError.DATABASE_ERROR,
                        "Block " + each.hash() + " is not here any more, so it cannot be undone");
            }
            each = each.parent();
        }
    }

    /// Adds to `getblockchaininfo` which blocks are gone.
    static void addState(ObjectNode json, ChainState chain) {
        Pruner pruner = chain.pruner();
        Pruning options = pruner.options();
        json.put("pruned", options.isOn());
        if (options.isOn()) {
            OptionalInt last = pruner.prunedHeight();
            json.put("pruneheight", last.isPresent() ? last.getAsInt() + 1 : 0);
            json.put("automatic_pruning", options.isAutomatic());
            if (options.isAutomatic()) {
                json.put("prune_target_size", options.targetBytes());
            }
        }
    }
}
