package weft.p2p;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import weft.p2p.defence.Cost;
import weft.p2p.defence.CostLedger;
import weft.p2p.defence.DefenceOptions;
import weft.p2p.defence.Warning;
import weft.testkit.Property;
import weft.wire.AddressEntry;
import weft.wire.FeeFilter;
import weft.wire.NetAddress;

class DefenceTest {
    private static final int PORT = 8333;

    private static NetAddress fake(int i, int groups) {
        return NetAddress.parse(
                "60." + (1 + i % groups) + "." + i / 250 + "." + (1 + i % 250) + ":" + PORT, PORT);
    }

    private static boolean isFake(NetAddress address) {
        return address.toString().startsWith("60.");
    }

    private static List<Warning> begun(EngineWorld world, Warning.Kind kind) {
        var found = new ArrayList<Warning>();
        for (PeerEvent each : world.events) {
            if (each instanceof PeerEvent.AttackSuspected(Warning warning)
                    && warning.kind() == kind) {
                found.add(warning);
            }
        }
        return found;
    }

    private static void fillWithFakes(EngineWorld world, int count, int groups) {
        for (int i = 0; i < count; i++) {
            var entry =
                    new AddressEntry(world.now().unixSeconds(), EngineWorld.FULL, fake(i, groups));
            world.engine
                    .addrMan()
                    .add(
                            List.of(entry),
                            NetAddress.parse("61." + i % 200 + ".1.1", 0),
                            0,
                            world.now().unixSeconds());
        }
    }

    private static long fakes(EngineWorld world) {
        return world.engine.peersSnapshot(world.now()).stream()
                .filter(each -> each.type() == ConnectionType.OUTBOUND_FULL_RELAY)
                .filter(each -> isFake(each.address()))
                .count();
    }

    /// All eight outbound peers are an attacker's, of one group; then the node hears of others.
    private static EngineWorld eclipsed(long seed, P2pOptions options) {
        var world = new EngineWorld(seed, options);
        world.agents = i -> "/fake:" + i % 5 + "/";
        for (int i = 0; i < 8; i++) {
            world.dial(fake(i, 1).toString(), ConnectionType.OUTBOUND_FULL_RELAY);
        }
        assertThat(fakes(world)).isEqualTo(8);
        return world;
    }

    // ---- few groups

    @Test
    @DisplayName("S-106 eight of eight outbound peers in one group: a warning within a minute")
    void shouldWarnOfAnEclipse() {
        Property.holds(
                20,
                random -> {
                    EngineWorld world = eclipsed(random.nextLong(), EngineWorld.quiet());
                    world.advance(Duration.ofSeconds(60));
                    assertThat(begun(world, Warning.Kind.ECLIPSE)).hasSize(1);
                    assertThat(world.engine.warnings().getFirst().text())
                            .contains("8 outbound peers are of 1 groups", "diversity 0.00");
                    assertThat(world.logged("Possible eclipse attack")).isTrue();
                    assertThat(fakes(world)).as("nobody else is known").isEqualTo(8);
                });
    }

    @Test
    @DisplayName("S-106 two equal groups have diversity 0.5, which is no warning; five to three is")
    void shouldKnowTheThreshold() {
        for (int first = 4; first <= 8; first++) {
            var world = new EngineWorld(first, EngineWorld.quiet());
            for (int i = 0; i < 8; i++) {
                String host = (i < first ? "60.1.1." : "60.2.1.") + (i + 1);
                world.dial(host, ConnectionType.OUTBOUND_FULL_RELAY);
            }
            world.advance(Duration.ofMinutes(5));
            assertThat(begun(world, Warning.Kind.ECLIPSE)).hasSize(first == 4 ? 0 : 1);
        }
    }

    @Test
    @DisplayName("S-106 the warning ends a minute after its reason")
    void shouldEndTheWarning() {
        EngineWorld world = eclipsed(1, EngineWorld.quiet());
        world.advance(Duration.ofMinutes(5));
        new ArrayList<>(world.peers.values()).subList(0, 5).forEach(EngineWorld.FakePeer::hangUp);
        world.advance(Duration.ofSeconds(45));
        assertThat(world.engine.warnings()).hasSize(1);
        world.advance(Duration.ofSeconds(30));
        assertThat(world.engine.warnings()).isEmpty();
        assertThat(world.events).anyMatch(each -> each instanceof PeerEvent.SuspicionEnded);
    }

    @Test
    @DisplayName(
            "S-109b an eclipse of one group ends with honest outbound peers in 99 of 100 worlds")
    void shouldEscapeFromAnEclipse() {
        int escaped = 0;
        for (int seed = 0; seed < 100; seed++) {
            EngineWorld world = eclipsed(seed, EngineWorld.standard());
            fillWithFakes(world, 270, 1);
            world.fillBook(30);
            world.advance(Duration.ofMinutes(15));
            escaped += world.open(ConnectionType.OUTBOUND_FULL_RELAY) > fakes(world) ? 1 : 0;
            assertThat(begun(world, Warning.Kind.ECLIPSE)).isNotEmpty();
        }
        assertThat(escaped).isGreaterThanOrEqualTo(99);
    }

