package weft.crypto.internal.pure;

/// A number modulo p = 2^256 − 2^32 − 977, the field of the curve's coordinates. Mutable: a method named
/// `set…` overwrites this element with the result, and its arguments may be the same object.
///
/// Five signed limbs of 52 bits. Sums and differences are limb by limb and not reduced; a *magnitude* m
/// says that no limb is larger than m · 2^52, and the last no larger than m · 2^48. Products and squares
/// have magnitude 1 and need factors whose magnitudes are at most 16 and whose product is at most 256;
/// who writes a formula counts. No method but those named `…Variable` takes a time that depends on values.
final class FieldElement {
    /// Number of limbs, for tables that hold elements as plain numbers.
    static final int LIMBS = 5;

    private static final long MASK = (1L << 52) - 1;
    private static final long TOP_MASK = (1L << 48) - 1;

    /// 2^256 modulo p.
    private static final long FOLD = 0x1000003D1L;

    /// 2^260 modulo p.
    private static final long FOLD_WIDE = FOLD << 4;

    private static final long FOLD_SHIFTED = FOLD_WIDE << 12;

    /// The lowest limb of p.
    private static final long P0 = 0xFFFFEFFFFFC2FL;

    private long n0;
    private long n1;
    private long n2;
    private long n3;
    private long n4;

    /// Zero.
    FieldElement() {}

    /// A small number.
    static FieldElement of(int value) {
        var result = new FieldElement();
        result.n0 = value;
        return result;
    }

    /// The number that 64 hexadecimal digits stand for, below p.
    static FieldElement ofHex(String digits) {
        var result = new FieldElement();
        result.setBytes(java.util.HexFormat.of().parseHex(digits), 0);
        return result;
    }

    FieldElement copy() {
        return new FieldElement().set(this);
    }

    FieldElement set(FieldElement a) {
        n0 = a.n0;
        n1 = a.n1;
        n2 = a.n2;
        n3 = a.n3;
        n4 = a.n4;
        return this;
    }

    /// Reads 32 bytes, big-endian; what is not below p counts modulo p.
    ///
    /// @return whether it is below p
    boolean setBytes(byte[] bytes, int offset) {
        long w3 = Words.get(bytes, offset);
        long w2 = Words.get(bytes, offset + 8);
        long w1 = Words.get(bytes, offset + 16);
        long w0 = Words.get(bytes, offset + 24);
        n0 = w0 & MASK;
        n1 = (w0 >>> 52 | w1 << 12) & MASK;
        n2 = (w1 >>> 40 | w2 << 24) & MASK;
        n3 = (w2 >>> 28 | w3 << 36) & MASK;
        n4 = w3 >>> 16;
        return n4 != TOP_MASK || (n1 & n2 & n3) != MASK || n0 < P0;
    }

    /// Writes 32 bytes, big-endian; the element must be normal.
    void getBytes(byte[] bytes, int offset) {
        Words.put(bytes, offset, n3 >>> 36 | n4 << 16);
        Words.put(bytes, offset + 8, n2 >>> 24 | n3 << 28);
        Words.put(bytes, offset + 16, n1 >>> 12 | n2 << 40);
        Words.put(bytes, offset + 24, n0 | n1 << 52);
    }

    /// Reads limbs from a table.
    FieldElement load(long[] table, int offset) {
        n0 = table[offset];
        n1 = table[offset + 1];
        n2 = table[offset + 2];
        n3 = table[offset + 3];
        n4 = table[offset + 4];
        return this;
    }

    /// Writes limbs to a table.
    void store(long[] table, int offset) {
        table[offset] = n0;
        table[offset + 1] = n1;
        table[offset + 2] = n2;
        table[offset + 3] = n3;
        table[offset + 4] = n4;
    }

    /// Adds, limb by limb, the limbs of a table where `mask` has ones.
    void addMasked(long[] table, int offset, long mask) {
        n0 += table[offset] & mask;
        n1 += table[offset + 1] & mask;
        n2 += table[offset + 2] & mask;
        n3 += table[offset + 3] & mask;
        n4 += table[offset + 4] & mask;
    }

    /// Becomes `a` if `mask` is all ones, stays if it is 0.
    void setWhere(long mask, FieldElement a) {
        n0 ^= (n0 ^ a.n0) & mask;
        n1 ^= (n1 ^ a.n1) & mask;
        n2 ^= (n2 ^ a.n2) & mask;
        n3 ^= (n3 ^ a.n3) & mask;
        n4 ^= (n4 ^ a.n4) & mask;
    }

    /// `a + b`; the magnitudes add up.
    FieldElement setSum(FieldElement a, FieldElement b) {
        n0 = a.n0 + b.n0;
        n1 = a.n1 + b.n1;
        n2 = a.n2 + b.n2;
        n3 = a.n3 + b.n3;
        n4 = a.n4 + b.n4;
        return this;
    }

