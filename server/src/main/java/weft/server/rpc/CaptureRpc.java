package weft.server.rpc;

import static weft.server.rpc.RpcParam.optional;

import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import weft.p2p.PeerId;
import weft.server.PeersApi;
import weft.server.json.Json;

/// Messages that are written to files, for study.
public final class CaptureRpc {
    private final PeersApi node;

    /// Methods over a node.
    public CaptureRpc(PeersApi node) {
        this.node = node;
    }

    /// The methods.
    public List<RpcCommand> commands() {
        return List.of(
                RpcCommand.of(
                        "network",
                        "capturemessages",
                        "Writes messages to files, or stops that; tells how things stand. Only in"
                                + " weft.",
                        this::captureMessages,
                        optional("switch", ParamType.STR, "only tell", "on or off"),
                        optional(
                                "peers",
                                ParamType.ARR,
                                "all, also those to come",
                                "Numbers of connections, as getpeerinfo has them")));
    }

    private JsonNode captureMessages(RpcCall call) {
        switch (call.text(0, "")) {
            case "" -> {}
            case "on" -> node.capture().on(peers(call));
            case "off" -> {
                if (call.has(1)) {
                    throw RpcException.parameter(
                            "off is for all peers: say on for those that stay");
                }
                node.capture().off();
            }
            default -> throw RpcException.parameter("state is on or off");
        }
        return json(node.capture().state());
    }

    private Set<PeerId> peers(RpcCall call) {
        var found = new TreeSet<PeerId>();
        if (!call.has(1)) {
            return found;
        }
        for (JsonNode each : call.at(1)) {
            if (!each.isIntegralNumber()) {
                throw RpcException.parameter("peers are numbers of connections");
            }
            var peer = new PeerId(each.asLong());
            if (node.onPeers(engine -> engine.find(peer) == null)) {
                throw RpcException.parameter("there is no peer " + peer);
            }
            found.add(peer);
        }
        if (found.isEmpty()) {
            throw RpcException.parameter("peers are numbers of connections, at least one");
        }
        return found;
    }

    private static JsonNode json(PeersApi.Capture.State state) {
        ObjectNode json = Json.object();
        json.put("on", state.on());
        ArrayNode peers = json.putArray("peers");
        state.peers().stream().sorted().forEach(each -> peers.add(each.value()));
        return json.put("folder", state.folder())
                .put("bytes", state.bytes())
                .put("maxbytes", state.bytesMax());
    }
}
