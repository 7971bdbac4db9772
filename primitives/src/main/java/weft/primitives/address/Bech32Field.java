package weft.primitives.address;

import java.util.List;

/// Finds one or two wrong values of a Bech32 text out of what the checksum leaves over.
///
/// The generator of the code has the roots e⁹⁹⁷, e⁹⁹⁸ and e⁹⁹⁹ in GF(1024), the field that GF(32) becomes
/// by a root e of x² + 9x + 23. A right text is zero there; a wrong one is what the errors alone are. One
/// error of value v at place p (counted from the right) is v·eᵖʲ at eʲ, so the quotient of neighbours tells
/// p; for two errors each first place is tried and the second follows. An element of GF(1024) is written
/// a·e + b as 32·a + b.
final class Bech32Field {
    private static final int ORDER = 1023;
    private static final int FIRST_ROOT = 997;
    private static final int SUBFIELD_STEP = 33;
    private static final short[] POWER = new short[ORDER];
    private static final short[] LOG = new short[ORDER + 1];

    static {
        int element = 1;
        LOG[0] = -1;
        for (int i = 0; i < ORDER; i++) {
            POWER[i] = (short) element;
            LOG[element] = (short) i;
            int high = element >>> 5;
            int low = element & 31;
            element = ((times(high, 9) ^ low) << 5) | times(high, 23);
        }
    }

    private Bech32Field() {}

    /// The product in GF(32), modulo x⁵ + x³ + 1.
    private static int times(int a, int b) {
        int product = 0;
        for (int bit = 4; bit >= 0; bit--) {
            product <<= 1;
            product ^= (product & 32) == 0 ? 0 : 0b101001;
            product ^= ((b >>> bit) & 1) == 0 ? 0 : a;
        }
        return product;
    }

    private static int power(int exponent) {
        return POWER[Math.floorMod(exponent, ORDER)];
    }

    /// `element` times e to the `exponent`.
    private static int shifted(int element, int exponent) {
        return element == 0 ? 0 : power(LOG[element] + exponent);
    }

    /// The value at a root of the polynomial with six coefficients of five bits.
    private static int at(int root, int residue) {
        int sum = 0;
        for (int i = 0; i < 6; i++) {
            sum ^= shifted((residue >>> (5 * i)) & 31, root * i);
        }
        return sum;
    }

    /// Places of the wrong values, counted from the right, the leftmost first.
    ///
    /// @param residue what the checksum leaves over, not zero
    /// @param length number of values
    /// @return one or two places; empty if more must be wrong
    static List<Integer> errors(int residue, int length) {
        int s0 = at(FIRST_ROOT, residue);
        int s1 = at(FIRST_ROOT + 1, residue);
        int s2 = at(FIRST_ROOT + 2, residue);
        if (s0 != 0 && s1 != 0 && s2 != 0 && (2 * LOG[s1] - LOG[s0] - LOG[s2]) % ORDER == 0) {
            int place = Math.floorMod(LOG[s1] - LOG[s0], ORDER);
            return place < length && isValue(s0, place) ? List.of(place) : List.of();
        }
        for (int first = 0; first < length; first++) {
            // What the second error alone leaves, times the sum of both places' powers.
            int t1 = s2 ^ shifted(s1, first);
            int t0 = s1 ^ shifted(s0, first);
            if (t1 == 0 || t0 == 0) {
                continue;
            }
            int second = Math.floorMod(LOG[t1] - LOG[t0], ORDER);
            if (second >= length || second == first) {
                continue;
            }
            int u0 = s1 ^ shifted(s0, second);
            int apart = LOG[power(first) ^ power(second)];
            if (u0 != 0
                    && isValue(power(LOG[t0] - apart), second)
                    && isValue(power(LOG[u0] - apart), first)) {
                return List.of(Math.max(first, second), Math.min(first, second));
            }
        }
        return List.of();
    }

    /// Whether an error at a place that gives `syndrome` at the first root has a value of GF(32).
    private static boolean isValue(int syndrome, int place) {
        return Math.floorMod(LOG[syndrome] - FIRST_ROOT * place, ORDER) % SUBFIELD_STEP == 0;
    }
}
