package weft.p2p.addr;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.TreeSet;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import weft.crypto.Sha256;
import weft.primitives.Bytes;
import weft.primitives.Check;
import weft.primitives.log.Log;
import weft.testkit.Property;
import weft.testkit.Sabotage;
import weft.testkit.SeenRed;
import weft.wire.AddressEntry;
import weft.wire.NetAddress;

class AddrManTest implements SeenRed {
    private static final long NOW = 1_700_000_000;
    private static final NetAddress SOURCE = NetAddress.parse("252.2.2.2", 0);

    private static AddrMan book(long seed) {
        return new AddrMan(
                AddrMan.DETERMINISTIC_KEY, NetGroups.PUBLIC, new SplittableRandom(seed), Log.NONE);
    }

    private static NetAddress at(String text, int port) {
        return NetAddress.parse(text, port);
    }

    private static boolean hear(AddrMan book, NetAddress address, NetAddress source) {
        return book.add(List.of(new AddressEntry(NOW, 9, address)), source, 0, NOW);
    }

    private static Bytes keyOf(int number) {
        return Bytes.wrap(Sha256.hashTwice(new byte[] {(byte) number, 0, 0, 0}));
    }

    @Test
    @DisplayName("A try that lies after now, since the clock was set back, is not taken for recent")
    void shouldNotMindAClockSetBack() {
        long now = 1_700_000_000;
        var book =
                new AddrMan(
                        AddrMan.DETERMINISTIC_KEY,
                        NetGroups.PUBLIC,
                        new SplittableRandom(1),
                        Log.NONE);
        NetAddress address = NetAddress.parse("60.1.1.1:8333", 8333);
        book.add(List.of(new AddressEntry(now, 1, address)), address, 0, now);
        book.attempt(address, false, now);
        AddrManEntry entry = Objects.requireNonNull(book.find(address));
        assertThat(entry.chance(now + 60)).isLessThan(0.02);
        assertThat(entry.chance(now + 601)).isEqualTo(1);
        assertThat(entry.chance(now - 3_000)).isEqualTo(1);
    }

    @Test
    void shouldPlaceAddressesWhereBitcoinCoreDoes() {
        AddrMan book = book(1);
        List<NetAddress> tried =
                List.of(
                        at("1.2.3.4", 8333),
                        at("[1233:3432:2434:2343:3234:2345:6546:4534]", 8333),
                        at("pg6mmjiyjmcrsslvykfwnntlaru7p5svn6y2ymmju6nubxndf4pscryd.onion", 8333),
                        at(
                                "nrfj6inpyf73gpkyool35hcmne5zwfmse3jl3aw23vk7chdemalyaqad.onion",
                                45324));
        List<NetAddress> fresh =
                List.of(
                        at("2.0.0.0", 8333),
                        at("[fc00:1:2:3:4:5:6:7]", 8333).flipToCjdns(),
                        at("c4gfnttsuwqomiygupdqqqyy5y5emnk5c73hrfvatri67prd7vyq.b32.i2p", 8333),
                        at("[2803:0:1234:abcd::1]", 45324));
        tried.forEach(each -> assertThat(hear(book, each, each)).isTrue());
        tried.forEach(each -> assertThat(book.good(each, NOW)).isTrue());
        fresh.forEach(each -> assertThat(hear(book, each, each)).isTrue());

        assertThat(tried.stream().map(each -> place(book, each)))
                .containsExactly("tried 6/33", "tried 197/34", "tried 72/61", "tried 139/46");
        assertThat(fresh.stream().map(each -> place(book, each)))
                .containsExactly("new 82/8", "new 336/24", "new 963/46", "new 613/6");
        assertThat(AddrManCheck.faultOf(book)).isZero();
    }

    private static String place(AddrMan book, NetAddress address) {
        AddressPosition found = book.positionOf(address);
        return found == null
                ? "nowhere"
                : (found.tried() ? "tried " : "new ") + found.bucket() + "/" + found.position();
    }