    /// `a − b`; the magnitudes add up.
    FieldElement setDifference(FieldElement a, FieldElement b) {
        n0 = a.n0 - b.n0;
        n1 = a.n1 - b.n1;
        n2 = a.n2 - b.n2;
        n3 = a.n3 - b.n3;
        n4 = a.n4 - b.n4;
        return this;
    }

    /// `−a`, of the same magnitude.
    FieldElement setNegated(FieldElement a) {
        n0 = -a.n0;
        n1 = -a.n1;
        n2 = -a.n2;
        n3 = -a.n3;
        n4 = -a.n4;
        return this;
    }

    /// `factor · a`; the magnitude grows by the factor.
    FieldElement setMultiple(FieldElement a, int factor) {
        n0 = a.n0 * factor;
        n1 = a.n1 * factor;
        n2 = a.n2 * factor;
        n3 = a.n3 * factor;
        n4 = a.n4 * factor;
        return this;
    }

    /// `a + small`.
    FieldElement setSum(FieldElement a, int small) {
        set(a);
        n0 += small;
        return this;
    }

    private static long hi(long a, long b) {
        return Math.multiplyHigh(a, b);
    }

    /// `a · b`.
    ///
    /// With factors shifted by six bits each, the upper word of a product is its part above 2^52; the part
    /// below needs no mask for each product, since the sum of the lower words says it modulo 2^64, and it
    /// is small.
    FieldElement setProduct(FieldElement a, FieldElement b) {
        long a0 = a.n0;
        long a1 = a.n1;
        long a2 = a.n2;
        long a3 = a.n3;
        long a4 = a.n4;
        long b0 = b.n0;
        long b1 = b.n1;
        long b2 = b.n2;
        long b3 = b.n3;
        long b4 = b.n4;
        long s0 = a0 << 6;
        long s1 = a1 << 6;
        long s2 = a2 << 6;
        long s3 = a3 << 6;
        long s4 = a4 << 6;
        long t0 = b0 << 6;
        long t1 = b1 << 6;
        long t2 = b2 << 6;
        long t3 = b3 << 6;
        long t4 = b4 << 6;
        long h4 = hi(s0, t4) + hi(s1, t3) + hi(s2, t2) + hi(s3, t1) + hi(s4, t0);
        long h5 = hi(s1, t4) + hi(s2, t3) + hi(s3, t2) + hi(s4, t1);
        long h6 = hi(s2, t4) + hi(s3, t3) + hi(s4, t2);
        long h7 = hi(s3, t4) + hi(s4, t3);
        long h8 = hi(s4, t4);
        long c5 = a1 * b4 + a2 * b3 + a3 * b2 + a4 * b1 + h4 - (h5 << 52);
        long c6 = a2 * b4 + a3 * b3 + a4 * b2 + h5 - (h6 << 52);
        long c7 = a3 * b4 + a4 * b3 + h6 - (h7 << 52);
        long c8 = a4 * b4 + h7 - (h8 << 52);
        long h0 = hi(s0, t0);
        long h1 = hi(s0, t1) + hi(s1, t0);
        long h2 = hi(s0, t2) + hi(s1, t1) + hi(s2, t0);
        long h3 = hi(s0, t3) + hi(s1, t2) + hi(s2, t1) + hi(s3, t0);
        long c0 = a0 * b0 - (h0 << 52);
        long c1 = a0 * b1 + a1 * b0 + h0 - (h1 << 52);
        long c2 = a0 * b2 + a1 * b1 + a2 * b0 + h1 - (h2 << 52);
        long c3 = a0 * b3 + a1 * b2 + a2 * b1 + a3 * b0 + h2 - (h3 << 52);
        long c4 = a0 * b4 + a1 * b3 + a2 * b2 + a3 * b1 + a4 * b0 + h3 - (h4 << 52);
        c4 += (h8 * FOLD_WIDE & MASK) + hi(c8, FOLD_SHIFTED);
        long top = (c4 >> 48) + (hi(h8, FOLD_SHIFTED) << 4);
        c0 += (c5 * FOLD_WIDE & MASK) + top * 0x3D1 + ((top & 0xFFFFF) << 32);
        c1 += (c6 * FOLD_WIDE & MASK) + hi(c5, FOLD_SHIFTED) + (top >> 20) + (c0 >> 52);
        c2 += (c7 * FOLD_WIDE & MASK) + hi(c6, FOLD_SHIFTED) + (c1 >> 52);
        c3 += (c8 * FOLD_WIDE & MASK) + hi(c7, FOLD_SHIFTED) + (c2 >> 52);
        n0 = c0 & MASK;
        n1 = c1 & MASK;
        n2 = c2 & MASK;
        n3 = c3 & MASK;
        n4 = (c4 & TOP_MASK) + (c3 >> 52);
        return this;
    }

