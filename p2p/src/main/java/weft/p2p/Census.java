package weft.p2p;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import weft.p2p.addr.NetGroups;
import weft.p2p.defence.Diversity;
import weft.p2p.defence.Warning;
import weft.primitives.Bytes;

/// Who is connected, as the watch for attacks counts them. It holds until somebody comes or goes.
///
/// @param changes of the connections, until then
/// @param ready peers with a complete handshake among them; nobody whose handshake was complete is without
///     one again, so as long as both are the same, the peers are
/// @param outbound those that we chose ourselves and that are to last
/// @param byGroup how many of these are of each group of addresses
/// @param byNetwork how many ready peers are of each network
/// @param oneVersion the warning of peers that nearly all run one program, if there is any
record Census(
        long changes,
        int ready,
        List<Connection> outbound,
        Map<Bytes, Integer> byGroup,
        Map<String, Integer> byNetwork,
        Optional<Warning> oneVersion) {
    /// Nobody was counted.
    static final Census NONE = new Census(-1, 0, List.of(), Map.of(), Map.of(), Optional.empty());

    /// Counts, unless nobody came or went.
    static Census of(Connections connections, NetGroups groups, Census last) {
        int ready = 0;
        for (Connection each : connections.open()) {
            ready += each.peer.isReady() ? 1 : 0;
        }
        boolean same = last.changes == connections.changes() && last.ready == ready;
        return same ? last : count(connections, groups, ready);
    }

    private static Census count(Connections connections, NetGroups groups, int ready) {
        var outbound = new ArrayList<Connection>();
        var outboundGroups = new ArrayList<Bytes>();
        var byNetwork = new TreeMap<String, Integer>();
        var agents = new ArrayList<String>();
        for (Connection each : connections.open()) {
            Peer peer = each.peer;
            if (!peer.isReady() || !groups.isRoutable(peer.address())) {
                continue;
            }
            byNetwork.merge(peer.address().networkLabel(), 1, Integer::sum);
            agents.add(each.userAgent);
            if (peer.type() == ConnectionType.OUTBOUND_FULL_RELAY
                    || peer.type() == ConnectionType.BLOCK_RELAY_ONLY) {
                outbound.add(each);
                outboundGroups.add(groups.groupOf(peer.address()));
            }
        }
        // In a laboratory all run the same program.
        Optional<Warning> oneVersion = groups.allowLocal() ? Optional.empty() : oneVersion(agents);
        return new Census(
                connections.changes(),
                ready,
                Collections.unmodifiableList(outbound),
                Diversity.count(outboundGroups),
                byNetwork,
                oneVersion);
    }

    private static Optional<Warning> oneVersion(List<String> agents) {
        Map<String, Integer> byAgent = Diversity.count(agents);
        if (!Diversity.isConcentrated(byAgent.values())) {
            return Optional.empty();
        }
        String most = Diversity.most(byAgent).orElseThrow();
        String text =
                "Possible Sybil attack: "
                        + byAgent.get(most)
                        + " of "
                        + agents.size()
                        + " peers say that they run \""
                        + most
                        + "\", more than 80 %";
        return Optional.of(new Warning(Warning.Kind.ONE_VERSION, "", text));
    }
}
