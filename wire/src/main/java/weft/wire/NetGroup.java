package weft.wire;

import java.util.OptionalInt;
import weft.primitives.Bytes;
import weft.primitives.codec.ByteWriter;

/// The groups of addresses that Bitcoin Core counts as one operator.
final class NetGroup {
    private static final int UNROUTABLE = 0;
    private static final int TEN_BYTES_BITS = 80;

    private NetGroup() {}

    static Bytes of(NetAddress address) {
        var out = new ByteWriter(16);
        if (address.network() == NetworkId.INTERNAL) {
            return bits(out.u8(NetworkId.INTERNAL.number()), address.address(), TEN_BYTES_BITS);
        }
        if (!address.isRoutable()) {
            return out.u8(UNROUTABLE).toBytes();
        }
        OptionalInt ipv4 = ipv4Inside(address);
        if (ipv4.isPresent()) {
            int ip = ipv4.getAsInt();
            return out.u8(NetworkId.IPV4.number()).u8(ip >>> 24).u8(ip >>> 16).toBytes();
        }
        return bits(out.u8(address.network().number()), address.address(), groupBits(address));
    }

    private static int groupBits(NetAddress address) {
        return switch (address.network()) {
            case TORV3, I2P -> 4;
            case CJDNS -> 12;
            case IPV4, IPV6, INTERNAL -> address.isIn(AddressRange.HE_NET) ? 36 : 32;
        };
    }

    private static Bytes bits(ByteWriter out, Bytes address, int bits) {
        int whole = bits / 8;
        out.bytes(address.slice(0, whole));
        int rest = bits % 8;
        if (rest > 0) {
            out.u8(address.at(whole) | ((1 << (8 - rest)) - 1));
        }
        return out.toBytes();
    }

    /// The IPv4 address that a routable address is, or has inside.
    static OptionalInt linkedIpv4(NetAddress address) {
        return address.isRoutable() ? ipv4Inside(address) : OptionalInt.empty();
    }

    private static OptionalInt ipv4Inside(NetAddress address) {
        if (address.network() == NetworkId.IPV4) {
            return OptionalInt.of(int32(address.address(), 0));
        }
        if (address.isIn(AddressRange.RFC6052) || address.isIn(AddressRange.RFC6145)) {
            return OptionalInt.of(int32(address.address(), 12));
        }
        if (address.isIn(AddressRange.RFC3964)) {
            return OptionalInt.of(int32(address.address(), 2));
        }
        return address.isIn(AddressRange.RFC4380)
                ? OptionalInt.of(~int32(address.address(), 12))
                : OptionalInt.empty();
    }

    private static int int32(Bytes bytes, int at) {
        return (bytes.at(at) << 24)
                | (bytes.at(at + 1) << 16)
                | (bytes.at(at + 2) << 8)
                | bytes.at(at + 3);
    }
}
