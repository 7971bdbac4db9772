package weft.p2p.addr;

import weft.primitives.Bytes;
import weft.primitives.codec.ByteReader;
import weft.primitives.codec.ByteWriter;
import weft.primitives.codec.MalformedBytes;
import weft.wire.NetAddress;

/// The bytes of `acquaintances.dat`: magic, form, nodes, those known for long, double SHA-256 of all before.
/// Of each node its address as BIP-0155 has it, its program, and when it was last seen in each part of the
/// day; of each [LongKnown.One] what it has, in its order. Form 1 ends with the nodes.
public final class AcquaintancesFile {
    private static final int FORM = 2;
    private static final int FORM_WITHOUT_LONG_KNOWN = 1;

    /// The shortest address, an empty name, and four times.
    private static final int BYTES_MIN = 1 + 1 + 2 + 1 + Acquaintance.WINDOWS * Integer.BYTES;

    /// The shortest address, services, three times, and tries.
    private static final int LONG_KNOWN_BYTES_MIN = 1 + 1 + 2 + Long.BYTES + 3 * Integer.BYTES + 1;

    private AcquaintancesFile() {}

    /// The bytes of the file.
    ///
    /// @param magic four bytes of the network
    public static Bytes write(Acquaintances all, Bytes magic) {
        var out = new ByteWriter(4096).bytes(magic).u8(FORM);
        out.list(all.all(), AcquaintancesFile::writeOne);
        out.list(all.longKnown().all(), AcquaintancesFile::writeLongKnown);
        return AddrManFile.seal(out);
    }

    private static void writeOne(Acquaintance one, ByteWriter out) {
        one.address.writeV2(out);
        out.varString(one.program);
        for (long each : one.seenSeconds) {
            time(each, out);
        }
    }

    private static void writeLongKnown(LongKnown.One one, ByteWriter out) {
        one.address().writeV2(out);
        out.i64(one.services());
        time(one.sinceSeconds(), out);
        time(one.seenSeconds(), out);
        time(one.triedSeconds(), out);
        out.u8(one.tries());
    }

    private static void time(long seconds, ByteWriter out) {
        out.u32(Math.clamp(seconds, 0, 0xffff_ffffL));
    }

    /// Reads the file.
    ///
    /// @throws MalformedBytes if it is not one
    public static Acquaintances read(Bytes file, Bytes magic) {
        var all = new Acquaintances();
        AddrManFile.readSealed(
                file,
                magic,
                in -> {
                    int form = in.u8();
                    if (form != FORM && form != FORM_WITHOUT_LONG_KNOWN) {
                        throw new MalformedBytes("of a form that is unknown");
                    }
                    in.list(Acquaintances.MAX, BYTES_MIN, AcquaintancesFile::readOne)
                            .forEach(all::restore);
                    if (form == FORM) {
                        in.list(
                                        LongKnown.MAX,
                                        LONG_KNOWN_BYTES_MIN,
                                        AcquaintancesFile::readLongKnown)
                                .forEach(all.longKnown()::restore);
                    }
                });
        return all;
    }

    private static LongKnown.One readLongKnown(ByteReader in) {
        return new LongKnown.One(
                NetAddress.readV2(in), in.i64(), in.u32(), in.u32(), in.u32(), in.u8());
    }

    private static Acquaintance readOne(ByteReader in) {
        var one = new Acquaintance(NetAddress.readV2(in));
        one.program = in.varString(Acquaintance.PROGRAM_CHARS_MAX);
        for (int i = 0; i < Acquaintance.WINDOWS; i++) {
            one.seenSeconds[i] = in.u32();
        }
        return one;
    }
}
