package weft.p2p;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.LongFunction;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import weft.p2p.addr.LongKnown;
import weft.p2p.addr.NetGroups;
import weft.p2p.defence.Countermeasures;
import weft.p2p.defence.DefenceOptions;
import weft.primitives.Bytes;
import weft.testkit.Property;
import weft.testkit.Sabotage;
import weft.testkit.SeenRed;
import weft.wire.AddressEntry;
import weft.wire.NetAddress;
import weft.wire.NetworkId;
import weft.wire.ServiceFlags;

class LongKnownPeersTest implements SeenRed {
    private static final int PORT = 8333;
    private static final int NODES = 200;
    private static final int SEEDS = 20;
    private static final int OLD = 60;
    private static final long DAY_SECONDS = 86_400;
    private static final int HALF = 4;

    /// Addresses of an attacker.
    private static final int HIS = 2_000;

    private static EngineWorld world(RandomGenerator random, boolean on) {
        var options = DefenceOptions.DEFAULT.with(Countermeasures.ALL.varied(on));
        return new EngineWorld(random.nextLong(), EngineWorld.standard().with(options));
    }

    /// Each in a group of its own, and not in the book.
    private static NetAddress old(int i) {
        return NetAddress.parse("150." + i + ".1.1", PORT);
    }

    private static boolean isOld(NetAddress address) {
        return address.addressText().startsWith("150.");
    }

    private static LongKnown known(EngineWorld world) {
        return world.engine.acquaintances().longKnown();
    }

    private static void meet(EngineWorld world, int count, long daysAgo) {
        long then = world.now().unixSeconds() - daysAgo * DAY_SECONDS;
        for (int i = 0; i < count; i++) {
            known(world).met(old(i), EngineWorld.FULL, NetGroups.PUBLIC, then);
        }
    }

    private static List<NetAddress> eight(EngineWorld world) {
        return world.engine.peersSnapshot(world.now()).stream()
                .filter(each -> each.type() == ConnectionType.OUTBOUND_FULL_RELAY)
                .map(PeerSnapshot::address)
                .toList();
    }

    private static long oldAmong(List<NetAddress> all) {
        return all.stream().filter(LongKnownPeersTest::isOld).count();
    }

    private static void hangUpOn(EngineWorld world, NetAddress address) {
        for (EngineWorld.FakePeer each : List.copyOf(world.peers.values())) {
            if (!each.closed && each.address.equals(address)) {
                each.hangUp();
            }
        }
    }

    @Test
    @DisplayName(
            "E08 after a start half of the eight are nodes known for long, of other groups each")
    @Sabotage(type = "weft.p2p.LongKnownPeers", method = "wanted", returns = "0")
    void shouldDialWhomWeHaveKnownForLong() {
        var met = new HashSet<NetAddress>();
        Property.holds(
                SEEDS,
                random -> {
                    EngineWorld world = world(random, true);
                    world.fillBook(NODES);
                    meet(world, OLD, 8);
                    world.advance(Duration.ofMinutes(5));
                    List<NetAddress> eight = eight(world);
                    assertThat(eight).hasSize(2 * HALF);
                    assertThat(oldAmong(eight)).isEqualTo(HALF);
                    eight.stream().filter(LongKnownPeersTest::isOld).forEach(met::add);
                });
        assertThat(met).as("not everybody has the same").hasSizeGreaterThan(20);
    }

    @Test
    @DisplayName("who is known for less than a week is no other than those in the book")
    void shouldNotPreferWhoIsYoung() {
        Property.holds(
                SEEDS,
                random -> {
                    EngineWorld world = world(random, true);
                    world.fillBook(NODES);
                    meet(world, OLD, 6);
                    world.advance(Duration.ofMinutes(5));
                    assertThat(eight(world)).hasSize(2 * HALF);
                    assertThat(oldAmong(eight(world))).isZero();
                });
    }

