package weft.p2p;

import java.util.Set;

/// The commands of the protocol.
final class KnownCommands {
    /// Name that `getpeerinfo` gives to all others.
    static final String OTHER = "*other*";

    /// Looked up only.
    static final Set<String> ALL =
            Set.of(
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
                    "feature");

    private KnownCommands() {}

    /// The name under which a command is counted.
    static String nameOf(String command) {
        return ALL.contains(command) ? command : OTHER;
    }
}
