package weft.wire;

import weft.primitives.codec.ByteReader;
import weft.primitives.codec.ByteWriter;

/// `feefilter`: do not announce transactions below this rate. See BIP-0133.
///
/// @param satoshisPerKvB the rate as it came; outside of the range of money it means nothing
public record FeeFilter(long satoshisPerKvB) implements Message {
    /// Name on the wire.
    public static final String COMMAND = "feefilter";

    static FeeFilter read(ByteReader in) {
        return new FeeFilter(in.i64());
    }

    @Override
    public String command() {
        return COMMAND;
    }

    @Override
    public void write(ByteWriter out) {
        out.i64(satoshisPerKvB);
    }
}
