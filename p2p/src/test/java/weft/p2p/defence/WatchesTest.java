package weft.p2p.defence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import weft.p2p.PeerId;
import weft.primitives.Now;
import weft.testkit.Property;

/// Each machine against a naive one that keeps everything and counts anew each time.
class WatchesTest {
    private static Now at(long seconds) {
        return new Now(seconds * 1_000_000_000L, Instant.ofEpochSecond(seconds));
    }

    @Test
    @DisplayName("S-106 diversity is the chance that two peers are of different groups")
    void shouldMeasureDiversity() {
        Property.holds(
                100,
                random -> {
                    var groups = new ArrayList<Integer>();
                    for (int i = 1 + random.nextInt(30); i > 0; i--) {
                        groups.add(random.nextInt(1 + random.nextInt(8)));
                    }
                    int different = 0;
                    for (int one : groups) {
                        for (int other : groups) {
                            different += one == other ? 0 : 1;
                        }
                    }
                    double naive = different / (double) (groups.size() * groups.size());
                    var counts = Diversity.count(groups).values();
                    assertThat(Diversity.index(counts)).isCloseTo(naive, within(1e-9));
                    assertThat(Diversity.isLow(counts))
                            .isEqualTo(
                                    groups.size() >= 4
                                            && 2 * different < groups.size() * groups.size());
                    long most =
                            groups.stream()
                                    .mapToLong(each -> groups.stream().filter(each::equals).count())
                                    .max()
                                    .orElse(0);
                    assertThat(Diversity.isConcentrated(counts))
                            .isEqualTo(groups.size() >= 8 && 5 * most > 4L * groups.size());
                });
    }

    @Test
    @DisplayName("S-107 what is usual is an average that forgets, as one that keeps all steps says")
    void shouldKnowWhatIsUsual() {
        Property.holds(
                50,
                random -> {
                    var watch = new RateWatch();
                    var rates = new ArrayList<Double>();
                    double weight = 1 - Math.exp(-10 / 3600.0);
                    for (int i = 0; i < 400; i++) {
                        int peers = random.nextInt(6);
                        long messages = random.nextInt(random.nextInt(30) == 0 ? 50_000 : 500);
                        double seconds = 10 + random.nextDouble() * 5;
                        watch.step(messages, peers, seconds);
                        if (peers > 0) {
                            rates.add(messages / seconds / peers);
                        }
                        double usual = 0;
                        for (int n = 0; n < rates.size(); n++) {
                            double capped = Math.min(rates.get(n), 2 * Math.max(usual, 1));
                            usual =
                                    n < 60
                                            ? usual + (rates.get(n) - usual) / (n + 1)
                                            : usual * (1 - weight) + capped * weight;
                        }
                        usual = Math.max(usual, 1);
                        double recent =
                                rates.reversed().stream()
                                                .limit(6)
                                                .mapToDouble(Double::doubleValue)
                                                .sum()
                                        / 6;
                        assertThat(watch.usual()).isCloseTo(usual, within(1e-6));
                        assertThat(watch.recent()).isCloseTo(recent, within(1e-6));
                        if (Math.abs(recent - 10 * usual) > 1e-6) {
                            assertThat(watch.isFlooded())
                                    .isEqualTo(rates.size() > 60 && recent > 10 * usual);
                        }
                    }
                });
    }

    @Test
    @DisplayName(
            "S-106 S-107 S-108 a warning begins once, and ends a minute after it was seen last")
    void shouldHoldWarnings() {
        Property.holds(
                50,
                random -> {
                    var board = new WarningBoard();
                    Map<Warning.Kind, Long> lastSeen = new TreeMap<>();
                    long seconds = 0;
                    for (int i = 0; i < 300; i++) {
                        seconds += random.nextInt(25);
                        var seen = new ArrayList<Warning>();
                        for (Warning.Kind kind : Warning.Kind.values()) {
                            if (random.nextInt(5) == 0) {
                                seen.add(new Warning(kind, "", "step " + i));
                            }
                        }
                        var before = new ArrayList<>(lastSeen.keySet());
                        for (Warning each : seen) {
                            lastSeen.put(each.kind(), seconds);
                        }
                        long now = seconds;
                        var ended =
                                lastSeen.entrySet().stream()
                                        .filter(each -> now - each.getValue() >= 60)
                                        .map(Map.Entry::getKey)
                                        .toList();
                        ended.forEach(lastSeen::remove);
                        WarningBoard.Change change = board.update(seen, at(seconds));
                        assertThat(change.ended()).map(Warning::kind).containsAll(ended);
                        assertThat(change.ended()).hasSize(ended.size());
                        assertThat(change.begun())
                                .map(Warning::kind)
                                .containsExactlyElementsOf(
                                        seen.stream()
                                                .map(Warning::kind)
                                                .filter(each -> !before.contains(each))
                                                .toList());
                        assertThat(board.current())
                                .map(Warning::kind)
                                .containsExactlyInAnyOrderElementsOf(lastSeen.keySet());
                    }
                });
    }

