package weft.server.metrics;

import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.ToDoubleFunction;
import weft.p2p.NetTotals;
import weft.p2p.PeerEngine;
import weft.p2p.PeerSnapshot;
import weft.p2p.addr.AddrMan;
import weft.p2p.defence.Cost;
import weft.p2p.defence.CostLedger;
import weft.primitives.Now;
import weft.wire.NetworkId;

/// What the peers cost and how the network stood at one moment.
///
/// Labels are few whatever peers do: commands that nobody knows are one, `*other*`, and a peer is named by
/// its number while it is connected, and not together with the commands.
///
/// @param peers all connections
/// @param totals bytes since the start
/// @param costs of what came in since the start, by command; who is gone counts too
/// @param book sizes of the address book
/// @param bans how many ranges are banned
/// @param warnings how many there are of attacks
/// @param active whether networking is on
record PeerFigures(
        List<PeerSnapshot> peers,
        NetTotals totals,
        Map<String, Cost> costs,
        Map<NetworkId, BookSize> book,
        int bans,
        int warnings,
        boolean active) {
    /// The name of all commands that nobody knows, as in `getpeerinfo`.
    static final String OTHER = "*other*";

    private static final String DIRECTION = "direction";
    private static final String RECEIVED = "received";
    private static final String SENT = "sent";
    private static final String MESSAGE = "message";

    /// Addresses of one network.
    ///
    /// @param heard in the table "new"
    /// @param tried in the table "tried"
    record BookSize(int heard, int tried) {}

    private record Kind(String direction, String network, String type) {}

    /// As things stand; to be called on the engine's thread.
    static PeerFigures of(PeerEngine engine, Now now) {
        AddrMan addresses = engine.addrMan();
        var book = new EnumMap<NetworkId, BookSize>(NetworkId.class);
        for (NetworkId each : NetworkId.values()) {
            if (each != NetworkId.INTERNAL) {
                book.put(
                        each,
                        new BookSize(addresses.size(each, true), addresses.size(each, false)));
            }
        }
        return new PeerFigures(
                engine.peersSnapshot(now),
                engine.netTotals(),
                engine.costs().all(),
                book,
                engine.bans().entries(now.unixSeconds()).size(),
                engine.warnings().size(),
                engine.isNetworkActive());
    }

    /// Writes them.
    ///
    /// @param sent messages since the start by command
    void write(Families to, Map<String, Long> sent) {
        network(to);
        messages(to, sent);
        eachPeer(to);
    }

    private void network(Families to) {
        to.gauge("network_active", "1 if networking is on, else 0.", active ? 1 : 0);
        to.gauge(
                "peers",
                "Connections by direction, network and type.",
                points -> {
                    var counts = new LinkedHashMap<Kind, Integer>();
                    peers.forEach(each -> counts.merge(kind(each), 1, Integer::sum));
                    counts.forEach(
                            (kind, count) ->
                                    points.add(
                                            count,
                                            DIRECTION,
                                            kind.direction,
                                            "network",
                                            kind.network,
                                            "type",
                                            kind.type));
                });
        to.gauge(
                "blocks_in_flight",
                "Blocks that peers were asked for and have not delivered.",
                peers.stream().mapToInt(each -> each.blocks().inflight().size()).sum());
        to.gauge(
                "addresses",
                "Addresses of the book by network and table: new or tried.",
                points ->
                        book.forEach(
                                (network, size) ->
                                        points.add(
                                                        size.heard,
                                                        "network",
                                                        network.label(),
                                                        "table",
                                                        "new")
                                                .add(
                                                        size.tried,
                                                        "network",
                                                        network.label(),
                                                        "table",
                                                        "tried")));
        to.gauge("bans", "Banned addresses and ranges.", bans);
        to.gauge("defence_warnings", "Warnings of attacks, as things look now.", warnings);
        to.counter(
                "network_bytes",
                "Bytes on the wire of all connections.",
                points ->
                        points.add(totals.received(), DIRECTION, RECEIVED)
                                .add(totals.sent(), DIRECTION, SENT));
    }

    private static Kind kind(PeerSnapshot peer) {
        return new Kind(
                peer.type().isOutbound() ? "outbound" : "inbound",
                peer.network(),
                peer.type().rpcName());
    }

    private void messages(Families to, Map<String, Long> sent) {
        to.counter(
                "message_bytes",
                "Bytes on the wire of whole messages by their type.",
                points -> {
                    totals.receivedByCommand()
                            .forEach(
                                    (command, bytes) ->
                                            points.add(
                                                    bytes, DIRECTION, RECEIVED, MESSAGE, command));
                    totals.sentByCommand()
                            .forEach(
                                    (command, bytes) ->
                                            points.add(bytes, DIRECTION, SENT, MESSAGE, command));
                });
        to.counter(
                "messages",
                "Messages by their type; of those received, the well-formed ones.",
                points -> {
                    costs.forEach(
                            (command, cost) ->
                                    points.add(
                                            cost.messages(),
                                            DIRECTION,
                                            RECEIVED,
                                            MESSAGE,
                                            command));
                    known(sent)
                            .forEach(
                                    (command, count) ->
                                            points.add(count, DIRECTION, SENT, MESSAGE, command));
                });
        to.counter(
                "message_cpu_seconds",
                "Time of the processor that received messages took on the peers' thread.",
                byMessage(cost -> cost.cpuNanos() / Units.NANOS_PER_SECOND));
        to.counter(
                "messages_throttled",
                "Received messages that were not heard.",
                byMessage(cost -> (double) cost.throttled()));
    }

    private Consumer<Families.Points> byMessage(ToDoubleFunction<Cost> part) {
        return points ->
                costs.forEach(
                        (command, cost) -> points.add(part.applyAsDouble(cost), MESSAGE, command));
    }

    /// What the operator sends under names of his own is one kind, as in the bytes.
    private Map<String, Long> known(Map<String, Long> sent) {
        var known = new TreeMap<String, Long>();
        sent.forEach(
                (command, count) ->
                        known.merge(
                                totals.sentByCommand().containsKey(command) ? command : OTHER,
                                count,
                                Long::sum));
        return known;
    }

    private void eachPeer(Families to) {
        to.counter(
                "peer_bytes",
                "Bytes on the wire of the connections of now, by their number in getpeerinfo.",
                points ->
                        peers.forEach(
                                peer ->
                                        points.add(
                                                        peer.traffic().received(),
                                                        "peer",
                                                        number(peer),
                                                        DIRECTION,
                                                        RECEIVED)
                                                .add(
                                                        peer.traffic().sent(),
                                                        "peer",
                                                        number(peer),
                                                        DIRECTION,
                                                        SENT)));
        to.counter(
                "peer_messages_received",
                "Well-formed messages of the connections of now.",
                byPeer(cost -> (double) cost.messages()));
        to.counter(
                "peer_messages_throttled",
                "Messages of the connections of now that were not heard.",
                byPeer(cost -> (double) cost.throttled()));
        to.counter(
                "peer_cpu_seconds",
                "Time of the processor that messages of the connections of now took on the peers'"
                        + " thread.",
                byPeer(cost -> cost.cpuNanos() / Units.NANOS_PER_SECOND));
    }

    private Consumer<Families.Points> byPeer(ToDoubleFunction<Cost> part) {
        return points ->
                peers.forEach(
                        peer ->
                                points.add(
                                        part.applyAsDouble(CostLedger.sum(peer.costs())),
                                        "peer",
                                        number(peer)));
    }

    private static String number(PeerSnapshot peer) {
        return Long.toString(peer.id().value());
    }
}