    @Test
    @DisplayName(
            "S-109b one peer a minute is given up, none once the groups are many, none unasked")
    void shouldRotateOneAMinute() {
        Property.holds(
                20,
                random -> {
                    EngineWorld world = eclipsed(random.nextLong(), EngineWorld.standard());
                    world.fillBook(40);
                    int given = 0;
                    for (int minute = 0; minute < 30; minute++) {
                        world.advance(Duration.ofSeconds(60));
                        int now = givenUp(world);
                        assertThat(now - given).isLessThanOrEqualTo(1);
                        given = now;
                    }
                    assertThat(given).as("until half are others").isBetween(2, 5);
                    assertThat(world.engine.warnings()).isEmpty();
                    EngineWorld told =
                            eclipsed(
                                    random.nextLong(),
                                    EngineWorld.standard()
                                            .with(DefenceOptions.DEFAULT.reacting(false)));
                    told.fillBook(40);
                    told.advance(Duration.ofMinutes(30));
                    assertThat(givenUp(told)).isZero();
                    assertThat(begun(told, Warning.Kind.ECLIPSE)).hasSize(1);
                });
    }

    private static int givenUp(EngineWorld world) {
        return (int)
                world.peers.values().stream()
                        .filter(each -> each.closedWhy.equals("too many peers of its group"))
                        .count();
    }

    @Test
    @DisplayName("S-109 a thousand fake identities in two groups hold at most two of eight slots")
    void shouldHoldSybilsToTheirGroups() {
        Property.holds(
                20,
                random -> {
                    var world = new EngineWorld(random.nextLong(), EngineWorld.standard());
                    fillWithFakes(world, 1_000, 2);
                    world.fillBook(30);
                    for (int minute = 0; minute < 60; minute++) {
                        world.advance(Duration.ofMinutes(1));
                        assertThat(fakes(world)).isLessThanOrEqualTo(2);
                    }
                    assertThat(world.open(ConnectionType.OUTBOUND_FULL_RELAY)).isEqualTo(8);
                });
    }

    @Test
    @DisplayName("S-64 nine in ten candidates of one region: never more than two of eight outbound")
    void shouldSpreadOverRegions() {
        Property.holds(
                20,
                random -> {
                    var world = new EngineWorld(random.nextLong(), EngineWorld.standard());
                    boolean six = random.nextBoolean();
                    for (int i = 0; i < 270; i++) {
                        NetAddress address =
                                six
                                        ? NetAddress.parse("[2a02:db8:" + i + "::1]:8333", PORT)
                                        : fake(i, 1);
                        var entry =
                                new AddressEntry(
                                        world.now().unixSeconds(), EngineWorld.FULL, address);
                        world.engine
                                .addrMan()
                                .add(List.of(entry), address, 0, world.now().unixSeconds());
                    }
                    world.fillBook(30);
                    for (int minute = 0; minute < 30; minute++) {
                        world.advance(Duration.ofMinutes(1));
                        long region =
                                world.engine.peersSnapshot(world.now()).stream()
                                        .filter(each -> each.type().isOutbound())
                                        .filter(each -> each.type() != ConnectionType.FEELER)
                                        .map(each -> each.address().toString())
                                        .filter(
                                                each ->
                                                        each.startsWith("60.1.")
                                                                || each.startsWith("[2a02:db8:"))
                                        .count();
                        assertThat(region).isLessThanOrEqualTo(2);
                    }
                    assertThat(world.open(ConnectionType.OUTBOUND_FULL_RELAY)).isEqualTo(8);
                });
    }

    // ---- one program

    @Test
    @DisplayName("S-108 81 of 100 peers with one version: a warning; 80 of 100: none")
    void shouldWarnOfOneVersion() {
        Property.holds(
                20,
                random -> {
                    for (int alike : new int[] {80, 81}) {
                        var world = new EngineWorld(random.nextLong(), EngineWorld.quiet());
                        world.agents = i -> i < alike ? "/same:1/" : "/other:" + i % 3 + "/";
                        for (int i = 0; i < 100; i++) {
                            world.accept("60." + i + ".1.1").handshake();
                        }
                        world.advance(Duration.ofMinutes(1));
                        List<Warning> found = begun(world, Warning.Kind.ONE_VERSION);
                        assertThat(found).hasSize(alike - 80);
                        assertThat(world.logged("81 of 100 peers say that they run \"/same:1/\""))
                                .isEqualTo(alike == 81);
                        assertThat(world.peers.values()).noneMatch(each -> each.closed);
                    }
                });
    }

