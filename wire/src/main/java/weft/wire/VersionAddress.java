package weft.wire;

import weft.primitives.codec.ByteReader;
import weft.primitives.codec.ByteWriter;

/// An address as `version` carries it: services, 16 bytes, port.
///
/// @param services what the node at the address offers, see [ServiceFlags]
/// @param address where it is
public record VersionAddress(long services, NetAddress address) {
    static VersionAddress read(ByteReader in) {
        return new VersionAddress(in.i64(), NetAddress.readV1(in));
    }

    void write(ByteWriter out) {
        out.i64(services);
        address.writeV1(out);
    }
}
