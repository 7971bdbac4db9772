package weft.p2p;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import weft.p2p.addr.Acquaintance;
import weft.p2p.defence.Countermeasures;
import weft.p2p.defence.DefenceOptions;
import weft.primitives.Check;
import weft.testkit.Property;
import weft.wire.AddressEntry;
import weft.wire.NetAddress;

class VarietyTest {
    private static final int PORT = 8333;
    private static final int NODES = 200;
    private static final int RARE_EVERY = 20;
    private static final int SEEDS = 20;

    /// The rule may need this long: some five minutes for each extra peer, and as long again to drop one.
    private static final long SETTLED_SECONDS = 45 * 60;

    private static P2pOptions options(boolean varied) {
        return EngineWorld.standard()
                .with(DefenceOptions.DEFAULT.with(Countermeasures.ALL.varied(varied)));
    }

    private static List<PeerSnapshot> eight(EngineWorld world) {
        return world.engine.peersSnapshot(world.now()).stream()
                .filter(each -> each.type() == ConnectionType.OUTBOUND_FULL_RELAY)
                .toList();
    }

    private static void hear(EngineWorld world, NetAddress address) {
        long now = world.now().unixSeconds();
        var entry = new AddressEntry(now, EngineWorld.FULL, address);
        world.engine.addrMan().add(List.of(entry), address, 0, now);
    }

    // ---- programs

    /// One node in twenty runs another program than all others.
    private static boolean isRare(NetAddress address, List<NetAddress> all) {
        return all.indexOf(address) % RARE_EVERY == 0;
    }

    private static EngineWorld oneProgram(long seed, boolean varied) {
        var world = new EngineWorld(seed, options(varied));
        List<NetAddress> all = world.fillBook(NODES);
        world.programs = any -> isRare(any, all) ? "/old:0.9/" : "/new:1.0/";
        return world;
    }

    private static long programs(EngineWorld world) {
        return eight(world).stream()
                .map(each -> each.handshake().userAgent())
                .filter(each -> !each.isEmpty())
                .distinct()
                .count();
    }

    /// Minutes in which one that differs was known for long, and none was among the eight.
    private static int minutesWithoutOld(EngineWorld world) {
        int failures = 0;
        long knownSince = Long.MAX_VALUE;
        for (int minute = 0; minute < 6 * 60; minute++) {
            world.advance(Duration.ofMinutes(1));
            long now = world.now().unixSeconds();
            boolean known =
                    world.engine.acquaintances().all().stream()
                            .anyMatch(each -> each.program().equals("/old:0.9/"));
            knownSince = known ? Math.min(knownSince, now) : Long.MAX_VALUE;
            boolean settled = known && now - knownSince > SETTLED_SECONDS;
            failures += settled && programs(world) < 2 ? 1 : 0;
        }
        assertThat(knownSince).as("one was found in six hours").isLessThan(Long.MAX_VALUE);
        assertThat(eight(world)).hasSizeBetween(8, 9);
        return failures;
    }

    @Test
    @DisplayName(
            "S-65 nineteen in twenty nodes run one program: one of eight peers runs another, once known")
    void shouldKeepAnotherProgram() {
        for (long seed = 1; seed <= SEEDS; seed++) {
            assertThat(minutesWithoutOld(oneProgram(seed, true))).as("seed %d", seed).isZero();
        }
    }

    @Test
    @DisplayName("S-65 without the rule many a node has eight peers of one program for hours")
    void shouldMissAnotherProgramWithoutTheRule() {
        int without = 0;
        for (long seed = 1; seed <= SEEDS; seed++) {
            without += minutesWithoutOld(oneProgram(seed, false)) > 0 ? 1 : 0;
        }
        assertThat(without).isGreaterThan(SEEDS / 4);
    }

    @Test
    @DisplayName("S-65 whoever says that he runs something else wins no second place of his group")
    void shouldNotLetAClaimWinMore() {
        Property.holds(
                SEEDS,
                random -> {
                    var world = new EngineWorld(random.nextLong(), options(true));
                    world.fillBook(NODES);
                    for (int i = 0; i < NODES; i++) {
                        hear(world, NetAddress.parse("60.1." + i + ".1:" + PORT, PORT));
                    }
                    // Each of them says something else.
                    world.programs =
                            any -> isFake(any) ? "/" + any.addressText() + "/" : "/new:1.0/";
                    for (int minute = 0; minute < 120; minute++) {
                        world.advance(Duration.ofMinutes(1));
                        assertThat(eight(world).stream().filter(each -> isFake(each.address())))
                                .hasSizeLessThanOrEqualTo(1);
                    }
                    long extra =
                            world.lines.stream()
                                    .filter(each -> each.contains("unlike our other peers"))
                                    .count();
                    assertThat(extra).as("one that differs is enough").isLessThanOrEqualTo(1);
                });
    }

    @Test
    @DisplayName(
            "S-65 the only node that differs is not dialled while a peer of its group is there")
    void shouldKeepToTheRuleOfGroups() {
        Property.holds(
                SEEDS,
                random -> {
                    for (boolean sameGroup : new boolean[] {true, false}) {
                        var world = new EngineWorld(random.nextLong(), options(true));
                        world.agents = any -> "/new:1.0/";
                        world.dial("151.1.1.1", ConnectionType.OUTBOUND_FULL_RELAY);
                        world.programs = any -> isOdd(any) ? "/old:0.9/" : "/new:1.0/";
                        NetAddress odd =
                                NetAddress.parse((sameGroup ? "151.1" : "152.1") + ".9.9", PORT);
                        hear(world, odd);
                        long now = world.now().unixSeconds();
                        world.engine.acquaintances().met(odd, "/old:0.9/", now);
                        world.fillBook(NODES);
                        world.advance(Duration.ofHours(2));
                        // By chance it may be one of the two peers for blocks only.
                        assertThat(
                                        world.engine.peersSnapshot(world.now()).stream()
                                                .filter(each -> isOdd(each.address())))
                                .hasSize(sameGroup ? 0 : 1);
                    }
                });
    }

