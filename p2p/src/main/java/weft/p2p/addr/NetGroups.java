package weft.p2p.addr;

import weft.primitives.Bytes;
import weft.primitives.codec.ByteWriter;
import weft.wire.NetAddress;

/// Which addresses probably belong to one operator, and which are of use to anybody.
///
/// @param allowLocal treat addresses that the world cannot reach (127.0.0.1, 10.0.0.0/8 …) as usable,
///     each with its port as a group of its own. *Rationale:* a village of nodes on one machine is a network
///     too.
public record NetGroups(boolean allowLocal) {
    private static final int LOCAL_GROUP = 0;

    /// As on the public network.
    public static final NetGroups PUBLIC = new NetGroups(false);

    /// The group of an address, as Bitcoin Core hashes it.
    public Bytes groupOf(NetAddress address) {
        if (allowLocal && address.isValid() && !address.isRoutable()) {
            return new ByteWriter(20).u8(LOCAL_GROUP).bytes(address.key()).toBytes();
        }
        return address.netGroup();
    }

    /// Whether an address is worth keeping and passing on.
    public boolean isRoutable(NetAddress address) {
        return address.isRoutable() || (allowLocal && address.isValid() && address.port() != 0);
    }
}
