package weft.crypto.internal.pure;

/// Signed odd digits of a number of up to 128 bits and its sign: Σ digit(i) · 2^i, where every digit but
/// zeros is odd, and `window − 1` zeros at least follow each other digit. For public numbers.
final class Wnaf {
    /// Digits there can be: 128 bits and a carry.
    static final int LENGTH = 129;

    private Wnaf() {}

    /// Writes the digits of `value`, which is below 2^128, or of its negative.
    ///
    /// @param digits [#LENGTH] zeros
    /// @param window digits are between −2^(window − 1) and 2^(window − 1)
    /// @return one more than the last place that has a digit
    static int write(Scalar value, boolean negative, int window, short[] digits) {
        int carry = 0;
        int end = 0;
        int at = 0;
        while (at < LENGTH) {
            if (value.bits(at, 1) == carry) {
                at++;
                continue;
            }
            int count = Math.min(window, LENGTH - at);
            int word = value.bits(at, count) + carry;
            carry = (word >> (window - 1)) & 1;
            word -= carry << window;
            digits[at] = (short) (negative ? -word : word);
            end = at + 1;
            at += count;
        }
        return end;
    }
}
