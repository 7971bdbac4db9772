package weft.server.rpc;

import static weft.server.rpc.RpcParam.optional;
import static weft.server.rpc.RpcParam.required;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import weft.p2p.NetTotals;
import weft.p2p.P2pOptions;
import weft.p2p.PeerCommand;
import weft.p2p.PeerEngine;
import weft.p2p.PeerEvent;
import weft.p2p.PeerSnapshot;
import weft.p2p.UploadState;
import weft.p2p.addr.AddrMan;
import weft.p2p.addr.AddrManEntry;
import weft.p2p.addr.NetGroups;
import weft.p2p.defence.Warning;
import weft.p2p.peers.BanEntry;
import weft.server.PeersApi;
import weft.server.json.Json;
import weft.wire.AddressEntry;
import weft.wire.NetAddress;
import weft.wire.NetworkId;
import weft.wire.ServiceFlags;
import weft.wire.Subnet;

/// The network as a whole: ourselves, the address book, bans.
public final class NetworkRpc {
    private static final String NETWORK = "network";
    private static final String HIDDEN = "hidden";
    private static final int PROTOCOL_VERSION = 70_017;
    private static final long INCREMENTAL_FEE = 1_000;
    private static final List<NetworkId> PUBLIC =
            List.of(
                    NetworkId.IPV4,
                    NetworkId.IPV6,
                    NetworkId.TORV3,
                    NetworkId.I2P,
                    NetworkId.CJDNS);

    private final PeersApi node;

    /// Methods over a node.
    public NetworkRpc(PeersApi node) {
        this.node = node;
    }

    /// The methods.
    public List<RpcCommand> commands() {
        RpcParam address = required("address", ParamType.STR, "The address");
        return List.of(
                RpcCommand.of(
                        NETWORK,
                        "getnetworkinfo",
                        "What we are to the network, and how each network is reached"
                                + " (ipv4, ipv6, onion, i2p, cjdns).",
                        this::getNetworkInfo),
                RpcCommand.of(
                        NETWORK, "getnettotals", "Bytes sent and received.", this::getNetTotals),
                RpcCommand.of(
                        NETWORK,
                        "setnetworkactive",
                        "Switches all networking.",
                        this::setNetworkActive,
                        required("state", ParamType.BOOL, "On or off")),
                RpcCommand.of(
                        NETWORK,
                        "getnodeaddresses",
                        "Some addresses of the book.",
                        this::getNodeAddresses,
                        optional("count", ParamType.NUM, "1", "How many; 0 for all"),
                        optional("network", ParamType.STR, "all networks", "Only of this network")),
                RpcCommand.of(
                        NETWORK,
                        "getaddrmaninfo",
                        "How many addresses the book has.",
                        this::getAddrManSizes),
                RpcCommand.of(
                        HIDDEN,
                        "getrawaddrman",
                        "The whole address book; for tests.",
                        this::getRawAddrMan),
                RpcCommand.of(
                        HIDDEN,
                        "getaddressbook",
                        "The address book for people: trusted addresses, which a handshake was made"
                                + " with, and potential ones, which were heard of, each with the reason"
                                + " why.",
                        this::getAddressBook),
                RpcCommand.of(
                        HIDDEN,
                        "addpeeraddress",
                        "Puts an address into the book; for tests.",
                        this::addPeerAddress,
                        address,
                        required("port", ParamType.NUM, "Its port"),
                        optional("tried", ParamType.BOOL, "false", "As if it had worked")),
                RpcCommand.of(
                        NETWORK,
                        "setban",
                        "Bans an address or a range, or ends that.",
                        this::setBan,
                        required("subnet", ParamType.STR, "The address or range"),
                        required("command", ParamType.STR, "add or remove"),
                        optional("bantime", ParamType.NUM, "0", "Seconds; 0 for the default"),
                        optional(
                                "absolute",
                                ParamType.BOOL,
                                "false",
                                "bantime is a time since 1970")),
                RpcCommand.of(NETWORK, "listbanned", "All bans.", this::listBanned),
                RpcCommand.of(NETWORK, "clearbanned", "Ends all bans.", this::clearBanned));
    }

