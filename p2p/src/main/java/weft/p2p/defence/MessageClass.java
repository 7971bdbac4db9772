package weft.p2p.defence;

/// Kinds of messages, as far as floods and throttling are concerned.
public enum MessageClass {
    /// `addr`, `addrv2`, `getaddr`.
    ADDRESSES,
    /// `inv`.
    ANNOUNCEMENTS,
    /// `tx` that nobody asked for.
    TRANSACTIONS,
    /// `ping`.
    PINGS,
    /// Requests that are answered with little: `getheaders`, `getblocks`, `mempool`, filter requests.
    REQUESTS,
    /// What has no other class, unknown messages too.
    OTHERS,
    /// Answers to what we asked for, blocks, and `getdata`: as many as we asked for, or as the peer reads our
    /// answers. Never counted and never throttled, for whoever catches up gets or sends very many.
    SOLICITED;

    /// The class of a command.
    public static MessageClass of(String command) {
        return switch (command) {
            case "addr", "addrv2", "getaddr" -> ADDRESSES;
            case "inv" -> ANNOUNCEMENTS;
            case "tx" -> TRANSACTIONS;
            case "ping" -> PINGS;
            case "getheaders",
                    "getblocks",
                    "mempool",
                    "getblocktxn",
                    "getcfilters",
                    "getcfheaders",
                    "getcfcheckpt",
                    "filterload",
                    "filteradd",
                    "filterclear" ->
                    REQUESTS;
            case "headers",
                    "block",
                    "cmpctblock",
                    "blocktxn",
                    "merkleblock",
                    "notfound",
                    "pong",
                    "getdata",
                    "cfilter",
                    "cfheaders",
                    "cfcheckpt",
                    "version",
                    "verack" ->
                    SOLICITED;
            default -> OTHERS;
        };
    }
}
