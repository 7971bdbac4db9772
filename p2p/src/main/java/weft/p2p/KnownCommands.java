package weft.p2p;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// The commands of the protocol.
final class KnownCommands {
    /// Name that `getpeerinfo` gives to all others.
    static final String OTHER = "*other*";

    private static final List<String> ALL =
            List.of(
                    "version",
                    "verack",
                    "addr",
                    "addrv2",
                    "sendaddrv2",
                    "inv",
                    "getdata",
                    "merkleblock",
                    "getblocks",
                    "getheaders",
                    "tx",
                    "headers",
                    "block",
                    "getaddr",
                    "mempool",
                    "ping",
                    "pong",
                    "notfound",
                    "filterload",
                    "filteradd",
                    "filterclear",
                    "sendheaders",
                    "feefilter",
                    "sendcmpct",
                    "cmpctblock",
                    "getblocktxn",
                    "blocktxn",
                    "getcfilters",
                    "cfilter",
                    "getcfheaders",
                    "cfheaders",
                    "getcfcheckpt",
                    "cfcheckpt",
                    "wtxidrelay",
                    "sendtxrcncl",
                    "feature",
                    OTHER);

    /// How many places there are.
    static final int COUNT = ALL.size();

    private static final Map<String, Integer> PLACES = places();

    private KnownCommands() {}

    private static Map<String, Integer> places() {
        var places = new HashMap<String, Integer>();
        for (int i = 0; i < ALL.size(); i++) {
            places.put(ALL.get(i), i);
        }
        return Map.copyOf(places);
    }

    /// The place at which a command is counted; -1 for what has none, as what is no message.
    static int placeOf(String command) {
        Integer known = PLACES.get(command);
        return known != null ? known : command.isEmpty() ? -1 : COUNT - 1;
    }

    /// The name under which is counted what has a place.
    static String nameAt(int place) {
        return ALL.get(place);
    }

    /// The name under which a command is counted.
    static String nameOf(String command) {
        return PLACES.containsKey(command) ? command : OTHER;
    }
}
