package weft.app.tools;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import weft.primitives.Bytes;
import weft.wire.NetAddress;
import weft.wire.NetworkId;

/// Addresses that may become fixed seeds.
final class SeedCandidates {
    private static final JsonMapper JSON = new JsonMapper();

    private final Set<NetAddress> all = new LinkedHashSet<>();
    private final int port;

    /// @param port the usual one of the network: others are not taken, so that nobody can make every new node
    ///     dial a service that is no node
    SeedCandidates(int port) {
        this.port = port;
    }

    /// Reads the answer of `getnodeaddresses`, or a text with one address a line and comments after `#`.
    ///
    /// @throws IllegalArgumentException if it is neither
    void read(String text) {
        if (text.stripLeading().startsWith("[")) {
            try {
                for (JsonNode each : JSON.readTree(text)) {
                    add(
                            NetAddress.parse(
                                    each.path("address").asString(""), each.path("port").asInt(0)));
                }
            } catch (JacksonException e) {
                throw new IllegalArgumentException("no answer of getnodeaddresses", e);
            }
            return;
        }
        text.lines()
                .map(line -> line.replaceFirst("#.*", "").strip())
                .filter(line -> !line.isEmpty())
                .forEach(line -> add(NetAddress.parse(line, port)));
    }

    private void add(NetAddress address) {
        boolean dialled =
                address.network() == NetworkId.IPV4 || address.network() == NetworkId.IPV6;
        if (dialled && address.isRoutable() && address.port() == port) {
            all.add(address);
        }
    }

    /// All of them in the order they came.
    List<NetAddress> all() {
        return List.copyOf(all);
    }

    /// So many of the addresses that no group of neighbours has more than its share, sorted.
    ///
    /// @param perGroup most addresses of a /16 of IPv4 or a /32 of IPv6
    /// @param max most of all
    static List<NetAddress> spread(List<NetAddress> from, int perGroup, int max) {
        var counts = new HashMap<Bytes, Integer>();
        var chosen = new ArrayList<NetAddress>();
        for (NetAddress each : from) {
            if (chosen.size() < max && counts.merge(each.netGroup(), 1, Integer::sum) <= perGroup) {
                chosen.add(each);
            }
        }
        return chosen.stream().sorted().toList();
    }
}
