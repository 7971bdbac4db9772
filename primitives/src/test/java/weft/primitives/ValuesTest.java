package weft.primitives;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigInteger;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import weft.primitives.codec.ByteReader;
import weft.primitives.codec.ByteWriter;
import weft.testkit.Property;

class ValuesTest {
    @Test
    void shouldKeepHashesInWireOrder() {
        Property.holds(
                300,
                random -> {
                    byte[] bytes = Property.bytes(random, 32);
                    Txid txid = Txid.of(bytes);
                    assertThat(txid.toByteArray()).isEqualTo(bytes);
                    assertThat(Txid.parse(txid.toHex())).isEqualTo(txid);
                    assertThat(Txid.parse(txid.toHex().toUpperCase(java.util.Locale.ROOT)))
                            .isEqualTo(txid);
                    assertThat(Txid.read(ByteReader.of(bytes))).isEqualTo(txid);
                    var out = new ByteWriter();
                    txid.write(out);
                    assertThat(out.toByteArray()).isEqualTo(bytes);
                    assertThat(txid.toHex()).startsWith(String.format("%02x", bytes[31]));
                    byte[] padded = new byte[40];
                    System.arraycopy(bytes, 0, padded, 5, 32);
                    assertThat(BlockHash.of(padded, 5).toByteArray()).isEqualTo(bytes);
                    assertThat(Wtxid.of(bytes).toHex()).isEqualTo(txid.toHex());
                    assertThat(Digest256.of(bytes).toHex()).isEqualTo(txid.toHex());
                });
    }

    @Test
    void shouldOrderHashesAsNumbers() {
        Property.holds(
                300,
                random -> {
                    byte[] a = Property.bytes(random, 32);
                    byte[] b = random.nextBoolean() ? Property.bytes(random, 32) : a.clone();
                    b[random.nextInt(32)] = (byte) random.nextInt(256);
                    Txid left = Txid.of(a);
                    Txid right = Txid.of(b);
                    int wanted =
                            new BigInteger(left.toHex(), 16)
                                    .compareTo(new BigInteger(right.toHex(), 16));
                    assertThat(Integer.signum(left.compareTo(right))).isEqualTo(wanted);
                    assertThat(left.equals(right)).isEqualTo(wanted == 0);
                });
        assertThat(Txid.ZERO.isZero()).isTrue();
        assertThat(new Txid(0, 0, 0, 1).isZero()).isFalse();
    }

    @Test
    void shouldRefuseTextsThatAreNoHash() {
        for (String text :
                List.of("", "00", "0".repeat(63), "0".repeat(65), "g" + "0".repeat(63))) {
            assertThatThrownBy(() -> Txid.parse(text)).isInstanceOf(IllegalArgumentException.class);
        }
        assertThatThrownBy(() -> Txid.of(new byte[31]))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void shouldSliceAsCopies() {
        Property.holds(
                300,
                random -> {
                    byte[] array = Property.bytes(random, random.nextInt(50));
                    int from = random.nextInt(array.length + 1);
                    int length = random.nextInt(array.length - from + 1);
                    byte[] part = Arrays.copyOfRange(array, from, from + length);
                    Bytes slice = Bytes.wrap(array).slice(from, length);
                    assertThat(slice)
                            .isEqualTo(Bytes.copyOf(part))
                            .hasSameHashCodeAs(Bytes.copyOf(part));
                    assertThat(slice.toByteArray()).isEqualTo(part);
                    assertThat(slice.compact()).isEqualTo(slice);
                    assertThat(Bytes.parse(slice.toHex())).isEqualTo(slice);
                    Bytes begin = Bytes.wrap(array, 0, from);
                    assertThat(begin.plus(Bytes.wrap(array).from(from)))
                            .isEqualTo(Bytes.wrap(array));
                    assertThat(Bytes.wrap(array).startsWith(begin)).isTrue();
                    for (int i = 0; i < length; i++) {
                        assertThat(slice.at(i)).isEqualTo(part[i] & 0xff);
                    }
                    Bytes other = Bytes.wrap(Property.bytes(random, random.nextInt(4)));
                    int wanted = Arrays.compareUnsigned(part, other.toByteArray());
                    assertThat(Integer.signum(slice.compareTo(other)))
                            .isEqualTo(Integer.signum(wanted));
                });
    }

    @Test
    void shouldNotFollowACopiedArray() {
        byte[] array = {1, 2, 3};
        Bytes copy = Bytes.copyOf(array);
        array[0] = 9;
        assertThat(copy.at(0)).isEqualTo(1);
        assertThatThrownBy(() -> copy.at(3)).isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> copy.slice(2, 2)).isInstanceOf(IndexOutOfBoundsException.class);
    }

    @Test
    void shouldKeepAmountsInRange() {
        assertThat(Amount.isInRange(Amount.MAX_SATOSHIS)).isTrue();
        assertThat(Amount.isInRange(Amount.MAX_SATOSHIS + 1)).isFalse();
        assertThat(Amount.isInRange(-1)).isFalse();
        assertThatThrownBy(() -> new Amount(-1)).isInstanceOf(IllegalArgumentException.class);
        Amount most = new Amount(Amount.MAX_SATOSHIS);
        assertThatThrownBy(() -> most.plus(new Amount(1)))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Amount.ZERO.minus(new Amount(1)))
                .isInstanceOf(IllegalArgumentException.class);
        assertThat(most.minus(most)).isEqualTo(Amount.ZERO);
        assertThat(most).isGreaterThan(Amount.ZERO).hasToString("21000000.00000000");
        assertThat(Amount.format(-1)).isEqualTo("-0.00000001");
        assertThat(Amount.format(123_456_789_012L)).isEqualTo("1234.56789012");
    }
}
