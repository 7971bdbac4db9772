package weft.wire;

import weft.primitives.Check;
import weft.primitives.codec.ByteReader;
import weft.primitives.codec.ByteWriter;

/// One node that a peer has heard of.
///
/// @param time when it was last seen, in seconds since 1970, 0 to 2³² − 1
/// @param services what it offers, see [ServiceFlags]
/// @param address where it is
public record AddressEntry(long time, long services, NetAddress address) {
    /// Most entries that a peer may send in one message.
    public static final int MAX_PER_MESSAGE = 1_000;

    static final int V1_BYTES = 30;
    static final int V2_BYTES_MIN = 9;

    /// Checks the range.
    public AddressEntry {
        Check.argument(time >>> 32 == 0, "time is not a uint32");
    }

    /// Reads the form of `addr`.
    public static AddressEntry readV1(ByteReader in) {
        return new AddressEntry(in.u32(), in.i64(), NetAddress.readV1(in));
    }

    /// Writes the form of `addr`; addresses that it cannot carry become all zero.
    public void writeV1(ByteWriter out) {
        out.u32(time).i64(services);
        address.writeV1(out);
    }

    /// Reads the form of `addrv2`. See BIP-0155.
    public static AddressEntry readV2(ByteReader in) {
        return new AddressEntry(in.u32(), in.compactSizeUnlimited(), NetAddress.readV2(in));
    }

    /// Writes the form of `addrv2`.
    public void writeV2(ByteWriter out) {
        out.u32(time).compactSize(services);
        address.writeV2(out);
    }
}
