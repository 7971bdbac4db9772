package weft.p2p.record;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import weft.primitives.Block;
import weft.primitives.BlockHash;
import weft.primitives.Transaction;
import weft.primitives.Wtxid;
import weft.primitives.codec.MalformedBytes;

/// Transactions and blocks that came by last, in memory that is limited: what a peer sent comes again as an
/// event of the chain. Who writes and who reads add the same in the same order, so both know the same.
final class Lately {
    private static final int TXS_MAX = 4_096;

    /// *Rationale:* blocks take megabytes, and come again soon or never.
    private static final int BLOCKS_MAX = 8;

    private final Map<Wtxid, Transaction> txs = limited(TXS_MAX);
    private final Map<BlockHash, Block> blocks = limited(BLOCKS_MAX);

    private static <K, V> Map<K, V> limited(int max) {
        return new LinkedHashMap<>() {
            private static final long serialVersionUID = 1L;

            @Override
            protected boolean removeEldestEntry(Map.Entry<K, V> eldest) {
                return size() > max;
            }
        };
    }

    boolean knows(Transaction tx) {
        return txs.containsKey(tx.wtxid());
    }

    /// The very object: two blocks of one header may differ in their transactions.
    @SuppressWarnings("ReferenceEquality")
    boolean knows(Block block) {
        return blocks.get(block.hash()) == block;
    }

    void add(Transaction tx) {
        txs.put(tx.wtxid(), tx);
    }

    void add(Block block) {
        blocks.put(block.hash(), block);
    }

    Transaction tx(Wtxid wtxid) {
        return present(txs.get(wtxid), wtxid);
    }

    Block block(BlockHash hash) {
        return present(blocks.get(hash), hash);
    }

    private static <T> T present(@Nullable T value, Object name) {
        if (value == null) {
            throw new MalformedBytes("nothing was recorded of " + name);
        }
        return value;
    }
}
