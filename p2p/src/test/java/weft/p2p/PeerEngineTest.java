package weft.p2p;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import weft.p2p.peers.BanEntry;
import weft.p2p.peers.Keepalive;
import weft.primitives.BlockHash;
import weft.primitives.Bytes;
import weft.testkit.Property;
import weft.testkit.Sabotage;
import weft.testkit.SeenRed;
import weft.wire.Addr;
import weft.wire.AddressEntry;
import weft.wire.FilterClear;
import weft.wire.GetCFilters;
import weft.wire.Inv;
import weft.wire.InvItem;
import weft.wire.NetAddress;
import weft.wire.Ping;
import weft.wire.Pong;
import weft.wire.Subnet;
import weft.wire.Unknown;

class PeerEngineTest implements SeenRed {
    private final EngineWorld world = new EngineWorld(1, EngineWorld.quiet());

    private static EngineWorld with(Keepalive profile) {
        P2pOptions quiet = EngineWorld.quiet();
        return new EngineWorld(
                2, quiet.with(quiet.limits().withTimes(Duration.ofMinutes(1), profile)));
    }

    @Test
    void shouldAnswerAndSendPings() {
        EngineWorld.FakePeer peer = world.accept("1.2.3.4:5000").handshake();
        peer.sends(Ping.of(77));
        assertThat(peer.last(Pong.class).nonce()).hasValue(77);
        int before = peer.count(Ping.class);
        world.advance(Duration.ofSeconds(119));
        assertThat(peer.count(Ping.class)).isEqualTo(before);
        world.advance(Duration.ofSeconds(2));
        assertThat(peer.count(Ping.class)).isEqualTo(before + 1);
        world.command(new PeerCommand.PingAll());
        assertThat(peer.count(Ping.class)).isEqualTo(before + 2);
        assertThat(world.engine.peersSnapshot(world.now()).getFirst().ping().minNanos())
                .isNotNegative();
    }

    @Test
    void shouldNameWhatIsWrongWithPongs() {
        EngineWorld.FakePeer peer = world.accept("1.2.3.4:5000").handshake();
        peer.sends(Pong.of(0));
        assertThat(
                        world.logged(
                                "pong peer=0: Unsolicited pong without ping, "
                                        + "0 expected, 0 received, 8 bytes"))
                .isTrue();
        peer.polite = false;
        world.command(new PeerCommand.PingAll());
        peer.sends(Pong.of(5));
        assertThat(world.logged("pong peer=0: Nonce mismatch")).isTrue();
        peer.sends(Pong.of(0));
        assertThat(world.logged("pong peer=0: Nonce zero")).isTrue();
        world.command(new PeerCommand.PingAll());
        peer.sends(new Pong(OptionalLong.empty()));
        assertThat(world.logged("pong peer=0: Short payload")).isTrue();
    }

    @Test
    void shouldDropWhoDoesNotAnswerForTwentyMinutes() {
        EngineWorld.FakePeer peer = world.accept("1.2.3.4:5000").handshake();
        peer.polite = false;
        world.command(new PeerCommand.PingAll());
        for (int i = 0; i < 19; i++) {
            world.advance(Duration.ofMinutes(1));
            peer.sends(Ping.of(i));
        }
        assertThat(peer.closed).isFalse();
        world.advance(Duration.ofSeconds(61));
        assertThat(peer.closed).isTrue();
        assertThat(world.logged("ping timeout: 1200.0")).isTrue();
    }

    @Test
    @DisplayName(
            "S-70 connecting until the handshake is complete, then online; silent while a ping"
                    + " waits for more than 30 seconds")
    void shouldTellTheStatus() {
        EngineWorld.FakePeer peer = world.accept("1.2.3.4:5000");
        assertThat(status()).isEqualTo("connecting");
        peer.sends(EngineWorld.version(1, EngineWorld.FULL));
        assertThat(status()).isEqualTo("connecting");
        peer.handshake();
        world.advance(Duration.ofMinutes(10));
        assertThat(status()).isEqualTo("online");
        peer.polite = false;
        world.command(new PeerCommand.PingAll());
        world.advance(Duration.ofSeconds(30));
        assertThat(status()).isEqualTo("online");
        world.advance(Duration.ofMillis(1));
        assertThat(status()).isEqualTo("silent");
        peer.sends(peer.last(Ping.class).nonce().stream().mapToObj(Pong::of).toArray(Pong[]::new));
        assertThat(status()).isEqualTo("online");
    }