    private JsonNode getNetworkInfo(RpcCall call) {
        List<String> warnings = new ArrayList<>(node.warnings());
        return node.onPeers(
                engine -> {
                    ObjectNode json = identity(engine);
                    List<PeerSnapshot> peers = engine.peersSnapshot(node.now());
                    long in = peers.stream().filter(each -> !each.type().isOutbound()).count();
                    json.put("networkactive", engine.isNetworkActive());
                    json.put("connections", peers.size());
                    json.put("connections_in", in);
                    json.put("connections_out", peers.size() - in);
                    json.set("networks", networks(engine));
                    json.set(
                            "relayfee",
                            Json.amount(engine.options().tx().minRelaySatoshisPerKvB()));
                    json.set("incrementalfee", Json.amount(INCREMENTAL_FEE));
                    ArrayNode locals = json.putArray("localaddresses");
                    engine.localAddresses()
                            .forEach(
                                    (each, score) ->
                                            locals.addObject()
                                                    .put("address", each.addressText())
                                                    .put("port", each.port())
                                                    .put("score", score));
                    engine.warnings().stream().map(Warning::text).forEach(warnings::add);
                    json.set("warnings", BlockchainRpc.warnings(warnings, node));
                    return json;
                });
    }

    private ObjectNode identity(PeerEngine engine) {
        P2pOptions options = engine.options();
        long services = engine.services();
        long[] offsets =
                engine.peersSnapshot(node.now()).stream()
                        .filter(each -> each.type().isOutbound() && each.version() != 0)
                        .mapToLong(each -> each.handshake().timeOffsetSeconds())
                        .sorted()
                        .toArray();
        ObjectNode json = Json.object();
        json.put("version", node.settings().version());
        json.put("subversion", options.self().userAgent());
        json.put("protocolversion", PROTOCOL_VERSION);
        json.put("role", node.settings().role());
        json.put("localservices", PeerJson.services(services));
        json.set("localservicesnames", PeerJson.serviceNames(services));
        json.put("localrelay", !options.tx().blocksOnly());
        return json.put("timeoffset", offsets.length == 0 ? 0 : offsets[offsets.length / 2]);
    }

    private ArrayNode networks(PeerEngine engine) {
        PeersApi.Proxying proxying = node.settings().proxying();
        ArrayNode list = Json.array();
        for (NetworkId each : PUBLIC) {
            boolean reachable = engine.isReachable(each);
            list.addObject()
                    .put("name", each.label())
                    .put("limited", !reachable)
                    .put("reachable", reachable)
                    .put("proxy", proxying.textOf(each))
                    .put("proxy_randomize_credentials", proxying.isSeparate(each));
        }
        return list;
    }

    private JsonNode getNetTotals(RpcCall call) {
        NetTotals totals = node.onPeers(PeerEngine::netTotals);
        UploadState upload = node.onPeers(engine -> engine.uploadState(node.now()));
        ObjectNode json = Json.object();
        json.put("totalbytesrecv", totals.received());
        json.put("totalbytessent", totals.sent());
        json.put("timemillis", node.now().wall().toEpochMilli());
        json.putObject("uploadtarget")
                .put("timeframe", upload.cycleSeconds())
                .put("target", upload.target())
                .put("target_reached", upload.reached())
                .put("serve_historical_blocks", upload.servesHistory())
                .put("bytes_left_in_cycle", upload.bytesLeft())
                .put("time_left_in_cycle", upload.secondsLeft());
        return json;
    }

    private JsonNode setNetworkActive(RpcCall call) {
        boolean active = call.bool(0);
        node.tellPeers(new PeerCommand.SetNetworkActive(active));
        return Json.bool(node.onPeers(PeerEngine::isNetworkActive));
    }

    private static Optional<NetworkId> network(String name) {
        return Arrays.stream(NetworkId.values())
                .filter(each -> each != NetworkId.INTERNAL && each.label().equals(name))
                .findFirst();
    }

    private JsonNode getNodeAddresses(RpcCall call) {
        int count = call.integer(0, 1);
        if (count < 0) {
            throw RpcException.parameter("Address count out of range");
        }
        NetworkId wanted = null;
        if (call.has(1)) {
            String name = call.text(1);
            wanted =
                    network(name)
                            .orElseThrow(
                                    () ->
                                            RpcException.parameter(
                                                    "Network not recognized: " + name));
        }
        return addresses(count, wanted);
    }

