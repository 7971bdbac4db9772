package weft.wire.transport;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import weft.crypto.Sha256;

/// Keys that look like random bytes (ElligatorSwift on secp256k1) and the secret that two of them share.
/// See BIP-0324.
///
/// Plain arithmetic on large numbers: exact, slow (milliseconds), and its time depends on the secret.
final class EllSwift {
    private static final BigInteger P =
            new BigInteger("fffffffffffffffffffffffffffffffffffffffffffffffffffffffefffffc2f", 16);
    private static final Point G = new Point(
            new BigInteger("79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798", 16),
            new BigInteger("483ada7726a3c4655da4fbfc0e1108a8fd17b448a68554199c47d08ffb10d4b8", 16));
    private static final BigInteger ONE = BigInteger.ONE;
    private static final BigInteger THREE = BigInteger.valueOf(3);
    private static final BigInteger FOUR = BigInteger.valueOf(4);
    private static final BigInteger SEVEN = BigInteger.valueOf(7);
    private static final BigInteger HALF = P.add(ONE).shiftRight(1);
    private static final BigInteger ROOT_EXPONENT = P.add(ONE).shiftRight(2);
    private static final BigInteger ROOT_OF_MINUS_THREE = P.subtract(THREE).modPow(ROOT_EXPONENT, P);
    private static final byte[] TAG =
            Sha256.hash("bip324_ellswift_xonly_ecdh".getBytes(StandardCharsets.US_ASCII));
    private static final int FIELD_BYTES = 32;

    /// A point of the curve in affine coordinates.
    private record Point(BigInteger x, BigInteger y) {}

    private EllSwift() {}

    /// The encoding of a secret's public key, one of very many.
    ///
    /// @param secret 32 bytes
    /// @param auxiliary 32 random bytes that choose the encoding
    /// @return 64 bytes
    static byte[] create(byte[] secret, byte[] auxiliary) {
        BigInteger x = times(new BigInteger(1, secret), G).x();
        byte[] seed = new Sha256().update(secret).update(auxiliary).finish();
        while (true) {
            BigInteger u = new BigInteger(1, seed).mod(P);
            seed = Sha256.hash(seed);
            Optional<BigInteger> t = u.signum() == 0 ? Optional.empty() : inverse(x, u, seed[0] & 7);
            if (t.isPresent()) {
                byte[] key = Arrays.copyOf(bytes(u), 2 * FIELD_BYTES);
                System.arraycopy(bytes(t.get()), 0, key, FIELD_BYTES, FIELD_BYTES);
                return key;
            }
        }
    }

    /// The secret that the owners of both keys can compute, and nobody else.
    ///
    /// @return 32 bytes
    static byte[] shared(byte[] ourKey, byte[] theirKey, byte[] secret, boolean initiator) {
        BigInteger x = decode(
                new BigInteger(1, Arrays.copyOf(theirKey, FIELD_BYTES)).mod(P),
                new BigInteger(1, Arrays.copyOfRange(theirKey, FIELD_BYTES, 2 * FIELD_BYTES)).mod(P));
        var point = new Point(x, curve(x).modPow(ROOT_EXPONENT, P));
        byte[] product = bytes(times(new BigInteger(1, secret), point).x());
        byte[] shared = new Sha256()
                .update(TAG)
                .update(TAG)
                .update(initiator ? ourKey : theirKey)
                .update(initiator ? theirKey : ourKey)
                .update(product)
                .finish();
        Arrays.fill(product, (byte) 0);
        return shared;
    }

    private static BigInteger curve(BigInteger x) {
        return x.multiply(x).multiply(x).add(SEVEN).mod(P);
    }

    private static boolean isOnCurve(BigInteger x) {
        return root(curve(x)).isPresent();
    }

    private static Optional<BigInteger> root(BigInteger square) {
        BigInteger root = square.modPow(ROOT_EXPONENT, P);
        boolean exact = root.multiply(root).subtract(square).mod(P).signum() == 0;
        return exact ? Optional.of(root) : Optional.empty();
    }

