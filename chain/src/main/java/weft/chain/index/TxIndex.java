package weft.chain.index;

import java.util.Optional;
import org.jspecify.annotations.Nullable;
import weft.chain.store.Batch;
import weft.chain.store.BlockPosition;
import weft.chain.store.BlockStore;
import weft.chain.store.KeyValueStore;
import weft.chain.store.StoreException;
import weft.primitives.BlockHash;
import weft.primitives.BlockHeader;
import weft.primitives.Bytes;
import weft.primitives.Transaction;
import weft.primitives.Txid;
import weft.primitives.codec.ByteReader;
import weft.primitives.codec.ByteWriter;
import weft.primitives.codec.MalformedBytes;

/// Where every transaction lies in the block files (`-txindex`). Transactions of blocks that left the active
/// chain are still found, unless another block has them too.
///
/// Coinbase of genesis is left out: its output never was a coin.
public final class TxIndex implements Follower {
    private static final char TRANSACTION = 't';
    private static final int HEADER_BYTES = 80;
    private static final int VALUE_BYTES = 20;

    private final KeyValueStore store;
    private final BlockStore blocks;

    /// An index in a store of its own.
    ///
    /// @param blocks where the blocks are that are followed
    public TxIndex(KeyValueStore store, BlockStore blocks) {
        this.store = store;
        this.blocks = blocks;
    }

    /// A transaction and where it was found.
    public record Found(Transaction tx, BlockHash block) {}

    @Override
    public String name() {
        return "txindex";
    }

    @Override
    public int format() {
        return 1;
    }

    @Override
    public void load(@Nullable IndexedBlock best) {}

    @Override
    public void connect(FollowedBlock block, Batch batch) {
        if (block.height() == 0) {
            return;
        }
        BlockPosition position = block.place().block();
        int offset =
                HEADER_BYTES + ByteWriter.compactSizeBytes(block.block().transactions().size());
        for (Transaction tx : block.block().transactions()) {
            var out = new ByteWriter(VALUE_BYTES);
            out.i32(position.file()).i64(position.offset()).i32(offset).i32(tx.totalSize());
            batch.put(key(tx.txid()), out.toBytes());
            offset += tx.totalSize();
        }
    }

    @Override
    public void disconnect(FollowedBlock block, Batch batch) {
        // What was found stays findable; a block that has the same transaction replaces the entry.
    }

    private static Bytes key(Txid txid) {
        var out = new ByteWriter(1 + Txid.BYTES);
        out.u8(TRANSACTION);
        txid.write(out);
        return out.toBytes();
    }

    /// Finds a transaction; empty if no block had it (yet).
    ///
    /// @throws StoreException if something else lies where it should be
    public Optional<Found> find(Txid txid) {
        Bytes value = store.get(key(txid));
        if (value == null) {
            return Optional.empty();
        }
        try {
            ByteReader in = reader(value);
            var position = new BlockPosition(in.i32(), in.i64());
            Transaction tx = Transaction.read(reader(blocks.read(position, in.i32(), in.i32())));
            if (tx.txid().equals(txid)) {
                BlockHeader header =
                        BlockHeader.read(reader(blocks.read(position, 0, HEADER_BYTES)));
                return Optional.of(new Found(tx, header.hash()));
            }
        } catch (MalformedBytes | IndexOutOfBoundsException e) {
            throw StoreException.damaged(
                    "the transaction index is damaged: " + e.getMessage(),
                    StoreException.Remedy.INDEX_ANEW,
                    e);
        }
        throw StoreException.damaged(
                "the transaction index is damaged: not " + txid + " was found",
                StoreException.Remedy.INDEX_ANEW);
    }

    private static ByteReader reader(Bytes bytes) {
        return ByteReader.of(bytes.backingArray(), bytes.backingOffset(), bytes.length());
    }
}
