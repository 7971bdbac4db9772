package weft.p2p;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongFunction;
import java.util.function.LongUnaryOperator;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import weft.p2p.defence.Countermeasures;
import weft.p2p.defence.DefenceOptions;
import weft.testkit.Sabotage;
import weft.testkit.SeenRed;
import weft.wire.AddressEntry;
import weft.wire.NetAddress;
import weft.wire.Ping;
import weft.wire.Subnet;

/// Our own clock jumps, stands still or runs too fast.
class JumpAttackTest implements SeenRed {
    private static final long REAL = 1_700_000_000L;
    private static final long HOUR = 3_600;
    private static final long DAY = 24 * HOUR;
    private static final int INBOUND = 10;
    private static final int FULL_RELAY = 8;

    /// A few more than are wanted, so that all of them were dialled lately.
    private static final int BOOK = 14;

    /// Without the exchange of peers for such as are there at other hours, which goes by the clock.
    private final EngineWorld world =
            new EngineWorld(
                    19,
                    EngineWorld.standard()
                            .with(DefenceOptions.DEFAULT.with(Countermeasures.ALL.varied(false))));

    /// What a clock shows, in nanoseconds since 1970, by what a right one shows.
    private static LongFunction<Instant> clock(LongUnaryOperator shows) {
        return passed -> Instant.EPOCH.plusNanos(shows.applyAsLong(REAL * 1_000_000_000L + passed));
    }

    private static LongFunction<Instant> ahead(long seconds) {
        return clock(right -> right + seconds * 1_000_000_000L);
    }

    /// Shows this second now.
    private LongFunction<Instant> at(long unixSeconds) {
        long now = world.nanos();
        return passed -> Instant.ofEpochSecond(unixSeconds).plusNanos(passed - now);
    }

    private Map<String, LongFunction<Instant>> jumps() {
        var all = new LinkedHashMap<String, LongFunction<Instant>>();
        Instant now = world.now().wall();
        all.put("frozen", passed -> now);
        all.put("two hours ahead", ahead(2 * HOUR));
        all.put("right", ahead(0));
        all.put("two hours behind", ahead(-2 * HOUR));
        all.put("ten times as fast", passed -> Instant.ofEpochSecond(REAL).plusNanos(10 * passed));
        all.put("ten years ahead", ahead(3_650 * DAY));
        all.put("1970", at(0));
        all.put("2038", at(0x7fff_ffffL - 60));
        all.put("2106", at(0xffff_ffffL - 60));
        all.put("right again", ahead(0));
        return all;
    }

    private List<EngineWorld.FakePeer> fullRelay() {
        return world.engine.peersSnapshot(world.now()).stream()
                .filter(each -> each.type() == ConnectionType.OUTBOUND_FULL_RELAY)
                .map(each -> weft.primitives.Check.present(world.peer(each.id()), "connected"))
                .toList();
    }

    @Test
    @DisplayName(
            "E19 a clock that jumps by hours, by years, to 1970, past 2038, past 2106, or stands still")
    @Sabotage(type = "weft.p2p.OutboundPlan", method = "isFit", constant = "30>1000")
    @Sabotage(type = "weft.p2p.peers.BanList", method = "matches", returns = "false")
    void shouldKeepItsPeersWhateverTheClockShows() {
        world.fillBook(BOOK);
        world.advance(Duration.ofMinutes(2));
        var inbound = new ArrayList<EngineWorld.FakePeer>();
        for (int i = 0; i < INBOUND; i++) {
            inbound.add(world.accept("60." + i + ".1.1:8333").handshake());
        }
        NetAddress banned = NetAddress.parse("61.1.1.1:8333", 0);
        world.command(new PeerCommand.Ban(Subnet.of(banned.withPort(0)), DAY, false));
        int known = world.engine.addrMan().size();
        jumps().forEach(
                        (name, wall) -> {
                            world.wall = wall;
                            List<EngineWorld.FakePeer> outbound = fullRelay();
                            assertThat(outbound).as(name).hasSize(FULL_RELAY);
                            inbound.forEach(each -> each.received.clear());
                            world.advance(Duration.ofMinutes(5));
                            assertThat(inbound).as(name).allMatch(each -> !each.closed);
                            assertThat(inbound).as(name).allMatch(each -> each.got(Ping.class));
                            assertThat(outbound).as(name).allMatch(each -> !each.closed);
                            assertThat(world.engine.addrMan().size()).as(name).isEqualTo(known);
                            // Who leaves is replaced at once.
                            outbound.getFirst().hangUp();
                            world.advance(Duration.ofSeconds(30));
                            assertThat(fullRelay()).as(name).hasSize(FULL_RELAY);
                            if (name.contains("two hours")
                                    || name.equals("right")
                                    || name.equals("frozen")) {
                                assertThat(world.accept(banned).closed)
                                        .as(name + ": banned")
                                        .isTrue();
                            }
                        });
    }

