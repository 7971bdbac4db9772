package weft.crypto;

import java.math.BigInteger;
import java.util.Arrays;
import java.util.Objects;

/// A hash of a set that elements join and leave in any order: the product of the elements, each made a
/// number of 3072 bits, modulo 2³⁰⁷² − 1103717. Bitcoin Core's hash of the set of unspent outputs. Not safe
/// for use by two threads.
public final class MuHash3072 {
    /// Length of the saved state in bytes.
    public static final int STATE_BYTES = 768;

    private static final int BITS = 3072;
    private static final int NUMBER_BYTES = BITS / 8;
    private static final BigInteger COMPLEMENT = BigInteger.valueOf(1_103_717);
    private static final BigInteger MODULUS = BigInteger.ONE.shiftLeft(BITS).subtract(COMPLEMENT);
    private static final BigInteger LOW_BITS =
            BigInteger.ONE.shiftLeft(BITS).subtract(BigInteger.ONE);

    private BigInteger numerator = BigInteger.ONE;
    private BigInteger denominator = BigInteger.ONE;

    /// The empty set.
    public MuHash3072() {}

    /// A set out of the state that [#toByteArray] gave.
    public static MuHash3072 of(byte[] state) {
        if (state.length != STATE_BYTES) {
            throw new IllegalArgumentException(STATE_BYTES + " bytes wanted: " + state.length);
        }
        var set = new MuHash3072();
        set.numerator = number(state, 0);
        set.denominator = number(state, NUMBER_BYTES);
        return set;
    }

    /// An element enters.
    ///
    /// @return this
    public MuHash3072 insert(byte[] element) {
        numerator = product(numerator, number(element));
        return this;
    }

    /// An element leaves, or is owed if it was not there.
    ///
    /// @return this
    public MuHash3072 remove(byte[] element) {
        denominator = product(denominator, number(element));
        return this;
    }

    /// All elements of another set enter, and what it owes is owed.
    ///
    /// @return this
    public MuHash3072 combine(MuHash3072 other) {
        numerator = product(numerator, other.numerator);
        denominator = product(denominator, other.denominator);
        return this;
    }

    /// The hash of the set; the set stays as it is.
    ///
    /// @return 32 bytes
    public byte[] hash() {
        BigInteger divisor = denominator.mod(MODULUS);
        // Zero has no inverse; as in Bitcoin Core its "inverse" is zero.
        BigInteger inverse = divisor.signum() == 0 ? divisor : divisor.modInverse(MODULUS);
        byte[] number = new byte[NUMBER_BYTES];
        write(product(numerator, inverse).mod(MODULUS), number, 0);
        return Sha256.hash(number);
    }

    /// The state, to go on later: numerator and denominator, 384 bytes each, little-endian.
    public byte[] toByteArray() {
        byte[] state = new byte[STATE_BYTES];
        write(numerator, state, 0);
        write(denominator, state, NUMBER_BYTES);
        return state;
    }

    private static BigInteger number(byte[] element) {
        return number(new ChaCha20(Sha256.hash(element)).keystream(NUMBER_BYTES), 0);
    }

    private static BigInteger number(byte[] littleEndian, int offset) {
        Objects.checkFromIndexSize(offset, NUMBER_BYTES, littleEndian.length);
        byte[] bigEndian = new byte[NUMBER_BYTES];
        for (int i = 0; i < NUMBER_BYTES; i++) {
            bigEndian[NUMBER_BYTES - 1 - i] = littleEndian[offset + i];
        }
        return new BigInteger(1, bigEndian);
    }

    private static void write(BigInteger number, byte[] target, int offset) {
        byte[] bigEndian = number.toByteArray();
        Arrays.fill(target, offset, offset + NUMBER_BYTES, (byte) 0);
        for (int i = 0; i < Math.min(bigEndian.length, NUMBER_BYTES); i++) {
            target[offset + i] = bigEndian[bigEndian.length - 1 - i];
        }
    }

    /// The product, reduced below 2³⁰⁷² (not always below the modulus).
    private static BigInteger product(BigInteger a, BigInteger b) {
        BigInteger product = a.multiply(b);
        while (product.bitLength() > BITS) {
            product = product.shiftRight(BITS).multiply(COMPLEMENT).add(product.and(LOW_BITS));
        }
        return product;
    }
}
