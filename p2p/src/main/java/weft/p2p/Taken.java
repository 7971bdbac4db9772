package weft.p2p;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.Set;
import weft.primitives.Bytes;
import weft.wire.NetAddress;

/// Groups that hold one of our lasting outbound connections, and how many such connections tell us that we
/// are online.
///
/// @param hidden connections through networks that have no groups
record Taken(Set<Bytes> groups, int hidden) {
    static Taken of(EngineParts parts, Collection<Dial> underWay) {
        var groups = new HashSet<Bytes>();
        int hidden = 0;
        var addresses = new ArrayList<NetAddress>();
        for (Connection each : parts.connections.open()) {
            if (isLasting(each.peer.type())) {
                addresses.add(each.peer.address());
            }
        }
        for (Dial each : underWay) {
            if (isLasting(each.type())) {
                addresses.add(each.address());
            }
        }
        for (NetAddress each : addresses) {
            switch (each.network()) {
                case TORV3, I2P, CJDNS -> hidden++;
                case IPV4, IPV6, INTERNAL ->
                        groups.add(parts.options.sources().groups().groupOf(each));
            }
        }
        return new Taken(groups, hidden);
    }

    private static boolean isLasting(ConnectionType type) {
        return switch (type) {
            case INBOUND, ADDR_FETCH, FEELER, PRIVATE_BROADCAST -> false;
            case MANUAL, OUTBOUND_FULL_RELAY, BLOCK_RELAY_ONLY -> true;
        };
    }
}