    // ---- many messages

    private static void chatter(EngineWorld world, int seconds, int perHalfSecond) {
        List<EngineWorld.FakePeer> open =
                world.peers.values().stream().filter(each -> !each.closed).toList();
        for (int i = 0; i < 2 * seconds; i++) {
            for (EngineWorld.FakePeer each : open) {
                for (int n = 0; n < perHalfSecond; n++) {
                    each.sends(new FeeFilter(1_000));
                }
            }
            world.advance(Duration.ofMillis(500));
        }
        world.lines.clear();
    }

    private static EngineWorld talking(long seed) {
        var world = new EngineWorld(seed, EngineWorld.quiet());
        for (int i = 0; i < 4; i++) {
            world.accept("60." + i + ".1.1").handshake();
        }
        chatter(world, 900, 1);
        assertThat(begun(world, Warning.Kind.FLOOD)).isEmpty();
        return world;
    }

    @Test
    @DisplayName("S-107 eleven times the usual messages for a minute: a warning; nine times: none")
    void shouldWarnOfFloods() {
        Property.holds(
                20,
                random -> {
                    EngineWorld nine = talking(random.nextLong());
                    chatter(nine, 60 + random.nextInt(120), 9);
                    chatter(nine, 30, 1);
                    assertThat(begun(nine, Warning.Kind.FLOOD)).isEmpty();
                    EngineWorld eleven = talking(random.nextLong());
                    chatter(eleven, 70, 11);
                    assertThat(begun(eleven, Warning.Kind.FLOOD)).hasSize(1);
                    assertThat(begun(eleven, Warning.Kind.FLOOD).getFirst().network())
                            .isEqualTo("ipv4");
                });
    }

    @Test
    @DisplayName(
            "S-72 S-109b a flood is throttled, and only who floods; a minute after it all are heard")
    void shouldThrottleTheFlooder() {
        Property.holds(
                20,
                random -> {
                    EngineWorld world = talking(random.nextLong());
                    var honest = new ArrayList<>(world.peers.values());
                    EngineWorld.FakePeer flooder = world.accept("60.99.1.1").handshake();
                    for (int i = 0; i < 240; i++) {
                        for (int n = 0; n < 150; n++) {
                            flooder.sends(new FeeFilter(1_000));
                        }
                        honest.forEach(each -> each.sends(new FeeFilter(1_000)));
                        world.advance(Duration.ofMillis(500));
                        world.lines.clear();
                    }
                    assertThat(begun(world, Warning.Kind.FLOOD)).hasSize(1);
                    long dropped = cost(world, flooder).throttled();
                    assertThat(dropped).isGreaterThan(5_000);
                    chatter(world, 200, 1);
                    long after = cost(world, flooder).throttled();
                    chatter(world, 60, 8);
                    assertThat(cost(world, flooder).throttled()).isEqualTo(after);
                    for (EngineWorld.FakePeer each : honest) {
                        assertThat(cost(world, each).throttled()).isZero();
                        assertThat(each.closed).isFalse();
                    }
                });
    }

    private static Cost cost(EngineWorld world, EngineWorld.FakePeer peer) {
        return CostLedger.sum(world.engine.costs().of(peer.id));
    }

    // ---- limits while running

    @Test
    @DisplayName("S-05 limits that change while running act within a second")
    void shouldChangeLimits() {
        Property.holds(
                20,
                random -> {
                    var world = new EngineWorld(random.nextLong(), EngineWorld.standard());
                    world.fillBook(60);
                    for (int i = 0; i < 40; i++) {
                        world.accept("90." + i + ".1.1").handshake();
                    }
                    world.advance(Duration.ofMinutes(2));
                    int full = random.nextInt(9);
                    int block = random.nextInt(3);
                    int inbound = random.nextInt(41);
                    world.command(new PeerCommand.SetLimits(full, block, inbound));
                    world.advance(Duration.ofMillis(999));
                    assertThat(world.open(ConnectionType.OUTBOUND_FULL_RELAY)).isEqualTo(full);
                    assertThat(world.open(ConnectionType.BLOCK_RELAY_ONLY)).isEqualTo(block);
                    assertThat(world.open(ConnectionType.INBOUND)).isEqualTo(inbound);
                    world.command(new PeerCommand.SetLimits(10, 2, 41));
                    world.advance(Duration.ofMillis(999));
                    assertThat(world.open(ConnectionType.OUTBOUND_FULL_RELAY)).isGreaterThan(full);
                    assertThat(world.accept("91.1.1.1").closed).isFalse();
                    world.advance(Duration.ofMinutes(1));
                    assertThat(world.open(ConnectionType.OUTBOUND_FULL_RELAY)).isEqualTo(10);
                });
    }
}
