package weft.chain.api;

import java.math.BigInteger;
import java.util.Arrays;
import weft.crypto.SipHash;
import weft.primitives.BlockHash;
import weft.primitives.BlockHeader;
import weft.primitives.Check;
import weft.primitives.Digest256;

/// Headers by number, without an object each: about 112 bytes a header. Numbers grow from 0, parents
/// before children.
///
/// One thread adds. A header that was added never changes, so whoever was handed a [HeaderNode] may read
/// it, and all that it stands on, from any thread.
public final class HeaderTable {
    static final int NONE = -1;

    private static final int PAGE_BITS = 8;
    private static final int PAGE_HEADERS = 1 << PAGE_BITS;
    private static final int WORK_BITS_MAX = 126;

    // A record of longs.
    private static final int HASH_AT = 0;
    private static final int MERKLE_AT = 4;
    private static final int VERSION_TIME_AT = 8;
    private static final int BITS_NONCE_AT = 9;
    private static final int WORK_HIGH_AT = 10;
    private static final int WORK_LOW_AT = 11;
    private static final int PARENT_SKIP_AT = 12;
    private static final int HEIGHT_TIME_AT = 13;
    private static final int LONGS = 14;

    private final SipHash hash;
    private volatile long[][] pages = new long[4][];
    private BlockHash beforeFirst = BlockHash.ZERO;
    private int size;

    /// No header yet, and no secret: for simulations, tests and tables of one header.
    public HeaderTable() {
        this(new SipHash(0, 0));
    }

    /// No header yet.
    ///
    /// @param hash with a key that strangers do not know, for every [HeaderIndex] of this table
    public HeaderTable(SipHash hash) {
        this.hash = hash;
    }

    /// Adds the first header of a chain.
    ///
    /// @param work expected number of hashes that the header took
    public HeaderNode addGenesis(BlockHeader header, BlockHash hash, BigInteger work) {
        Check.state(size == 0, "one header is the first");
        beforeFirst = header.parent();
        return add(header, hash, NONE, work);
    }

    /// Adds a header on top of another of this table.
    ///
    /// @param work expected number of hashes that this header alone took
    public HeaderNode add(BlockHeader header, BlockHash hash, HeaderNode parent, BigInteger work) {
        Check.argument(parent.table() == this, "a parent is of the same table");
        Check.argument(header.parent().equals(parent.hash()), "a header stands on its parent");
        return add(header, hash, parent.id(), parent.chainWork().add(work));
    }

    private HeaderNode add(BlockHeader header, BlockHash hash, int parent, BigInteger chainWork) {
        // More would take 2¹²⁶ hashes to make.
        Check.argument(chainWork.bitLength() <= WORK_BITS_MAX, "work is less than 2^126");
        int height = parent == NONE ? 0 : height(parent) + 1;
        int skip = parent == NONE ? NONE : ancestor(parent, skipHeight(height));
        long timeMax = parent == NONE ? header.time() : Math.max(timeMax(parent), header.time());
        int id = size;
        long[] page = pageForWriting(id);
        int at = (id & (PAGE_HEADERS - 1)) * LONGS;
        page[at + HASH_AT] = hash.w0();
        page[at + HASH_AT + 1] = hash.w1();
        page[at + HASH_AT + 2] = hash.w2();
        page[at + HASH_AT + 3] = hash.w3();
        Digest256 merkle = header.merkleRoot();
        page[at + MERKLE_AT] = merkle.w0();
        page[at + MERKLE_AT + 1] = merkle.w1();
        page[at + MERKLE_AT + 2] = merkle.w2();
        page[at + MERKLE_AT + 3] = merkle.w3();
        page[at + VERSION_TIME_AT] = pair(header.version(), (int) header.time());
        page[at + BITS_NONCE_AT] = pair((int) header.bits(), (int) header.nonce());
        page[at + WORK_HIGH_AT] = chainWork.shiftRight(64).longValue();
        page[at + WORK_LOW_AT] = chainWork.longValue();
        page[at + PARENT_SKIP_AT] = pair(parent, skip);
        page[at + HEIGHT_TIME_AT] = pair(height, (int) timeMax);
        size++;
        return new HeaderNode(this, id);
    }

    private long[] pageForWriting(int id) {
        int number = id >>> PAGE_BITS;
        long[][] known = pages;
        if (number == known.length) {
            known = Arrays.copyOf(known, known.length * 2);
            pages = known;
        }
        if (known[number] == null) {
            known[number] = new long[PAGE_HEADERS * LONGS];
        }
        return known[number];
    }