    private record Entry(long peer, String command, Cost cost) {}

    @Test
    @DisplayName("S-109b costs by peer and command are what a list of all messages adds up to")
    void shouldAddUpCosts() {
        Property.holds(
                50,
                random -> {
                    var ledger = new CostLedger();
                    var here = new ArrayList<Entry>();
                    var everything = new ArrayList<Entry>();
                    for (int i = 0; i < 1_000; i++) {
                        long peer = random.nextInt(8);
                        if (random.nextInt(20) == 0) {
                            ledger.onGone(new PeerId(peer));
                            here.removeIf(each -> each.peer == peer);
                            continue;
                        }
                        var cost =
                                new Cost(
                                        1,
                                        random.nextInt(1_000),
                                        random.nextInt(9_999),
                                        random.nextInt(2));
                        var entry = new Entry(peer, "m" + random.nextInt(4), cost);
                        ledger.add(new PeerId(peer), entry.command, cost);
                        here.add(entry);
                        everything.add(entry);
                    }
                    assertThat(ledger.all()).isEqualTo(sums(everything));
                    for (long peer = 0; peer < 8; peer++) {
                        long one = peer;
                        assertThat(ledger.of(new PeerId(peer)))
                                .isEqualTo(
                                        sums(
                                                here.stream()
                                                        .filter(each -> each.peer == one)
                                                        .toList()));
                    }
                });
    }

    private static Map<String, Cost> sums(List<Entry> entries) {
        var sums = new TreeMap<String, Cost>();
        for (Entry each : entries) {
            Cost old = sums.getOrDefault(each.command, Cost.NONE);
            sums.put(
                    each.command,
                    new Cost(
                            old.messages() + each.cost.messages(),
                            old.bytes() + each.cost.bytes(),
                            old.cpuNanos() + each.cost.cpuNanos(),
                            old.throttled() + each.cost.throttled()));
        }
        return sums;
    }

    @Test
    @DisplayName(
            "S-109b of a flood, each peer is heard ten times the usual and a burst, and no more")
    void shouldThrottleWithinBounds() {
        Property.holds(
                20,
                random -> {
                    var watch = new FloodWatch(true);
                    Map<String, Integer> peers = Map.of("ipv4", 2);
                    var modest = new PeerId(1);
                    var greedy = new PeerId(2);
                    long second = 1_000;
                    for (int i = 0; i < 700; i++, second++) {
                        assertThat(say(watch, modest, 2, second)).isEqualTo(2);
                        assertThat(say(watch, greedy, 2, second)).isEqualTo(2);
                        watch.onTick(peers, at(second));
                    }
                    int heard = 0;
                    int flood = 50 + random.nextInt(500);
                    int throttledSeconds = 0;
                    for (int i = 0; i < 300; i++, second++) {
                        assertThat(say(watch, modest, 2, second)).isEqualTo(2);
                        boolean throttled = watch.throttled(at(second)).containsKey("ipv4");
                        int now = say(watch, greedy, flood, second);
                        heard += throttled ? now : 0;
                        throttledSeconds += throttled ? 1 : 0;
                        watch.onTick(peers, at(second));
                    }
                    assertThat(throttledSeconds).isGreaterThan(200);
                    // Usual grows a little in five minutes, but never to more than 2.4 a second.
                    assertThat(heard).isLessThanOrEqualTo(24 * throttledSeconds + 240);
                    assertThat(heard).isGreaterThanOrEqualTo(20 * throttledSeconds - 20);
                    assertThat(watch.dropped()).isPositive();
                });
    }

    private static int say(FloodWatch watch, PeerId peer, int count, long second) {
        int heard = 0;
        for (int i = 0; i < count; i++) {
            boolean one =
                    watch.onMessage(peer, "ipv4", MessageClass.ANNOUNCEMENTS, false, at(second));
            heard += one ? 1 : 0;
        }
        return heard;
    }

    @Test
    @DisplayName("S-107 what we asked for is never counted and never throttled")
    void shouldNotCountAnswers() {
        var watch = new FloodWatch(true);
        for (long second = 0; second < 2_000; second++) {
            int count = second < 1_000 ? 1 : 1_000;
            for (int i = 0; i < count; i++) {
                assertThat(
                                watch.onMessage(
                                        new PeerId(1),
                                        "ipv4",
                                        MessageClass.of("block"),
                                        false,
                                        at(second)))
                        .isTrue();
            }
            watch.onTick(Map.of("ipv4", 1), at(second));
            assertThat(watch.flooded()).isEmpty();
        }
    }
}
