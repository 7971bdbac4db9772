package weft.chain;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import weft.chain.store.Batch;
import weft.chain.store.MemoryKeyValueStore;
import weft.primitives.Bytes;
import weft.testkit.Property;

/// Traps of the page docs/java-traps.md that chain state keeps out of: first the trap, then what weft does.
class JavaTrapsTest {
    private static final BigInteger TWO_64 = BigInteger.ONE.shiftLeft(64);

    @Test
    void shouldDivideAsUnsigned() {
        assertThat(-2L % 10).isEqualTo(-2);
        assertThat(Long.remainderUnsigned(-2L, 10)).isEqualTo(4);
        Property.holds(
                2_000,
                random -> {
                    long form = random.nextLong() | Long.MIN_VALUE;
                    assertThat(CoinCodec.decompressAmount(form)).isEqualTo(reference(form));
                });
    }

    /// The definition, on numbers without an end.
    private static long reference(long form) {
        BigInteger[] tens =
                new BigInteger(Long.toUnsignedString(form))
                        .subtract(BigInteger.ONE)
                        .divideAndRemainder(BigInteger.TEN);
        int zeros = tens[1].intValueExact();
        BigInteger amount;
        if (zeros < 9) {
            BigInteger[] nines = tens[0].divideAndRemainder(BigInteger.valueOf(9));
            amount = nines[0].multiply(BigInteger.TEN).add(nines[1]).add(BigInteger.ONE);
        } else {
            amount = tens[0].add(BigInteger.ONE);
        }
        return amount.multiply(BigInteger.TEN.pow(zeros)).mod(TWO_64).longValue();
    }

    @Test
    void shouldListKeysInOneOrder() {
        List<Bytes> keys = new ArrayList<>();
        for (int i = 0; i < 256; i++) {
            keys.add(Bytes.wrap(new byte[] {(byte) i}));
        }
        RandomGenerator random = new SplittableRandom(1);
        Collections.shuffle(keys, random);
        List<Bytes> forwards = scan(keys);
        assertThat(scan(keys.reversed())).isEqualTo(forwards);
        assertThat(forwards).isSorted();
        assertThat(forwards.getLast()).isEqualTo(Bytes.parse("ff"));
        // What a hash map shows is neither the order of arrival nor the order of keys.
        var map = new HashMap<String, Integer>();
        for (Bytes key : keys) {
            map.put("key " + key, 0);
        }
        assertThat(new ArrayList<>(map.keySet()))
                .isNotEqualTo(map.keySet().stream().sorted().toList());
    }

    private static List<Bytes> scan(List<Bytes> keys) {
        try (var store = new MemoryKeyValueStore()) {
            var batch = new Batch();
            keys.forEach(key -> batch.put(key, Bytes.EMPTY));
            store.write(batch);
            List<Bytes> seen = new ArrayList<>();
            store.scan(Bytes.EMPTY, (key, _) -> seen.add(key));
            return seen;
        }
    }

    @Test
    void shouldReadHeightsThatDoNotFitAnInt() {
        var out = new weft.primitives.codec.ByteWriter();
        VarInt.write(out, 1L << 31);
        assertThat((int) (1L << 31)).isNegative();
        byte[] bytes = out.toByteArray();
        org.assertj.core.api.Assertions.assertThatThrownBy(
                        () -> VarInt.readInt(weft.primitives.codec.ByteReader.of(bytes)))
                .isInstanceOf(weft.primitives.codec.MalformedBytes.class);
        assertThat(VarInt.read(weft.primitives.codec.ByteReader.of(bytes))).isEqualTo(1L << 31);
    }
}
