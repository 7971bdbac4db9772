package weft.p2p.addr;

import org.jspecify.annotations.Nullable;
import weft.primitives.Bytes;
import weft.primitives.codec.ByteWriter;
import weft.wire.NetAddress;

/// Which addresses probably belong to one operator, and which are of use to anybody.
///
/// @param allowLocal treat addresses that the world cannot reach (127.0.0.1, 10.0.0.0/8 …) as usable,
///     each with its port as a group of its own. *Rationale:* a village of nodes on one machine is a network
///     too.
/// @param asMap tells operators apart; null if none was given, and then ranges stand for them
public record NetGroups(boolean allowLocal, @Nullable AsMap asMap) {
    private static final int LOCAL_GROUP = 0;
    private static final int OPERATOR_GROUP = 2;
    private static final Bytes NO_VERSION = Bytes.wrap(new byte[32]);

    /// By ranges of addresses.
    public NetGroups(boolean allowLocal) {
        this(allowLocal, null);
    }

    /// As on the public network.
    public static final NetGroups PUBLIC = new NetGroups(false);

    /// The group of an address, as Bitcoin Core hashes it: of an operator that the map knows its number, IPv4
    /// and IPv6 alike; else the range.
    public Bytes groupOf(NetAddress address) {
        if (allowLocal && address.isValid() && !address.isRoutable()) {
            return new ByteWriter(20).u8(LOCAL_GROUP).bytes(address.key()).toBytes();
        }
        int asn = asnOf(address);
        return asn == 0
                ? address.netGroup()
                : new ByteWriter(5).u8(OPERATOR_GROUP).i32(asn).toBytes();
    }

    /// The number of the autonomous system of an address, unsigned; 0 if it is unknown.
    public int asnOf(NetAddress address) {
        return asMap == null ? 0 : asMap.asnOf(address);
    }

    /// What tells the map from others, 32 bytes; zeros without one.
    public Bytes mapVersion() {
        return asMap == null ? NO_VERSION : asMap.version();
    }

    /// Whether an address is worth keeping and passing on.
    public boolean isRoutable(NetAddress address) {
        return address.isRoutable() || (allowLocal && address.isValid() && address.port() != 0);
    }
}
