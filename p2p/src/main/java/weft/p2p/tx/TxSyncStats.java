package weft.p2p.tx;

/// What [TxSync] knows of one peer; fields as in Bitcoin Core's `getpeerinfo`.
///
/// @param relayTxes transactions are announced to it
/// @param minFeeFilter lowest rate that it wants announced, in satoshis a kvB
/// @param lastTransactionSeconds when it last gave us a transaction that was accepted, in seconds since
///     1970; 0 if
///     never
/// @param inventoryToSend announcements that wait for its next moment
/// @param requested transactions asked for and not yet come
/// @param announced announcements of it that we keep track of
public record TxSyncStats(
        boolean relayTxes,
        long minFeeFilter,
        long lastTransactionSeconds,
        int inventoryToSend,
        int requested,
        int announced) {
    /// Of a peer that is not known.
    public static final TxSyncStats UNKNOWN = new TxSyncStats(false, 0, 0, 0, 0, 0);
}
