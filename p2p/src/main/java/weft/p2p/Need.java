package weft.p2p;

import org.jspecify.annotations.Nullable;
import weft.primitives.log.Log;
import weft.primitives.log.LogCategory;
import weft.wire.NetworkId;

/// What [OutboundPlan] opens next.
///
/// @param network only of this one; null for any
record Need(ConnectionType type, @Nullable NetworkId network, From from) {
    /// Where the address comes from.
    enum From {
        /// Addresses that we heard of.
        BOOK,
        /// Block-relay-only peers of the last run.
        ANCHORS,
        /// Nodes that we know to be unlike the peers that we have, or for long.
        ACQUAINTANCES,
        /// Nodes known for longest, if too few of them are among our peers; else addresses that we heard of.
        LONG_KNOWN
    }

    static Need of(ConnectionType type) {
        return new Need(type, null, From.BOOK);
    }

    /// One more peer, of a network that has none.
    static Need of(NetworkId network) {
        return new Need(ConnectionType.OUTBOUND_FULL_RELAY, network, From.BOOK);
    }

    static Need anchor() {
        return new Need(ConnectionType.BLOCK_RELAY_ONLY, null, From.ANCHORS);
    }

    /// One more peer, unlike the others.
    static Need mixed() {
        return new Need(ConnectionType.OUTBOUND_FULL_RELAY, null, From.ACQUAINTANCES);
    }

    /// One of the usual peers that relay everything.
    static Need longKnown() {
        return new Need(ConnectionType.OUTBOUND_FULL_RELAY, null, From.LONG_KNOWN);
    }

    void log(Dial dial, Log log) {
        NetworkId wanted = network;
        if (from == From.ANCHORS) {
            log.debug(
                    LogCategory.NET,
                    () -> "Trying to make an anchor connection to " + dial.address());
        } else if (from == From.ACQUAINTANCES) {
            log.debug(
                    LogCategory.NET,
                    () -> "Making connection to " + dial.address() + ", unlike our other peers");
        } else if (type == ConnectionType.FEELER) {
            log.debug(LogCategory.NET, () -> "Making feeler connection to " + dial.address());
        } else if (wanted != null) {
            log.debug(
                    LogCategory.NET,
                    () ->
                            "Making network specific connection to "
                                    + dial.address()
                                    + " on "
                                    + wanted.label()
                                    + ".");
        }
    }
}