    /// Takes back the header that was added last; nobody may know of it yet.
    public void removeLast() {
        Check.state(size > 0, "a header was added");
        size--;
    }

    /// Number of headers; for the thread that adds.
    public int size() {
        return size;
    }

    /// The header of a number.
    public HeaderNode at(int id) {
        return new HeaderNode(this, id);
    }

    long bits(int id) {
        return Integer.toUnsignedLong(high(id, BITS_NONCE_AT));
    }

    private long word(int id, int field) {
        return pages[id >>> PAGE_BITS][(id & (PAGE_HEADERS - 1)) * LONGS + field];
    }

    private static long pair(int high, int low) {
        return (long) high << 32 | Integer.toUnsignedLong(low);
    }

    private int high(int id, int field) {
        return (int) (word(id, field) >>> 32);
    }

    private int low(int id, int field) {
        return (int) word(id, field);
    }

    /// Where a header is looked for in an index.
    int place(int id) {
        return (int)
                hash.hash(
                        word(id, HASH_AT),
                        word(id, HASH_AT + 1),
                        word(id, HASH_AT + 2),
                        word(id, HASH_AT + 3));
    }

    /// Where the header of a hash is looked for in an index.
    int place(BlockHash of) {
        return (int) hash.hash(of.w0(), of.w1(), of.w2(), of.w3());
    }

    boolean hasHash(int id, BlockHash hash) {
        return word(id, HASH_AT) == hash.w0()
                && word(id, HASH_AT + 1) == hash.w1()
                && word(id, HASH_AT + 2) == hash.w2()
                && word(id, HASH_AT + 3) == hash.w3();
    }

    BlockHash hash(int id) {
        return new BlockHash(
                word(id, HASH_AT),
                word(id, HASH_AT + 1),
                word(id, HASH_AT + 2),
                word(id, HASH_AT + 3));
    }

    BlockHeader header(int id) {
        int parent = parent(id);
        return new BlockHeader(
                high(id, VERSION_TIME_AT),
                parent == NONE ? beforeFirst : hash(parent),
                new Digest256(
                        word(id, MERKLE_AT),
                        word(id, MERKLE_AT + 1),
                        word(id, MERKLE_AT + 2),
                        word(id, MERKLE_AT + 3)),
                time(id),
                bits(id),
                Integer.toUnsignedLong(low(id, BITS_NONCE_AT)));
    }

    int parent(int id) {
        return high(id, PARENT_SKIP_AT);
    }

    int height(int id) {
        return high(id, HEIGHT_TIME_AT);
    }

    long time(int id) {
        return Integer.toUnsignedLong(low(id, VERSION_TIME_AT));
    }

    long timeMax(int id) {
        return Integer.toUnsignedLong(low(id, HEIGHT_TIME_AT));
    }

    BigInteger chainWork(int id) {
        return BigInteger.valueOf(word(id, WORK_HIGH_AT))
                .shiftLeft(64)
                .add(unsigned(word(id, WORK_LOW_AT)));
    }

    private static BigInteger unsigned(long value) {
        BigInteger low = BigInteger.valueOf(value & Long.MAX_VALUE);
        return value < 0 ? low.setBit(63) : low;
    }

    int compareWork(int a, HeaderTable other, int b) {
        int order = Long.compare(word(a, WORK_HIGH_AT), other.word(b, WORK_HIGH_AT));
        return order == 0
                ? Long.compareUnsigned(word(a, WORK_LOW_AT), other.word(b, WORK_LOW_AT))
                : order;
    }

    /// The number of the header at a height that the branch has.
    int ancestor(int from, int wanted) {
        int id = from;
        int height = height(id);
        while (height > wanted) {
            int skip = low(id, PARENT_SKIP_AT);
            int skipTo = skipHeight(height);
            int skipBefore = skipHeight(height - 1);
            boolean jump =
                    skipTo == wanted
                            || (skipTo > wanted
                                    && !(skipBefore < skipTo - 2 && skipBefore >= wanted));
            id = skip != NONE && jump ? skip : parent(id);
            height = height(id);
        }
        return id;
    }

    private static int skipHeight(int height) {
        if (height < 2) {
            return 0;
        }
        return (height & 1) == 1
                ? clearLowestBit(clearLowestBit(height - 1)) + 1
                : clearLowestBit(height);
    }

    private static int clearLowestBit(int value) {
        return value & (value - 1);
    }
}
