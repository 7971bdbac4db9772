package weft.chain;

import java.util.Arrays;

/// Memory for small records, in pages, so that a million records are a few hundred objects. A place that
/// is given back is used again for a record of the same length; longer ones wait until the whole slab goes.
///
/// An address counts units of four bytes, unsigned, up to 16 GiB; 0 is never given out. A record lies in
/// one page. Not safe for use by two threads, unless nobody writes.
final class CoinSlab {
    static final int UNIT_BYTES = 4;

    private static final int PAGE_BITS = 16;
    private static final int PAGE_UNITS = 1 << PAGE_BITS;
    private static final int PAGE_BYTES = PAGE_UNITS * UNIT_BYTES;
    private static final int FIRST_PAGE_BYTES = 1 << 12;
    private static final int REUSED_UNITS_MAX = 64;

    /// Where a free place names the next; the first unit stays what it was.
    private static final int LINK_AT = UNIT_BYTES;

    private final int[] free = new int[REUSED_UNITS_MAX + 1];
    private byte[][] pages = new byte[4][];
    private int pageCount;

    /// Next unit of the last page; the first page leaves out address 0.
    private int next = 1;

    private long bytes;

    CoinSlab() {}

    /// A place for a record.
    ///
    /// @param size in bytes, 8 up to a page
    int allocate(int size) {
        int units = units(size);
        if (units <= REUSED_UNITS_MAX && free[units] != 0) {
            int address = free[units];
            free[units] = (int) Words.INT.get(page(address), offset(address) + LINK_AT);
            return address;
        }
        if (pageCount == 0 || next + units > PAGE_UNITS) {
            addPage();
        }
        int last = pageCount - 1;
        int end = (next + units) * UNIT_BYTES;
        if (end > pages[last].length) {
            resizeLast(Math.min(Math.max(pages[last].length * 2, end), PAGE_BYTES));
        }
        int address = (last << PAGE_BITS) | next;
        next += units;
        return address;
    }

    private void addPage() {
        if (pageCount == pages.length) {
            pages = Arrays.copyOf(pages, pageCount * 2);
        }
        if (pageCount > 0) {
            next = 0;
        }
        byte[] page = new byte[pageCount == 0 ? FIRST_PAGE_BYTES : PAGE_BYTES];
        pages[pageCount++] = page;
        bytes += page.length;
    }

    private void resizeLast(int length) {
        int last = pageCount - 1;
        bytes += length - pages[last].length;
        pages[last] = Arrays.copyOf(pages[last], length);
    }

    /// Gives a place back.
    ///
    /// @param size what was asked for
    void free(int address, int size) {
        int units = units(size);
        if (units <= REUSED_UNITS_MAX) {
            Words.INT.set(page(address), offset(address) + LINK_AT, free[units]);
            free[units] = address;
        }
    }

    private static int units(int size) {
        return Math.ceilDiv(size, UNIT_BYTES);
    }

    byte[] page(int address) {
        return pages[address >>> PAGE_BITS];
    }

    int offset(int address) {
        return (address & (PAGE_UNITS - 1)) * UNIT_BYTES;
    }

    /// Memory taken, in bytes.
    long bytes() {
        return bytes;
    }
}