    private JsonNode addresses(int count, @Nullable NetworkId wanted) {
        ArrayNode list = Json.array();
        var command = new PeerCommand.SampleAddresses(count, Optional.ofNullable(wanted));
        List<AddressEntry> found =
                node.commandPeers(command).stream()
                        .filter(PeerEvent.Sampled.class::isInstance)
                        .flatMap(each -> ((PeerEvent.Sampled) each).entries().stream())
                        .toList();
        for (AddressEntry each : found) {
            list.addObject()
                    .put("time", each.time())
                    .put("services", each.services())
                    .put("address", each.address().addressText())
                    .put("port", each.address().port())
                    .put("network", each.address().networkLabel());
        }
        return list;
    }

    private JsonNode getAddrManSizes(RpcCall call) {
        return node.onPeers(
                engine -> {
                    AddrMan book = engine.addrMan();
                    ObjectNode json = Json.object();
                    for (NetworkId each : PUBLIC) {
                        sizes(json.putObject(each.label()), book, each);
                    }
                    sizes(json.putObject("all_networks"), book, null);
                    return json;
                });
    }

    private static void sizes(ObjectNode json, AddrMan book, @Nullable NetworkId network) {
        json.put("new", book.size(network, true))
                .put("tried", book.size(network, false))
                .put("total", book.size(network, null))
                .put("potential", book.size(network, true))
                .put("trusted", book.size(network, false));
    }

    private JsonNode getRawAddrMan(RpcCall call) {
        return node.onPeers(
                engine -> {
                    ObjectNode json = Json.object();
                    NetGroups groups = engine.options().sources().groups();
                    json.set("new", table(engine.addrMan().entries(false), groups));
                    json.set("tried", table(engine.addrMan().entries(true), groups));
                    return json;
                });
    }

    private static ObjectNode table(Collection<AddrMan.Placed> placed, NetGroups groups) {
        ObjectNode json = Json.object();
        for (AddrMan.Placed each : placed) {
            AddrManEntry entry = each.entry();
            ObjectNode row =
                    json.putObject(each.position().bucket() + "/" + each.position().position());
            row.put("address", entry.address().addressText());
            putAsn(row, "mapped_as", groups.asnOf(entry.address()));
            row.put("port", entry.address().port())
                    .put("services", entry.services())
                    .put("time", entry.timeSeconds())
                    .put("network", entry.address().networkLabel())
                    .put("source", entry.source().addressText())
                    .put("source_network", entry.source().networkLabel());
            putAsn(row, "source_mapped_as", groups.asnOf(entry.source()));
        }
        return json;
    }

    private static void putAsn(ObjectNode json, String name, int asn) {
        if (asn != 0) {
            json.put(name, Integer.toUnsignedLong(asn));
        }
    }

    private JsonNode getAddressBook(RpcCall call) {
        return node.onPeers(
                engine -> {
                    long now = node.now().unixSeconds();
                    ObjectNode json = Json.object();
                    var online = new HashSet<NetAddress>();
                    engine.peersSnapshot(node.now()).forEach(each -> online.add(each.address()));
                    json.set("trusted", list(engine.addrMan().entries(true), online, now));
                    json.set("potential", list(engine.addrMan().entries(false), online, now));
                    return json;
                });
    }

    /// Each address once, in whatever many places it stands.
    private static ArrayNode list(
            Collection<AddrMan.Placed> placed, Set<NetAddress> online, long now) {
        ArrayNode json = Json.array();
        placed.stream()
                .map(AddrMan.Placed::entry)
                .distinct()
                .forEach(
                        entry ->
                                json.addObject()
                                        .put("address", entry.address().addressText())
                                        .put("port", entry.address().port())
                                        .put("network", entry.address().networkLabel())
                                        .put("lasttry", entry.lastTrySeconds())
                                        .put("lastsuccess", entry.lastSuccessSeconds())
                                        .put("attempts", entry.attempts())
                                        .put("reason", entry.reason(now))
                                        .put("last_status", status(entry, online)));
        return json;
    }

    private static String status(AddrManEntry entry, Set<NetAddress> online) {
        if (online.contains(entry.address())) {
            return "online";
        }
        return entry.lastTrySeconds() == 0 ? "unknown" : "offline";
    }

