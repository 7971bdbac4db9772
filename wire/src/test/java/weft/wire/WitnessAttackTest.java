package weft.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import weft.primitives.Bytes;
import weft.primitives.OutPoint;
import weft.primitives.Transaction;
import weft.primitives.TxIn;
import weft.primitives.TxOut;
import weft.primitives.Txid;
import weft.primitives.Witness;
import weft.primitives.codec.ByteWriter;
import weft.primitives.codec.MalformedBytes;
import weft.testkit.Allocated;
import weft.testkit.Sabotage;
import weft.testkit.SeenRed;

/// Witnesses whose lengths say something else than the frame that holds them.
class WitnessAttackTest implements SeenRed {
    private static final Bytes SECRET = Bytes.wrap(new byte[100_000]);
    private static final int[] ITEMS = {0, 1, 33, 72, 252};

    private static Transaction honest() {
        var stack = new ArrayList<Bytes>();
        for (int length : ITEMS) {
            stack.add(Bytes.wrap(new byte[length]));
        }
        return Transaction.of(
                2,
                List.of(new TxIn(new OutPoint(new Txid(1, 2, 3, 4), 0), Bytes.EMPTY, 0)),
                List.of(new TxOut(1, Bytes.EMPTY)),
                List.of(new Witness(stack)),
                7);
    }

    /// The same transaction with another length before one item, in as many bytes as the true one.
    private static Bytes lying(int item, long length) {
        Bytes whole = TxMessage.of(honest()).payload();
        int at = whole.length() - 4;
        for (int i = ITEMS.length - 1; i >= item; i--) {
            at -= ITEMS[i] + 1;
        }
        return whole.slice(0, at)
                .plus(new ByteWriter().compactSize(length).toBytes())
                .plus(whole.from(at + 1));
    }

    /// The frame as it lies in a buffer that holds what came after it, too.
    private static Message decode(Bytes frame) {
        Bytes buffer = frame.plus(SECRET);
        return MessageCodec.decode("tx", buffer.slice(0, frame.length()), Negotiated.CURRENT);
    }

    @Test
    @DisplayName("B18 witness items that add up to more than their frame")
    @Sabotage(type = "weft.primitives.codec.ByteReader", method = "take", flips = 1)
    void shouldReadNothingBeyondTheFrame() {
        assertThat(decode(TxMessage.of(honest()).payload())).isEqualTo(TxMessage.of(honest()));
        for (int item = 0; item < ITEMS.length; item++) {
            int left = 4;
            for (int i = item; i < ITEMS.length; i++) {
                left += ITEMS[i] + (i > item ? 1 : 0);
            }
            for (long length :
                    new long[] {left + 1, 0xfffe, 0x1_0000, 0x200_0000, 0x7fff_ffff, -1L}) {
                Bytes frame = lying(item, length);
                long allocated =
                        Allocated.bytesBy(
                                () ->
                                        assertThatThrownBy(() -> decode(frame))
                                                .isInstanceOf(MalformedBytes.class));
                assertThat(allocated).isLessThan(1_000_000);
            }
        }
    }

    @Test
    @DisplayName("B18 sizes of a transaction come from its bytes, whatever its lengths say")
    @Sabotage(type = "weft.primitives.Transaction", method = "totalSize", returns = "100")
    void shouldCountWhatIsThere() {
        var random = new SplittableRandom(18);
        int read = 0;
        for (int i = 0; i < 20_000; i++) {
            Bytes frame = lying(random.nextInt(ITEMS.length), random.nextInt(ITEMS[4] + ITEMS[3]));
            try {
                Transaction tx = ((TxMessage) decode(frame)).tx();
                read++;
                assertThat(tx.totalSize()).isEqualTo(tx.toByteArray().length);
                assertThat(tx.totalSize()).isLessThanOrEqualTo(frame.length());
            } catch (MalformedBytes expected) {
                assertThat(expected).hasMessageNotContaining("null");
            }
        }
        assertThat(read).isPositive();
    }
}
