package weft.wire;

import java.util.List;
import weft.primitives.codec.ByteReader;
import weft.primitives.codec.ByteWriter;

/// `addr`: nodes that we have heard of, in the form that knows IPv4 and IPv6 only. Lists longer than
/// [AddressEntry#MAX_PER_MESSAGE] can be read; the engine judges.
///
/// @param entries the addresses; immutable
public record Addr(List<AddressEntry> entries) implements Message {
    /// Name on the wire.
    public static final String COMMAND = "addr";

    /// Keeps a copy of the list.
    public Addr {
        entries = List.copyOf(entries);
    }

    static Addr read(ByteReader in) {
        return new Addr(in.list(ByteReader.MAX_SIZE, AddressEntry.V1_BYTES, AddressEntry::readV1));
    }

    @Override
    public String command() {
        return COMMAND;
    }

    @Override
    public void write(ByteWriter out) {
        out.list(entries, AddressEntry::writeV1);
    }
}