    private JsonNode addPeerAddress(RpcCall call) {
        int port = call.integer(1);
        if (port < 0 || port > 0xffff) {
            throw RpcException.misc("JSON integer out of range");
        }
        boolean tried = call.bool(2, false);
        ObjectNode json = Json.object();
        Optional<NetAddress> parsed = numeric(call.text(0));
        if (parsed.isEmpty()) {
            return json.put("success", false);
        }
        NetAddress plain = parsed.get().withPort(port);
        boolean cjdns = node.onPeers(engine -> engine.isReachable(NetworkId.CJDNS));
        var entry =
                new AddressEntry(
                        node.now().unixSeconds() & 0xffff_ffffL,
                        ServiceFlags.NETWORK | ServiceFlags.WITNESS,
                        cjdns ? plain.flipToCjdns() : plain);
        PeerEvent.Answered answer = node.askPeers(new PeerCommand.AddAddress(entry, tried));
        if (!answer.done()) {
            json.put("error", answer.why());
        }
        return json.put("success", answer.done());
    }

    private static Optional<NetAddress> numeric(String text) {
        try {
            return Optional.of(NetAddress.parse(text, 0));
        } catch (IllegalArgumentException _) {
            return Optional.empty();
        }
    }

    private static Subnet subnet(String text) {
        Optional<Subnet> found;
        if (text.contains("/")) {
            try {
                found = Optional.of(Subnet.parse(text));
            } catch (IllegalArgumentException _) {
                found = Optional.empty();
            }
        } else {
            found = numeric(text).map(address -> Subnet.of(address.withPort(0)));
        }
        return found.orElseThrow(NetworkRpc::noSubnet);
    }

    private static RpcException noSubnet() {
        return new RpcException(RpcError.CLIENT_INVALID_IP_OR_SUBNET, "Error: Invalid IP/Subnet");
    }

    private JsonNode setBan(RpcCall call) {
        String command = call.text(1);
        if (!command.equals("add") && !command.equals("remove")) {
            throw RpcException.misc(
                    commands().stream()
                            .filter(each -> each.name().equals("setban"))
                            .findFirst()
                            .map(RpcCommand::help)
                            .orElse(""));
        }
        Subnet named = subnet(call.text(0));
        Subnet subnet =
                node.onPeers(engine -> engine.meant(named)).orElseThrow(NetworkRpc::noSubnet);
        boolean isRange = call.text(0).contains("/");
        long now = node.now().unixSeconds();
        boolean banned =
                node.onPeers(
                        engine ->
                                isRange
                                        ? engine.bans().isBanned(subnet, now)
                                        : engine.bans().isBanned(subnet.base(), now));
        if (command.equals("add")) {
            if (banned) {
                throw new RpcException(
                        RpcError.CLIENT_NODE_ALREADY_ADDED, "Error: IP/Subnet already banned");
            }
            long time = call.number(2, 0);
            boolean absolute = call.bool(3, false);
            if (absolute && time < now) {
                throw RpcException.parameter("Error: Absolute timestamp is in the past");
            }
            node.tellPeers(new PeerCommand.Ban(subnet, time, absolute));
        } else {
            if (!node.askPeers(new PeerCommand.Unban(subnet)).done()) {
                throw new RpcException(
                        RpcError.CLIENT_INVALID_IP_OR_SUBNET,
                        "Error: Unban failed. Requested address/subnet was not previously manually"
                                + " banned.");
            }
        }
        return Json.nothing();
    }

    private JsonNode listBanned(RpcCall call) {
        long now = node.now().unixSeconds();
        ArrayNode list = Json.array();
        for (BanEntry each : node.onPeers(engine -> engine.bans().entries(now))) {
            ObjectNode ban =
                    list.addObject()
                            .put("address", each.subnet().toString())
                            .put("ban_created", each.createdSeconds())
                            .put("banned_until", each.untilSeconds())
                            .put("ban_duration", each.untilSeconds() - each.createdSeconds())
                            .put("time_remaining", each.untilSeconds() - now);
            if (each.reason() != BanEntry.Reason.OPERATOR) {
                ban.put("weft_reason", each.reason().label());
            }
        }
        return list;
    }

    private JsonNode clearBanned(RpcCall call) {
        node.tellPeers(new PeerCommand.ClearBans());
        return Json.nothing();
    }
}
