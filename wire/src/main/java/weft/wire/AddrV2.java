package weft.wire;

import java.util.List;
import weft.primitives.codec.ByteReader;
import weft.primitives.codec.ByteWriter;

/// `addrv2`: nodes that we have heard of, of every network. See BIP-0155. Entries of networks that nobody
/// knows yet are kept as the unspecified address `::`, so that they count and are never used.
///
/// @param entries the addresses; immutable
public record AddrV2(List<AddressEntry> entries) implements Message {
    /// Name on the wire.
    public static final String COMMAND = "addrv2";

    /// Keeps a copy of the list.
    public AddrV2 {
        entries = List.copyOf(entries);
    }

    static AddrV2 read(ByteReader in) {
        return new AddrV2(
                in.list(ByteReader.MAX_SIZE, AddressEntry.V2_BYTES_MIN, AddressEntry::readV2));
    }

    @Override
    public String command() {
        return COMMAND;
    }

    @Override
    public void write(ByteWriter out) {
        out.list(entries, AddressEntry::writeV2);
    }
}