    /// `a²`, as [#setProduct] with its equal products taken once.
    FieldElement setSquare(FieldElement a) {
        long a0 = a.n0;
        long a1 = a.n1;
        long a2 = a.n2;
        long a3 = a.n3;
        long a4 = a.n4;
        long d0 = a0 << 1;
        long d1 = a1 << 1;
        long d2 = a2 << 1;
        long d3 = a3 << 1;
        long s0 = a0 << 6;
        long s1 = a1 << 6;
        long s2 = a2 << 6;
        long s3 = a3 << 6;
        long s4 = a4 << 6;
        long h4 = 2 * (hi(s0, s4) + hi(s1, s3)) + hi(s2, s2);
        long h5 = 2 * (hi(s1, s4) + hi(s2, s3));
        long h6 = 2 * hi(s2, s4) + hi(s3, s3);
        long h7 = 2 * hi(s3, s4);
        long h8 = hi(s4, s4);
        long c5 = d1 * a4 + d2 * a3 + h4 - (h5 << 52);
        long c6 = d2 * a4 + a3 * a3 + h5 - (h6 << 52);
        long c7 = d3 * a4 + h6 - (h7 << 52);
        long c8 = a4 * a4 + h7 - (h8 << 52);
        long h0 = hi(s0, s0);
        long h1 = 2 * hi(s0, s1);
        long h2 = 2 * hi(s0, s2) + hi(s1, s1);
        long h3 = 2 * (hi(s0, s3) + hi(s1, s2));
        long c0 = a0 * a0 - (h0 << 52);
        long c1 = d0 * a1 + h0 - (h1 << 52);
        long c2 = d0 * a2 + a1 * a1 + h1 - (h2 << 52);
        long c3 = d0 * a3 + d1 * a2 + h2 - (h3 << 52);
        long c4 = d0 * a4 + d1 * a3 + a2 * a2 + h3 - (h4 << 52);
        c4 += (h8 * FOLD_WIDE & MASK) + hi(c8, FOLD_SHIFTED);
        long top = (c4 >> 48) + (hi(h8, FOLD_SHIFTED) << 4);
        c0 += (c5 * FOLD_WIDE & MASK) + top * 0x3D1 + ((top & 0xFFFFF) << 32);
        c1 += (c6 * FOLD_WIDE & MASK) + hi(c5, FOLD_SHIFTED) + (top >> 20) + (c0 >> 52);
        c2 += (c7 * FOLD_WIDE & MASK) + hi(c6, FOLD_SHIFTED) + (c1 >> 52);
        c3 += (c8 * FOLD_WIDE & MASK) + hi(c7, FOLD_SHIFTED) + (c2 >> 52);
        n0 = c0 & MASK;
        n1 = c1 & MASK;
        n2 = c2 & MASK;
        n3 = c3 & MASK;
        n4 = (c4 & TOP_MASK) + (c3 >> 52);
        return this;
    }

    /// `a²` squared again, `times` squarings in all.
    FieldElement setSquare(FieldElement a, int times) {
        setSquare(a);
        for (int i = 1; i < times; i++) {
            setSquare(this);
        }
        return this;
    }

    /// The same number with magnitude 1, from a magnitude below 1024.
    FieldElement shrink() {
        long top = n4 >> 48;
        long c0 = n0 + top * FOLD;
        long c1 = n1 + (c0 >> 52);
        long c2 = n2 + (c1 >> 52);
        long c3 = n3 + (c2 >> 52);
        n0 = c0 & MASK;
        n1 = c1 & MASK;
        n2 = c2 & MASK;
        n3 = c3 & MASK;
        n4 = (n4 & TOP_MASK) + (c3 >> 52);
        return this;
    }

    /// The same number in its one normal form: from 0 to p − 1, no limb negative or too large.
    FieldElement normalize() {
        // The first time brings it near to 0 … 2^256, the second into it, whatever its sign was.
        shrink();
        shrink();
        long c0 = n0 + FOLD;
        long c1 = n1 + (c0 >> 52);
        long c2 = n2 + (c1 >> 52);
        long c3 = n3 + (c2 >> 52);
        long c4 = n4 + (c3 >> 52);
        long reached = -(c4 >> 48);
        n0 ^= (n0 ^ (c0 & MASK)) & reached;
        n1 ^= (n1 ^ (c1 & MASK)) & reached;
        n2 ^= (n2 ^ (c2 & MASK)) & reached;
        n3 ^= (n3 ^ (c3 & MASK)) & reached;
        n4 ^= (n4 ^ (c4 & TOP_MASK)) & reached;
        return this;
    }

    /// Whether it is zero modulo p, for every magnitude; its form stays.
    boolean isZeroVariable() {
        long low = n0 + (n4 >> 48) * FOLD & MASK;
        return (low == 0 || low == P0) && copy().normalize().isNormalZero();
    }

    /// Whether it is zero; the element must be normal.
    boolean isNormalZero() {
        return (n0 | n1 | n2 | n3 | n4) == 0;
    }

    /// The lowest bit: 0 or 1; the element must be normal.
    int parity() {
        return (int) n0 & 1;
    }

    /// Whether both are the same number modulo p; the magnitudes together stay below 1024.
    boolean sameAs(FieldElement other) {
        return new FieldElement().setDifference(this, other).normalize().isNormalZero();
    }
}
