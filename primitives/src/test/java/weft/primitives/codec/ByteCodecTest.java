package weft.primitives.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import weft.primitives.Bytes;
import weft.testkit.Property;

class ByteCodecTest {
    private static long anyLong(SplittableRandom random) {
        return random.nextLong() >>> random.nextInt(64);
    }

    @Test
    void shouldComeBackFromBytes() {
        Property.holds(
                500,
                random -> {
                    int u16 = random.nextInt(1 << 16);
                    long u32 = random.nextLong() >>> 32;
                    long i64 = random.nextLong();
                    long size = anyLong(random);
                    Bytes bytes = Bytes.wrap(Property.bytes(random, random.nextInt(600)));
                    byte[] written =
                            new ByteWriter(random.nextInt(3))
                                    .u8(u16)
                                    .bool(true)
                                    .u16(u16)
                                    .u16BigEndian(u16)
                                    .i32((int) u32)
                                    .u32(u32)
                                    .i64(i64)
                                    .compactSize(size)
                                    .varBytes(bytes)
                                    .varString("ab\u00ff")
                                    .list(List.of(1, 2, 3), (each, out) -> out.u8(each))
                                    .bytes(bytes)
                                    .toByteArray();
                    ByteReader in = ByteReader.of(written);
                    assertThat(in.u8()).isEqualTo(u16 & 0xff);
                    assertThat(in.bool()).isTrue();
                    assertThat(in.u16()).isEqualTo(u16);
                    assertThat(in.u16BigEndian()).isEqualTo(u16);
                    assertThat(in.i32()).isEqualTo((int) u32);
                    assertThat(in.u32()).isEqualTo(u32);
                    assertThat(in.i64()).isEqualTo(i64);
                    assertThat(in.compactSizeUnlimited()).isEqualTo(size);
                    assertThat(in.varBytes()).isEqualTo(bytes);
                    assertThat(in.varString(3)).isEqualTo("ab\u00ff");
                    assertThat(in.list(3, 1, ByteReader::u8)).containsExactly(1, 2, 3);
                    assertThat(in.rest()).isEqualTo(bytes);
                    assertThat(in.isAtEnd()).isTrue();
                    in.expectEnd();
                });
    }

    @Test
    void shouldWriteTheShortestCompactSize() {
        long[] edges = {
            0, 1, 0xfc, 0xfd, 0xffff, 0x1_0000, 0xffff_ffffL, 0x1_0000_0000L, Long.MAX_VALUE, -1
        };
        int[] sizes = {1, 1, 1, 3, 3, 5, 5, 9, 9, 9};
        for (int i = 0; i < edges.length; i++) {
            byte[] written = new ByteWriter().compactSize(edges[i]).toByteArray();
            assertThat(written).hasSize(sizes[i]).hasSize(ByteWriter.compactSizeBytes(edges[i]));
            assertThat(ByteReader.of(written).compactSizeUnlimited()).isEqualTo(edges[i]);
        }
    }

    private static ByteReader hex(String hex) {
        return ByteReader.of(Bytes.parse(hex).toByteArray());
    }

    @Test
    void shouldRefuseCompactSizesThatAreNotCanonical() {
        for (String hex :
                List.of(
                        "fd0000",
                        "fdfc00",
                        "fe00000000",
                        "feffff0000",
                        "ff0000000000000000",
                        "ffffffffff00000000")) {
            assertThatThrownBy(() -> hex(hex).compactSize()).isInstanceOf(MalformedBytes.class);
            assertThatThrownBy(() -> hex(hex).compactSizeUnlimited())
                    .isInstanceOf(MalformedBytes.class);
        }
        assertThat(hex("fdfd00").compactSize()).isEqualTo(0xfd);
        assertThat(hex("fe00000100").compactSize()).isEqualTo(0x1_0000);
    }

    @Test
    void shouldRefuseLengthsOverTheLimit() {
        assertThat(hex("fe00000002").compactSize()).isEqualTo(ByteReader.MAX_SIZE);
        for (String hex :
                List.of("fe01000002", "feffffffff", "ffffffffffffffffff", "ff0000000001000000")) {
            assertThatThrownBy(() -> hex(hex).compactSize()).isInstanceOf(MalformedBytes.class);
        }
        assertThatThrownBy(() -> hex("0401020304").varBytes(3)).isInstanceOf(MalformedBytes.class);
        assertThatThrownBy(() -> hex("0401020304").list(3, 1, ByteReader::u8))
                .isInstanceOf(MalformedBytes.class);
    }

    @Test
    void shouldReadNoElementOfACountThatLies() {
        var called = new int[1];
        ByteReader in = hex("fe00000002" + "00".repeat(40));
        assertThatThrownBy(
                        () ->
                                in.list(
                                        ByteReader.MAX_SIZE,
                                        1,
                                        reader -> {
                                            called[0]++;
                                            return reader.u8();
                                        }))
                .isInstanceOf(MalformedBytes.class)
                .hasMessageContaining("announced");
        assertThat(called[0]).isZero();
        assertThatThrownBy(() -> hex("fe00000002" + "00".repeat(40)).varBytes())
                .isInstanceOf(MalformedBytes.class);
        assertThatThrownBy(() -> hex("02" + "00".repeat(19)).list(5, 10, ByteReader::u8))
                .isInstanceOf(MalformedBytes.class);
    }

    @Test
    void shouldTellTheEnd() {
        ByteReader in = hex("0102");
        assertThatThrownBy(in::u32).isInstanceOf(MalformedBytes.class);
        assertThat(in.remaining()).as("nothing was taken").isEqualTo(2);
        assertThatThrownBy(in::expectEnd).isInstanceOf(MalformedBytes.class);
        in.skip(2);
        in.expectEnd();
        assertThatThrownBy(in::u8).isInstanceOf(MalformedBytes.class);
        assertThat(in.slice(0)).isEqualTo(Bytes.EMPTY);
    }

    @Test
    void shouldStayInItsPartOfTheArray() {
        ByteReader in = ByteReader.of(new byte[] {1, 2, 3, 4}, 1, 2);
        assertThat(in.u16()).isEqualTo(0x0302);
        assertThatThrownBy(in::u8).isInstanceOf(MalformedBytes.class);
        assertThatThrownBy(() -> ByteReader.of(new byte[3], 2, 2))
                .isInstanceOf(IndexOutOfBoundsException.class);
    }

    @Test
    void shouldForgetWhatIsReset() {
        var out = new ByteWriter().i64(-1);
        out.reset();
        assertThat(out.size()).isZero();
        assertThat(out.u8(5).toBytes()).isEqualTo(Bytes.parse("05"));
    }
}
