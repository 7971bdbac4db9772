package weft.crypto;

import java.math.BigInteger;
import java.util.Arrays;
import java.util.Optional;

/// Forms of an ECDSA signature: the lax DER that old blocks hold, strict DER, and 64 compact bytes.
///
/// All functions are pure; none looks at a key or a digest.
public final class EcdsaSignature {
    private static final int COMPACT_BYTES = 64;
    private static final BigInteger ORDER =
            new BigInteger("fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141", 16);
    private static final byte[] ORDER_BYTES = bytes32(ORDER);
    private static final byte[] HALF_ORDER_BYTES = bytes32(ORDER.shiftRight(1));

    private EcdsaSignature() {}

    /// Reads what the first Bitcoin nodes' OpenSSL accepted as DER: lengths in long form, negative and
    /// padded numbers, garbage after the end. A number that is not below the group order makes the whole
    /// signature zero, which no key verifies.
    ///
    /// @param signature without its hash type byte
    /// @return R and S, 32 bytes each, big-endian; empty if not even that can be read
    public static Optional<byte[]> parseLax(byte[] signature) {
        var in = new LaxReader(signature);
        if (!in.sequence()) {
            return Optional.empty();
        }
        byte[] compact = new byte[COMPACT_BYTES];
        if (!in.integer()) {
            return Optional.empty();
        }
        boolean fits = in.copyNumber(compact, 0);
        if (!in.integer()) {
            return Optional.empty();
        }
        fits &= in.copyNumber(compact, 32);
        boolean overflow =
                !fits
                        || Arrays.compareUnsigned(compact, 0, 32, ORDER_BYTES, 0, 32) >= 0
                        || Arrays.compareUnsigned(compact, 32, 64, ORDER_BYTES, 0, 32) >= 0;
        return Optional.of(overflow ? new byte[COMPACT_BYTES] : compact);
    }

    /// Whether S is at most half the group order; false where [#parseLax] gives nothing (BIP-0146, `LOW_S`).
    ///
    /// @param signature without its hash type byte
    public static boolean isLowS(byte[] signature) {
        return parseLax(signature).map(EcdsaSignature::isCompactLowS).orElse(false);
    }

    /// Whether the S of 64 compact bytes is at most half the group order.
    public static boolean isCompactLowS(byte[] compact) {
        return Arrays.compareUnsigned(compact, 32, 64, HALF_ORDER_BYTES, 0, 32) <= 0;
    }

    /// The same signature with S in the lower half.
    ///
    /// @param compact 64 bytes, both numbers below the group order
    public static byte[] normalize(byte[] compact) {
        byte[] normal = compact.clone();
        if (!isCompactLowS(compact)) {
            BigInteger s = new BigInteger(1, compact, 32, 32);
            System.arraycopy(bytes32(ORDER.subtract(s)), 0, normal, 32, 32);
        }
        return normal;
    }

    /// Strict DER of 64 compact bytes.
    public static byte[] toDer(byte[] compact) {
        byte[] r = new BigInteger(1, compact, 0, 32).toByteArray();
        byte[] s = new BigInteger(1, compact, 32, 32).toByteArray();
        byte[] der = new byte[6 + r.length + s.length];
        der[0] = 0x30;
        der[1] = (byte) (der.length - 2);
        der[2] = 0x02;
        der[3] = (byte) r.length;
        System.arraycopy(r, 0, der, 4, r.length);
        der[4 + r.length] = 0x02;
        der[5 + r.length] = (byte) s.length;
        System.arraycopy(s, 0, der, 6 + r.length, s.length);
        return der;
    }

    private static byte[] bytes32(BigInteger number) {
        byte[] signed = number.toByteArray();
        byte[] result = new byte[32];
        int count = Math.min(signed.length, 32);
        System.arraycopy(signed, signed.length - count, result, 32 - count, count);
        return result;
    }

    /// A place in the bytes and the number that begins there.
    private static final class LaxReader {
        private final byte[] in;
        private int at;
        private int numberAt;
        private int numberBytes;

        LaxReader(byte[] in) {
            this.in = in;
        }

        private boolean tag(int tag) {
            return at < in.length && (in[at++] & 0xff) == tag;
        }

        /// A sequence's head; its length is stepped over and not believed.
        boolean sequence() {
            if (!tag(0x30) || at == in.length) {
                return false;
            }
            int first = in[at++] & 0xff;
            if ((first & 0x80) != 0) {
                int more = first - 0x80;
                if (more > in.length - at) {
                    return false;
                }
                at += more;
            }
            return true;
        }

        /// An integer's head and place.
        boolean integer() {
            if (!tag(0x02) || at == in.length) {
                return false;
            }
            long length = in[at++] & 0xff;
            if ((length & 0x80) != 0) {
                length = longLength((int) length - 0x80);
            }
            if (length < 0 || length > in.length - at) {
                return false;
            }
            numberAt = at;
            numberBytes = (int) length;
            at += numberBytes;
            return true;
        }

        /// A length of `count` bytes; −1 if it ends early or needs four bytes or more.
        private long longLength(int count) {
            int left = count;
            if (left > in.length - at) {
                return -1;
            }
            while (left > 0 && in[at] == 0) {
                at++;
                left--;
            }
            if (left >= 4) {
                return -1;
            }
            long length = 0;
            for (; left > 0; left--) {
                length = (length << 8) + (in[at++] & 0xff);
            }
            return length;
        }

        /// Copies the number without leading zeros, right-aligned in 32 bytes; false if it is longer.
        boolean copyNumber(byte[] target, int offset) {
            int from = numberAt;
            int end = numberAt + numberBytes;
            while (from < end && in[from] == 0) {
                from++;
            }
            int length = end - from;
            if (length > 32) {
                return false;
            }
            System.arraycopy(in, from, target, offset + 32 - length, length);
            return true;
        }
    }
}
