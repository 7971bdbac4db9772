package weft.p2p.addr;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import weft.crypto.Sha256;
import weft.primitives.Bytes;
import weft.primitives.Check;
import weft.primitives.codec.ByteReader;
import weft.primitives.codec.ByteWriter;
import weft.primitives.codec.MalformedBytes;
import weft.primitives.log.Log;
import weft.primitives.log.LogCategory;
import weft.wire.AddressEntry;
import weft.wire.NetAddress;

/// The bytes of `peers.dat` and `anchors.dat`, as Bitcoin Core 28 writes them: magic, content, double SHA-256
/// of both.
public final class AddrManFile {
    private static final int FORMAT_DETERMINISTIC = 1;
    private static final int FORMAT_ASMAP = 2;
    private static final int FORMAT_BIP155 = 3;
    private static final int FORMAT = 4;
    private static final int COMPATIBLE_BASE = 32;
    private static final int BUCKETS_XOR = 1 << 30;
    private static final int CHECKSUM_BYTES = 32;
    private static final int DISK_BYTES_MIN = 13;
    private static final int DISK_VERSION = 220_000;
    private static final int DISK_VERSION_IGNORED = 0x7ffff;
    private static final int DISK_VERSION_ADDRV2 = 1 << 29;
    private static final int NEW_MAX = AddrMan.NEW_BUCKETS * AddrMan.BUCKET_SIZE;
    private static final int TRIED_MAX = AddrMan.TRIED_BUCKETS * AddrMan.BUCKET_SIZE;

    /// How Bitcoin Core's library ends the text of an error in a stream.
    private static final String STREAM = ": iostream error";

    private AddrManFile() {}

    /// The file is of a later version that this one cannot read: it should be kept as a backup.
    public static final class UnsupportedFormat extends RuntimeException {
        private static final long serialVersionUID = 1L;

        UnsupportedFormat(String what) {
            super(what);
        }
    }

    // ---- writing

    /// The bytes of `peers.dat`.
    ///
    /// @param magic four bytes of the network
    public static Bytes write(AddrMan book, Bytes magic) {
        var out = new ByteWriter(4096).bytes(magic);
        writeContent(book, out);
        return seal(out);
    }

    static Bytes seal(ByteWriter out) {
        return out.bytes(Sha256.hashTwice(out.toByteArray())).toBytes();
    }

    private static void writeContent(AddrMan book, ByteWriter out) {
        out.u8(FORMAT).u8(COMPATIBLE_BASE + FORMAT).bytes(book.key);
        out.i32(book.newCount).i32(book.triedCount).i32(AddrMan.NEW_BUCKETS ^ BUCKETS_XOR);
        var numbers = new HashMap<Long, Integer>();
        for (AddrManEntry entry : book.byId.values()) {
            if (!entry.tried) {
                numbers.put(entry.id, numbers.size());
                writeEntry(entry, out);
            }
        }
        for (AddrManEntry entry : book.byId.values()) {
            if (entry.tried) {
                writeEntry(entry, out);
            }
        }
        for (int bucket = 0; bucket < AddrMan.NEW_BUCKETS; bucket++) {
            List<Integer> inBucket = numbersIn(book.newTable, bucket, numbers);
            out.i32(inBucket.size());
            inBucket.forEach(out::i32);
        }
        out.bytes(book.groups.mapVersion());
    }

    private static List<Integer> numbersIn(
            BucketTable table, int bucket, Map<Long, Integer> numbers) {
        var found = new ArrayList<Integer>();
        for (int position = 0;
                position < AddrMan.BUCKET_SIZE && !table.isUnused(bucket);
                position++) {
            AddrManEntry entry = table.get(bucket, position);
            if (entry != null) {
                found.add(Check.present(numbers.get(entry.id), "a new entry has a number"));
            }
        }
        return found;
    }

    private static void writeEntry(AddrManEntry entry, ByteWriter out) {
        writeDisk(entry.toEntry(), out);
        Bytes source = withPort(entry.source);
        out.bytes(source.slice(0, source.length() - 2));
        out.i64(entry.lastSuccessSeconds).i32(entry.attempts);
    }

    private static Bytes withPort(NetAddress address) {
        var out = new ByteWriter(40);
        address.writeV2(out);
        return out.toBytes();
    }

    private static void writeDisk(AddressEntry entry, ByteWriter out) {
        out.i32(DISK_VERSION | DISK_VERSION_ADDRV2);
        entry.writeV2(out);
    }

