package weft.primitives;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.Test;
import weft.primitives.codec.ByteReader;
import weft.primitives.codec.ByteWriter;
import weft.primitives.codec.MalformedBytes;

/// Traps of the page docs/java-traps.md that primitives keep out of: first the trap, then what weft does.
class JavaTrapsTest {
    @Test
    void shouldPrintTheSmallestAmount() {
        assertThat(Math.abs(Long.MIN_VALUE)).isNegative();
        assertThat(Amount.format(Long.MIN_VALUE)).isEqualTo("-92233720368.54775808");
        assertThat(Amount.isInRange(Long.MIN_VALUE)).isFalse();
    }

    @Test
    void shouldReadBytesUnsigned() {
        byte high = (byte) 0xfd;
        assertThat((int) high).isEqualTo(-3);
        assertThat(ByteReader.of(new byte[] {high}).u8()).isEqualTo(0xfd);
        assertThat(Bytes.wrap(new byte[] {high}).at(0)).isEqualTo(0xfd);
        assertThat(ByteReader.of(new byte[] {high, (byte) 0xff, (byte) 0xff}).compactSize())
                .isEqualTo(0xffff);
        assertThat(Bytes.parse("80")).isGreaterThan(Bytes.parse("7f"));
    }

    @Test
    void shouldReadFourBytesUnsigned() {
        byte[] all = Bytes.parse("ffffffff").toByteArray();
        assertThat(ByteReader.of(all).i32()).isEqualTo(-1);
        assertThat(ByteReader.of(all).u32()).isEqualTo(4_294_967_295L);
        Transaction tx =
                Transaction.of(
                        0xffff_ffffL,
                        List.of(
                                new TxIn(
                                        new OutPoint(Txid.ZERO, 0xffff_fffeL),
                                        Bytes.EMPTY,
                                        TxIn.SEQUENCE_FINAL)),
                        List.of(),
                        List.of(),
                        0xffff_ffffL);
        Transaction again =
                Transaction.read(ByteReader.of(tx.toByteArray()), Transaction.Encoding.LEGACY);
        assertThat(again.version()).isEqualTo(0xffff_ffffL);
        assertThat(again.lockTime()).isEqualTo(0xffff_ffffL);
        assertThat(again.inputs().getFirst().prevout().index()).isEqualTo(0xffff_fffeL);
        assertThat(again.inputs().getFirst().sequence()).isEqualTo(0xffff_ffffL);
    }

    @Test
    void shouldRefuseLengthsThatWrap() {
        int position = 9;
        assertThat(position + Integer.MAX_VALUE).isNegative();
        ByteReader longest = ByteReader.of(Bytes.parse("fe0000000200").toByteArray());
        assertThatThrownBy(longest::varBytes).isInstanceOf(MalformedBytes.class);
        ByteReader negative = ByteReader.of(Bytes.parse("ffffffffffffffffff00").toByteArray());
        assertThatThrownBy(negative::varBytes)
                .isInstanceOf(MalformedBytes.class)
                .hasMessageContaining("18446744073709551615");
        ByteReader at = ByteReader.of(new byte[10]);
        at.skip(position);
        assertThatThrownBy(() -> at.skip(Integer.MAX_VALUE)).isInstanceOf(MalformedBytes.class);
        var out = new ByteWriter();
        out.u8(1);
        assertThatThrownBy(() -> out.bytes(new byte[1], 0, Integer.MAX_VALUE))
                .isInstanceOf(ArithmeticException.class);
    }

    @Test
    void shouldRefuseSumsThatWrap() {
        Amount most = new Amount(Amount.MAX_SATOSHIS);
        assertThat(Long.MAX_VALUE + 1).isNegative();
        assertThatThrownBy(() -> most.plus(new Amount(1)))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Amount.ZERO.minus(new Amount(1)))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void shouldKeepEveryByteOfAText() {
        byte[] all = new byte[256];
        for (int i = 0; i < all.length; i++) {
            all[i] = (byte) i;
        }
        byte[] utf8 = new String(all, StandardCharsets.UTF_8).getBytes(StandardCharsets.UTF_8);
        assertThat(utf8).isNotEqualTo(all);
        assertThat((char) all[0x80]).isEqualTo('\uff80');
        byte[] framed = new ByteWriter().varBytes(Bytes.wrap(all)).toByteArray();
        String text = ByteReader.of(framed).varString(256);
        assertThat(text.charAt(0x80)).isEqualTo('\u0080');
        assertThat(new ByteWriter().varString(text).toByteArray()).isEqualTo(framed);
    }

    @Test
    void shouldFormatAlikeInEveryLocale() {
        Locale before = Locale.getDefault();
        try {
            Locale.setDefault(Locale.forLanguageTag("ar-EG-u-nu-arab"));
            assertThat(String.format("%d", 5)).isNotEqualTo("5");
            assertThat(Amount.format(5)).isEqualTo("0.00000005");
            Locale.setDefault(Locale.forLanguageTag("tr"));
            assertThat("I".toLowerCase(Locale.getDefault())).isNotEqualTo("i");
            assertThat(Txid.ZERO.toHex()).isEqualTo("0".repeat(64));
        } finally {
            Locale.setDefault(before);
        }
    }

    @Test
    void shouldReadOnlyAsciiDigits() {
        String three = "\u0663";
        assertThat(Integer.parseInt(three)).isEqualTo(3);
        assertThatThrownBy(() -> Txid.parse(three.repeat(64)))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Bytes.parse(three.repeat(2)))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Txid.parse("+" + "0".repeat(63)))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void shouldCompareBytesByContent() {
        byte[] one = {1};
        Object same = one.clone();
        assertThat(same.equals(one)).isFalse();
        Bytes bytes = Bytes.copyOf(one);
        assertThat(bytes).isEqualTo(Bytes.copyOf(one)).hasSameHashCodeAs(Bytes.copyOf(one));
        one[0] = 2;
        assertThat(bytes.at(0)).isEqualTo(1);
        bytes.toByteArray()[0] = 3;
        assertThat(bytes.at(0)).isEqualTo(1);
    }

    /// Colliding keys that compare make a bucket a tree; those that do not make it a list.
    @Test
    void shouldTakeKeysThatCollide() {
        assertThat(new Txid(1, 0, 0, 0)).hasSameHashCodeAs(new Txid(1L << 32, 0, 0, 0));
        for (Class<?> key :
                List.of(
                        Txid.class,
                        Wtxid.class,
                        BlockHash.class,
                        Digest256.class,
                        OutPoint.class)) {
            assertThat(Comparable.class).as(key.getName()).isAssignableFrom(key);
        }
        Map<Txid, Long> map = new HashMap<>();
        int keys = 100_000;
        for (long i = 0; i < keys; i++) {
            // Both halves of a word are folded together: all these have the hash of zero.
            map.put(new Txid(i << 32 | i, 0, 0, 0), i);
        }
        assertThat(map.keySet().stream().mapToInt(Txid::hashCode).distinct().count()).isEqualTo(1);
        assertThat(map).hasSize(keys);
        assertThat(map.get(new Txid(5L << 32 | 5, 0, 0, 0))).isEqualTo(5);
    }

    @Test
    void shouldCheckWithoutAFlag() {
        // An assert statement would do nothing unless the operator runs with -ea.
        assertThatThrownBy(() -> Check.state(false, "never")).isInstanceOf(Bug.class);
        assertThatThrownBy(() -> Check.argument(false, "never"))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
