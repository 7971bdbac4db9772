package weft.chain;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import weft.chain.store.Batch;
import weft.chain.store.KeyValueStore;
import weft.chain.store.StoreException;
import weft.consensus.Coin;
import weft.primitives.BlockHash;
import weft.primitives.Bytes;
import weft.primitives.Check;
import weft.primitives.OutPoint;
import weft.primitives.Txid;
import weft.primitives.codec.ByteReader;
import weft.primitives.codec.ByteWriter;
import weft.primitives.codec.MalformedBytes;

/// The coins of the active chain on disk, with the hash of the block that they belong to. Both change in
/// one batch, so that no crash tears them apart.
///
/// Keys: `c`, transaction id, output index big-endian; so a scan shows the coins of one transaction
/// together and in order. Reading is safe from any thread.
public final class CoinsStore implements CoinsView {
    private static final Bytes COIN = Bytes.wrap("c".getBytes(StandardCharsets.ISO_8859_1));
    private static final Bytes TIP = Bytes.wrap("tip".getBytes(StandardCharsets.ISO_8859_1));

    private static final int WIPE_BATCH = 50_000;

    private final KeyValueStore store;

    /// The coins of a store that may also hold other things.
    public CoinsStore(KeyValueStore store) {
        this.store = store;
    }

    private static Bytes key(OutPoint outPoint) {
        var out = new ByteWriter(37);
        out.bytes(COIN);
        outPoint.txid().write(out);
        out.i32(Integer.reverseBytes((int) outPoint.index()));
        return out.toBytes();
    }

    /// Block that the coins belong to; null before genesis.
    public @Nullable BlockHash tip() {
        Bytes value = store.get(TIP);
        if (value == null) {
            return null;
        }
        if (value.length() != BlockHash.BYTES) {
            throw new StoreException(
                    "the coins database is damaged: its tip has " + value.length() + " bytes");
        }
        return BlockHash.of(value.toByteArray());
    }

    @Override
    public @Nullable Coin coin(OutPoint outPoint) {
        Bytes value = store.get(key(outPoint));
        return value == null ? null : decode(value);
    }

    private static Coin decode(Bytes value) {
        try {
            return CoinCodec.readCoin(
                    ByteReader.of(value.backingArray(), value.backingOffset(), value.length()));
        } catch (MalformedBytes e) {
            throw new StoreException("the coins database is damaged: " + e.getMessage(), e);
        }
    }

    /// Coins that were asked for together.
    ///
    /// @param epoch of the cache that they are for, when they were asked for: see [CoinsCache#epoch]
    /// @param coins one for each out point, in order; empty where there is none
    public record Fetched(long epoch, List<OutPoint> outPoints, List<Optional<Coin>> coins) {
        /// Copies the lists.
        public Fetched {
            outPoints = List.copyOf(outPoints);
            coins = List.copyOf(coins);
        }
    }

    /// Reads many coins at once.
    public Fetched fetch(List<OutPoint> outPoints, long epoch) {
        if (outPoints.isEmpty()) {
            return new Fetched(epoch, List.of(), List.of());
        }
        List<Optional<Bytes>> values =
                store.getAll(outPoints.stream().map(CoinsStore::key).toList());
        return new Fetched(
                epoch,
                outPoints,
                values.stream().map(each -> each.map(CoinsStore::decode)).toList());
    }

    /// Adds to a batch all changes of a table and the block that they lead to.
    void stage(CoinTable changes, BlockHash tip, Batch batch) {
        visit(
                changes,
                tip,
                (key, value) -> {
                    if (value == null) {
                        batch.delete(Bytes.wrap(key));
                    } else {
                        batch.put(Bytes.wrap(key), Bytes.wrap(value));
                    }
                });
    }

    /// Writes all changes of a table and the block that they lead to, all or nothing; safe against power
    /// loss on return. For another thread than the chain's, while nobody changes the table.
    void write(CoinTable changes, BlockHash tip) {
        store.writeSorted(sink -> visit(changes, tip, sink));
    }

    /// Shows all changes in the order of their keys; the tip's key comes after those of coins.
    private static void visit(CoinTable changes, BlockHash tip, KeyValueStore.Sink sink) {
        var key = new ByteWriter(37);
        for (int address : changes.sortedChanges()) {
            key.reset();
            key.bytes(COIN);
            changes.writeKey(address, key);
            boolean isSpent = (changes.flags(address) & CoinTable.SPENT) != 0;
            sink.put(key.toByteArray(), isSpent ? null : changes.value(address));
        }
        sink.put(TIP.toByteArray(), tip.toByteArray());
    }

    /// Adds to a batch that there is no tip; coins without a tip belong to nothing, see [#wipe].
    static Batch forgetTip(Batch batch) {
        return batch.delete(TIP);
    }

    /// Removes all coins where there is no tip: what is left of an order to make them anew, however often
    /// it was interrupted.
    void wipe() {
        Check.state(tip() == null, "coins that belong to a block stay");
        Batch[] batch = {new Batch()};
        int[] removed = {0};
        store.scan(
                COIN,
                (key, value) -> {
                    batch[0].delete(key);
                    if (++removed[0] % WIPE_BATCH == 0) {
                        store.write(batch[0]);
                        batch[0] = new Batch();
                    }
                    return true;
                });
        store.write(batch[0]);
    }

    /// Shows every coin that is on disk, ordered by transaction id bytes, then by index.
    ///
    /// @param visitor says whether to go on
    public void scan(Visitor visitor) {
        store.scan(
                COIN,
                (key, value) -> {
                    ByteReader in =
                            ByteReader.of(key.backingArray(), key.backingOffset(), key.length());
                    in.skip(COIN.length());
                    Txid txid = Txid.read(in);
                    long index = Integer.toUnsignedLong(Integer.reverseBytes(in.i32()));
                    return visitor.visit(new OutPoint(txid, index), decode(value));
                });
    }

    /// Looks at coins one by one.
    @FunctionalInterface
    public interface Visitor {
        /// Sees one coin.
        ///
        /// @return whether to go on
        boolean visit(OutPoint outPoint, Coin coin);
    }
}