    private static BigInteger over(BigInteger dividend, BigInteger divisor) {
        return dividend.multiply(divisor.modInverse(P)).mod(P);
    }

    /// BIP-0324's XSwiftEC: the x coordinate that two field elements stand for.
    static BigInteger decode(BigInteger first, BigInteger second) {
        BigInteger u = first.signum() == 0 ? ONE : first;
        BigInteger t = second.signum() == 0 ? ONE : second;
        if (curve(u).add(t.multiply(t)).mod(P).signum() == 0) {
            t = t.shiftLeft(1).mod(P);
        }
        BigInteger a = over(curve(u).subtract(t.multiply(t)), t.shiftLeft(1));
        BigInteger b = over(a.add(t), ROOT_OF_MINUS_THREE.multiply(u));
        BigInteger x = u.add(FOUR.multiply(b).multiply(b)).mod(P);
        if (isOnCurve(x)) {
            return x;
        }
        BigInteger ratio = over(a, b);
        x = ratio.negate().subtract(u).multiply(HALF).mod(P);
        return isOnCurve(x) ? x : ratio.subtract(u).multiply(HALF).mod(P);
    }

    /// BIP-0324's XSwiftECInv: the second field element, for one of eight cases, where it exists.
    static Optional<BigInteger> inverse(BigInteger x, BigInteger u, int which) {
        BigInteger v;
        BigInteger s;
        if ((which & 2) == 0) {
            if (isOnCurve(x.negate().subtract(u).mod(P))) {
                return Optional.empty();
            }
            v = x;
            BigInteger divisor = u.multiply(u).add(u.multiply(v)).add(v.multiply(v)).mod(P);
            s = over(curve(u).negate(), divisor);
        } else {
            s = x.subtract(u).mod(P);
            BigInteger inner = FOUR.multiply(curve(u)).add(THREE.multiply(s).multiply(u).multiply(u));
            Optional<BigInteger> r = root(s.negate().multiply(inner).mod(P));
            if (s.signum() == 0 || r.isEmpty() || ((which & 1) == 1 && r.get().signum() == 0)) {
                return Optional.empty();
            }
            v = over(r.get(), s).subtract(u).multiply(HALF).mod(P);
        }
        boolean second = (which & 1) == 1;
        BigInteger factor = second ? ONE.add(ROOT_OF_MINUS_THREE) : ONE.subtract(ROOT_OF_MINUS_THREE);
        BigInteger sum = u.multiply(factor).multiply(HALF).add(v);
        boolean negative = second == ((which & 4) != 0);
        return root(s).map(w -> (negative ? w.negate() : w).multiply(sum).mod(P));
    }

    private static Point times(BigInteger factor, Point point) {
        Optional<Point> product = Optional.empty();
        for (int bit = factor.bitLength() - 1; bit >= 0; bit--) {
            product = product.flatMap(p -> plus(p, p));
            if (factor.testBit(bit)) {
                product = product.isEmpty() ? Optional.of(point) : plus(product.get(), point);
            }
        }
        return product.orElseThrow(() -> new IllegalArgumentException("secret out of range"));
    }

    /// The sum; empty where it is the point at infinity.
    private static Optional<Point> plus(Point a, Point b) {
        BigInteger slope;
        if (!a.x().equals(b.x())) {
            slope = over(b.y().subtract(a.y()), b.x().subtract(a.x()));
        } else if (a.y().equals(b.y())) {
            slope = over(THREE.multiply(a.x()).multiply(a.x()), a.y().shiftLeft(1));
        } else {
            return Optional.empty();
        }
        BigInteger x = slope.multiply(slope).subtract(a.x()).subtract(b.x()).mod(P);
        return Optional.of(new Point(x, slope.multiply(a.x().subtract(x)).subtract(a.y()).mod(P)));
    }

    private static byte[] bytes(BigInteger number) {
        byte[] signed = number.toByteArray();
        byte[] bytes = new byte[FIELD_BYTES];
        int count = Math.min(signed.length, FIELD_BYTES);
        System.arraycopy(signed, signed.length - count, bytes, FIELD_BYTES - count, count);
        return bytes;
    }
}
