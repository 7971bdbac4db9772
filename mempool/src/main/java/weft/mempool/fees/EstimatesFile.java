package weft.mempool.fees;

import weft.primitives.codec.ByteReader;
import weft.primitives.codec.ByteWriter;
import weft.primitives.codec.MalformedBytes;

/// Numbers of `fee_estimates.dat`: doubles as the 64 bits of IEEE 754, vectors with their length before them.
final class EstimatesFile {
    private EstimatesFile() {}

    static MalformedBytes corrupt(String what) {
        return new MalformedBytes("Corrupt estimates file. " + what);
    }

    static double number(ByteReader in) {
        return Double.longBitsToDouble(in.i64());
    }

    static void number(ByteWriter out, double value) {
        out.i64(Double.doubleToRawLongBits(value));
    }

    /// Reads a vector that must have a given length.
    static double[] numbers(ByteReader in, int length) {
        if (in.compactSize() != length) {
            throw corrupt("Mismatch in bucket count");
        }
        return counted(in, length);
    }

    /// Reads a vector of any length up to a bound.
    static double[] numbersUpTo(ByteReader in, int max) {
        int length = in.compactSize();
        if (length > max) {
            throw corrupt("Must have between 2 and 1000 feerate buckets");
        }
        return counted(in, length);
    }

    private static double[] counted(ByteReader in, int length) {
        double[] values = new double[length];
        for (int i = 0; i < length; i++) {
            values[i] = number(in);
            if (Double.isNaN(values[i]) || values[i] < 0) {
                throw corrupt("Averages are positive numbers");
            }
        }
        return values;
    }

    static void numbers(ByteWriter out, double[] values) {
        out.compactSize(values.length);
        for (double value : values) {
            number(out, value);
        }
    }
}
