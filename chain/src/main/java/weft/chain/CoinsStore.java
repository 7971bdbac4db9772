package weft.chain;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import weft.chain.store.Batch;
import weft.chain.store.KeyValueStore;
import weft.chain.store.StoreException;
import weft.consensus.Coin;
import weft.primitives.BlockHash;
import weft.primitives.Bytes;
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
    private final KeyValueStore store;
    private volatile Space space;

    /// Which of two sets of coins in one store: while a snapshot is checked there are two.
    ///
    /// @param coin prefix of the coins' keys
    /// @param tip key of the block that they belong to
    record Space(Bytes coin, Bytes tip) {
        /// The only one, until a snapshot is loaded.
        static final Space FIRST = of("c", "tip");

        /// The other one.
        static final Space SECOND = of("d", "tip2");

        private static Space of(String coin, String tip) {
            return new Space(
                    Bytes.wrap(coin.getBytes(StandardCharsets.ISO_8859_1)),
                    Bytes.wrap(tip.getBytes(StandardCharsets.ISO_8859_1)));
        }

        Space other() {
            return equals(FIRST) ? SECOND : FIRST;
        }
    }

    /// The coins of a store that may also hold other things.
    public CoinsStore(KeyValueStore store) {
        this(store, Space.FIRST);
    }

    /// One of the two sets of a store.
    CoinsStore(KeyValueStore store, Space space) {
        this.store = store;
        this.space = space;
    }

    Space space() {
        return space;
    }

    /// From now on this is the other set; whoever keeps coins in memory must forget them.
    void switchTo(Space other) {
        space = other;
    }

    /// The same set, which no later [#switchTo] moves.
    CoinsStore fixed() {
        return new CoinsStore(store, space);
    }

    /// Deletes all coins and the tip; the tip first, so that after a crash nobody takes the rest for whole.
    void wipe() {
        store.write(new Batch().delete(space.tip).sync());
        store.deleteAll(space.coin);
    }

    /// Whether there is any coin.
    boolean isEmpty() {
        boolean[] empty = {true};
        store.scan(
                space.coin,
                (_, _) -> {
                    empty[0] = false;
                    return false;
                });
        return empty[0];
    }

    /// Adds to a batch which block the coins belong to.
    void stageTip(BlockHash tip, Batch batch) {
        batch.put(space.tip, Bytes.wrap(tip.toByteArray()));
    }

    private Bytes key(OutPoint outPoint) {
        var out = new ByteWriter(37);
        out.bytes(space.coin);
        outPoint.txid().write(out);
        out.i32(Integer.reverseBytes((int) outPoint.index()));
        return out.toBytes();
    }

    /// Block that the coins belong to; null before genesis.
    public @Nullable BlockHash tip() {
        Bytes value = store.get(space.tip);
        if (value == null) {
            return null;
        }
        if (value.length() != BlockHash.BYTES) {
            throw damaged("its tip has " + value.length() + " bytes", null);
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
            throw damaged(String.valueOf(e.getMessage()), e);
        }
    }

    private static StoreException damaged(String how, @Nullable Throwable cause) {
        return StoreException.damaged(
                "the coins database is damaged: " + how,
                StoreException.Remedy.REINDEX_CHAINSTATE,
                cause);
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
        List<Optional<Bytes>> values = store.getAll(outPoints.stream().map(this::key).toList());
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

    /// Writes coins that nobody has seen yet, in any order; safe against power loss on return.
    void writeFresh(List<FreshCoin> coins) {
        var entries = new TreeMap<Bytes, Bytes>();
        for (FreshCoin each : coins) {
            var value = new ByteWriter();
            CoinCodec.writeCoin(value, each.coin);
            entries.put(key(each.outPoint).compact(), value.toBytes().compact());
        }
        store.writeSorted(
                sink ->
                        entries.forEach(
                                (key, value) -> sink.put(key.toByteArray(), value.toByteArray())));
    }

    /// A coin for [#writeFresh].
    record FreshCoin(OutPoint outPoint, Coin coin) {}

    /// Shows all changes in the order of their keys; the tip's key comes after those of coins.
    private void visit(CoinTable changes, BlockHash tip, KeyValueStore.Sink sink) {
        var key = new ByteWriter(37);
        for (int address : changes.sortedChanges()) {
            key.reset();
            key.bytes(space.coin);
            changes.writeKey(address, key);
            boolean isSpent = (changes.flags(address) & CoinTable.SPENT) != 0;
            sink.put(key.toByteArray(), isSpent ? null : changes.value(address));
        }
        sink.put(space.tip.toByteArray(), tip.toByteArray());
    }

    /// Adds to a batch that there is no tip; coins without a tip belong to nothing.
    static Batch forgetTips(Batch batch) {
        return batch.delete(Space.FIRST.tip).delete(Space.SECOND.tip);
    }

    /// Shows every coin that is on disk, ordered by transaction id bytes, then by index.
    ///
    /// @param visitor says whether to go on
    public void scan(Visitor visitor) {
        store.scan(
                space.coin,
                (key, value) -> {
                    ByteReader in =
                            ByteReader.of(key.backingArray(), key.backingOffset(), key.length());
                    in.skip(space.coin.length());
                    Txid txid = Txid.read(in);
                    long index = Integer.toUnsignedLong(Integer.reverseBytes(in.i32()));
                    return visitor.visit(new OutPoint(txid, index), decode(value));
                });
    }

    /// About how many bytes the coins take on disk.
    public long approximateBytes() {
        return store.approximateBytes(space.coin);
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
