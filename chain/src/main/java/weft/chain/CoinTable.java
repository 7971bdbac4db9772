package weft.chain;

import java.util.Arrays;
import java.util.function.IntConsumer;
import weft.consensus.Coin;
import weft.crypto.SipHash;
import weft.primitives.Bytes;
import weft.primitives.Check;
import weft.primitives.OutPoint;
import weft.primitives.Txid;
import weft.primitives.codec.ByteReader;
import weft.primitives.codec.ByteWriter;

/// Coins by out point without an object a coin: records in a [CoinSlab], found through tables of their
/// addresses. A record holds the very bytes that the database gets.
///
/// The order of records in memory follows from a hash, but nothing that leaves this class does: changes
/// come out sorted by their keys. Not safe for use by two threads, unless nobody writes.
///
/// *Rationale:* the hash has a secret key, for strangers choose transaction ids; a table grows in 64
/// parts, so that no single addition takes long.
final class CoinTable {
    /// The record differs from what is below this table.
    static final int DIRTY = 1;

    /// Nothing unspent is below this table.
    static final int FRESH = 2;

    /// The coin is spent; the record says so to those who would look below.
    static final int SPENT = 4;

    private static final int PARTS = 64;
    private static final int FIRST_SLOTS = 8;
    private static final int LISTED_CHANGES_MAX = 1 << 16;
    private static final int ORDER_BYTES = Long.BYTES;

    // A record: flags, length of the value (2), index (1, or ff and 4), transaction id, value.
    private static final int LENGTH_AT = 1;
    private static final int INDEX_AT = 3;
    private static final int LONG_INDEX = 0xff;
    private static final int SHORT_HEAD_BYTES = 4;
    private static final int LONG_HEAD_BYTES = 8;

    private final SipHash hash;
    private final CoinSlab slab = new CoinSlab();

    /// A slot is 0, or the low half of the hash above the address of the record.
    private final long[][] slots = new long[PARTS][];

    private final int[] counts = new int[PARTS];
    private final ByteWriter scratch = new ByteWriter(64);
    private long slotBytes;
    private int size;
    private int changed;

    /// Addresses that became dirty since the last time all were clean; incomplete if there are more.
    private int[] changes = new int[16];

    private int changesListed;

    CoinTable(SipHash hash) {
        this.hash = hash;
    }

    /// The hash of an out point, for those who look for it more than once.
    long hash(OutPoint outPoint) {
        Txid txid = outPoint.txid();
        return hash.hash(txid.w0(), txid.w1(), txid.w2(), txid.w3(), (int) outPoint.index());
    }

    private static int part(long hash) {
        return (int) (hash >>> 58);
    }

    /// The address of a record; 0 if there is none.
    ///
    /// @param wanted hash of the out point
    int find(OutPoint outPoint, long wanted) {
        int slot = slot(wanted, outPoint);
        return slot < 0 ? 0 : (int) slots[part(wanted)][slot];
    }

    /// The slot of a record in its part; negative if there is none.
    private int slot(long wanted, OutPoint outPoint) {
        long[] table = slots[part(wanted)];
        if (table == null) {
            return -1;
        }
        int mask = table.length - 1;
        for (int i = (int) wanted & mask; table[i] != 0; i = (i + 1) & mask) {
            if ((int) (table[i] >>> 32) == (int) wanted && isAt((int) table[i], outPoint)) {
                return i;
            }
        }
        return -1;
    }

    private boolean isAt(int address, OutPoint outPoint) {
        byte[] page = slab.page(address);
        int at = slab.offset(address);
        int id = at + headBytes(page, at);
        Txid txid = outPoint.txid();
        return (long) Words.LONG.get(page, id) == txid.w0()
                && (long) Words.LONG.get(page, id + 8) == txid.w1()
                && (long) Words.LONG.get(page, id + 16) == txid.w2()
                && (long) Words.LONG.get(page, id + 24) == txid.w3()
                && index(page, at) == (int) outPoint.index();
    }

    private static int headBytes(byte[] page, int at) {
        return (page[at + INDEX_AT] & 0xff) == LONG_INDEX ? LONG_HEAD_BYTES : SHORT_HEAD_BYTES;
    }

    private static int index(byte[] page, int at) {
        int first = page[at + INDEX_AT] & 0xff;
        return first == LONG_INDEX ? (int) Words.INT.get(page, at + SHORT_HEAD_BYTES) : first;
    }

    private static int valueBytes(byte[] page, int at) {
        return (page[at + LENGTH_AT] & 0xff) | (page[at + LENGTH_AT + 1] & 0xff) << 8;
    }

    private int recordBytes(int address) {
        byte[] page = slab.page(address);
        int at = slab.offset(address);
        return headBytes(page, at) + Txid.BYTES + valueBytes(page, at);
    }

    int flags(int address) {
        return slab.page(address)[slab.offset(address)];
    }

    void setFlags(int address, int flags) {
        int before = flags(address);
        slab.page(address)[slab.offset(address)] = (byte) flags;
        if ((flags & ~before & DIRTY) != 0) {
            noteChange(address);
        }
        if ((before & ~flags & DIRTY) != 0) {
            changed--;
        }
    }

