package weft.wallet.psbt;

import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import weft.primitives.Bytes;
import weft.primitives.codec.ByteReader;
import weft.primitives.codec.ByteWriter;

/// Fields of a map that nobody here understands, and those of one program alone. They are kept as they are.
/// Not safe for use by two threads.
public final class PsbtExtras {
    static final int PROPRIETARY = 0xfc;

    private final NavigableMap<Bytes, Bytes> unknown = new TreeMap<>();
    private final NavigableMap<Bytes, Bytes> proprietary = new TreeMap<>();

    PsbtExtras() {}

    /// A field of one program.
    ///
    /// @param identifier of the program
    /// @param subtype its own number for the field
    /// @param key all of it, with both
    public record Proprietary(Bytes identifier, long subtype, Bytes key, Bytes value) {}

    void read(PsbtMap.Field field, ByteReader in) {
        if (field.type() == PROPRIETARY) {
            ByteReader key = PsbtMap.reader(field.key());
            key.compactSize();
            key.varBytes();
            key.compactSize();
            PsbtMap.unique(!proprietary.containsKey(field.key()), "proprietary key already found");
            proprietary.put(field.key(), in.varBytes());
        } else {
            PsbtMap.unique(
                    !unknown.containsKey(field.key()), "key for unknown value already provided");
            unknown.put(field.key(), in.varBytes());
        }
    }

    void writeProprietary(ByteWriter out) {
        proprietary.forEach((key, value) -> out.varBytes(key).varBytes(value));
    }

    void writeUnknown(ByteWriter out) {
        unknown.forEach((key, value) -> out.varBytes(key).varBytes(value));
    }

    /// Takes over what is unknown there and not here.
    void merge(PsbtExtras other) {
        other.unknown.forEach(unknown::putIfAbsent);
    }

    /// As [#merge], and the fields of programs too.
    void mergeAll(PsbtExtras other) {
        merge(other);
        other.proprietary.forEach(proprietary::putIfAbsent);
    }

    /// What nobody here understands, by its key.
    public NavigableMap<Bytes, Bytes> unknown() {
        return unknown;
    }

    /// The fields of programs, in the order of their keys.
    public List<Proprietary> proprietary() {
        return proprietary.entrySet().stream().map(PsbtExtras::decode).toList();
    }

    private static Proprietary decode(Map.Entry<Bytes, Bytes> entry) {
        ByteReader key = PsbtMap.reader(entry.getKey());
        key.compactSize();
        Bytes identifier = key.varBytes();
        long subtype = key.compactSize();
        return new Proprietary(identifier, subtype, entry.getKey(), entry.getValue());
    }
}
