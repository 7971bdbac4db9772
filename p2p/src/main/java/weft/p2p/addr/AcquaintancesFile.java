package weft.p2p.addr;

import weft.primitives.Bytes;
import weft.primitives.codec.ByteReader;
import weft.primitives.codec.ByteWriter;
import weft.primitives.codec.MalformedBytes;
import weft.wire.NetAddress;

/// The bytes of `acquaintances.dat`: magic, form, nodes, double SHA-256 of all before. Of each node its
/// address as BIP-0155 has it, its program, and when it was last seen in each part of the day.
public final class AcquaintancesFile {
    private static final int FORM = 1;

    /// The shortest address, an empty name, and four times.
    private static final int BYTES_MIN = 1 + 1 + 2 + 1 + Acquaintance.WINDOWS * Integer.BYTES;

    private AcquaintancesFile() {}

    /// The bytes of the file.
    ///
    /// @param magic four bytes of the network
    public static Bytes write(Acquaintances all, Bytes magic) {
        var out = new ByteWriter(4096).bytes(magic).u8(FORM);
        out.list(all.all(), AcquaintancesFile::writeOne);
        return AddrManFile.seal(out);
    }

    private static void writeOne(Acquaintance one, ByteWriter out) {
        one.address.writeV2(out);
        out.varString(one.program);
        for (long each : one.seenSeconds) {
            out.u32(Math.clamp(each, 0, 0xffff_ffffL));
        }
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
                    if (in.u8() != FORM) {
                        throw new MalformedBytes("of a form that is unknown");
                    }
                    in.list(Acquaintances.MAX, BYTES_MIN, AcquaintancesFile::readOne)
                            .forEach(all::restore);
                });
        return all;
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