    private String status() {
        return world.engine.peersSnapshot(world.now()).getFirst().lastStatus();
    }

    @Test
    @DisplayName("S-67 an idle link carries one message each 30 minutes in profile classic")
    void shouldPingIdleLinksOnly() {
        EngineWorld classic = with(Keepalive.CLASSIC);
        EngineWorld.FakePeer peer = classic.accept("1.2.3.4:5000").handshake();
        int pings = peer.count(Ping.class);
        for (int i = 1; i <= 3; i++) {
            classic.advance(Duration.ofMinutes(30).plusSeconds(1));
            assertThat(peer.count(Ping.class)).isEqualTo(pings + i);
        }
        for (int i = 0; i < 6; i++) {
            classic.advance(Duration.ofMinutes(20));
            peer.sends(Ping.of(i));
        }
        assertThat(peer.count(Ping.class)).as("our pongs kept the link busy").isEqualTo(pings + 3);
    }

    @Test
    @DisplayName(
            "S-68 a silent peer is dropped after 90 minutes, to a second, and replaced in another"
                    + " (profile classic)")
    void shouldReplaceTheSilent() {
        P2pOptions standard = EngineWorld.standard();
        var limits = new P2pOptions.Limits(1, 0, 10, Duration.ofMinutes(1), Keepalive.CLASSIC, 0);
        Property.holds(
                20,
                random -> {
                    var classic = new EngineWorld(random.nextLong(), standard.with(limits));
                    classic.fillBook(20);
                    classic.advance(Duration.ofMillis(5_000 + random.nextInt(600_000)));
                    EngineWorld.FakePeer first =
                            classic.peers.values().stream()
                                    .filter(each -> !each.closed)
                                    .findFirst()
                                    .orElseThrow();
                    first.polite = false;
                    long heard = classic.nanos();
                    first.sends(Ping.of(1));
                    classic.advance(Duration.ofMinutes(90).minusSeconds(1));
                    assertThat(first.closed).isFalse();
                    int dials = fullRelayDials(classic);
                    long stillThere = classic.nanos();
                    while (!first.closed) {
                        stillThere = classic.nanos();
                        classic.advance(Duration.ofMillis(10));
                    }
                    assertThat(Duration.ofNanos(classic.nanos() - heard))
                            .isBetween(
                                    Duration.ofMinutes(90).minusSeconds(1),
                                    Duration.ofMinutes(90).plusSeconds(1));
                    classic.advance(Duration.ofSeconds(1));
                    assertThat(fullRelayDials(classic)).isEqualTo(dials + 1);
                    assertThat(Duration.ofNanos(lastFullRelayDial(classic) - stillThere))
                            .isBetween(Duration.ZERO, Duration.ofSeconds(1));
                });
    }

    private static long lastFullRelayDial(EngineWorld world) {
        for (int i = world.dials.size() - 1; i >= 0; i--) {
            if (world.dials.get(i).type() == ConnectionType.OUTBOUND_FULL_RELAY) {
                return world.dialNanos.get(i);
            }
        }
        throw new AssertionError("no dial");
    }

    private static int fullRelayDials(EngineWorld world) {
        return (int)
                world.dials.stream()
                        .filter(each -> each.type() == ConnectionType.OUTBOUND_FULL_RELAY)
                        .count();
    }

    @Test
    @DisplayName("S-69 dropped between 120 and 121 seconds after the last pong in profile lesson10")
    void shouldBeImpatientInLessons() {
        EngineWorld lesson = with(Keepalive.LESSON10);
        EngineWorld.FakePeer peer = lesson.accept("1.2.3.4:5000").handshake();
        peer.polite = false;
        lesson.advance(Duration.ofMinutes(2));
        assertThat(peer.closed).isFalse();
        lesson.advance(Duration.ofSeconds(1));
        assertThat(peer.closed).isTrue();
    }

