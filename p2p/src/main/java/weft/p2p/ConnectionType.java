package weft.p2p;

/// Why a connection exists; names as in Bitcoin Core's `getpeerinfo`.
public enum ConnectionType {
    /// They dialled us.
    INBOUND("inbound"),
    /// We dialled; everything is relayed.
    OUTBOUND_FULL_RELAY("outbound-full-relay"),
    /// We dialled because the operator said so.
    MANUAL("manual"),
    /// We dialled only to see whether the address works.
    FEELER("feeler"),
    /// We dialled; blocks only, so that nobody can map the network by transactions.
    BLOCK_RELAY_ONLY("block-relay-only"),
    /// We dialled to ask for addresses and hang up.
    ADDR_FETCH("addr-fetch");

    private final String rpcName;

    ConnectionType(String rpcName) {
        this.rpcName = rpcName;
    }

    /// The name that RPC shows.
    public String rpcName() {
        return rpcName;
    }

    /// Whether we dialled.
    public boolean isOutbound() {
        return this != INBOUND;
    }
}