    // ---- reading

    /// Reads `peers.dat`. The texts of errors are Bitcoin Core's.
    ///
    /// @param random of the new book
    /// @throws MalformedBytes if it is not one
    /// @throws UnsupportedFormat if a later version wrote it in a form that this one does not know
    public static AddrMan read(
            Bytes file, Bytes magic, NetGroups groups, RandomGenerator random, Log log) {
        var book = new AddrMan(AddrMan.DETERMINISTIC_KEY, groups, random, log);
        readSealed(
                file,
                magic,
                in -> {
                    readContent(in, book);
                    int fault = AddrManCheck.faultOf(book);
                    if (fault != 0) {
                        throw new MalformedBytes(
                                "Corrupt data. Consistency check failed with code "
                                        + fault
                                        + STREAM);
                    }
                });
        return book;
    }

    /// Magic, content, checksum; what is wrong first is told.
    static void readSealed(Bytes file, Bytes magic, Consumer<ByteReader> content) {
        ByteReader in = ByteReader.of(file.toByteArray());
        try {
            if (!in.slice(magic.length()).equals(magic)) {
                throw new MalformedBytes("Invalid network magic number");
            }
            content.accept(in);
            byte[] hash = Sha256.hashTwice(file.slice(0, in.position()).toByteArray());
            if (!Bytes.wrap(hash).equals(in.slice(CHECKSUM_BYTES))) {
                throw new MalformedBytes("Checksum mismatch, data corrupted");
            }
        } catch (MalformedBytes e) {
            boolean end = String.valueOf(e.getMessage()).startsWith("end of data");
            throw end ? new MalformedBytes("AutoFile::read: end of file" + STREAM) : e;
        }
    }

    private static void readContent(ByteReader in, AddrMan book) {
        int format = in.u8();
        int compatible = in.u8();
        if (compatible < COMPATIBLE_BASE) {
            throw new MalformedBytes(
                    "Corrupted addrman database: The compat value ("
                            + compatible
                            + ") is lower than the expected minimum value "
                            + COMPATIBLE_BASE
                            + "."
                            + STREAM);
        }
        if (compatible - COMPATIBLE_BASE > FORMAT) {
            throw new UnsupportedFormat(
                    "Unsupported format of addrman database: "
                            + format
                            + ". It is compatible with formats >="
                            + (compatible - COMPATIBLE_BASE)
                            + ", but the maximum supported by this version of weft is "
                            + FORMAT
                            + ".");
        }
        book.key = Bytes.copyOf(in.bytes(32));
        int newCount = checked(in.i32(), "nNew", NEW_MAX);
        int triedCount = checked(in.i32(), "nTried", TRIED_MAX);
        int buckets = format >= FORMAT_DETERMINISTIC ? in.i32() ^ BUCKETS_XOR : in.i32();
        boolean v2 = format >= FORMAT_BIP155;
        var fresh = new ArrayList<AddrManEntry>();
        for (int i = 0; i < newCount; i++) {
            fresh.add(readNew(in, v2, book));
        }
        int lostTried = 0;
        for (int i = 0; i < triedCount; i++) {
            lostTried += readTried(in, v2, book) ? 0 : 1;
        }
        List<int[]> places = readPlaces(in, buckets, newCount);
        Bytes asmap =
                format >= FORMAT_ASMAP
                        ? in.slice(CHECKSUM_BYTES)
                        : Bytes.wrap(new byte[CHECKSUM_BYTES]);
        boolean restore = buckets == AddrMan.NEW_BUCKETS && asmap.equals(book.groups.mapVersion());
        if (!restore) {
            book.log.debug(
                    LogCategory.ADDRMAN,
                    () -> "Bucketing method was updated, re-bucketing addrman entries from disk");
        }
        for (int[] place : places) {
            place(book, fresh.get(place[1]), place[0], restore);
        }
        dropHomeless(book, fresh, lostTried);
    }

    private static int checked(int count, String name, int max) {
        if (count < 0 || count > max) {
            throw new MalformedBytes(
                    "Corrupt AddrMan serialization: "
                            + name
                            + "="
                            + count
                            + ", should be in [0, "
                            + max
                            + "]"
                            + STREAM);
        }
        return count;
    }

    private static AddrManEntry readNew(ByteReader in, boolean v2, AddrMan book) {
        AddressEntry heard = readDisk(in, v2);
        NetAddress source = readSource(in, v2);
        AddrManEntry entry = book.create(heard, source);
        entry.lastSuccessSeconds = in.i64();
        entry.attempts = in.i32();
        return entry;
    }

