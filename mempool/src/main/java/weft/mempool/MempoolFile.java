package weft.mempool;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.NavigableMap;
import java.util.NavigableSet;
import java.util.TreeMap;
import java.util.TreeSet;
import weft.primitives.Transaction;
import weft.primitives.Txid;
import weft.primitives.codec.ByteReader;
import weft.primitives.codec.ByteWriter;
import weft.primitives.codec.MalformedBytes;

/// The bytes of `mempool.dat`, as Bitcoin Core writes them: version 2, whose contents are scrambled so that
/// no virus scanner finds anything in them, and version 1, whose are not.
///
/// @param transactions parents before children
/// @param deltas what the operator added to fees of transactions that are not there
/// @param unbroadcast transactions that no peer has asked for yet
public record MempoolFile(
        List<Item> transactions, NavigableMap<Txid, Long> deltas, NavigableSet<Txid> unbroadcast) {
    /// Length of the key that scrambles.
    public static final int KEY_BYTES = 8;

    private static final long VERSION_PLAIN = 1;
    private static final long VERSION = 2;
    private static final int ITEM_BYTES_MIN = 26;

    /// Copies the collections.
    public MempoolFile {
        transactions = List.copyOf(transactions);
        deltas = new TreeMap<>(deltas);
        unbroadcast = new TreeSet<>(unbroadcast);
    }

    /// One transaction.
    ///
    /// @param seconds when it came, since 1970
    /// @param delta what the operator added to its fee
    public record Item(Transaction tx, long seconds, long delta) {}

    /// What a mempool has to keep.
    public static MempoolFile of(Mempool mempool) {
        var items = new ArrayList<Item>();
        var deltas = new TreeMap<>(mempool.deltas());
        for (MempoolEntry entry : mempool.sorted()) {
            long delta = mempool.modifiedFee(entry) - entry.fee();
            items.add(new Item(entry.tx(), entry.seconds(), delta));
            deltas.remove(entry.txid());
        }
        return new MempoolFile(items, deltas, new TreeSet<>(mempool.unbroadcast()));
    }

    /// The file, scrambled.
    ///
    /// @param key 8 random bytes
    public byte[] toByteArray(byte[] key) {
        var out = new ByteWriter().i64(VERSION).compactSize(key.length).bytes(key);
        int begin = out.size();
        writeBody(out);
        byte[] bytes = out.toByteArray();
        scramble(bytes, begin, key);
        return bytes;
    }

    /// The file in version 1.
    public byte[] toPlainByteArray() {
        var out = new ByteWriter().i64(VERSION_PLAIN);
        writeBody(out);
        return out.toByteArray();
    }

    private void writeBody(ByteWriter out) {
        out.i64(transactions.size());
        for (Item item : transactions) {
            item.tx.write(out);
            out.i64(item.seconds).i64(item.delta);
        }
        out.compactSize(deltas.size());
        deltas.forEach(
                (txid, delta) -> {
                    txid.write(out);
                    out.i64(delta);
                });
        out.compactSize(unbroadcast.size());
        unbroadcast.forEach(txid -> txid.write(out));
    }

    /// The key repeats from the file's first byte on.
    private static void scramble(byte[] bytes, int begin, byte[] key) {
        if (key.length == 0) {
            return;
        }
        for (int i = begin; i < bytes.length; i++) {
            bytes[i] ^= key[i % key.length];
        }
    }

    /// Reads a file of either version.
    ///
    /// @throws MalformedBytes if it is none
    public static MempoolFile read(byte[] file) {
        var head = ByteReader.of(file);
        long version = head.i64();
        if (version != VERSION && version != VERSION_PLAIN) {
            throw new MalformedBytes("unknown version of mempool.dat: " + version);
        }
        byte[] key = version == VERSION ? head.varBytes(file.length).toByteArray() : new byte[0];
        byte[] bytes = file.clone();
        scramble(bytes, head.position(), key);
        var in = ByteReader.of(bytes, head.position(), bytes.length - head.position());
        long count = in.i64();
        if (count < 0 || count > in.remaining() / ITEM_BYTES_MIN) {
            throw new MalformedBytes("mempool.dat is cut off");
        }
        var items = new ArrayList<Item>((int) count);
        for (int i = 0; i < count; i++) {
            items.add(new Item(readOwn(in), in.i64(), in.i64()));
        }
        var deltas = new TreeMap<Txid, Long>();
        for (int left = in.compactSize(); left > 0; left--) {
            deltas.put(Txid.read(in), in.i64());
        }
        var unbroadcast = new TreeSet<Txid>();
        for (int left = in.compactSize(); left > 0; left--) {
            unbroadcast.add(Txid.read(in));
        }
        return new MempoolFile(items, deltas, unbroadcast);
    }

    /// A transaction with bytes of its own, so that it does not keep the whole file in memory.
    private static Transaction readOwn(ByteReader in) {
        int begin = in.position();
        Transaction.read(in);
        byte[] own = Arrays.copyOfRange(in.array(), begin, in.position());
        return Transaction.read(ByteReader.of(own));
    }
}
