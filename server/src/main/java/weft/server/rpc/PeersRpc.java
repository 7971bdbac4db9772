package weft.server.rpc;

import static weft.server.rpc.RpcParam.optional;
import static weft.server.rpc.RpcParam.required;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import weft.consensus.Network;
import weft.p2p.AddedNode;
import weft.p2p.ConnectionType;
import weft.p2p.PeerCommand;
import weft.p2p.PeerEngine;
import weft.p2p.PeerId;
import weft.p2p.PeerSnapshot;
import weft.p2p.addr.NetGroups;
import weft.primitives.Bytes;
import weft.server.PeersApi;
import weft.server.json.Json;
import weft.wire.Message;
import weft.wire.ServiceFlags;
import weft.wire.Unknown;

/// Connections: who is there, and opening and closing them.
public final class PeersRpc {
    /// How long a method waits for a dial: what a port that does not answer takes, with some to spare.
    private static final Duration DIAL_PATIENCE = Duration.ofSeconds(8);

    private static final Duration DIAL_POLL = Duration.ofMillis(2);

    private static final String NETWORK = "network";
    private static final String HIDDEN = "hidden";

    private final PeersApi node;

    /// Methods over a node.
    public PeersRpc(PeersApi node) {
        this.node = node;
    }

    /// The methods.
    public List<RpcCommand> commands() {
        return List.of(
                RpcCommand.of(
                        NETWORK,
                        "getconnectioncount",
                        "How many connections there are.",
                        this::count),
                RpcCommand.of(
                        NETWORK,
                        "getpeerinfo",
                        "All connections. network is one of (ipv4, ipv6, onion, i2p, cjdns,"
                                + " not_publicly_routable).",
                        this::getPeerInfo),
                RpcCommand.of(NETWORK, "ping", "Pings every peer.", this::ping),
                RpcCommand.of(
                        NETWORK,
                        "addnode",
                        "Keeps a connection to a node, ends that, or tries it once.",
                        this::addNode,
                        required("node", ParamType.STR, "Its address"),
                        required("command", ParamType.STR, "add, remove or onetry"),
                        optional(
                                "v2transport",
                                ParamType.BOOL,
                                "set by -v2transport",
                                "Whether to encrypt")),
                RpcCommand.of(
                        NETWORK,
                        "disconnectnode",
                        "Closes a connection.",
                        this::disconnectNode,
                        optional(
                                "address",
                                ParamType.STR,
                                "fallback to nodeid",
                                "Address and port of the peer"),
                        optional(
                                "nodeid",
                                ParamType.NUM,
                                "fallback to address",
                                "Number of the connection")),
                RpcCommand.of(
                        NETWORK,
                        "getaddednodeinfo",
                        "Nodes that were added by hand.",
                        this::getAddedNodes,
                        optional("node", ParamType.STR, "all nodes", "One of them")),
                RpcCommand.of(
                        HIDDEN,
                        "addconnection",
                        "Opens a connection of a given kind; for tests.",
                        this::addConnection,
                        required("address", ParamType.STR, "Address and port"),
                        required("connection_type", ParamType.STR, "Which kind"),
                        required("v2transport", ParamType.BOOL, "Whether to encrypt")),
                RpcCommand.of(
                        HIDDEN,
                        "sendmsgtopeer",
                        "Sends bytes as a message; for tests.",
                        this::sendMessage,
                        required("peer_id", ParamType.NUM, "Number of the connection"),
                        required("msg_type", ParamType.STR, "Command of the message"),
                        required("msg", ParamType.HEX, "Its payload")));
    }

    private JsonNode count(RpcCall call) {
        return Json.number(snapshots().size());
    }

    private List<PeerSnapshot> snapshots() {
        return node.onPeers(engine -> engine.peersSnapshot(node.now()));
    }

    private JsonNode getPeerInfo(RpcCall call) {
        ArrayNode list = Json.array();
        NetGroups groups = node.onPeers(engine -> engine.options().sources().groups());
        snapshots().forEach(peer -> list.add(PeerJson.of(peer, groups.asnOf(peer.address()))));
        return list;
    }

    private JsonNode ping(RpcCall call) {
        node.tellPeers(new PeerCommand.PingAll());
        return Json.nothing();
    }

    private boolean speaksV2() {
        return node.onPeers(
                engine ->
                        ServiceFlags.has(engine.options().self().services(), ServiceFlags.P2P_V2));
    }

    private JsonNode addNode(RpcCall call) {
        String address = call.text(0);
        String command = call.text(1);
        boolean speaksV2 = speaksV2();
        boolean v2 = call.bool(2, speaksV2);
        if (v2 && !speaksV2) {
            throw RpcException.parameter(
                    "Error: v2transport requested but not enabled (see -v2transport)");
        }
        switch (command) {
            case "onetry" -> {
                node.tellPeers(new PeerCommand.TryNode(address, v2));
                awaitDial(address);
            }
            case "add" -> {
                if (!node.askPeers(new PeerCommand.AddNode(address, v2)).done()) {
                    throw new RpcException(
                            RpcError.CLIENT_NODE_ALREADY_ADDED, "Error: Node already added");
                }
            }
            case "remove" -> {
                if (!node.askPeers(new PeerCommand.RemoveNode(address)).done()) {
                    throw new RpcException(
                            RpcError.CLIENT_NODE_NOT_ADDED,
                            "Error: Node could not be removed. It has not been added previously.");
                }
            }
            default -> throw RpcException.misc(help("addnode"));
        }
        return Json.nothing();
    }

