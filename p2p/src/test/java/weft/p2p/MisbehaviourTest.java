package weft.p2p;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import weft.p2p.addr.NetGroups;
import weft.p2p.defence.DefenceOptions;
import weft.p2p.defence.MisbehaviourPolicy;
import weft.p2p.defence.Scores;
import weft.p2p.peers.BanEntry;
import weft.p2p.peers.BanList;
import weft.primitives.Digest256;
import weft.testkit.Property;
import weft.testkit.Sabotage;
import weft.testkit.SeenRed;
import weft.wire.FeeFilter;
import weft.wire.GetAddr;
import weft.wire.GetHeaders;
import weft.wire.Inv;
import weft.wire.InvItem;
import weft.wire.InvType;
import weft.wire.NetAddress;
import weft.wire.Ping;
import weft.wire.Pong;
import weft.wire.Subnet;
import weft.wire.Verack;

class MisbehaviourTest implements SeenRed {
    private static final String HOST = "60.1.2.3";

    private static P2pOptions with(MisbehaviourPolicy policy) {
        return EngineWorld.quiet().with(DefenceOptions.DEFAULT.with(policy));
    }

    private static EngineWorld world(long seed, MisbehaviourPolicy policy) {
        return new EngineWorld(seed, with(policy));
    }

    private static Inv inv(int count) {
        var item = new InvItem(InvType.WTX, Digest256.ZERO);
        return new Inv(Collections.nCopies(count, item));
    }

    private static int scoreOf(EngineWorld world, EngineWorld.FakePeer peer) {
        return world.engine.peersSnapshot(world.now()).stream()
                .filter(each -> each.id().equals(peer.id))
                .findFirst()
                .orElseThrow()
                .standing()
                .score();
    }

    @Test
    @DisplayName("S-101 S-55 the score begins at 0; each message before version is one point")
    void shouldCountMissingVersions() {
        Property.holds(
                20,
                random -> {
                    EngineWorld world = world(random.nextLong(), MisbehaviourPolicy.SCORE);
                    EngineWorld.FakePeer peer = world.accept(HOST);
                    assertThat(scoreOf(world, peer)).isZero();
                    int early = 1 + random.nextInt(99);
                    for (int i = 1; i <= early; i++) {
                        peer.sends(i % 2 == 0 ? new Verack() : Ping.of(7));
                        assertThat(scoreOf(world, peer)).isEqualTo(i);
                    }
                    peer.handshake();
                    assertThat(peer.closed).isFalse();
                    assertThat(scoreOf(world, peer)).isEqualTo(early);
                });
    }

    @Test
    @DisplayName("S-101 as Bitcoin Core, a message before version is no offence")
    void shouldNotMindMissingVersionsByDefault() {
        EngineWorld world = world(1, MisbehaviourPolicy.CORE);
        EngineWorld.FakePeer peer = world.accept(HOST);
        for (int i = 0; i < 200; i++) {
            peer.sends(new Verack());
        }
        assertThat(peer.closed).isFalse();
        assertThat(scoreOf(world, peer)).isZero();
    }

    @Test
    @DisplayName("S-102 50,001 ids in one inv are 20 points, 50,000 are none")
    void shouldCountLongInventories() {
        EngineWorld world = world(1, MisbehaviourPolicy.SCORE);
        EngineWorld.FakePeer peer = world.accept(HOST).handshake();
        peer.sends(inv(50_000));
        assertThat(scoreOf(world, peer)).isZero();
        peer.sends(inv(50_001));
        assertThat(scoreOf(world, peer)).isEqualTo(20);
        assertThat(peer.closed).isFalse();
    }

    @Test
    @DisplayName("S-103 banned at 100 points, for 24 hours to the second, over a restart too")
    void shouldBanForADay() {
        Property.holds(
                20,
                random -> {
                    EngineWorld world = world(random.nextLong(), MisbehaviourPolicy.SCORE);
                    EngineWorld.FakePeer peer = world.accept(HOST).handshake();
                    for (int i = 0; i < 4; i++) {
                        peer.sends(inv(50_001));
                        world.advance(Duration.ofSeconds(random.nextInt(600)));
                    }
                    assertThat(peer.closed).isFalse();
                    assertThat(scoreOf(world, peer)).isEqualTo(80);
                    peer.sends(inv(50_001));
                    assertThat(peer.closed).isTrue();
                    assertThat(world.events).contains(new PeerEvent.BansChanged());
                    long begun = world.now().unixSeconds();
                    List<BanEntry> saved = world.engine.bans().entries(begun);
                    assertThat(saved).hasSize(1);
                    assertThat(saved.getFirst().reason()).isEqualTo(BanEntry.Reason.SCORE);
                    assertThat(saved.getFirst().untilSeconds()).isEqualTo(begun + 86_400);
                    assertThat(world.accept(HOST).closed).isTrue();
                    assertThat(world.accept("60.1.2.4").closed).isFalse();
                    var next = new BanList(Duration.ofDays(1), new SplittableRandom(1));
                    next.load(saved, begun + 1);
                    NetAddress address = NetAddress.parse(HOST, 1);
                    assertThat(next.isBanned(address, begun + 86_399)).isTrue();
                    assertThat(next.isBanned(address, begun + 86_401)).isFalse();
                    world.advance(Duration.ofSeconds(86_399));
                    assertThat(world.accept(HOST).closed).as("a second early").isTrue();
                    world.advance(Duration.ofSeconds(2));
                    EngineWorld.FakePeer again = world.accept(HOST);
                    assertThat(again.closed).as("a second late").isFalse();
                    assertThat(scoreOf(world, again)).isZero();
                });
    }

