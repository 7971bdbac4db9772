package weft.crypto.internal.pure;

import org.jspecify.annotations.Nullable;

/// Reads points in the forms that Bitcoin's consensus takes.
final class PointBytes {
    private static final int FIELD_BYTES = 32;

    private PointBytes() {}

    /// The point of a public key of 33 or 65 bytes; null if it is none.
    static @Nullable AffinePoint read(byte[] publicKey) {
        return switch (publicKey.length) {
            case 1 + FIELD_BYTES -> readCompressed(publicKey);
            case 1 + 2 * FIELD_BYTES -> readWhole(publicKey);
            default -> null;
        };
    }

    private static @Nullable AffinePoint readCompressed(byte[] publicKey) {
        if (publicKey[0] != 2 && publicKey[0] != 3) {
            return null;
        }
        return ofX(publicKey, 1, publicKey[0] & 1);
    }

    private static @Nullable AffinePoint readWhole(byte[] publicKey) {
        int form = publicKey[0];
        if (form != 4 && form != 6 && form != 7) {
            return null;
        }
        var x = new FieldElement();
        var y = new FieldElement();
        if (!x.setBytes(publicKey, 1) || !y.setBytes(publicKey, 1 + FIELD_BYTES)) {
            return null;
        }
        if (form != 4 && y.parity() != (form & 1)) {
            return null;
        }
        var point = new AffinePoint(x, y);
        return point.isOnCurve() ? point : null;
    }

    /// The point with an even y of an x-only key; null if it is none.
    static @Nullable AffinePoint readXOnly(byte[] xOnly) {
        return xOnly.length == FIELD_BYTES ? ofX(xOnly, 0, 0) : null;
    }

    private static @Nullable AffinePoint ofX(byte[] bytes, int offset, int parity) {
        var x = new FieldElement();
        return x.setBytes(bytes, offset) ? AffinePoint.ofX(x, parity) : null;
    }
}
