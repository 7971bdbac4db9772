package weft.crypto;

import java.math.BigInteger;

/// MuHash3072: a hash of a set that can be kept up to date. Elements are multiplied in and divided out modulo
/// 2^3072 − 1103717, in any order. Not safe for use by two threads.
public final class MuHash3072 {
    /// Length of the running numbers in bytes.
    private static final int NUMBER_BYTES = 384;

    private static final BigInteger MODULUS =
            BigInteger.ONE.shiftLeft(NUMBER_BYTES * 8).subtract(BigInteger.valueOf(1_103_717));

    private BigInteger numerator = BigInteger.ONE;
    private BigInteger denominator = BigInteger.ONE;

    /// The hash of the empty set.
    public MuHash3072() {}

    private static BigInteger number(byte[] element) {
        byte[] stream = new ChaCha20(Sha256.hash(element)).keystream(NUMBER_BYTES);
        return new BigInteger(1, reversed(stream));
    }

    private static byte[] reversed(byte[] bytes) {
        byte[] reversed = new byte[bytes.length];
        for (int i = 0; i < bytes.length; i++) {
            reversed[i] = bytes[bytes.length - 1 - i];
        }
        return reversed;
    }

    /// Puts an element in.
    public void add(byte[] element) {
        numerator = numerator.multiply(number(element)).mod(MODULUS);
    }

    /// Takes an element out.
    public void remove(byte[] element) {
        denominator = denominator.multiply(number(element)).mod(MODULUS);
    }

    /// The digest of the set as it is now.
    ///
    /// @return 32 bytes
    public byte[] digest() {
        BigInteger value = numerator.multiply(denominator.modInverse(MODULUS)).mod(MODULUS);
        byte[] big = value.toByteArray();
        byte[] little = new byte[NUMBER_BYTES];
        for (int i = 0; i < Math.min(big.length, NUMBER_BYTES); i++) {
            little[i] = big[big.length - 1 - i];
        }
        return Sha256.hash(little);
    }
}