    @Test
    @DisplayName(
            "S-69 in profile lesson10 the silent one is replaced at once, 120 to 121 seconds later")
    void shouldReplaceTheSilentInLessons() {
        Property.holds(
                20,
                random -> {
                    P2pOptions standard = EngineWorld.standard();
                    var limits =
                            new P2pOptions.Limits(
                                    1, 0, 10, Duration.ofMinutes(1), Keepalive.LESSON10, 0);
                    var lesson = new EngineWorld(random.nextLong(), standard.with(limits));
                    lesson.fillBook(20);
                    lesson.advance(Duration.ofSeconds(5 + random.nextInt(300)));
                    EngineWorld.FakePeer silent =
                            lesson.peers.values().stream()
                                    .filter(each -> !each.closed)
                                    .findFirst()
                                    .orElseThrow();
                    int pings = silent.count(Ping.class);
                    while (silent.count(Ping.class) == pings) {
                        lesson.advance(Duration.ofMillis(100));
                    }
                    // Its last pong was that moment's; it answers no more.
                    silent.polite = false;
                    long lastPong = lesson.nanos();
                    int dials = fullRelayDials(lesson);
                    lesson.advance(Duration.ofSeconds(119));
                    assertThat(silent.closed).isFalse();
                    assertThat(fullRelayDials(lesson)).isEqualTo(dials);
                    lesson.advance(Duration.ofSeconds(3));
                    assertThat(silent.closed).isTrue();
                    assertThat(fullRelayDials(lesson)).isEqualTo(dials + 1);
                    assertThat(Duration.ofNanos(lesson.dialNanos.getLast() - lastPong))
                            .isBetween(Duration.ofMillis(119_900), Duration.ofSeconds(122));
                });
    }

    @Test
    @DisplayName("D12 D13 connections that say nothing, or not enough")
    @Sabotage(type = "weft.p2p.Inactivity", method = "onTick", returns = "void")
    void shouldDropSilentConnectionsAfterThePeerTimeout() {
        P2pOptions quiet = EngineWorld.quiet();
        var fast =
                new EngineWorld(
                        4,
                        quiet.with(
                                quiet.limits().withTimes(Duration.ofSeconds(3), Keepalive.CORE)));
        EngineWorld.FakePeer noVerack = fast.accept("1.2.3.4:5000");
        EngineWorld.FakePeer noVersion = fast.accept("1.2.3.5:5000");
        EngineWorld.FakePeer nothing = fast.accept("1.2.3.6:5000");
        noVerack.sends(EngineWorld.version(1, EngineWorld.FULL));
        noVersion.sends(Ping.of(1));
        fast.advance(Duration.ofSeconds(2));
        assertThat(List.of(noVerack.closed, noVersion.closed, nothing.closed)).containsOnly(false);
        fast.advance(Duration.ofSeconds(2));
        assertThat(List.of(noVerack.closed, noVersion.closed, nothing.closed)).containsOnly(true);
        assertThat(fast.lines)
                .contains(
                        "version handshake timeout peer=0",
                        "socket no message in first 3 seconds, 1 0 peer=1",
                        "socket no message in first 3 seconds, 0 0 peer=2");
    }

    @Test
    void shouldDiscourageWhoMisbehaves() {
        EngineWorld.FakePeer peer = world.accept("1.2.3.4:5000").handshake();
        EngineWorld.FakePeer sameHost = world.accept("1.2.3.4:5001").handshake();
        peer.sends(
                new Inv(
                        java.util.Collections.nCopies(
                                50_001, InvItem.block(new BlockHash(1, 2, 3, 4)))));
        assertThat(world.logged("Misbehaving: peer=0: inv message size = 50001")).isTrue();
        assertThat(peer.closed).isTrue();
        assertThat(sameHost.closed).isTrue();
        assertThat(world.engine.bans().isDiscouraged(NetAddress.parse("1.2.3.4", 1))).isTrue();
        assertThat(world.accept("1.2.3.4:5002").handshake().closed).as("there is room").isFalse();
    }

