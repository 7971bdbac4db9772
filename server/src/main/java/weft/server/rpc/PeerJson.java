package weft.server.rpc;

import java.util.Locale;
import java.util.Map;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import weft.p2p.ConnectionType;
import weft.p2p.PeerSnapshot;
import weft.server.json.Json;
import weft.wire.NetAddress;
import weft.wire.ServiceFlags;

/// One connection in the form of `getpeerinfo`.
final class PeerJson {
    private static final double NANOS_PER_SECOND = 1e9;
    private static final long NANOS_PER_MILLI = 1_000_000;

    private PeerJson() {}

    static String services(long services) {
        return String.format(Locale.ROOT, "%016x", services);
    }

    static ArrayNode serviceNames(long services) {
        ArrayNode names = Json.array();
        ServiceFlags.names(services).forEach(names::add);
        return names;
    }

    /// @param asn number of the autonomous system, 0 if unknown
    static ObjectNode of(PeerSnapshot peer, int asn) {
        ObjectNode json = Json.object();
        json.put("id", peer.id().value());
        json.put("addr", peer.name().isEmpty() ? peer.address().toString() : peer.name());
        json.put("addrbind", peer.local().toString());
        if (!peer.addrLocal().equals(NetAddress.UNSPECIFIED)) {
            json.put("addrlocal", peer.addrLocal().toString());
        }
        json.put("network", peer.network());
        if (asn != 0) {
            json.put("mapped_as", Integer.toUnsignedLong(asn));
        }
        json.put("services", services(peer.services()));
        json.set("servicesnames", serviceNames(peer.services()));
        json.put("relaytxes", peer.txs().relayTxes());
        json.put("lastsend", peer.traffic().lastSentSeconds());
        json.put("lastrecv", peer.traffic().lastReceivedSeconds());
        json.put("last_transaction", peer.txs().lastTransactionSeconds());
        json.put("last_block", peer.blocks().lastBlockSeconds());
        json.put("bytessent", peer.traffic().sent());
        json.put("bytesrecv", peer.traffic().received());
        json.put("conntime", peer.handshake().connectedSeconds());
        json.put("timeoffset", peer.handshake().timeOffsetSeconds());
        pings(json, peer);
        json.put("version", peer.version());
        json.put("subver", peer.handshake().userAgent());
        json.put("inbound", peer.type() == ConnectionType.INBOUND);
        blocks(json, peer);
        json.put("addr_relay_enabled", peer.addrs().enabled());
        json.put("addr_processed", peer.addrs().processed());
        json.put("addr_rate_limited", peer.addrs().rateLimited());
        ArrayNode permissions = json.putArray("permissions");
        peer.permissions().names().forEach(permissions::add);
        json.set("minfeefilter", Json.amount(peer.txs().minFeeFilter()));
        json.set("bytessent_per_msg", byCommand(peer.traffic().sentByCommand()));
        json.set("bytesrecv_per_msg", byCommand(peer.traffic().receivedByCommand()));
        json.put("connection_type", peer.type().rpcName());
        json.put(
                "transport_protocol_type",
                peer.handshake().transport().name().toLowerCase(Locale.ROOT));
        json.put("session_id", peer.handshake().sessionId().toHex());
        if (peer.handshake().complete()) {
            // Programs that compare every field look at connections without a handshake.
            json.put("last_status", peer.lastStatus());
            json.set("weft", standing(peer));
        }
        return json;
    }

    private static ObjectNode standing(PeerSnapshot peer) {
        ObjectNode json = Json.object();
        json.put("score", peer.standing().score());
        json.put("shadowed", peer.standing().shadowed());
        json.put("throttled_ms", peer.standing().throttledNanos() / NANOS_PER_MILLI);
        json.set("cost", DefenceRpc.json(peer.costs()));
        return json;
    }

    private static void pings(ObjectNode json, PeerSnapshot peer) {
        if (peer.ping().lastNanos() > 0) {
            json.put("pingtime", peer.ping().lastNanos() / NANOS_PER_SECOND);
        }
        if (peer.ping().minNanos() < Long.MAX_VALUE) {
            json.put("minping", peer.ping().minNanos() / NANOS_PER_SECOND);
        }
        if (peer.ping().waitingNanos() > 0) {
            json.put("pingwait", peer.ping().waitingNanos() / NANOS_PER_SECOND);
        }
    }

    private static void blocks(ObjectNode json, PeerSnapshot peer) {
        json.put("bip152_hb_to", peer.blocks().hbTo());
        json.put("bip152_hb_from", peer.blocks().hbFrom());
        json.put("startingheight", peer.blocks().startingHeight());
        json.put("presynced_headers", peer.blocks().presyncedHeaders());
        json.put("synced_headers", peer.blocks().syncedHeaders());
        json.put("synced_blocks", peer.blocks().syncedBlocks());
        ArrayNode inflight = json.putArray("inflight");
        peer.blocks().inflight().forEach(inflight::add);
    }

    private static ObjectNode byCommand(Map<String, Long> bytes) {
        ObjectNode json = Json.object();
        bytes.forEach(
                (command, count) -> {
                    if (count > 0) {
                        json.put(command, count);
                    }
                });
        return json;
    }
}