    @Test
    @DisplayName("if nobody answers of those known for long, all eight come from the book")
    void shouldNotWaitForWhoIsGone() {
        Property.holds(
                SEEDS,
                random -> {
                    EngineWorld world = world(random, true);
                    world.fillBook(NODES);
                    meet(world, OLD, 400);
                    world.alive = each -> !isOld(each);
                    world.advance(Duration.ofMinutes(5));
                    assertThat(eight(world)).hasSize(2 * HALF);
                    // Each of the first 32 at most twice: once perhaps before others answer.
                    assertThat(
                                    world.dials.stream()
                                            .filter(each -> isOld(each.address()))
                                            .filter(
                                                    each ->
                                                            each.type()
                                                                    == ConnectionType
                                                                            .OUTBOUND_FULL_RELAY))
                            .hasSizeBetween(1, 64);
                    world.advance(Duration.ofDays(6));
                    assertThat(known(world).all().stream().filter(each -> isOld(each.address())))
                            .as("places are free again")
                            .isEmpty();
                });
    }

    /// Peers from an honest book; then an attacker fills the book with his own, and they leave one by one.
    ///
    /// @return how many of the eight were not his, at the worst of all times
    private static int leastOfOthers(RandomGenerator random, boolean on) {
        EngineWorld world = world(random, on);
        world.fillBook(NODES);
        meet(world, OLD, 20);
        world.advance(Duration.ofMinutes(5));
        Set<NetAddress> his = new HashSet<>();
        for (int i = 0; i < HIS; i++) {
            his.add(NetAddress.parse(160 + i / 250 + "." + i % 250 + ".1.1", PORT));
        }
        world.alive = each -> isOld(each) || his.contains(each);
        assertThat(eight(world)).noneMatch(his::contains);
        hear(world, his);
        int least = 2 * HALF;
        for (int i = 0; i < 60; i++) {
            world.advance(Duration.ofMinutes(3));
            List<NetAddress> eight = eight(world);
            List<NetAddress> others = eight.stream().filter(each -> !his.contains(each)).toList();
            if (eight.size() >= 2 * HALF) {
                least = Math.min(least, others.size());
            }
            if (!others.isEmpty()) {
                hangUpOn(world, others.get(random.nextInt(others.size())));
            }
        }
        return least;
    }

    private static void hear(EngineWorld world, Collection<NetAddress> some) {
        long now = world.now().unixSeconds();
        for (NetAddress each : some) {
            var entry = new AddressEntry(now, EngineWorld.FULL, each);
            world.engine.addrMan().add(List.of(entry), each, 0, now);
        }
    }

    @Test
    @DisplayName(
            "E08 a book full of an attacker's addresses, honest peers leave one by one: four stay, three"
                    + " at times")
    @Sabotage(
            type = "weft.p2p.LongKnownPeers",
            method = "candidates",
            call = "countOf",
            returns = "9")
    void shouldKeepHalfWhileTheBookIsTheAttackers() {
        // One who leaves while an extra peer is there, as the tip is stale, has no place for a
        // while.
        Property.holds(
                SEEDS, random -> assertThat(leastOfOthers(random, true)).isBetween(HALF - 1, HALF));
    }

    @Test
    @DisplayName("the same without the rule: all eight are the attacker's")
    void shouldLoseAllWithoutTheRule() {
        Property.holds(SEEDS, random -> assertThat(leastOfOthers(random, false)).isZero());
    }

    @Test
    @DisplayName("E08 where they are too few among the eight, others go for them, and they stay")
    @Sabotage(type = "weft.p2p.LongKnownPeers", method = "isNeeded", returns = "false")
    void shouldExchangeOthersForThem() {
        Property.holds(
                SEEDS,
                random -> {
                    EngineWorld world = world(random, true);
                    world.fillBook(NODES);
                    world.advance(Duration.ofMinutes(5));
                    assertThat(oldAmong(eight(world))).isZero();
                    meet(world, OLD, 8);
                    // One in five minutes or so, and some time until another goes.
                    world.advance(Duration.ofMinutes(90));
                    Set<NetAddress> old = new HashSet<>(eight(world));
                    old.removeIf(each -> !isOld(each));
                    assertThat(old).hasSize(HALF);
                    world.advance(Duration.ofHours(3));
                    assertThat(eight(world))
                            .hasSizeBetween(2 * HALF, 2 * HALF + 1)
                            .containsAll(old);
                });
    }

