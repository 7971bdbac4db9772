package weft.wire.classroom;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import weft.primitives.codec.ByteReader;
import weft.primitives.codec.ByteWriter;
import weft.primitives.codec.MalformedBytes;

class ClassroomVersionTest {
    @Test
    @DisplayName(
            "S-53 the classroom's version message has exactly Version, BestHeight and AddrFrom")
    void shouldCarryExactlyThreeFields() {
        assertThat(ClassroomVersion.class.getRecordComponents())
                .extracting(component -> component.getName())
                .containsExactly("version", "bestHeight", "addrFrom");
        var version = new ClassroomVersion(1, 221, "localhost:3000");
        var out = new ByteWriter();
        version.write(out);
        assertThat(out.toBytes().toHex())
                .isEqualTo("01000000" + "dd000000" + "0e" + "6c6f63616c686f73743a33303030");
        assertThat(ClassroomVersion.read(ByteReader.of(out.toByteArray()))).isEqualTo(version);
        out.u8(0);
        assertThatThrownBy(() -> ClassroomVersion.read(ByteReader.of(out.toByteArray())))
                .isInstanceOf(MalformedBytes.class);
    }

    @Test
    @DisplayName("S-53 the shorter side sees that it must ask for blocks")
    void shouldTellWhoMustAsk() {
        var version = new ClassroomVersion(1, 221, "localhost:3000");
        assertThat(version.isAheadOf(0)).isTrue();
        assertThat(version.isAheadOf(221)).isFalse();
    }
}