    private static boolean isOdd(NetAddress address) {
        return address.addressText().endsWith(".9.9");
    }

    private static boolean isFake(NetAddress address) {
        return address.toString().startsWith("60.");
    }

    // ---- times of the day

    private static final long DAY_SECONDS = 86_400;

    /// A node that was on before knows its neighbours: nearly all were there yesterday at this hour, the
    /// others half a day before that.
    private static EngineWorld oneHour(long seed, boolean varied, int others) {
        var world = new EngineWorld(seed, options(varied));
        List<NetAddress> all = world.fillBook(NODES);
        long yesterday = world.now().unixSeconds() - DAY_SECONDS;
        for (int i = 0; i < all.size(); i++) {
            boolean isOther = i % RARE_EVERY == 0 && i / RARE_EVERY < others;
            long seen = isOther ? yesterday - DAY_SECONDS / 2 : yesterday;
            world.engine.acquaintances().met(all.get(i), "/fake:1/", seen);
        }
        return world;
    }

    /// Of the eight, those that were seen half a day away from the hour at which this began.
    private static long ofOtherTime(EngineWorld world, int window) {
        long now = world.now().unixSeconds();
        return eight(world).stream()
                .map(each -> world.engine.acquaintances().find(each.address()))
                .filter(each -> each != null && (each.windows(now) & 1 << window) != 0)
                .count();
    }

    private static int minutesWithFewerThan(int wanted, EngineWorld world) {
        int window = Acquaintance.windowOf(world.now().unixSeconds() - DAY_SECONDS / 2);
        world.advance(Duration.ofSeconds(SETTLED_SECONDS));
        int failures = 0;
        for (int minute = 0; minute < 180; minute++) {
            world.advance(Duration.ofMinutes(1));
            failures += ofOtherTime(world, window) < wanted ? 1 : 0;
        }
        assertThat(eight(world)).hasSizeBetween(8, 9);
        return failures;
    }

    @Test
    @DisplayName("S-66 two of eight peers were seen half a day away from the hours of the others")
    void shouldKeepTwoOfOtherTimes() {
        for (long seed = 1; seed <= SEEDS; seed++) {
            assertThat(minutesWithFewerThan(2, oneHour(seed, true, 10)))
                    .as("seed %d", seed)
                    .isZero();
        }
    }

    @Test
    @DisplayName("S-66 where only one such node is known, that one is among the eight")
    void shouldKeepTheOnlyOneOfAnotherTime() {
        for (long seed = 1; seed <= SEEDS; seed++) {
            assertThat(minutesWithFewerThan(1, oneHour(seed, true, 1)))
                    .as("seed %d", seed)
                    .isZero();
        }
    }

    @Test
    @DisplayName("S-66 without the rule most nodes have fewer than two such peers")
    void shouldMissOtherTimesWithoutTheRule() {
        int without = 0;
        for (long seed = 1; seed <= SEEDS; seed++) {
            without += minutesWithFewerThan(2, oneHour(seed, false, 10)) > 0 ? 1 : 0;
        }
        assertThat(without).isGreaterThan(SEEDS / 2);
    }

    @Test
    @DisplayName("S-66 who stays connected is seen to be there at all hours, and nobody is changed")
    void shouldLearnTheHoursOfWhoStays() {
        var world = new EngineWorld(1, options(true));
        world.fillBook(NODES);
        world.advance(Duration.ofHours(25));
        for (PeerSnapshot each : eight(world)) {
            Acquaintance known =
                    Check.present(
                            world.engine.acquaintances().find(each.address()), "we shook hands");
            boolean stayed =
                    world.now().unixSeconds() - each.handshake().connectedSeconds() > DAY_SECONDS;
            assertThat(stayed).isTrue();
            assertThat(known.windows(world.now().unixSeconds())).isEqualTo(0b1111);
        }
        assertThat(world.logged("unlike our other peers")).isFalse();
    }

    @Test
    @DisplayName(
            "S-65 whoever says something else, leaves and comes again gets few others exchanged")
    void shouldNotExchangePeersWithoutEnd() {
        var world = new EngineWorld(5, options(true));
        world.fillBook(NODES);
        for (int i = 0; i < NODES; i++) {
            hear(world, NetAddress.parse(200 + i % 20 + "." + i + ".7.1:" + PORT, PORT));
        }
        world.programs = any -> isRestless(any) ? "/" + any.addressText() + "/" : "/new:1.0/";
        for (int minute = 0; minute < 24 * 60; minute++) {
            world.advance(Duration.ofMinutes(1));
            List<PeerSnapshot> all = eight(world);
            for (PeerSnapshot each : all) {
                if (all.size() == 8 && isRestless(each.address())) {
                    world.input(new PeerInput.Disconnected(each.id(), "hung up", false));
                }
            }
        }
        assertThat(world.lines.stream().filter(each -> each.contains("unlike our other peers")))
                .as("six, and one an hour; not one every five minutes")
                .hasSizeBetween(2, 40);
    }

    private static boolean isRestless(NetAddress address) {
        return address.addressText().endsWith(".7.1");
    }
}