    @Test
    @DisplayName(
            "S-104 in shadow mode the link stays and new ones are let in, and nothing is served")
    void shouldNotServeTheShadowed() {
        Property.holds(
                20,
                random -> {
                    EngineWorld world = world(random.nextLong(), MisbehaviourPolicy.SHADOW);
                    EngineWorld.FakePeer peer = world.accept(HOST).handshake();
                    for (int i = 0; i < 5; i++) {
                        peer.sends(inv(50_001));
                    }
                    assertThat(peer.closed).isFalse();
                    EngineWorld.FakePeer second = world.accept(HOST).handshake();
                    assertThat(second.got(Verack.class)).as("the handshake is made").isTrue();
                    EngineWorld.FakePeer honest = world.accept("60.9.9.9").handshake();
                    world.fillBook(60);
                    for (EngineWorld.FakePeer each : List.of(peer, second, honest)) {
                        each.received.clear();
                        each.sends(new GetAddr(), inv(1), Ping.of(9));
                    }
                    world.advance(Duration.ofHours(1));
                    for (EngineWorld.FakePeer each : List.of(peer, second)) {
                        assertThat(each.closed).isFalse();
                        assertThat(each.received)
                                .as("only signs of life")
                                .isNotEmpty()
                                .allMatch(any -> any instanceof Ping || any instanceof Pong);
                    }
                    assertThat(honest.received)
                            .anyMatch(any -> !(any instanceof Ping) && !(any instanceof Pong));
                    long now = world.now().unixSeconds();
                    assertThat(world.engine.bans().entries(now).getFirst().reason())
                            .isEqualTo(BanEntry.Reason.SHADOW);
                });
    }

    @Test
    @DisplayName("S-104 who is shadowed is served again a day later, on a new connection")
    void shouldEndTheShadow() {
        EngineWorld world = world(1, MisbehaviourPolicy.SHADOW);
        EngineWorld.FakePeer peer = world.accept(HOST).handshake();
        for (int i = 0; i < 5; i++) {
            peer.sends(inv(50_001));
        }
        peer.hangUp();
        world.advance(Duration.ofSeconds(86_399));
        EngineWorld.FakePeer early = world.accept(HOST).handshake();
        world.advance(Duration.ofSeconds(2));
        EngineWorld.FakePeer late = world.accept(HOST).handshake();
        world.advance(Duration.ofMinutes(1));
        assertThat(late.got(FeeFilter.class) || late.got(GetHeaders.class)).isTrue();
        assertThat(early.got(FeeFilter.class) || early.got(GetHeaders.class)).isFalse();
    }

    @Test
    @DisplayName("S-104 the operator's ban of who is shadowed holds, however short, and ends both")
    @Sabotage(
            type = "weft.p2p.peers.BanList",
            method = "ban",
            call = "reason",
            returns = "weft.p2p.peers.BanEntry$Reason.SCORE")
    @Sabotage(
            type = "weft.p2p.peers.BanList",
            method = "isBanned",
            call = "reason",
            returns = "weft.p2p.peers.BanEntry$Reason.SCORE")
    void shouldBanTheShadowed() {
        EngineWorld world = world(1, MisbehaviourPolicy.SHADOW);
        EngineWorld.FakePeer peer = world.accept(HOST).handshake();
        for (int i = 0; i < 5; i++) {
            peer.sends(inv(50_001));
        }
        Subnet host = Subnet.of(NetAddress.parse(HOST, 0));
        assertThat(peer.closed).isFalse();
        assertThat(world.engine.bans().isBanned(host, world.now().unixSeconds())).isFalse();
        world.command(new PeerCommand.Ban(host, 100, false));
        assertThat(peer.closed).isTrue();
        assertThat(world.accept(HOST).closed).isTrue();
        world.advance(Duration.ofSeconds(101));
        EngineWorld.FakePeer again = world.accept(HOST).handshake();
        world.advance(Duration.ofMinutes(1));
        assertThat(again.got(FeeFilter.class) || again.got(GetHeaders.class)).isTrue();
        world.command(new PeerCommand.Ban(host, Long.MAX_VALUE, false));
        world.advance(Duration.ofDays(300));
        assertThat(world.accept(HOST).closed).isTrue();
    }

