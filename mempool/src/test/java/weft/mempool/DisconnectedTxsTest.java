package weft.mempool;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
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

/// What waits for the end of a reorganisation.
class DisconnectedTxsTest {
    private static final int SCRIPT_BYTES = 100_000;

    private static Transaction tx(int number) {
        var coin = new OutPoint(new Txid(1, 2, 3, number), 0);
        return Transaction.of(
                2,
                List.of(new TxIn(coin, Bytes.EMPTY, TxIn.SEQUENCE_FINAL)),
                List.of(new TxOut(1, Bytes.wrap(new byte[SCRIPT_BYTES]))),
                List.of(),
                0);
    }

    private static Block block(int first, int count) {
        var txs = new ArrayList<Transaction>();
        for (int i = 0; i < count; i++) {
            txs.add(tx(first + i));
        }
        var header = new BlockHeader(4, BlockHash.ZERO, Digest256.ZERO, 1_000, 0x207fffffL, first);
        return Block.of(header, txs);
    }

    @Test
    void shouldDropTheLastOfTheTipWhereThereIsNoRoom() {
        long each = MemoryUsage.of(tx(0)) + MemoryUsage.DISCONNECTED;
        int fit = Math.toIntExact(DisconnectedTxs.BYTES_MAX / each);
        assertThat(fit).isBetween(190, 200);
        var txs = new DisconnectedTxs();
        Block tip = block(1_000, 100);
        Block middle = block(900, 100);
        Block low = block(800, 100);
        assertThat(txs.add(tip)).isEmpty();
        int over = 200 - fit;
        assertThat(txs.add(middle))
                .containsExactlyElementsOf(tip.transactions().reversed().subList(0, over));
        assertThat(txs.add(low))
                .containsExactlyElementsOf(
                        List.of(
                                        tip.transactions().reversed().subList(over, 100),
                                        middle.transactions().reversed().subList(0, over))
                                .stream()
                                .flatMap(List::stream)
                                .toList());
        List<Transaction> kept = txs.take();
        assertThat(kept).hasSize(fit);
        assertThat(kept.subList(0, 100)).isEqualTo(low.transactions());
        assertThat(txs.take()).isEmpty();
    }

    @Test
    void shouldHaveRoomAgainForWhatABlockConfirms() {
        var txs = new DisconnectedTxs();
        Block tip = block(1_000, 150);
        assertThat(txs.add(tip)).isEmpty();
        txs.remove(block(1_000, 140));
        assertThat(txs.add(block(800, 150))).isEmpty();
        assertThat(txs.take()).hasSize(160).endsWith(tip.transactions().get(149));
    }
}