    @Test
    @DisplayName(
            "E08 who was not seen for a week is tried out; who is gone makes room for who is met")
    @Sabotage(
            type = "weft.p2p.LongKnownPeers",
            method = "overdue",
            returns = "java.util.Collections.EMPTY_LIST")
    void shouldTryOutWhoWasNotSeen() {
        Property.holds(
                4,
                random -> {
                    EngineWorld world = world(random, true);
                    world.fillBook(NODES);
                    meet(world, LongKnown.MAX, 8);
                    world.alive = each -> !isOld(each) || isEven(each);
                    world.advance(Duration.ofDays(5));
                    long now = world.now().unixSeconds();
                    var gone = new ArrayList<LongKnown.One>();
                    for (LongKnown.One each : known(world).all()) {
                        assertThat(now - each.seenSeconds()).isLessThan(8 * DAY_SECONDS);
                        if (isOld(each.address()) && !isEven(each.address())) {
                            gone.add(each);
                        }
                    }
                    assertThat(gone).isEmpty();
                    assertThat(known(world).all()).hasSize(LongKnown.MAX);
                });
    }

    private static boolean isEven(NetAddress address) {
        return (address.address().toByteArray()[1] & 1) == 0;
    }

    @Test
    @DisplayName(
            "E08 they shake hands and hang up: each is dialled once in ten minutes, others meanwhile")
    @Sabotage(type = "weft.p2p.LongKnownPeers", method = "onTried", returns = "void")
    void shouldNotClingToWhoHangsUp() {
        Property.holds(
                SEEDS,
                random -> {
                    EngineWorld world = world(random, true);
                    world.fillBook(NODES);
                    meet(world, 5, 8);
                    int minutes = 60;
                    for (int i = 0; i < minutes; i++) {
                        world.advance(Duration.ofSeconds(30));
                        for (int k = 0; k < 5; k++) {
                            hangUpOn(world, old(k));
                        }
                        world.advance(Duration.ofSeconds(30));
                        for (int k = 0; k < 5; k++) {
                            hangUpOn(world, old(k));
                        }
                    }
                    assertThat(world.dials.stream().filter(each -> isOld(each.address())))
                            .hasSizeBetween(5, 5 * (minutes / 10 + 1));
                    assertThat(eight(world)).hasSizeBetween(2 * HALF, 2 * HALF + 1);
                    assertThat(
                                    world.dials.stream()
                                            .filter(each -> each.type() == ConnectionType.FEELER))
                            .hasSizeGreaterThan(10);
                });
    }

    @Test
    @DisplayName("nobody answers for two minutes on each of ten days: nobody is forgotten for it")
    void shouldForgetNobodyForOutages() {
        Property.holds(
                4,
                random -> {
                    EngineWorld world = world(random, true);
                    world.fillBook(NODES);
                    meet(world, OLD, 8);
                    for (int day = 0; day < 10; day++) {
                        world.advance(Duration.ofHours(23));
                        world.alive = any -> false;
                        for (EngineWorld.FakePeer each : List.copyOf(world.peers.values())) {
                            if (!each.closed) {
                                each.hangUp();
                            }
                        }
                        world.advance(Duration.ofMinutes(2));
                        world.alive = any -> true;
                        world.advance(Duration.ofMinutes(58));
                    }
                    assertThat(known(world).all().stream().filter(each -> isOld(each.address())))
                            .hasSize(OLD);
                });
    }

    @Test
    @DisplayName("E08 who cannot be dialled keeps no place for ever, and keeps nobody else's")
    @Sabotage(type = "weft.p2p.addr.LongKnown$One", method = "isGone", returns = "false")
    void shouldNotKeepWhoCannotBeDialled() {
        Property.holds(
                4,
                random -> {
                    EngineWorld world = world(random, true);
                    world.fillBook(NODES);
                    long then = world.now().unixSeconds() - 8 * DAY_SECONDS;
                    LongKnown known = known(world);
                    known.met(onion(), EngineWorld.FULL, NetGroups.PUBLIC, then);
                    // Offers nothing.
                    known.met(old(70), 0, NetGroups.PUBLIC, then);
                    meet(world, OLD, 8);
                    world.alive = each -> !isOld(each);
                    world.advance(Duration.ofDays(6));
                    assertThat(known.all())
                            .noneMatch(each -> isOld(each.address()))
                            .noneMatch(each -> each.address().equals(onion()));
                });
    }

