package weft.p2p.addr;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import weft.primitives.Bytes;
import weft.primitives.codec.ByteWriter;
import weft.testkit.Property;
import weft.testkit.Sabotage;
import weft.testkit.SeenRed;
import weft.wire.NetAddress;
import weft.wire.NetworkId;

class LongKnownTest implements SeenRed {
    private static final Bytes MAGIC = Bytes.parse("fabfb5da");
    private static final long BEGIN = 1_700_000_000;
    private static final long DAY = 86_400;
    private static final long WEEK = 7 * DAY;
    private static final long SERVICES = 0x409;
    private static final NetGroups GROUPS = NetGroups.PUBLIC;

    private final LongKnown known = new Acquaintances().longKnown();

    /// Each in a group of its own.
    private static NetAddress address(int i) {
        return NetAddress.parse(20 + i / 256 + "." + i % 256 + ".1.1", 8333);
    }

    private void meet(int i, long seconds) {
        known.met(address(i), SERVICES, GROUPS, seconds);
    }

    private boolean has(int i) {
        return known.all().stream().anyMatch(each -> each.address().equals(address(i)));
    }

    // ---- against a diary of all that happened

    /// What happened to each; every question is answered by reading it again.
    private static final class Diary {
        private enum Kind {
            IN,
            SEEN,
            TRIED,
            TRIED_IN_VAIN
        }

        private record Line(Kind kind, long seconds) {}

        private final SortedMap<NetAddress, List<Line>> lines = new TreeMap<>();
        private final List<NetAddress> order = new ArrayList<>();
        private long answered;

        private void note(Kind kind, NetAddress who, long seconds) {
            lines.computeIfAbsent(who, any -> new ArrayList<>()).add(new Line(kind, seconds));
        }

        private List<Line> of(NetAddress who) {
            return lines.getOrDefault(who, List.of());
        }

        private List<Line> sinceSeen(NetAddress who) {
            List<Line> of = of(who);
            int last = of.size() - 1;
            while (of.get(last).kind != Kind.SEEN && of.get(last).kind != Kind.IN) {
                last--;
            }
            return of.subList(last, of.size());
        }

        private long seenSeconds(NetAddress who) {
            return sinceSeen(who).getFirst().seconds;
        }

        private long sinceSeconds(NetAddress who) {
            return of(who).stream()
                    .filter(each -> each.kind == Kind.IN)
                    .reduce((any, later) -> later)
                    .orElseThrow()
                    .seconds;
        }

        private long days(NetAddress who) {
            return sinceSeen(who).stream().filter(each -> each.kind == Kind.TRIED_IN_VAIN).count();
        }

        /// When it was chosen last, whatever came of it; 0 for never since it got its place.
        private long triedSeconds(NetAddress who) {
            long last = 0;
            for (Line each : of(who)) {
                last =
                        switch (each.kind) {
                            case IN -> 0;
                            case SEEN -> last;
                            case TRIED, TRIED_IN_VAIN -> each.seconds;
                        };
            }
            return last;
        }

        private boolean isDue(NetAddress who, long now) {
            long pause = days(who) == 0 ? 600 : DAY;
            return triedSeconds(who) == 0 || now - triedSeconds(who) >= pause;
        }

        private void clean(long now) {
            order.removeIf(
                    who ->
                            days(who) >= 3
                                    && now - seenSeconds(who) >= 10 * DAY
                                    && now - triedSeconds(who) >= 600);
        }

        private void met(NetAddress who, long now) {
            if (order.contains(who)) {
                note(Kind.SEEN, who, now);
                return;
            }
            clean(now);
            boolean free = order.stream().noneMatch(any -> any.netGroup().equals(who.netGroup()));
            if (order.size() < LongKnown.MAX && free) {
                note(Kind.IN, who, now);
                order.add(who);
            }
        }

        private void tried(NetAddress who, boolean online, long now) {
            if (order.contains(who) && isDue(who, now)) {
                boolean counts = online && answered > triedSeconds(who);
                note(counts ? Kind.TRIED_IN_VAIN : Kind.TRIED, who, now);
            }
        }

        private List<NetAddress> first(long now) {
            clean(now);
            return order.stream().filter(who -> now - sinceSeconds(who) >= WEEK).limit(32).toList();
        }

        private List<NetAddress> overdue(long now) {
            clean(now);
            return order.stream()
                    .filter(who -> now - seenSeconds(who) >= WEEK && isDue(who, now))
                    .sorted(Comparator.comparingLong(this::seenSeconds))
                    .toList();
        }
    }

    private static List<NetAddress> addresses(Iterable<LongKnown.One> some) {
        var found = new ArrayList<NetAddress>();
        some.forEach(each -> found.add(each.address()));
        return found;
    }

