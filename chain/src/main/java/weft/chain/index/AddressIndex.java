package weft.chain.index;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import weft.chain.store.Batch;
import weft.chain.store.KeyValueStore;
import weft.consensus.ChainParams;
import weft.consensus.Coin;
import weft.consensus.script.Script;
import weft.crypto.Sha256;
import weft.primitives.BlockHash;
import weft.primitives.Bytes;
import weft.primitives.Digest256;
import weft.primitives.OutPoint;
import weft.primitives.Transaction;
import weft.primitives.TxIn;
import weft.primitives.TxOut;
import weft.primitives.Txid;
import weft.primitives.codec.ByteReader;
import weft.primitives.codec.ByteWriter;

/// Every coin that a script got or lost in the active chain (`-addressindex`), found by the SHA-256 of the
/// script, as Electrum servers do it. Outputs that can never be spent are left out, and so are the two
/// coinbase transactions of the main network that later ones replaced.
///
/// Keys: `a`, script hash, height, place in the block, kind, number of the input or output; all big-endian.
/// So the rows of a script lie together and in the order in which things happened.
public final class AddressIndex implements Follower {
    private static final char ROW = 'a';
    private static final int KEY_BYTES = 1 + Digest256.BYTES + 13;
    private static final int FUNDING = 0;
    private static final int SPENDING = 1;

    private final KeyValueStore store;
    private final ChainParams params;

    /// An index in a store of its own.
    public AddressIndex(KeyValueStore store, ChainParams params) {
        this.store = store;
        this.params = params;
    }

    /// A coin that a script got or lost.
    ///
    /// @param height of the block
    /// @param txPosition place of the transaction in the block
    /// @param txid the transaction
    /// @param isSpending the script lost the coin
    /// @param number of the input or output of that transaction
    /// @param coin the coin got or lost
    /// @param amount in satoshis
    public record Row(
            int height,
            int txPosition,
            Txid txid,
            boolean isSpending,
            int number,
            OutPoint coin,
            long amount) {}

    /// What the rows of a script sum up to, in satoshis.
    ///
    /// @param received sum of all coins that it ever got
    /// @param spent sum of those that it lost again
    /// @param rows how many rows there are
    public record Balance(long received, long spent, long rows) {
        /// What is left.
        public long left() {
            return received - spent;
        }
    }

    /// Looks at rows one by one.
    @FunctionalInterface
    public interface Visitor {
        /// Sees one row.
        ///
        /// @return whether to go on
        boolean visit(Row row);
    }

    /// How a script is named in the index: SHA-256 of it.
    public static Digest256 hash(Bytes script) {
        return Digest256.of(Sha256.hash(script.toByteArray()));
    }

    @Override
    public String name() {
        return "addressindex";
    }

    @Override
    public int format() {
        return 1;
    }

    @Override
    public void load(@Nullable IndexedBlock best) {}

    @Override
    public void connect(FollowedBlock block, Batch batch) {
        rows(block, batch, true);
    }

    @Override
    public void disconnect(FollowedBlock block, Batch batch) {
        rows(block, batch, false);
    }

    private void rows(FollowedBlock block, Batch batch, boolean on) {
        if (block.height() == 0) {
            return;
        }
        BlockHash replaced = params.exceptions().bip30Unspendable().get(block.height());
        List<Transaction> transactions = block.block().transactions();
        for (int i = 0; i < transactions.size(); i++) {
            Transaction tx = transactions.get(i);
            if (i == 0 && block.node().hash().equals(replaced)) {
                continue;
            }
            for (int j = 0; j < tx.outputs().size(); j++) {
                TxOut out = tx.outputs().get(j);
                if (!Script.isUnspendable(out.scriptPubKey())) {
                    Bytes key = key(out.scriptPubKey(), block.height(), i, FUNDING, j);
                    write(batch, key, on ? funding(tx.txid(), out.value()) : null);
                }
            }
            if (i == 0) {
                continue;
            }
            for (int j = 0; j < tx.inputs().size(); j++) {
                Coin coin = block.undo().transactions().get(i - 1).coins().get(j);
                Bytes key = key(coin.out().scriptPubKey(), block.height(), i, SPENDING, j);
                write(batch, key, on ? spending(tx, j, coin.out().value()) : null);
            }
        }
    }

    private static void write(Batch batch, Bytes key, @Nullable Bytes value) {
        if (value == null) {
            batch.delete(key);
        } else {
            batch.put(key, value);
        }
    }

    private static Bytes prefix(Digest256 scriptHash) {
        var out = new ByteWriter(KEY_BYTES);
        out.u8(ROW);
        scriptHash.write(out);
        return out.toBytes();
    }

    private static Bytes key(Bytes script, int height, int txPosition, int kind, int number) {
        var out = new ByteWriter(KEY_BYTES);
        out.u8(ROW).bytes(Sha256.hash(script.toByteArray()));
        out.i32(Integer.reverseBytes(height)).i32(Integer.reverseBytes(txPosition));
        return out.u8(kind).i32(Integer.reverseBytes(number)).toBytes();
    }

    private static Bytes funding(Txid txid, long amount) {
        var out = new ByteWriter();
        txid.write(out);
        return out.compactSize(amount).toBytes();
    }

    private static Bytes spending(Transaction tx, int input, long amount) {
        var out = new ByteWriter();
        tx.txid().write(out);
        out.compactSize(amount);
        TxIn spender = tx.inputs().get(input);
        spender.prevout().write(out);
        return out.toBytes();
    }

    private static Row decode(Bytes key, Bytes value) {
        ByteReader in = ByteReader.of(key.backingArray(), key.backingOffset(), key.length());
        in.skip(1 + Digest256.BYTES);
        int height = Integer.reverseBytes(in.i32());
        int txPosition = Integer.reverseBytes(in.i32());
        boolean isSpending = in.u8() == SPENDING;
        int number = Integer.reverseBytes(in.i32());
        ByteReader rest =
                ByteReader.of(value.backingArray(), value.backingOffset(), value.length());
        Txid txid = Txid.read(rest);
        long amount = rest.compactSizeUnlimited();
        OutPoint coin = isSpending ? OutPoint.read(rest) : new OutPoint(txid, number);
        return new Row(height, txPosition, txid, isSpending, number, coin, amount);
    }

    /// Shows what a script got and lost, in order.
    public void scan(Digest256 scriptHash, Visitor visitor) {
        store.scan(prefix(scriptHash), (key, value) -> visitor.visit(decode(key, value)));
    }

    /// What a script got and lost, in order.
    ///
    /// @param skip rows to leave out at the start
    /// @param max rows to show at most
    public List<Row> rows(Digest256 scriptHash, long skip, int max) {
        var rows = new ArrayList<Row>();
        long[] seen = {0};
        scan(
                scriptHash,
                row -> {
                    if (seen[0]++ >= skip && rows.size() < max) {
                        rows.add(row);
                    }
                    return rows.size() < max;
                });
        return rows;
    }

    /// Sums over all that a script got and lost.
    public Balance balance(Digest256 scriptHash) {
        long[] sums = new long[3];
        scan(
                scriptHash,
                row -> {
                    sums[row.isSpending() ? 1 : 0] += row.amount();
                    sums[2]++;
                    return true;
                });
        return new Balance(sums[0], sums[1], sums[2]);
    }
}
