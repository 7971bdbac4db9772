package weft.primitives;

/// A checked amount of money: 0 to 21 million bitcoin.
///
/// @param satoshis hundred-millionths of a bitcoin, 0 to [#MAX_SATOSHIS]
public record Amount(long satoshis) implements Comparable<Amount> {
    /// One bitcoin.
    public static final long SATOSHIS_PER_BITCOIN = 100_000_000L;

    /// Largest amount that consensus allows in one output or one sum (Core: `MAX_MONEY`).
    public static final long MAX_SATOSHIS = 21_000_000L * SATOSHIS_PER_BITCOIN;

    /// No money.
    public static final Amount ZERO = new Amount(0);

    /// Checks the range.
    public Amount {
        if (!isInRange(satoshis)) {
            throw new IllegalArgumentException("amount out of range: " + satoshis);
        }
    }

    /// Whether a number of satoshis may be an amount (Core: `MoneyRange`).
    public static boolean isInRange(long satoshis) {
        return satoshis >= 0 && satoshis <= MAX_SATOSHIS;
    }

    /// The sum; throws if it is out of range.
    public Amount plus(Amount other) {
        return new Amount(Math.addExact(satoshis, other.satoshis));
    }

    /// The difference; throws if it is out of range.
    public Amount minus(Amount other) {
        return new Amount(Math.subtractExact(satoshis, other.satoshis));
    }

    @Override
    public int compareTo(Amount other) {
        return Long.compare(satoshis, other.satoshis);
    }

    /// In bitcoin with eight decimals, as Core's RPC prints it.
    public static String format(long satoshis) {
        String sign = satoshis < 0 ? "-" : "";
        long whole = Math.abs(satoshis / SATOSHIS_PER_BITCOIN);
        long rest = Math.abs(satoshis % SATOSHIS_PER_BITCOIN);
        return sign + whole + "." + String.format(java.util.Locale.ROOT, "%08d", rest);
    }

    /// In bitcoin with two to eight decimals, as Core's messages say it.
    public static String shorten(long satoshis) {
        String text = format(satoshis);
        int end = text.length();
        while (text.charAt(end - 1) == '0' && text.charAt(end - 3) != '.') {
            end--;
        }
        return text.substring(0, end);
    }

    @Override
    public String toString() {
        return format(satoshis);
    }
}