    private static void step(LongKnown known, Diary diary, RandomGenerator random, long now) {
        NetAddress who =
                random.nextInt(20) == 0
                        ? NetAddress.parse("20." + random.nextInt(256) + ".7.7", 8333)
                        : address(random.nextInt(400));
        switch (random.nextInt(6)) {
            case 0, 1 -> {
                known.met(who, SERVICES, GROUPS, now);
                diary.met(who, now);
            }
            case 2 -> {
                known.there(who, now);
                if (diary.order.contains(who)) {
                    diary.note(Diary.Kind.SEEN, who, now);
                }
            }
            case 3 -> {
                known.answered(now);
                diary.answered = now;
            }
            default -> {
                boolean counts = random.nextInt(4) > 0;
                known.tried(who, counts, now);
                diary.tried(who, counts, now);
            }
        }
    }

    @Test
    @DisplayName("E08 nodes known for long: as a diary of all that happened tells")
    @Sabotage(type = "weft.p2p.addr.LongKnown$One", method = "isGone", returns = "false")
    void shouldKnowAsADiaryDoes() {
        Property.holds(
                20,
                random -> {
                    var all = new Acquaintances();
                    var diary = new Diary();
                    long now = BEGIN;
                    for (int i = 0; i < 3_000; i++) {
                        now += random.nextLong(random.nextInt(3) == 0 ? 40_000 : 900);
                        step(all.longKnown(), diary, random, now);
                        if (i % 100 == 99) {
                            assertSame(all.longKnown(), diary, now);
                        }
                    }
                    all = AcquaintancesFile.read(AcquaintancesFile.write(all, MAGIC), MAGIC);
                    assertSame(all.longKnown(), diary, now);
                });
    }

    private static void assertSame(LongKnown known, Diary diary, long now) {
        assertThat(addresses(known.first(now))).isEqualTo(diary.first(now));
        assertThat(addresses(known.candidates(now)))
                .isEqualTo(diary.first(now).stream().filter(who -> diary.isDue(who, now)).toList());
        assertThat(addresses(known.overdue(now))).isEqualTo(diary.overdue(now));
        assertThat(addresses(known.all())).isEqualTo(diary.order);
        for (LongKnown.One each : known.all()) {
            assertThat(each.sinceSeconds()).isEqualTo(diary.sinceSeconds(each.address()));
            assertThat(each.seenSeconds()).isEqualTo(diary.seenSeconds(each.address()));
            assertThat(each.tries()).isEqualTo((int) Math.min(3, diary.days(each.address())));
        }
    }

    // ---- one by one

    @Test
    @DisplayName("256 nodes have their places, however many come after them")
    void shouldKeepWhoCameFirst() {
        for (int i = 0; i < 10 * LongKnown.MAX; i++) {
            meet(i, BEGIN + i);
        }
        assertThat(known.all()).hasSize(LongKnown.MAX);
        for (int i = 0; i < LongKnown.MAX; i++) {
            assertThat(has(i)).isTrue();
        }
    }

    @Test
    @DisplayName("of a group of addresses there is one; of a hidden network a quarter at most")
    void shouldKeepOneOfAGroup() {
        for (int i = 1; i < 100; i++) {
            known.met(NetAddress.parse("50.1." + i + ".1", 8333), SERVICES, GROUPS, BEGIN);
        }
        assertThat(known.all()).hasSize(1);
        for (int i = 0; i < 100; i++) {
            var key = new byte[32];
            key[31] = (byte) i;
            var onion = new NetAddress(NetworkId.TORV3, Bytes.wrap(key), 8333);
            known.met(onion, SERVICES, GROUPS, BEGIN);
        }
        assertThat(known.all()).hasSize(1 + LongKnown.MAX / 4);
    }

    @Test
    @DisplayName("a map of operators is given later: of each of them there stays who was met first")
    @Sabotage(type = "weft.p2p.addr.LongKnown", method = "regroup", call = "clear")
    void shouldRegroup() {
        for (int i = 0; i < 9; i++) {
            meet(i, BEGIN + i);
        }
        var key = new byte[32];
        known.met(new NetAddress(NetworkId.TORV3, Bytes.wrap(key), 8333), SERVICES, GROUPS, BEGIN);
        // Whatever is IPv4 or IPv6 belongs to operator 7.
        Bytes map = Bytes.parse("00c000");
        known.regroup(GROUPS);
        assertThat(known.all()).hasSize(10);
        known.regroup(new NetGroups(false, AsMap.parse(map).orElseThrow()));
        assertThat(addresses(known.all())).hasSize(2).startsWith(address(0));
    }

