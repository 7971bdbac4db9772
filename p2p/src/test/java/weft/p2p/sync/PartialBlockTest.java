package weft.p2p.sync;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import weft.primitives.Block;
import weft.primitives.BlockHash;
import weft.primitives.BlockHeader;
import weft.primitives.Bytes;
import weft.primitives.Digest256;
import weft.primitives.OutPoint;
import weft.primitives.Transaction;
import weft.primitives.TxIn;
import weft.primitives.TxOut;
import weft.primitives.Txid;
import weft.primitives.Witness;
import weft.testkit.Allocated;
import weft.testkit.Sabotage;
import weft.testkit.SeenRed;

/// Blocks put together of transactions at hand.
class PartialBlockTest implements SeenRed {
    private static final Bytes LARGE = Bytes.wrap(new byte[390_000]);
    private static final BlockHeader HEADER =
            new BlockHeader(1, BlockHash.ZERO, Digest256.ZERO, 1, 2, 3);

    private static Transaction tx(int number, Bytes item) {
        return Transaction.of(
                2,
                List.of(new TxIn(new OutPoint(new Txid(number, 0, 0, 1), 0), Bytes.EMPTY, number)),
                List.of(new TxOut(number, Bytes.EMPTY)),
                List.of(Witness.of(item)),
                0);
    }

    private static List<Transaction> many(int count, Bytes item) {
        var all = new ArrayList<Transaction>();
        for (int i = 0; i < count; i++) {
            all.add(tx(i, item));
        }
        return all;
    }

    private static PartialBlock.@Nullable Status[] status(List<Transaction> known) {
        var compact = ShortIds.compact(Block.of(HEADER, known), 7);
        var last = new PartialBlock.@Nullable Status[1];
        long allocated =
                Allocated.bytesBy(
                        () -> last[0] = PartialBlock.of(compact, known, List.of()).status());
        assertThat(allocated).isLessThan(2_000_000);
        return last;
    }

    @Test
    @DisplayName("B05 short ids of 78 megabytes of transactions in the mempool")
    @Sabotage(type = "weft.p2p.sync.PartialBlock", method = "isTooHeavy", returns = "false")
    @Sabotage(type = "weft.p2p.sync.PartialBlock", method = "put", call = "weight", returns = "0")
    @Sabotage(
            type = "weft.p2p.sync.PartialBlock",
            method = "isTooHeavy",
            constant = "4000000>3000000")
    void shouldStopWhereABlockIsFull() {
        assertThat(status(many(200, LARGE))).containsExactly(PartialBlock.Status.FAILED);
        assertThat(status(many(11, LARGE))).containsExactly(PartialBlock.Status.FAILED);
        assertThat(status(many(10, LARGE))).containsExactly(PartialBlock.Status.OK);
        assertThat(status(many(5_000, Bytes.parse("00")))).containsExactly(PartialBlock.Status.OK);
        assertThat(status(many(16_667, Bytes.EMPTY))).containsExactly(PartialBlock.Status.INVALID);
    }
}