    private static NetAddress onion() {
        return new NetAddress(NetworkId.TORV3, Bytes.wrap(new byte[32]), PORT);
    }

    @Test
    @DisplayName(
            "E19 a clock past 2106 while some are connected, and right again: half of eight stay")
    @Sabotage(type = "weft.p2p.addr.LongKnown$One", method = "entry", constant = "4294967295>-1")
    void shouldOutliveAClockPast2106() {
        Property.holds(
                4,
                random -> {
                    EngineWorld world = world(random, true);
                    world.fillBook(NODES);
                    meet(world, OLD, 8);
                    world.advance(Duration.ofMinutes(5));
                    LongFunction<Instant> right = world.wall;
                    world.wall = passed -> right.apply(passed).plusSeconds(1L << 32);
                    leaveOneByOne(world, 4);
                    world.wall = right;
                    leaveOneByOne(world, 4);
                    world.advance(Duration.ofHours(3));
                    assertThat(oldAmong(eight(world))).isGreaterThanOrEqualTo(HALF);
                    assertThat(known(world).all().stream().filter(each -> isOld(each.address())))
                            .hasSize(OLD);
                });
    }

    /// One of those known for long leaves each quarter of an hour.
    private static void leaveOneByOne(EngineWorld world, int count) {
        for (int i = 0; i < count; i++) {
            world.advance(Duration.ofMinutes(15));
            eight(world).stream()
                    .filter(LongKnownPeersTest::isOld)
                    .findFirst()
                    .ifPresent(each -> hangUpOn(world, each));
        }
        world.advance(Duration.ofMinutes(15));
    }

    @Test
    @DisplayName("E08 who is not dialled as it has dialled us keeps its place")
    @Sabotage(
            type = "weft.p2p.OutboundPlan",
            method = "overdue",
            call = "isConnected",
            returns = "false")
    void shouldKeepWhoDialledUs() {
        Property.holds(
                4,
                random -> {
                    EngineWorld world = world(random, true);
                    world.fillBook(NODES);
                    meet(world, 2, 8);
                    world.alive = each -> !isOld(each);
                    NetAddress from = old(0).withPort(40_000);
                    world.accept(from.toString()).handshake();
                    world.advance(Duration.ofDays(12));
                    assertThat(known(world).all())
                            .anyMatch(each -> each.address().equals(old(0)))
                            .noneMatch(each -> each.address().equals(old(1)));
                });
    }

    @Test
    @DisplayName("a pruned node that answers while we are far behind keeps its place")
    @Sabotage(type = "weft.p2p.LongKnownPeers", method = "onVersion", call = "there")
    void shouldKeepPrunedNodesWhileBehind() {
        Property.holds(
                4,
                random -> {
                    EngineWorld world = world(random, true);
                    world.fillBook(NODES);
                    long pruned = ServiceFlags.NETWORK_LIMITED | ServiceFlags.WITNESS;
                    world.offers = each -> isOld(each) ? pruned : EngineWorld.FULL;
                    long then = world.now().unixSeconds() - 8 * DAY_SECONDS;
                    for (int i = 0; i < OLD; i++) {
                        known(world).met(old(i), pruned, NetGroups.PUBLIC, then);
                    }
                    world.advance(Duration.ofDays(6));
                    assertThat(oldAmong(eight(world))).as("of no use yet").isZero();
                    assertThat(known(world).all().stream().filter(each -> isOld(each.address())))
                            .hasSize(OLD);
                });
    }

    @Test
    @DisplayName("a node that was dialled by hand or asked for addresses only is not one of them")
    void shouldNotNoteWhomWeWereTold() {
        EngineWorld world = world(new SplittableRandom(1), true);
        world.dial("150.1.1.1", ConnectionType.MANUAL);
        world.dial("150.2.1.1", ConnectionType.ADDR_FETCH);
        world.dial("150.3.1.1", ConnectionType.FEELER);
        world.dial("150.4.1.1", ConnectionType.BLOCK_RELAY_ONLY);
        world.accept("150.5.1.1").handshake();
        assertThat(known(world).all())
                .extracting(each -> each.address().addressText())
                .containsExactly("150.3.1.1", "150.4.1.1");
        assertThat(known(world).all()).allMatch(each -> each.services() == EngineWorld.FULL);
    }
}
