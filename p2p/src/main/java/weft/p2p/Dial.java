package weft.p2p;

import weft.wire.NetAddress;

/// A connection that we want to open.
///
/// @param name as the operator wrote it; empty for addresses from the book
/// @param address where; [NetAddress#UNSPECIFIED] until the name is looked up
/// @param services that the node is said to offer
/// @param v2 begin with BIP-0324
/// @param countFailure a failure says something about the address
public record Dial(
        String name,
        NetAddress address,
        long services,
        ConnectionType type,
        boolean v2,
        boolean countFailure) {
    /// No dial: they dialled us.
    public static final Dial NONE =
            new Dial("", NetAddress.UNSPECIFIED, 0, ConnectionType.INBOUND, false, false);

    /// An address of the book.
    public static Dial of(NetAddress address, long services, ConnectionType type) {
        return new Dial("", address, services, type, false, false);
    }

    /// A name or address of the operator's.
    public static Dial named(String name, ConnectionType type, boolean v2) {
        return new Dial(name, NetAddress.UNSPECIFIED, 0, type, v2, false);
    }

    /// With an address.
    public Dial at(NetAddress found) {
        return new Dial(name, found, services, type, v2, countFailure);
    }

    /// With or without BIP-0324.
    public Dial withV2(boolean encrypted) {
        return new Dial(name, address, services, type, encrypted, countFailure);
    }

    /// Counting failures or not.
    public Dial counting(boolean count) {
        return new Dial(name, address, services, type, v2, count);
    }
}
