package weft.chain;

import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;
import weft.chain.store.StoreException;
import weft.consensus.Coin;
import weft.primitives.Bytes;
import weft.primitives.OutPoint;
import weft.primitives.Txid;
import weft.primitives.codec.ByteWriter;

/// Writes all coins as Core's `dumptxoutset` does, byte for byte.
public final class SnapshotWriter {
    private static final int BUFFER_BYTES = 1 << 16;

    /// In the order of Core's database keys, which hold the index as a VARINT: not that of numbers where
    /// an index is above 16,511.
    private static final Comparator<Entry> BY_KEY = Comparator.comparing(Entry::key);

    private final OutputStream out;
    private final ByteWriter buffer = new ByteWriter(2 * BUFFER_BYTES);
    private final List<Entry> coins = new ArrayList<>();
    private @Nullable Txid txid;
    private long written;

    private record Entry(long index, Coin coin) {
        Bytes key() {
            var key = new ByteWriter(10);
            VarInt.write(key, index);
            return key.toBytes();
        }
    }

    private SnapshotWriter(OutputStream out) {
        this.out = out;
    }

    /// Writes a whole file.
    ///
    /// @param store coins of the header's base block
    /// @throws StoreException if the file cannot be written, or the coins are not as many as the header
    ///     says
    public static void write(SnapshotHeader header, CoinsStore store, OutputStream out) {
        var writer = new SnapshotWriter(out);
        header.write(writer.buffer);
        store.scan(writer::add);
        writer.endTransaction();
        writer.empty();
        if (writer.written != header.coins()) {
            throw new StoreException("the coins changed while they were written");
        }
    }

    private boolean add(OutPoint outPoint, Coin coin) {
        if (!outPoint.txid().equals(txid)) {
            endTransaction();
            txid = outPoint.txid();
        }
        coins.add(new Entry(outPoint.index(), coin));
        return true;
    }

    private void endTransaction() {
        if (txid == null) {
            return;
        }
        coins.sort(BY_KEY);
        txid.write(buffer);
        buffer.compactSize(coins.size());
        for (Entry each : coins) {
            buffer.compactSize(each.index());
            CoinCodec.writeCoin(buffer, each.coin());
            written++;
            if (buffer.size() > BUFFER_BYTES) {
                empty();
            }
        }
        coins.clear();
    }

    private void empty() {
        try {
            out.write(buffer.toByteArray());
        } catch (IOException e) {
            throw new StoreException("cannot write the coins: " + e.getMessage(), e);
        }
        buffer.reset();
    }
}
