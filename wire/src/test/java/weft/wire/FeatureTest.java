package weft.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import weft.primitives.Bytes;
import weft.primitives.codec.ByteWriter;
import weft.primitives.codec.MalformedBytes;

/// See BIP-0434.
class FeatureTest {
    private static Bytes bytes(int count) {
        return Bytes.wrap("a".repeat(count).getBytes(java.nio.charset.StandardCharsets.US_ASCII));
    }

    private static Bytes payload(int id, int data) {
        return new ByteWriter().varBytes(bytes(id)).varBytes(bytes(data)).toBytes();
    }

    private static Message decode(Bytes payload) {
        return MessageCodec.decode("feature", payload, Negotiated.CURRENT);
    }

    private static void refuses(Bytes payload) {
        assertThatThrownBy(() -> decode(payload)).isInstanceOf(MalformedBytes.class);
    }

    @Test
    void shouldKnowTheLimitsOfItsFields() {
        for (int id : new int[] {4, 80}) {
            for (int data : new int[] {0, 512}) {
                assertThat(decode(payload(id, data)))
                        .isEqualTo(new Feature(bytes(id), bytes(data)));
            }
        }
        refuses(payload(0, 0));
        refuses(payload(3, 0));
        refuses(payload(81, 0));
        refuses(payload(4, 513));
        assertThatThrownBy(() -> new Feature(bytes(3), Bytes.EMPTY))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new Feature(bytes(4), bytes(513)))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void shouldBeItsFieldsAndNoMore() {
        Bytes whole = new Feature(Bytes.parse("424950343334"), Bytes.EMPTY).payload();
        assertThat(whole.toHex()).isEqualTo("0642495034333400");
        refuses(whole.plus(Bytes.parse("00")));
        for (int i = 0; i < whole.length(); i++) {
            refuses(whole.slice(0, i));
        }
        refuses(Bytes.parse("fd060042495034333400"));
    }
}