    private void noteChange(int address) {
        changed++;
        if (changesListed < LISTED_CHANGES_MAX) {
            if (changesListed == changes.length) {
                changes = Arrays.copyOf(changes, changesListed * 2);
            }
            changes[changesListed] = address;
        }
        changesListed++;
    }

    /// The coin of a record that is not spent.
    Coin coin(int address) {
        byte[] page = slab.page(address);
        int at = slab.offset(address);
        return CoinCodec.readCoin(
                ByteReader.of(page, at + headBytes(page, at) + Txid.BYTES, valueBytes(page, at)));
    }

    /// Adds a record for an out point that has none.
    ///
    /// @param hashed hash of the out point
    void insert(OutPoint outPoint, long hashed, Coin coin, int flags) {
        insert(outPoint, hashed, encode(coin), flags);
    }

    /// Notes that what lies below is spent, for an out point that has no record.
    ///
    /// @param hashed hash of the out point
    void insertSpent(OutPoint outPoint, long hashed) {
        insert(outPoint, hashed, Bytes.EMPTY, DIRTY | SPENT);
    }

    private Bytes encode(Coin coin) {
        scratch.reset();
        CoinCodec.writeCoin(scratch, coin);
        return scratch.toBytes();
    }

    private void insert(OutPoint outPoint, long hashed, Bytes value, int flags) {
        int part = part(hashed);
        long[] table = roomyTable(part);
        put(table, slotFor(hashed, write(outPoint, value, flags)));
        counts[part]++;
        size++;
    }

    private static long slotFor(long hashed, int address) {
        return hashed << 32 | Integer.toUnsignedLong(address);
    }

    /// The slot of a record that is there, in its part; the record itself is not looked at.
    private static int slotOf(long[] table, long hashed, int address) {
        long wanted = slotFor(hashed, address);
        int mask = table.length - 1;
        int i = (int) hashed & mask;
        while (table[i] != wanted) {
            Check.state(table[i] != 0, "a record that changes is there");
            i = (i + 1) & mask;
        }
        return i;
    }

    private static void put(long[] table, long slot) {
        int mask = table.length - 1;
        int i = (int) (slot >>> 32) & mask;
        while (table[i] != 0) {
            i = (i + 1) & mask;
        }
        table[i] = slot;
    }

    private long[] roomyTable(int part) {
        long[] table = slots[part];
        if (table == null) {
            return resize(part, FIRST_SLOTS);
        }
        return (counts[part] + 1) * 4L > table.length * 3L ? resize(part, table.length * 2) : table;
    }

    private long[] resize(int part, int length) {
        long[] old = slots[part];
        long[] table = new long[length];
        slotBytes += (long) length * Long.BYTES;
        if (old != null) {
            slotBytes -= (long) old.length * Long.BYTES;
            for (long slot : old) {
                if (slot != 0) {
                    put(table, slot);
                }
            }
        }
        slots[part] = table;
        return table;
    }

    private int write(OutPoint outPoint, Bytes value, int flags) {
        Check.argument(value.length() <= 0xffff, "a coin fits into its record");
        boolean isShort = outPoint.index() < LONG_INDEX;
        int head = isShort ? SHORT_HEAD_BYTES : LONG_HEAD_BYTES;
        int address = slab.allocate(head + Txid.BYTES + value.length());
        byte[] page = slab.page(address);
        int at = slab.offset(address);
        page[at] = 0;
        page[at + LENGTH_AT] = (byte) value.length();
        page[at + LENGTH_AT + 1] = (byte) (value.length() >>> 8);
        page[at + INDEX_AT] = (byte) (isShort ? outPoint.index() : LONG_INDEX);
        if (!isShort) {
            Words.INT.set(page, at + SHORT_HEAD_BYTES, (int) outPoint.index());
        }
        int id = at + head;
        Txid txid = outPoint.txid();
        Words.LONG.set(page, id, txid.w0());
        Words.LONG.set(page, id + 8, txid.w1());
        Words.LONG.set(page, id + 16, txid.w2());
        Words.LONG.set(page, id + 24, txid.w3());
        value.copyTo(page, id + Txid.BYTES);
        setFlags(address, flags);
        return address;
    }

    /// Gives the record of an out point another coin.
    ///
    /// @param hashed hash of the out point
    /// @param address of its record
    void replace(OutPoint outPoint, long hashed, int address, Coin coin, int flags) {
        long[] table = Check.present(slots[part(hashed)], "its part has a table");
        int slot = slotOf(table, hashed, address);
        drop(address);
        table[slot] = slotFor(hashed, write(outPoint, encode(coin), flags));
    }