    @Test
    @DisplayName("times that 32 bits do not hold, as clocks show them")
    void shouldTellOddTimes() {
        meet(1, -5);
        meet(2, (1L << 32) + 5);
        assertThat(known.all())
                .extracting(each -> each.entry().time())
                .containsExactly(0xffff_fffbL, 5L);
    }

    private void tryInVain(int i, long seconds) {
        known.answered(seconds);
        known.tried(address(i), true, seconds);
    }

    @Test
    @DisplayName(
            "a place becomes free after ten days unseen and three dials in vain, and no sooner")
    void shouldForgetWhoIsGone() {
        meet(1, BEGIN);
        meet(2, BEGIN);
        tryInVain(1, BEGIN + WEEK);
        tryInVain(1, BEGIN + WEEK + 1);
        tryInVain(1, BEGIN + WEEK + DAY);
        tryInVain(1, BEGIN + WEEK + 2 * DAY - 1);
        assertThat(known.first(BEGIN + 20 * DAY)).as("two days").hasSize(2);
        tryInVain(1, BEGIN + 20 * DAY);
        assertThat(known.first(BEGIN + 20 * DAY + 599)).as("may answer yet").hasSize(2);
        known.there(address(1), BEGIN + 20 * DAY + 599);
        assertThat(known.first(BEGIN + 40 * DAY)).as("answered").hasSize(2);
        for (int i = 0; i < 3; i++) {
            tryInVain(1, BEGIN + 21 * DAY + i * DAY);
        }
        assertThat(known.first(BEGIN + 30 * DAY)).as("seen nine days ago").hasSize(2);
        assertThat(known.first(BEGIN + 31 * DAY)).hasSize(1);
        assertThat(has(1)).isFalse();
    }

    @Test
    @DisplayName("while nobody answers nobody is forgotten, and asked again after ten minutes")
    void shouldForgetNobodyWhileOffline() {
        meet(1, BEGIN);
        known.answered(BEGIN);
        known.tried(address(1), true, BEGIN + 1);
        long now = BEGIN + WEEK;
        for (int i = 0; i < 10_000; i++) {
            assertThat(known.candidates(now)).hasSize(1);
            known.tried(address(1), i % 2 == 0, now);
            assertThat(known.candidates(now + 599)).isEmpty();
            now += DAY;
        }
        assertThat(has(1)).isTrue();
    }

    @Test
    @DisplayName("a clock that is years ahead for a time: nobody is forgotten, no place is lost")
    void shouldForgetNobodyForAClock() {
        long later = BEGIN + 10 * 365 * DAY;
        for (int i = 0; i < 10; i++) {
            meet(i, i < 5 ? BEGIN : later);
        }
        assertThat(known.first(later)).hasSize(5);
        tryInVain(3, later);
        assertThat(known.candidates(BEGIN + WEEK)).as("set back").hasSize(5);
        known.tried(address(3), false, BEGIN + WEEK);
        assertThat(known.candidates(BEGIN + WEEK + 1)).hasSize(4);
        assertThat(addresses(known.overdue(BEGIN + WEEK)))
                .as("whose times are in the future is tried out, and put right")
                .contains(address(7));
        meet(7, BEGIN + WEEK);
        assertThat(known.first(BEGIN + 2 * WEEK)).hasSize(6);
        assertThat(known.all()).hasSize(10);
    }

    @Test
    @DisplayName("a clock that is put back by seconds again and again: no day counts twice")
    void shouldCountNoDayTwice() {
        meet(1, BEGIN);
        for (int i = 0; i < 100; i++) {
            tryInVain(1, BEGIN + WEEK - i);
        }
        assertThat(known.all().iterator().next().tries()).isEqualTo(1);
    }

    @Test
    @DisplayName("a file of the form without nodes known for long is read, and knows none")
    void shouldReadTheFormBefore() {
        var all = new Acquaintances();
        all.met(address(1), "/p/", BEGIN);
        all.longKnown().met(address(1), SERVICES, GROUPS, BEGIN);
        byte[] now = AcquaintancesFile.write(all, MAGIC).toByteArray();
        int ofOne = 1 + 1 + 4 + 2 + 8 + 12 + 1;
        var before = new ByteWriter(64);
        before.bytes(Bytes.wrap(now).slice(0, 4)).u8(1);
        before.bytes(Bytes.wrap(now).slice(5, now.length - 5 - 32 - 1 - ofOne));
        Acquaintances read = AcquaintancesFile.read(AddrManFile.seal(before), MAGIC);
        assertThat(read.size()).isEqualTo(1);
        assertThat(read.longKnown().all()).isEmpty();
    }
}