    @Test
    @DisplayName("E11 who misbehaves from this machine, or was chosen by the operator")
    @Sabotage(type = "weft.p2p.Connections", method = "misbehaving", returns = "void")
    void shouldSpareLocalAndManualPeers() {
        EngineWorld.FakePeer local = world.accept("127.0.0.1:5000").handshake();
        EngineWorld.FakePeer otherLocal = world.accept("127.0.0.1:5001").handshake();
        Addr tooMany =
                new Addr(
                        java.util.Collections.nCopies(
                                1010,
                                new AddressEntry(
                                        1_700_000_000, 9, NetAddress.parse("5.6.7.8:8333", 1))));
        local.sends(tooMany);
        assertThat(world.logged("addr message size = 1010")).isTrue();
        assertThat(local.closed).isTrue();
        assertThat(otherLocal.closed).isFalse();
        assertThat(world.engine.bans().isDiscouraged(local.address)).isFalse();
        world.command(new PeerCommand.TryNode("1.2.3.4:8333", false));
        EngineWorld.FakePeer manual = List.copyOf(world.peers.values()).getLast();
        manual.sends(tooMany);
        assertThat(manual.closed).isFalse();
        assertThat(world.logged("Warning: not punishing manually connected peer 2!")).isTrue();
    }

    @Test
    void shouldBanRanges() {
        EngineWorld.FakePeer peer = world.accept("1.2.3.4:5000").handshake();
        EngineWorld.FakePeer other = world.accept("1.2.4.4:5000").handshake();
        Subnet range = Subnet.parse("1.2.3.0/24");
        world.command(new PeerCommand.Ban(range, 100, false));
        assertThat(peer.closed).isTrue();
        assertThat(other.closed).isFalse();
        assertThat(world.events).contains(new PeerEvent.BansChanged());
        assertThat(world.accept("1.2.3.9:5000").closed).isTrue();
        assertThat(world.logged("connection from 1.2.3.9:5000 dropped (banned)")).isTrue();
        long now = world.now().unixSeconds();
        assertThat(world.engine.bans().entries(now))
                .containsExactly(new BanEntry(range, now, now + 100));
        world.advance(Duration.ofSeconds(101));
        assertThat(world.accept("1.2.3.9:5000").closed).isFalse();
        assertThat(world.engine.bans().entries(world.now().unixSeconds())).isEmpty();
        world.command(new PeerCommand.Ban(range, now + 5000, true));
        world.command(new PeerCommand.Unban(range));
        assertThat(world.engine.bans().isBanned(peer.address, world.now().unixSeconds())).isFalse();
    }

    @Test
    void shouldStopAllNetworking() {
        EngineWorld.FakePeer peer = world.accept("1.2.3.4:5000").handshake();
        world.command(new PeerCommand.SetNetworkActive(false));
        assertThat(peer.closed).isTrue();
        assertThat(world.lines).contains("SetNetworkActive: false");
        assertThat(world.accept("1.2.3.4:5000").closed).isTrue();
        world.command(new PeerCommand.SetNetworkActive(true));
        assertThat(world.accept("1.2.3.4:5000").closed).isFalse();
    }

    @Test
    @DisplayName("B03 bloom and block filters where none are offered")
    @Sabotage(type = "weft.p2p.Messages", method = "onBloom", call = "has", returns = "true")
    void shouldDropWhoAsksForWhatWeDoNotOffer() {
        EngineWorld.FakePeer bloom = world.accept("1.2.3.4:5000").handshake();
        bloom.sends(new FilterClear());
        assertThat(bloom.closed).isTrue();
        assertThat(
                        world.logged(
                                "filterclear received despite not offering bloom services from"
                                        + " peer=0; disconnecting"))
                .isTrue();
        EngineWorld.FakePeer filters = world.accept("1.2.3.5:5000").handshake();
        filters.sends(new GetCFilters(0, 0, new BlockHash(1, 2, 3, 4)));
        assertThat(filters.closed).isTrue();
    }