    private String help(String name) {
        return commands().stream()
                .filter(command -> command.name().equals(name))
                .findFirst()
                .map(RpcCommand::help)
                .orElse(name);
    }

    private JsonNode addConnection(RpcCall call) {
        if (node.params().network() != Network.REGTEST) {
            throw RpcException.misc(
                    "addconnection is for regression testing (-regtest mode) only.");
        }
        String address = call.text(0);
        String name = call.text(1).strip();
        ConnectionType type =
                outbound(name).orElseThrow(() -> RpcException.parameter(help("addconnection")));
        boolean v2 = call.bool(2);
        if (v2 && !speaksV2()) {
            throw RpcException.parameter(
                    "Error: Adding v2transport connections requires -v2transport init flag to be"
                            + " set.");
        }
        if (!node.onPeers(engine -> engine.mayOpen(type))) {
            throw new RpcException(
                    RpcError.CLIENT_NODE_CAPACITY_REACHED,
                    "Error: Already at capacity for specified connection type.");
        }
        node.tellPeers(new PeerCommand.OpenConnection(address, type, v2));
        awaitDial(address);
        return Json.object().put("address", address).put("connection_type", name);
    }

    /// Waits until a dial worked or failed, so that who asked for it can ask about it.
    private void awaitDial(String name) {
        long end = System.nanoTime() + DIAL_PATIENCE.toNanos();
        try {
            while (System.nanoTime() < end && node.onPeers(engine -> engine.isDialling(name))) {
                Thread.sleep(DIAL_POLL);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static Optional<ConnectionType> outbound(String name) {
        for (ConnectionType each : ConnectionType.values()) {
            if (each.isByHand() && each.rpcName().equals(name)) {
                return Optional.of(each);
            }
        }
        return Optional.empty();
    }

    private JsonNode disconnectNode(RpcCall call) {
        Optional<PeerId> found;
        if (call.has(0) && !call.has(1)) {
            String address = call.text(0);
            found =
                    snapshots().stream()
                            .filter(
                                    peer ->
                                            peer.name().equals(address)
                                                    || peer.address().toString().equals(address)
                                                    || peer.address().addressText().equals(address))
                            .map(PeerSnapshot::id)
                            .findFirst();
        } else if (call.has(1) && call.text(0, "").isEmpty()) {
            long id = call.number(1);
            found =
                    snapshots().stream()
                            .map(PeerSnapshot::id)
                            .filter(each -> each.value() == id)
                            .findFirst();
        } else {
            throw new RpcException(
                    RpcError.INVALID_PARAMS, "Only one of address and nodeid should be provided.");
        }
        PeerId peer =
                found.orElseThrow(
                        () ->
                                new RpcException(
                                        RpcError.CLIENT_NODE_NOT_CONNECTED,
                                        "Node not found in connected nodes"));
        node.tellPeers(new PeerCommand.DisconnectPeer(peer));
        return Json.nothing();
    }

    private JsonNode getAddedNodes(RpcCall call) {
        List<AddedNode> nodes = node.onPeers(PeerEngine::addedNodes);
        if (call.has(0)) {
            String wanted = call.text(0);
            nodes = nodes.stream().filter(each -> each.name().equals(wanted)).toList();
            if (nodes.isEmpty()) {
                throw new RpcException(
                        RpcError.CLIENT_NODE_NOT_ADDED, "Error: Node has not been added.");
            }
        }
        ArrayNode list = Json.array();
        for (AddedNode each : nodes) {
            ObjectNode json = list.addObject();
            json.put("addednode", each.name()).put("connected", each.connected());
            ArrayNode addresses = json.putArray("addresses");
            if (each.connected()) {
                addresses
                        .addObject()
                        .put("address", each.address().toString())
                        .put("connected", each.inbound() ? "inbound" : "outbound");
            }
        }
        return list;
    }

    private JsonNode sendMessage(RpcCall call) {
        var peer = new PeerId(call.number(0));
        String command = call.text(1);
        if (command.length() > Message.COMMAND_BYTES) {
            throw RpcException.parameter(
                    "Error: msg_type too long, max length is " + Message.COMMAND_BYTES);
        }
        String hex = call.text(2);
        if (!hex.isEmpty() && !RpcCall.isHex(hex)) {
            throw RpcException.parameter("Error parsing input for msg");
        }
        if (node.onPeers(engine -> engine.find(peer) == null)) {
            throw RpcException.misc("Error: Could not send message to peer");
        }
        node.tellPeers(new PeerCommand.SendMessage(peer, new Unknown(command, Bytes.parse(hex))));
        return Json.object();
    }
}