    @Test
    @DisplayName("B04 addresses heard of when four thousand million came before them")
    @Sabotage(type = "weft.p2p.addr.AddrMan", method = "create", constant = "1>0")
    void shouldNumberAddressesBeyond32Bits() {
        for (long before : new long[] {1L << 31, 1L << 32, Long.MAX_VALUE >>> 1}) {
            AddrMan book = book(4);
            hear(book, at("30.0.0.1", 8333), SOURCE);
            hear(book, at("30.0.0.2", 8333), SOURCE);
            book.nextId = before - 2;
            for (int i = 0; i < 10; i++) {
                assertThat(hear(book, at("20." + i + ".1.1", 8333), SOURCE)).isTrue();
            }
            assertThat(book.byId.lastKey()).isEqualTo(before + 7);
            assertThat(book.size()).isEqualTo(12);
            assertThat(AddrManCheck.faultOf(book)).isZero();
            for (int i = 0; i < 10; i++) {
                assertThat(book.good(at("20." + i + ".1.1", 8333), NOW)).isTrue();
            }
            assertThat(AddrManCheck.faultOf(book)).isZero();
        }
    }

    @Test
    void shouldChooseBucketsAsBitcoinCoreDoes() {
        var entry =
                new AddrManEntry(
                        0, new AddressEntry(0, 0, at("250.1.1.1", 8333)), at("250.1.1.1", 0));
        assertThat(entry.triedBucket(keyOf(1), NetGroups.PUBLIC)).isEqualTo(40);
        var other =
                new AddrManEntry(
                        0, new AddressEntry(0, 0, at("250.1.2.1", 8333)), at("250.1.2.1", 0));
        assertThat(other.newBucket(keyOf(1), other.source(), NetGroups.PUBLIC)).isEqualTo(786);
        var sameGroup = new TreeSet<Integer>();
        var otherGroups = new TreeSet<Integer>();
        for (int i = 0; i < 255; i++) {
            sameGroup.add(triedBucket("250.1.1." + i));
            otherGroups.add(triedBucket("250." + i + ".1.1"));
        }
        assertThat(sameGroup).hasSize(8);
        assertThat(otherGroups).hasSize(160);
    }

    private static int triedBucket(String ip) {
        var entry = new AddrManEntry(0, new AddressEntry(0, 0, at(ip, 0)), at(ip, 0));
        return entry.triedBucket(keyOf(1), NetGroups.PUBLIC);
    }

    @Test
    void shouldCollideWhereBitcoinCoreCollides() {
        AddrMan book = book(2);
        for (int i = 1; i <= 22; i++) {
            assertThat(hearStale(book, at("250.1.1." + i, 0))).isTrue();
            assertThat(book.size()).isEqualTo(i);
        }
        assertThat(hearStale(book, at("250.1.1.23", 0))).isTrue();
        assertThat(book.size()).isEqualTo(22);
    }

    /// As old as addresses are in Bitcoin Core's test, so that each gives way to the next.
    private static boolean hearStale(AddrMan book, NetAddress address) {
        return book.add(List.of(new AddressEntry(100_000_000, 0, address)), SOURCE, 0, NOW);
    }

    @Test
    void shouldTestBeforeItEvicts() {
        AddrMan book = book(3);
        for (int i = 1; i <= 35; i++) {
            hear(book, at("250.1.1." + i, 0), SOURCE);
            assertThat(book.good(at("250.1.1." + i, 0), NOW)).isTrue();
        }
        hear(book, at("250.1.1.36", 0), SOURCE);
        assertThat(book.good(at("250.1.1.36", 0), NOW)).isFalse();
        AddrMan.Selected rival = Check.present(book.selectTriedCollision(), "a collision");
        assertThat(rival.entry().address()).isEqualTo(at("250.1.1.19", 0));

        book.resolveCollisions(NOW);
        assertThat(book.selectTriedCollision()).isNull();
        assertThat(place(book, at("250.1.1.19", 0))).startsWith("tried");
        assertThat(place(book, at("250.1.1.36", 0))).startsWith("new");

        long later = NOW + 5 * 3600;
        book.good(at("250.1.1.36", 0), later);
        book.attempt(at("250.1.1.19", 0), true, later);
        book.resolveCollisions(later + 30);
        assertThat(place(book, at("250.1.1.36", 0))).as("still under test").startsWith("new");
        book.resolveCollisions(later + 61);
        assertThat(place(book, at("250.1.1.36", 0))).startsWith("tried");
        assertThat(place(book, at("250.1.1.19", 0))).startsWith("new");
        assertThat(AddrManCheck.faultOf(book)).isZero();
    }