    @Test
    @DisplayName("C07 unknown commands, and known ones without sense")
    @Sabotage(type = "weft.p2p.Messages", method = "toOthers", returns = "true")
    void shouldIgnoreWhatItDoesNotKnow() {
        EngineWorld.FakePeer peer = world.accept("1.2.3.4:5000").handshake();
        peer.sends(new Unknown("fancy", Bytes.parse("0102")));
        world.input(new PeerInput.Malformed(peer.id, "addrv2", 1, 25, "end of data"));
        assertThat(peer.closed).isFalse();
        assertThat(world.lines)
                .contains(
                        "Unknown command \"fancy\" from peer=0",
                        "received: addrv2 (1 bytes) peer=0");
        assertThat(world.logged("ProcessMessages(addrv2, 1 bytes): Exception 'end of data'"))
                .isTrue();
        assertThat(world.engine.netTotals().receivedByCommand())
                .containsEntry("*other*", 26L)
                .containsKey("verack");
    }

    @Test
    void shouldCountWhatIsQueuedAgainstTheUploadTarget() {
        P2pOptions quiet = EngineWorld.quiet();
        var limited = new EngineWorld(2, quiet.with(quiet.limits().withUpload(1_000_000)));
        EngineWorld.FakePeer peer = limited.accept("1.2.3.4:5000").handshake();
        long left = limited.engine.uploadState(limited.now()).bytesLeft();
        limited.input(new PeerInput.Queued(peer.id, 400_000));
        assertThat(limited.engine.uploadState(limited.now()).bytesLeft()).isEqualTo(left - 400_000);
        // Once, whether it waits or has left; what frames it counts when it leaves.
        limited.input(new PeerInput.Sent(peer.id, "block", 300_000, 100_000));
        assertThat(limited.engine.uploadState(limited.now()).bytesLeft()).isEqualTo(left - 400_000);
        limited.input(new PeerInput.Sent(peer.id, "block", 100_024, 0));
        assertThat(limited.engine.uploadState(limited.now()).bytesLeft()).isEqualTo(left - 400_024);
        limited.input(new PeerInput.Queued(peer.id, 200_000));
        peer.hangUp();
        assertThat(limited.engine.uploadState(limited.now()).bytesLeft())
                .as("what never left does not count")
                .isEqualTo(left - 400_024);
    }

    @Test
    void shouldCountBytesAsTheyArrive() {
        EngineWorld.FakePeer peer = world.accept("1.2.3.4:5000");
        world.input(new PeerInput.Heard(peer.id, 12));
        assertThat(world.engine.netTotals().received()).isEqualTo(12);
        world.input(new PeerInput.Heard(peer.id, 40));
        world.input(new PeerInput.Dropped(peer.id, 26));
        assertThat(world.engine.netTotals().received()).isEqualTo(52);
        assertThat(world.engine.netTotals().receivedByCommand())
                .containsExactly(java.util.Map.entry("*other*", 26L));
        assertThat(world.engine.peersSnapshot(world.now()).getFirst().traffic().received())
                .isEqualTo(52);
        // A decoy came with bytes that were heard, and is no message.
        world.input(new PeerInput.Decoy(peer.id, 20));
        assertThat(world.engine.netTotals().received()).isEqualTo(52);
        assertThat(world.engine.netTotals().receivedByCommand())
                .containsExactly(java.util.Map.entry("*other*", 26L));
    }

    @Test
    @DisplayName(
            "S-61 125 inbound peers are accepted, the 126th takes another's place or is refused")
    void shouldMakeRoomAtTheLimit() {
        for (int i = 0; i < 125; i++) {
            assertThat(world.accept("50." + i + ".1.1:5000").handshake().closed).isFalse();
            world.advance(Duration.ofSeconds(1));
        }
        EngineWorld.FakePeer last = world.accept("60.1.1.1:5000");
        assertThat(last.closed).isFalse();
        assertThat(world.open(ConnectionType.INBOUND)).isEqualTo(125);
        assertThat(world.peers.values().stream().filter(each -> each.closed)).hasSize(1);
        assertThat(world.logged("selected inbound connection for eviction peer=")).isTrue();
    }
}
