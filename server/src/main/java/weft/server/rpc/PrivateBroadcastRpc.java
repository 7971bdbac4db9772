package weft.server.rpc;

import static weft.server.rpc.RpcParam.required;

import java.util.List;
import java.util.Locale;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import weft.p2p.PeerCommand;
import weft.p2p.tx.PrivateQueue;
import weft.primitives.Transaction;
import weft.server.NodeApi;
import weft.server.json.Json;

/// Transactions that are handed out over short-lived connections (`-privatebroadcast`).
final class PrivateBroadcastRpc {
    private static final String CATEGORY = "rawtransactions";

    private final NodeApi node;

    PrivateBroadcastRpc(NodeApi node) {
        this.node = node;
    }

    List<RpcCommand> commands() {
        return List.of(
                RpcCommand.of(
                        CATEGORY,
                        "getprivatebroadcastinfo",
                        "Transactions that are handed to a few peers over connections that do not tell who"
                                + " we are, and have not come back yet.",
                        this::getInfo),
                RpcCommand.of(
                        CATEGORY,
                        "abortprivatebroadcast",
                        "Hands a transaction to nobody any more; whoever has it keeps it.",
                        this::abort,
                        required("id", ParamType.HEX, "Its txid or wtxid")));
    }

    private void checkEnabled() {
        if (!node.settings().privateBroadcast()) {
            throw new RpcException(
                    RpcError.METHOD_NOT_FOUND,
                    "Private broadcast is not enabled. Ensure you're running weft with"
                            + " -privatebroadcast=1.");
        }
    }

    private List<PrivateQueue.Status> statuses() {
        return node.onPeers(engine -> engine.transactions().privateQueue().statuses());
    }

    private static ObjectNode show(Transaction tx, ObjectNode json) {
        return json.put("txid", tx.txid().toString())
                .put("wtxid", tx.wtxid().toString())
                .put("hex", SignRpc.hex(tx));
    }

    private JsonNode getInfo(RpcCall call) {
        checkEnabled();
        ObjectNode json = Json.object();
        ArrayNode list = json.putArray("transactions");
        for (PrivateQueue.Status each : statuses()) {
            ObjectNode one = show(each.tx(), list.addObject());
            one.put("time_added", each.addedSeconds());
            ArrayNode peers = one.putArray("peers");
            for (PrivateQueue.Handover handover : each.handovers()) {
                ObjectNode peer = peers.addObject();
                peer.put("address", handover.address().toString());
                peer.put("sent", handover.sentSeconds());
                handover.receivedSeconds().ifPresent(seconds -> peer.put("received", seconds));
            }
        }
        return json;
    }

    private JsonNode abort(RpcCall call) {
        checkEnabled();
        String id = call.hash(0, "id").toLowerCase(Locale.ROOT);
        ObjectNode json = Json.object();
        ArrayNode removed = json.putArray("removed_transactions");
        for (PrivateQueue.Status each : statuses()) {
            Transaction tx = each.tx();
            boolean meant = tx.txid().toString().equals(id) || tx.wtxid().toString().equals(id);
            if (meant && node.askPeers(new PeerCommand.AbortPrivately(tx.wtxid())).done()) {
                show(tx, removed.addObject());
            }
        }
        if (removed.isEmpty()) {
            throw RpcException.notFound(
                    "Transaction not in private broadcast queue. Check getprivatebroadcastinfo.");
        }
        return json;
    }
}