    @Test
    @DisplayName(
            "S-40 a handshake moves an address to trusted, a failed try leaves it with a reason")
    void shouldKeepTwoTables() {
        AddrMan book = book(4);
        NetAddress good = at("1.2.3.4", 8333);
        NetAddress bad = at("5.6.7.8", 8333);
        hear(book, good, SOURCE);
        hear(book, bad, SOURCE);
        book.good(good, NOW);
        book.attempt(bad, true, NOW + 1);
        AddrManEntry trusted = Check.present(book.find(good), "an entry");
        AddrManEntry potential = Check.present(book.find(bad), "an entry");
        assertThat(trusted.isTried()).isTrue();
        assertThat(potential.isTried()).isFalse();
        assertThat(potential.reason(NOW + 1)).isEqualTo("did not answer");
        book.failed(bad, "dial failed: Connection refused");
        book.failed(good, "dial failed: " + "x".repeat(1_000));
        assertThat(potential.reason(NOW + 1)).isEqualTo("dial failed: Connection refused");
        assertThat(trusted.reason(NOW))
                .startsWith("handshake completed, then: dial failed: xxx")
                .hasSizeLessThan(150);
        book.good(good, NOW + 2);
        assertThat(trusted.reason(NOW + 2)).isEqualTo("handshake completed");
        assertThat(book.size(null, false)).isEqualTo(1);
        assertThat(book.size(null, true)).isEqualTo(1);
    }

    @Test
    @DisplayName("S-31 at most 23 percent and at most 1000 addresses in one answer")
    void shouldGiveSamplesOnly() {
        AddrMan book = book(5);
        for (int i = 0; i < 400; i++) {
            hear(
                    book,
                    at("20." + i % 200 + "." + i / 200 + ".1", 8333),
                    at("30." + i % 200 + ".1.1", 0));
        }
        int size = book.size();
        assertThat(book.sample(1000, 23, null, true, NOW)).hasSize(size * 23 / 100);
        assertThat(book.sample(10, 23, null, true, NOW)).hasSize(10);
        assertThat(book.sample(0, 0, null, true, NOW)).hasSize(size).doesNotHaveDuplicates();
        assertThat(book.sample(0, 0, null, true, NOW + 40L * 86_400)).as("all are stale").isEmpty();
    }

    /// Addresses in a list with a flag; where they stand does not matter to it.
    private static final class NaiveBook {
        final Map<NetAddress, Boolean> tried = new HashMap<>();
    }

    @Test
    void shouldAgreeWithANaiveBookAndStaySound() {
        Property.holds(
                20,
                random -> {
                    AddrMan book =
                            new AddrMan(
                                    AddrMan.newKey(random),
                                    NetGroups.PUBLIC,
                                    random.split(),
                                    Log.NONE);
                    var naive = new NaiveBook();
                    var known = new ArrayList<NetAddress>();
                    for (int step = 0; step < 600; step++) {
                        oneStep(random, book, naive, known, NOW + step);
                    }
                    assertThat(AddrManCheck.faultOf(book)).isZero();
                    for (NetAddress each : known) {
                        AddrManEntry entry = book.find(each);
                        if (entry != null) {
                            assertThat(naive.tried).containsKey(each);
                            assertThat(!entry.isTried() || naive.tried.getOrDefault(each, false))
                                    .isTrue();
                        }
                    }
                    AddrMan.Selected chosen =
                            Check.present(book.select(false, null, NOW), "a choice");
                    assertThat(naive.tried).containsKey(chosen.entry().address());
                });
    }

    private static void oneStep(
            SplittableRandom random,
            AddrMan book,
            NaiveBook naive,
            List<NetAddress> known,
            long seconds) {
        if (known.isEmpty() || random.nextInt(3) > 0) {
            NetAddress address =
                    at(
                            random.nextInt(1, 120)
                                    + "."
                                    + random.nextInt(4)
                                    + ".7."
                                    + random.nextInt(9),
                            8333);
            boolean added =
                    book.add(
                            List.of(new AddressEntry(seconds, 9, address)),
                            at(random.nextInt(1, 200) + ".1.1.1", 0),
                            0,
                            seconds);
            known.add(address);
            if (added) {
                naive.tried.putIfAbsent(address, false);
            }
            return;
        }
        NetAddress address = known.get(random.nextInt(known.size()));
        switch (random.nextInt(4)) {
            case 0 -> {
                book.good(address, seconds);
                naive.tried.computeIfPresent(address, (any, old) -> true);
            }
            case 1 -> book.attempt(address, true, seconds);
            case 2 -> book.resolveCollisions(seconds);
            default -> book.connected(address, seconds);
        }
    }
}