    private static boolean readTried(ByteReader in, boolean v2, AddrMan book) {
        AddressEntry heard = readDisk(in, v2);
        NetAddress source = readSource(in, v2);
        long lastSuccess = in.i64();
        int attempts = in.i32();
        var probe = new AddrManEntry(0, heard, source);
        int bucket = probe.triedBucket(book.key, book.groups);
        int position = probe.position(book.key, false, bucket);
        if (!heard.address().isValid()
                || book.triedTable.get(bucket, position) != null
                || book.find(heard.address()) != null) {
            return false;
        }
        AddrManEntry entry = book.create(heard, source);
        book.newCount--;
        book.countsOf(entry).inNew--;
        entry.lastSuccessSeconds = lastSuccess;
        entry.attempts = attempts;
        entry.tried = true;
        book.triedTable.set(bucket, position, entry);
        book.triedCount++;
        book.countsOf(entry).inTried++;
        return true;
    }

    private static List<int[]> readPlaces(ByteReader in, int buckets, int newCount) {
        var places = new ArrayList<int[]>();
        for (int bucket = 0; bucket < buckets; bucket++) {
            int count = in.i32();
            for (int i = 0; i < count; i++) {
                int number = in.i32();
                if (number >= 0 && number < newCount) {
                    places.add(new int[] {bucket, number});
                }
            }
        }
        return places;
    }

    private static void place(AddrMan book, AddrManEntry entry, int oldBucket, boolean restore) {
        if (!entry.address.isValid() || entry.references >= AddrMan.NEW_PLACES_MAX) {
            return;
        }
        int bucket = oldBucket;
        int position = entry.position(book.key, true, bucket);
        if (!restore || book.newTable.get(bucket, position) != null) {
            bucket = entry.newBucket(book.key, entry.source, book.groups);
            position = entry.position(book.key, true, bucket);
        }
        if (book.newTable.get(bucket, position) == null) {
            book.newTable.set(bucket, position, entry);
            entry.references++;
        }
    }

    private static void dropHomeless(AddrMan book, List<AddrManEntry> fresh, int lostTried) {
        int lost = 0;
        for (AddrManEntry entry : fresh) {
            if (entry.references == 0) {
                book.delete(entry);
                lost++;
            }
        }
        int lostNew = lost;
        if (lostNew + lostTried > 0) {
            book.log.debug(
                    LogCategory.ADDRMAN,
                    () ->
                            "addrman lost "
                                    + lostNew
                                    + " new and "
                                    + lostTried
                                    + " tried addresses due to collisions or invalid addresses");
        }
    }

    private static NetAddress readSource(ByteReader in, boolean v2) {
        var out = new ByteWriter(40);
        if (v2) {
            int network = in.u8();
            int size = in.compactSize();
            out.u8(network).compactSize(size).bytes(in.slice(size));
        } else {
            out.bytes(in.slice(16));
        }
        ByteReader again = ByteReader.of(out.u16BigEndian(0).toByteArray());
        return v2 ? NetAddress.readV2(again) : NetAddress.readV1(again);
    }

    private static AddressEntry readDisk(ByteReader in, boolean v2) {
        int version = in.i32() & ~DISK_VERSION_IGNORED;
        if (version != 0 && !(v2 && version == DISK_VERSION_ADDRV2)) {
            throw new MalformedBytes("Unsupported CAddress disk format version");
        }
        return version == 0 ? AddressEntry.readV1(in) : AddressEntry.readV2(in);
    }

    // ---- anchors

    /// The bytes of `anchors.dat`: block-relay-only peers to dial first after the next start.
    public static Bytes writeAnchors(List<AddressEntry> anchors, Bytes magic) {
        var out = new ByteWriter().bytes(magic).list(anchors, AddrManFile::writeDisk);
        return seal(out);
    }

    /// Reads `anchors.dat`.
    ///
    /// @throws MalformedBytes if it is not one
    public static List<AddressEntry> readAnchors(Bytes file, Bytes magic) {
        var found = new ArrayList<AddressEntry>();
        readSealed(
                file,
                magic,
                in ->
                        found.addAll(
                                in.list(
                                        AddressEntry.MAX_PER_MESSAGE,
                                        DISK_BYTES_MIN,
                                        each -> readDisk(each, true))));
        return found;
    }
}
