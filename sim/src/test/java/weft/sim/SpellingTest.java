package weft.sim;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import weft.primitives.Bytes;
import weft.primitives.Digest256;
import weft.testkit.Sabotage;
import weft.testkit.SeenRed;
import weft.wire.Inv;
import weft.wire.InvItem;
import weft.wire.InvType;
import weft.wire.Message;
import weft.wire.MessageCodec;
import weft.wire.Negotiated;
import weft.wire.Pong;

/// What is read of a message, written again, is the message.
class SpellingTest implements SeenRed {
    private final World world = Towns.of(1, 1, Towns::keepTheFirst);

    private void check(Message message) {
        Bytes payload = MessageCodec.encode(message);
        Message read = MessageCodec.decode(message.command(), payload, Negotiated.CURRENT);
        Spelling.check(world.nodes().getFirst(), message.command(), payload, read);
    }

    @Test
    @DisplayName("A message that its peer reads as another, or that no line carries, is seen")
    @Sabotage(type = "weft.wire.Pong", method = "read", call = "i64", returns = "1")
    @Sabotage(type = "weft.wire.transport.V1Transport", method = "readHeader", flips = 1)
    void shouldBeReadAsWritten() {
        check(Pong.of(7));
        check(new Inv(List.of(new InvItem(InvType.WTX, new Digest256(1, 2, 3, 4)))));
    }

    @Test
    @DisplayName("One message in a thousand is looked at")
    void shouldSample() {
        int sampled = 0;
        for (int i = 0; i < 5_000; i++) {
            sampled += world.isSampled() ? 1 : 0;
        }
        assertThat(sampled).isEqualTo(5);
    }
}