    /// Takes a record away.
    ///
    /// @param hashed hash of its out point
    /// @param address of the record
    void remove(long hashed, int address) {
        int part = part(hashed);
        long[] table = Check.present(slots[part], "its part has a table");
        int hole = slotOf(table, hashed, address);
        drop(address);
        int mask = table.length - 1;
        // Those that had to go on past the hole move up.
        for (int i = (hole + 1) & mask; table[i] != 0; i = (i + 1) & mask) {
            int home = (int) (table[i] >>> 32) & mask;
            if (((i - home) & mask) >= ((i - hole) & mask)) {
                table[hole] = table[i];
                hole = i;
            }
        }
        table[hole] = 0;
        counts[part]--;
        size--;
    }

    private void drop(int address) {
        int bytes = recordBytes(address);
        setFlags(address, 0);
        slab.free(address, bytes);
    }

    /// Addresses of the dirty records, sorted by the bytes of transaction id and index.
    int[] sortedChanges() {
        long[] order = new long[changed];
        int[] count = {0};
        forEachChange(
                address -> {
                    byte[] page = slab.page(address);
                    int at = slab.offset(address);
                    int prefix = (int) Words.INT.get(page, at + headBytes(page, at));
                    order[count[0]++] =
                            (long) (Integer.reverseBytes(prefix) ^ Integer.MIN_VALUE) << 32
                                    | Integer.toUnsignedLong(address);
                });
        Check.state(count[0] == changed, "every change is seen once");
        Arrays.sort(order);
        int[] addresses = new int[changed];
        int from = 0;
        for (int i = 0; i < changed; i++) {
            addresses[i] = (int) order[i];
            if (order[i] >> 32 != order[from] >> 32) {
                sort(addresses, from, i);
                from = i;
            }
        }
        sort(addresses, from, changed);
        return addresses;
    }

    private void forEachChange(IntConsumer each) {
        if (changesListed <= LISTED_CHANGES_MAX) {
            // An address whose record went may be there twice, or hold a clean one.
            int[] listed = Arrays.copyOf(changes, changesListed);
            Arrays.sort(listed);
            for (int i = 0; i < listed.length; i++) {
                boolean again = i > 0 && listed[i] == listed[i - 1];
                if (!again && (flags(listed[i]) & DIRTY) != 0) {
                    each.accept(listed[i]);
                }
            }
            return;
        }
        for (long[] table : slots) {
            for (int i = 0; table != null && i < table.length; i++) {
                if (table[i] != 0 && (flags((int) table[i]) & DIRTY) != 0) {
                    each.accept((int) table[i]);
                }
            }
        }
    }

    /// Sorts a few addresses, mostly outputs of one transaction, by their whole keys.
    private void sort(int[] addresses, int from, int to) {
        if (to - from < 2) {
            return;
        }
        Integer[] boxed = new Integer[to - from];
        for (int i = 0; i < boxed.length; i++) {
            boxed[i] = addresses[from + i];
        }
        Arrays.sort(boxed, this::compareKeys);
        for (int i = 0; i < boxed.length; i++) {
            addresses[from + i] = boxed[i];
        }
    }

    private int compareKeys(int a, int b) {
        byte[] pageA = slab.page(a);
        byte[] pageB = slab.page(b);
        int atA = slab.offset(a);
        int atB = slab.offset(b);
        int idA = atA + headBytes(pageA, atA);
        int idB = atB + headBytes(pageB, atB);
        int order =
                Arrays.compareUnsigned(pageA, idA, idA + Txid.BYTES, pageB, idB, idB + Txid.BYTES);
        return order == 0 ? Integer.compareUnsigned(index(pageA, atA), index(pageB, atB)) : order;
    }

    /// Appends transaction id and index of a record, the index big-endian.
    void writeKey(int address, ByteWriter out) {
        byte[] page = slab.page(address);
        int at = slab.offset(address);
        out.bytes(page, at + headBytes(page, at), Txid.BYTES);
        out.i32(Integer.reverseBytes(index(page, at)));
    }

    /// The coin of a record as the database has it.
    byte[] value(int address) {
        byte[] page = slab.page(address);
        int at = slab.offset(address);
        int from = at + headBytes(page, at) + Txid.BYTES;
        return Arrays.copyOfRange(page, from, from + valueBytes(page, at));
    }

    /// Makes all records clean.
    ///
    /// @param keepSpent keep those that say "spent": older coins, of which some other table knows, must
    ///     stay hidden
    void markClean(boolean keepSpent) {
        for (int address : sortedChanges()) {
            boolean isSpent = (flags(address) & SPENT) != 0;
            if (isSpent && !keepSpent) {
                remove(hash(outPoint(address)), address);
            } else {
                setFlags(address, isSpent ? SPENT : 0);
            }
        }
        changesListed = 0;
    }

    private OutPoint outPoint(int address) {
        byte[] page = slab.page(address);
        int at = slab.offset(address);
        Txid txid = Txid.of(page, at + headBytes(page, at));
        return new OutPoint(txid, Integer.toUnsignedLong(index(page, at)));
    }

    /// Number of records.
    int size() {
        return size;
    }

    /// Number of dirty records.
    int changed() {
        return changed;
    }

    /// Memory in bytes, and what [#sortedChanges] would take.
    long bytes() {
        return slab.bytes() + slotBytes + (long) changed * ORDER_BYTES;
    }
}
