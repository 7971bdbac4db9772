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
    ADDR_FETCH("addr-fetch"),
    /// We dialled, past all that could tell who we are, to hand over a transaction of ours and hang up.
    PRIVATE_BROADCAST("private-broadcast");

    private final String rpcName;

    ConnectionType(String rpcName) {
        this.rpcName = rpcName;
    }

    /// The name that RPC shows.
    public String rpcName() {
        return rpcName;
    }

    /// Whether an operator may ask for one (`addconnection`).
    public boolean isByHand() {
        return switch (this) {
            case INBOUND, MANUAL, PRIVATE_BROADCAST -> false;
            case OUTBOUND_FULL_RELAY, FEELER, BLOCK_RELAY_ONLY, ADDR_FETCH -> true;
        };
    }

    /// Whether an address counts as seen when such a connection to it ends.
    public boolean isNoted() {
        return switch (this) {
            case INBOUND, FEELER, BLOCK_RELAY_ONLY, PRIVATE_BROADCAST -> false;
            case OUTBOUND_FULL_RELAY, MANUAL, ADDR_FETCH -> true;
        };
    }

    /// Whether we dialled.
    public boolean isOutbound() {
        return this != INBOUND;
    }
}