    @Test
    @DisplayName("S-101 noban and manual peers have points, and are never punished for them")
    void shouldNotPunishFriends() {
        EngineWorld world = world(1, MisbehaviourPolicy.SCORE);
        EngineWorld.FakePeer manual = world.dial("60.4.4.4", ConnectionType.MANUAL);
        for (int i = 0; i < 7; i++) {
            manual.sends(inv(50_001));
        }
        assertThat(manual.closed).isFalse();
        assertThat(scoreOf(world, manual)).isEqualTo(140);
        assertThat(world.engine.bans().entries(world.now().unixSeconds())).isEmpty();
    }

    @Test
    @DisplayName("S-101 random offences of many hosts count as a naive ledger says")
    void shouldCountAsANaiveLedger() {
        Property.holds(
                20,
                random -> {
                    var scores = new Scores();
                    Map<String, List<long[]>> naive = new TreeMap<>();
                    long now = 1_000_000;
                    for (int i = 0; i < 2_000; i++) {
                        now += random.nextInt(2_000);
                        String host = "70.1.1." + random.nextInt(20);
                        NetAddress address = NetAddress.parse(host, 1 + random.nextInt(60_000));
                        List<long[]> own = naive.computeIfAbsent(host, any -> new ArrayList<>());
                        if (random.nextInt(50) == 0) {
                            scores.forget(address);
                            own.clear();
                        } else if (random.nextBoolean()) {
                            int points = 1 + random.nextInt(100);
                            own.add(new long[] {now, points});
                            assertThat(scores.add(address, points, now)).isEqualTo(sum(own, now));
                        }
                        assertThat(scores.of(address, now)).isEqualTo(sum(own, now));
                    }
                });
    }

    @Test
    @DisplayName("S-105 what we send to others is the same, byte for byte, whatever the scores are")
    void shouldNotTellScores() {
        Property.holds(
                20,
                random -> {
                    long seed = random.nextLong();
                    int early = 1 + random.nextInt(80);
                    List<String> without = heardByOthers(seed, 0);
                    assertThat(without).isNotEmpty();
                    assertThat(heardByOthers(seed, early)).isEqualTo(without);
                });
    }

    /// Commands and payloads that an honest peer gets while another offends.
    private static List<String> heardByOthers(long seed, int offences) {
        EngineWorld world = world(seed, MisbehaviourPolicy.SCORE);
        world.fillBook(60);
        EngineWorld.FakePeer bad = world.accept(HOST);
        EngineWorld.FakePeer honest = world.accept("60.9.9.9").handshake();
        for (int i = 0; i < offences; i++) {
            bad.sends(new Verack());
        }
        assertThat(scoreOf(world, bad)).isEqualTo(offences);
        honest.sends(new GetAddr(), Ping.of(5), inv(3));
        world.advance(Duration.ofMinutes(10));
        return honest.received.stream()
                .map(each -> each.command() + " " + each.payload().toHex())
                .toList();
    }

    /// All points since the last day without an offence.
    private static int sum(List<long[]> offences, long now) {
        int sum = 0;
        long later = now;
        for (long[] each : offences.reversed()) {
            if (later - each[0] >= 86_400) {
                break;
            }
            sum += (int) each[1];
            later = each[0];
        }
        return sum;
    }

    @Test
    @DisplayName("S-101 memory of offenders is bounded: the oldest are forgotten")
    void shouldForgetTheOldest() {
        var scores = new Scores();
        for (int i = 0; i <= Scores.HOSTS_MAX; i++) {
            byte[] ip = {60, (byte) (i >>> 16), (byte) (i >>> 8), (byte) i};
            scores.add(NetAddress.ofIp(ip, 1), 1, 1_000);
        }
        assertThat(scores.of(NetAddress.ofIp(new byte[] {60, 0, 0, 0}, 1), 1_000)).isZero();
        assertThat(scores.of(NetAddress.ofIp(new byte[] {60, 0, 0, 1}, 1), 1_000)).isOne();
    }

    @Test
    @DisplayName("S-103 in a laboratory, many nodes of one machine have points of their own")
    void shouldTellLocalNodesApart() {
        var options = P2pOptions.of(8333, new NetGroups(true));
        var world =
                new EngineWorld(
                        1,
                        options.with(options.sources().quiet())
                                .with(DefenceOptions.DEFAULT.with(MisbehaviourPolicy.SCORE)));
        EngineWorld.FakePeer bad = world.accept(NetAddress.parse("127.0.0.1:4001", 1)).handshake();
        EngineWorld.FakePeer good = world.accept(NetAddress.parse("127.0.0.1:4002", 1)).handshake();
        for (int i = 0; i < 5; i++) {
            bad.sends(inv(50_001));
        }
        assertThat(bad.closed).isTrue();
        assertThat(good.closed).isFalse();
        assertThat(world.accept(NetAddress.parse("127.0.0.1:4003", 1)).closed).isFalse();
    }
}
