package weft.wire;

import weft.primitives.Bytes;
import weft.primitives.Check;
import weft.primitives.codec.ByteReader;
import weft.primitives.codec.ByteWriter;

/// `filterload`: send only what matches this bloom filter. See BIP-0037. Larger filters than allowed can be
/// read; the engine judges by [#isWithinLimits].
///
/// @param bits the filter
/// @param hashFunctions how many hash functions, 0 to 2³² − 1
/// @param tweak added to their seeds, 0 to 2³² − 1
/// @param flags how matches change the filter, 0 to 255
public record FilterLoad(Bytes bits, long hashFunctions, long tweak, int flags) implements Message {
    /// Name on the wire.
    public static final String COMMAND = "filterload";

    /// Most bytes of a filter that a peer may send in one message.
    public static final int MAX_FILTER_BYTES = 36_000;

    /// Most hash functions that a peer may send in one message.
    public static final int MAX_HASH_FUNCTIONS = 50;

    /// Checks the ranges.
    public FilterLoad {
        Check.argument(hashFunctions >>> 32 == 0, "hash functions is not a uint32");
        Check.argument(tweak >>> 32 == 0, "tweak is not a uint32");
        Check.argument(flags >>> 8 == 0, "flags is not a byte");
    }

    /// Whether BIP-0037 allows a filter of this size.
    public boolean isWithinLimits() {
        return bits.length() <= MAX_FILTER_BYTES && hashFunctions <= MAX_HASH_FUNCTIONS;
    }

    static FilterLoad read(ByteReader in) {
        return new FilterLoad(in.varBytes(), in.u32(), in.u32(), in.u8());
    }

    @Override
    public String command() {
        return COMMAND;
    }

    @Override
    public void write(ByteWriter out) {
        out.varBytes(bits).u32(hashFunctions).u32(tweak).u8(flags);
    }
}
