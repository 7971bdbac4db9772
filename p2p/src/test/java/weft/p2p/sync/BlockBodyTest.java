package weft.p2p.sync;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import weft.primitives.Block;
import weft.primitives.Bytes;
import weft.primitives.Digest256;
import weft.primitives.OutPoint;
import weft.primitives.Transaction;
import weft.primitives.TxIn;
import weft.primitives.TxOut;
import weft.primitives.Txid;

class BlockBodyTest {
    private static final long NOW = 1_700_000_000L;

    static Transaction tx(int number) {
        return Transaction.of(
                2,
                List.of(
                        new TxIn(
                                new OutPoint(new Txid(number, 1, 2, 3), 0),
                                Bytes.EMPTY,
                                0xffff_ffffL)),
                List.of(new TxOut(number, Bytes.EMPTY)),
                List.of(),
                0);
    }

    @Test
    void shouldFindCollisionsOfTheMerkleTree() {
        Transaction first = tx(1);
        Block block =
                FakeChain.block(
                        FakeChain.genesis(NOW - 600L).hash(), NOW, 1, List.of(first, tx(2)));
        var twice = new ArrayList<>(block.transactions());
        twice.add(twice.getLast());
        assertThat(BlockBody.mutation(block, true)).isEmpty();
        assertThat(BlockBody.mutation(Block.of(block.header(), twice), true))
                .isEqualTo("bad-txns-duplicate, duplicate transaction");
        assertThat(block.header().merkleRoot()).isNotEqualTo(Digest256.ZERO);
    }
}
