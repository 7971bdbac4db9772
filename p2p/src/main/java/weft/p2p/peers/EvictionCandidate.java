package weft.p2p.peers;

import weft.p2p.PeerId;
import weft.wire.NetworkId;

/// What [Eviction] knows of a connection.
///
/// @param connectedNanos when it opened, on the monotonic clock
/// @param merits what it did for us
/// @param keyedNetGroup a secret number of its group of addresses
/// @param preferEvict it is discouraged
/// @param local it comes from this machine
/// @param network by which it came in
/// @param inbound it dialled us
/// @param noBan it has permission to stay
public record EvictionCandidate(
        PeerId id,
        long connectedNanos,
        Merits merits,
        long keyedNetGroup,
        boolean preferEvict,
        boolean local,
        NetworkId network,
        boolean inbound,
        boolean noBan) {
    /// What a peer did for us, and may do.
    ///
    /// @param minPingNanos shortest round trip; [Long#MAX_VALUE] if there was none
    /// @param lastBlockSeconds when it last gave us a new block
    /// @param lastTxSeconds when it last gave us a new transaction
    /// @param relevantServices it offers all that we want of a peer
    /// @param relaysTxs transactions are announced to it
    /// @param bloomFilter it has set a filter
    public record Merits(
            long minPingNanos,
            long lastBlockSeconds,
            long lastTxSeconds,
            boolean relevantServices,
            boolean relaysTxs,
            boolean bloomFilter) {}

    long minPingNanos() {
        return merits.minPingNanos;
    }

    long lastBlockSeconds() {
        return merits.lastBlockSeconds;
    }

    long lastTxSeconds() {
        return merits.lastTxSeconds;
    }

    boolean relevantServices() {
        return merits.relevantServices;
    }

    boolean relaysTxs() {
        return merits.relaysTxs;
    }

    boolean bloomFilter() {
        return merits.bloomFilter;
    }
}
