package weft.chain;

import java.nio.charset.StandardCharsets;
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
    private static final Bytes COIN = Bytes.wrap("c".getBytes(StandardCharsets.ISO_8859_1));
    private static final Bytes TIP = Bytes.wrap("tip".getBytes(StandardCharsets.ISO_8859_1));

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

    /// Adds to a batch all changes of a cache and the block that they lead to.
    void stage(CoinsCache changes, BlockHash tip, Batch batch) {
        changes.forEachChange(
                (outPoint, coin) -> {
                    if (coin == null) {
                        batch.delete(key(outPoint));
                    } else {
                        var out = new ByteWriter(64);
                        CoinCodec.writeCoin(out, coin);
                        batch.put(key(outPoint), out.toBytes());
                    }
                });
        var out = new ByteWriter(BlockHash.BYTES);
        tip.write(out);
        batch.put(TIP, out.toBytes());
    }

    /// Adds to a batch the removal of all coins and of the tip: the chain state is then rebuilt from the
    /// blocks.
    void stageWipe(Batch batch) {
        store.scan(
                COIN,
                (key, value) -> {
                    batch.delete(key);
                    return true;
                });
        batch.delete(TIP);
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