    @Test
    @DisplayName("E19 a first start past 2106: seeds and the addresses of the program bring peers")
    @Sabotage(
            type = "weft.p2p.OutboundPlan",
            method = "seenOneOrTwoWeeksAgo",
            constant = "4294967295>-1")
    @Sabotage(type = "weft.p2p.DnsSeeding", method = "onResolved", constant = "4294967295>-1")
    void shouldStartPast2106() {
        for (boolean answering : new boolean[] {true, false}) {
            NetAddress node = NetAddress.parse("70.1.1.1:8333", 8333);
            P2pOptions.Sources sources =
                    EngineWorld.standard()
                            .sources()
                            .withDns(new P2pOptions.Dns(List.of("a.example"), true, false, false))
                            .withFixed(List.of(new AddressEntry(0, EngineWorld.FULL, node)));
            var later = new EngineWorld(7, EngineWorld.standard().with(sources));
            later.wall = passed -> Instant.ofEpochSecond((1L << 32) + 90 * DAY).plusNanos(passed);
            later.names = answering ? Map.of("x9.a.example", List.of(node)) : Map.of();
            later.advance(Duration.ofMinutes(3));
            assertThat(later.dials).extracting(PeerOutput.Connect::address).contains(node);
        }
    }

    @Test
    @DisplayName("E19 a clock that stands still for an hour")
    @Sabotage(type = "weft.p2p.peers.BanList", method = "matches", returns = "false")
    void shouldKeepItsPeersForAnHourWithoutAClock() {
        world.fillBook(BOOK);
        world.advance(Duration.ofMinutes(2));
        List<EngineWorld.FakePeer> outbound = fullRelay();
        EngineWorld.FakePeer inbound = world.accept("60.1.1.1:8333").handshake();
        NetAddress banned = NetAddress.parse("61.1.1.1:8333", 0);
        world.command(new PeerCommand.Ban(Subnet.of(banned.withPort(0)), DAY, false));
        Instant now = world.now().wall();
        world.wall = passed -> now;
        for (int i = 0; i < 12; i++) {
            outbound.forEach(each -> each.received.clear());
            inbound.received.clear();
            world.advance(Duration.ofMinutes(5));
            assertThat(outbound).hasSize(FULL_RELAY).allMatch(each -> each.got(Ping.class));
            assertThat(inbound.got(Ping.class)).isTrue();
        }
        assertThat(outbound).allMatch(each -> !each.closed);
        assertThat(inbound.closed).isFalse();
        assertThat(world.accept(banned).closed).isTrue();
    }

    @Test
    @DisplayName("E19 two hours of sleep, after which nobody is there any more")
    @Sabotage(type = "weft.p2p.OutboundPlan", method = "step", constant = "500000000>10000000000")
    @Sabotage(type = "weft.p2p.Inactivity", method = "onTick", returns = "void")
    void shouldFindPeersAgainAfterSleep() {
        world.fillBook(BOOK);
        world.advance(Duration.ofMinutes(5));
        List<EngineWorld.FakePeer> before = fullRelay();
        assertThat(before).hasSize(FULL_RELAY);
        // Connections that nobody closed, on which nothing comes any more.
        before.forEach(each -> each.polite = false);
        before.forEach(each -> each.isReading = false);
        world.sleep(Duration.ofHours(2));
        world.advance(Duration.ofSeconds(30));
        assertThat(before).allMatch(each -> each.closed);
        assertThat(fullRelay()).hasSize(FULL_RELAY);
        world.advance(Duration.ofMinutes(5));
        assertThat(fullRelay()).hasSize(FULL_RELAY);
    }
}
