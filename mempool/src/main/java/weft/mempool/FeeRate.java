package weft.mempool;

import java.util.Locale;
import weft.primitives.Amount;

/// Satoshis per 1,000 virtual bytes, with the roundings of Bitcoin Core's `CFeeRate`: a rate is rounded
/// towards zero, a fee upwards.
///
/// @param perKvb satoshis per 1,000 virtual bytes
public record FeeRate(long perKvb) implements Comparable<FeeRate> {
    /// Nothing.
    public static final FeeRate ZERO = new FeeRate(0);

    private static final int KILO = 1_000;

    /// What a fee for a size comes to; zero for no size.
    public static FeeRate of(long fee, long vsize) {
        return vsize > 0 ? new FeeRate(fee * KILO / vsize) : ZERO;
    }

    /// The fee for a size, in satoshis; at least one where the rate is not zero.
    public long fee(long vsize) {
        long fee = (long) Math.ceil((double) (perKvb * vsize) / KILO);
        return fee == 0 && vsize != 0 ? Long.signum(perKvb) : fee;
    }

    /// Both rates together.
    public FeeRate plus(FeeRate other) {
        return new FeeRate(perKvb + other.perKvb);
    }

    @Override
    public int compareTo(FeeRate other) {
        return Long.compare(perKvb, other.perKvb);
    }

    /// As Core's texts have it: `0.00001000 BTC/kvB`.
    @Override
    public String toString() {
        long coin = Amount.SATOSHIS_PER_BITCOIN;
        return String.format(Locale.ROOT, "%d.%08d BTC/kvB", perKvb / coin, perKvb % coin);
    }
}
