package weft.p2p.addr;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import weft.crypto.Sha256;
import weft.primitives.Bytes;
import weft.primitives.codec.ByteWriter;
import weft.primitives.codec.MalformedBytes;
import weft.primitives.log.Log;
import weft.testkit.Property;
import weft.wire.AddressEntry;
import weft.wire.NetAddress;

class AddrManFileTest {
    private static final Bytes MAGIC = Bytes.parse("fabfb5da");
    private static final long NOW = 1_700_000_000;

    private static AddrMan read(Bytes file) {
        return AddrManFile.read(file, MAGIC, NetGroups.PUBLIC, new SplittableRandom(1), Log.NONE);
    }

    private static AddrMan filled(SplittableRandom random) {
        AddrMan book =
                new AddrMan(AddrMan.newKey(random), NetGroups.PUBLIC, random.split(), Log.NONE);
        for (int i = 0; i < 300; i++) {
            NetAddress address =
                    NetAddress.parse(
                            random.nextInt(1, 120)
                                    + ".9."
                                    + random.nextInt(9)
                                    + "."
                                    + random.nextInt(9),
                            8333);
            NetAddress source = NetAddress.parse(random.nextInt(1, 200) + ".1.1.1", 0);
            book.add(List.of(new AddressEntry(NOW + i, 9, address)), source, 0, NOW);
            if (random.nextInt(3) == 0) {
                book.good(address, NOW);
            }
        }
        book.add(
                List.of(new AddressEntry(NOW, 1, NetAddress.parse("[2a01::5]:8333", 0))),
                NetAddress.internal("a seed"),
                0,
                NOW);
        return book;
    }

    @Test
    @DisplayName("S-41 the book is the same after a restart")
    void shouldComeBackAsItWas() {
        Property.holds(
                10,
                random -> {
                    AddrMan before = filled(random);
                    Bytes file = AddrManFile.write(before, MAGIC);
                    AddrMan after = read(file);
                    assertThat(AddrManCheck.faultOf(after)).isZero();
                    assertThat(describe(after)).isEqualTo(describe(before));
                    assertThat(after.size(null, false))
                            .isEqualTo(before.size(null, false))
                            .isPositive();
                });
    }

    private static List<String> describe(AddrMan book) {
        return java.util.stream.Stream.of(true, false)
                .flatMap(tried -> book.entries(tried).stream())
                .map(
                        each ->
                                each.position()
                                        + " "
                                        + each.entry().address()
                                        + " "
                                        + each.entry().source()
                                        + " "
                                        + each.entry().timeSeconds()
                                        + " "
                                        + each.entry().services()
                                        + " "
                                        + each.entry().lastSuccessSeconds()
                                        + " "
                                        + each.entry().attempts())
                .toList();
    }

    /// An empty book, field by field as Bitcoin Core's own test of start-up writes it.
    private static ByteWriter content(int format, int compatible, int tried) {
        var out = new ByteWriter().bytes(MAGIC).u8(format).u8(compatible);
        out.bytes(AddrMan.DETERMINISTIC_KEY).i32(0).i32(tried).i32(1024 ^ (1 << 30));
        for (int i = 0; i < 1024; i++) {
            out.i32(0);
        }
        return out.bytes(new byte[32]);
    }

    private static Bytes sealed(ByteWriter out) {
        return out.bytes(Sha256.hashTwice(out.toByteArray())).toBytes();
    }

    @Test
    void shouldReadWhatBitcoinCoreWrites() {
        Bytes file = sealed(content(4, 36, 0));
        assertThat(read(file).size()).isZero();
        AddrMan empty =
                new AddrMan(
                        AddrMan.DETERMINISTIC_KEY,
                        NetGroups.PUBLIC,
                        new SplittableRandom(1),
                        Log.NONE);
        assertThat(AddrManFile.write(empty, MAGIC)).isEqualTo(file);
    }

    @Test
    void shouldNameWhatIsWrong() {
        fails(
                sealed(content(4, 0, 0)),
                "Corrupted addrman database: The compat value (0) is lower than");
        fails(
                sealed(content(4, 36, -1)),
                "Corrupt AddrMan serialization: nTried=-1, should be in [0, 16384]:");
        Bytes good = sealed(content(4, 36, 0));
        fails(good.slice(0, good.length() - 1), "AutoFile::read: end of file");
        byte[] wrong = good.toByteArray();
        wrong[wrong.length - 1] ^= 1;
        fails(Bytes.wrap(wrong), "Checksum mismatch, data corrupted");
        byte[] other = good.toByteArray();
        other[0] ^= 1;
        fails(Bytes.wrap(other), "Invalid network magic number");
        assertThatThrownBy(() -> read(sealed(content(111, 32 + 111, 0))))
                .isInstanceOf(AddrManFile.UnsupportedFormat.class)
                .hasMessageContaining("Unsupported format of addrman database: 111");
    }

    private static void fails(Bytes file, String text) {
        assertThatThrownBy(() -> read(file))
                .isInstanceOf(MalformedBytes.class)
                .hasMessageContaining(text);
    }

    @Test
    void shouldSurviveAnyBytes() {
        Bytes good = AddrManFile.write(filled(new SplittableRandom(7)), MAGIC);
        Property.holds(
                200,
                random -> {
                    byte[] damaged = good.toByteArray();
                    for (int i = 0; i < 4; i++) {
                        damaged[4 + random.nextInt(damaged.length - 4)] =
                                (byte) random.nextInt(256);
                    }
                    try {
                        read(Bytes.wrap(damaged));
                    } catch (MalformedBytes | AddrManFile.UnsupportedFormat expected) {
                        assertThat(expected).hasMessageMatching("(?s).+");
                    }
                });
    }

    @Test
    void shouldKeepAnchors() {
        List<AddressEntry> anchors =
                List.of(
                        new AddressEntry(NOW, 9, NetAddress.parse("1.2.3.4:8333", 0)),
                        new AddressEntry(NOW, 1033, NetAddress.parse("[2a01::5]:18444", 0)));
        assertThat(AddrManFile.readAnchors(AddrManFile.writeAnchors(anchors, MAGIC), MAGIC))
                .isEqualTo(anchors);
    }
}
