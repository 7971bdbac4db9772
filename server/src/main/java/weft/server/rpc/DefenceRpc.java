package weft.server.rpc;

import static weft.server.rpc.RpcParam.optional;
import static weft.server.rpc.RpcParam.required;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;
import weft.p2p.P2pOptions;
import weft.p2p.PeerCommand;
import weft.p2p.PeerSnapshot;
import weft.p2p.defence.Cost;
import weft.p2p.defence.CostLedger;
import weft.server.PeersApi;
import weft.server.json.Json;

/// What peers cost, what looks like an attack, and how many connections there may be. Ours alone.
public final class DefenceRpc {
    private static final String HIDDEN = "hidden";
    private static final int NANOS_PER_MICRO = 1_000;
    private static final int CONNECTIONS_MAX = 10_000;

    private final PeersApi node;

    /// Methods over a node.
    public DefenceRpc(PeersApi node) {
        this.node = node;
    }

    /// The methods.
    public List<RpcCommand> commands() {
        return List.of(
                RpcCommand.of(
                        HIDDEN,
                        "getpeercosts",
                        "What the messages of each peer cost: how many, bytes, microseconds of the"
                                + " processor, and how many were throttled.",
                        this::getPeerCosts),
                RpcCommand.of(
                        HIDDEN,
                        "getdefenceinfo",
                        "Warnings of attacks, what is throttled, and the limits of connections.",
                        this::getDefence),
                RpcCommand.of(
                        HIDDEN,
                        "setconnectionlimits",
                        "Changes how many connections there may be; those too many are closed.",
                        this::setLimits,
                        required("inbound", ParamType.NUM, "Connections of those who dial us"),
                        optional("full_relay", ParamType.NUM, "as it is", "Outbound, for all"),
                        optional(
                                "block_relay", ParamType.NUM, "as it is", "Outbound, for blocks")));
    }

    private static ObjectNode json(Cost cost) {
        ObjectNode json = Json.object();
        return json.put("messages", cost.messages())
                .put("bytes", cost.bytes())
                .put("cpu_us", cost.cpuNanos() / NANOS_PER_MICRO)
                .put("throttled", cost.throttled());
    }

    /// Their sum, and each by the command.
    static ObjectNode json(Map<String, Cost> costs) {
        ObjectNode json = json(CostLedger.sum(costs));
        ObjectNode each = json.putObject("by_message");
        costs.forEach((command, cost) -> each.set(command, json(cost)));
        return json;
    }

    private JsonNode getPeerCosts(RpcCall call) {
        return node.onPeers(
                engine -> {
                    ObjectNode json = Json.object();
                    json.set("all", json(engine.costs().all()));
                    ObjectNode peers = json.putObject("peers");
                    for (PeerSnapshot each : engine.peersSnapshot(node.now())) {
                        peers.set(Long.toString(each.id().value()), json(each.costs()));
                    }
                    return json;
                });
    }

    private JsonNode getDefence(RpcCall call) {
        return node.onPeers(
                engine -> {
                    ObjectNode json = Json.object();
                    P2pOptions options = engine.options();
                    json.put(
                            "misbehaviour",
                            options.defence().policy().name().toLowerCase(Locale.ROOT));
                    json.put("autodefence", options.defence().reacts());
                    var warnings = json.putArray("warnings");
                    engine.warnings()
                            .forEach(
                                    each ->
                                            warnings.addObject()
                                                    .put("kind", each.kind().label())
                                                    .put("network", each.network())
                                                    .put("text", each.text()));
                    json.set("limits", json(engine.limits()));
                    return json;
                });
    }

    private static ObjectNode json(P2pOptions.Limits limits) {
        ObjectNode json = Json.object();
        return json.put("inbound", limits.inbound())
                .put("full_relay", limits.fullRelay())
                .put("block_relay", limits.blockRelay());
    }

    private JsonNode setLimits(RpcCall call) {
        P2pOptions.Limits before = node.onPeers(engine -> engine.limits());
        int inbound = count(call.integer(0, 0));
        int full = count(call.integer(1, before.fullRelay()));
        int block = count(call.integer(2, before.blockRelay()));
        node.tellPeers(new PeerCommand.SetLimits(full, block, inbound));
        P2pOptions.Limits limits = node.onPeers(engine -> engine.limits());
        return json(limits);
    }

    private static int count(int wanted) {
        if (wanted < 0 || wanted > CONNECTIONS_MAX) {
            throw RpcException.parameter("Number of connections out of range");
        }
        return wanted;
    }
}
