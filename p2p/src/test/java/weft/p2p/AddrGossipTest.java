package weft.p2p;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import weft.p2p.addr.NetGroups;
import weft.primitives.Check;
import weft.testkit.Sabotage;
import weft.testkit.SeenRed;
import weft.wire.Addr;
import weft.wire.AddrV2;
import weft.wire.AddressEntry;
import weft.wire.GetAddr;
import weft.wire.NetAddress;
import weft.wire.SendAddrV2;
import weft.wire.Verack;
import weft.wire.WtxidRelay;

class AddrGossipTest implements SeenRed {
    private final EngineWorld world = new EngineWorld(1, EngineWorld.quiet());

    private AddressEntry fresh(String address) {
        return new AddressEntry(world.now().unixSeconds(), 9, NetAddress.parse(address, 8333));
    }

    private List<AddressEntry> many(int count) {
        var all = new ArrayList<AddressEntry>();
        for (int i = 0; i < count; i++) {
            all.add(fresh("20." + i / 200 + "." + i % 200 + ".1"));
        }
        return all;
    }

    @Test
    @DisplayName(
            "S-31 getaddr is answered once per inbound peer, with at most 23 percent of the book")
    void shouldAnswerOnce() {
        world.fillBook(300);
        int size = world.engine.addrMan().size();
        EngineWorld.FakePeer peer = world.accept("1.2.3.4:5000").handshake();
        peer.sends(new GetAddr());
        world.advance(Duration.ofMinutes(10));
        List<AddressEntry> answer = peer.last(Addr.class).entries();
        assertThat(answer).hasSize(size * 23 / 100);
        peer.sends(new GetAddr());
        world.advance(Duration.ofMinutes(10));
        assertThat(peer.count(Addr.class)).isEqualTo(1);
        assertThat(world.logged("Ignoring repeated \"getaddr\". peer=0")).isTrue();

        EngineWorld.FakePeer second = world.accept("4.5.6.7:5000").handshake();
        second.sends(new GetAddr());
        world.advance(Duration.ofMinutes(10));
        assertThat(sorted(second.last(Addr.class).entries()))
                .as("the same for all who come in here")
                .isEqualTo(sorted(answer));
    }

    private static Set<NetAddress> sorted(List<AddressEntry> entries) {
        return new TreeSet<>(entries.stream().map(AddressEntry::address).toList());
    }

    private Set<NetAddress> asked(String from, String door, boolean onionBind) {
        NetAddress local = NetAddress.parse(door, 8333);
        EngineWorld.FakePeer peer =
                world.accept(NetAddress.parse(from, 5000), local, onionBind).handshake();
        peer.sends(new GetAddr());
        world.advance(Duration.ofMinutes(10));
        assertThat(peer.count(Addr.class)).isEqualTo(1);
        return sorted(peer.last(Addr.class).entries());
    }

    @Test
    void shouldSayMoreThanNextToNothingAfterAQuarterOfAnHour() {
        String door = "5.6.7.8";
        world.fillBook(9);
        Set<NetAddress> poor = asked("1.2.3.4", door, false);
        assertThat(poor).hasSizeLessThan(8);
        world.fillBook(300);
        assertThat(asked("1.2.3.5", door, false)).as("ten minutes later").isEqualTo(poor);
        Set<NetAddress> rich = asked("1.2.3.6", door, false);
        assertThat(rich).as("twenty minutes later").hasSizeGreaterThan(50);
        world.fillBook(2_000);
        assertThat(asked("1.2.3.7", door, false)).as("for the rest of the day").isEqualTo(rich);
    }

    @Test
    @DisplayName(
            "F04 getaddr through several doors and networks: an answer for each, none like another")
    @Sabotage(type = "weft.p2p.addr.AddrRelay", method = "cached", flips = 2)
    @Sabotage(type = "weft.p2p.addr.AddrRelay", method = "cached", constant = "23>40")
    @Sabotage(
            type = "weft.p2p.addr.AddrRelay$Door",
            method = "of",
            call = "onionBind",
            returns = "false")
    @Sabotage(
            type = "weft.p2p.addr.AddrRelay$Door",
            method = "of",
            call = "isPresent",
            returns = "true")
    void shouldNotBeKnownAgainBehindAnotherDoor() {
        world.fillBook(300);
        Set<NetAddress> first = asked("1.2.3.4", "99.1.1.1:8333", false);
        assertThat(first).hasSize(world.engine.addrMan().size() * 23 / 100);
        assertThat(asked("2.2.3.4", "99.1.1.1:8333", false)).isEqualTo(first);
        Set<NetAddress> second = asked("1.2.3.4", "99.2.2.2:8333", false);
        Set<NetAddress> onion = asked("127.0.0.1", "99.1.1.1:8333", true);
        assertThat(second).isNotEqualTo(first).isNotEqualTo(onion);
        assertThat(onion).isNotEqualTo(first);
        assertThat(asked("127.0.0.1", "99.1.1.1:8333", false))
                .isNotEqualTo(onion)
                .isNotEqualTo(first);
        Set<NetAddress> six = asked("2a00::1", "99.1.1.1:8333", false);
        assertThat(six).isNotEqualTo(first);
        assertThat(asked("2a00:7::1", "99.1.1.1:8333", false)).isEqualTo(six);
        assertThat(asked("3.2.3.4", "99.2.2.2:8333", false)).isEqualTo(second);
        assertThat(asked("127.0.0.1", "99.1.1.1:8333", true)).isEqualTo(onion);
    }

    @Test
    void shouldNotAnswerPeersThatItDialled() {
        world.fillBook(300);
        EngineWorld.FakePeer peer = world.dial("1.2.3.4:8333", ConnectionType.OUTBOUND_FULL_RELAY);
        peer.sends(new GetAddr());
        world.advance(Duration.ofMinutes(10));
        assertThat(peer.got(Addr.class)).isFalse();
        assertThat(world.logged("Ignoring \"getaddr\" from outbound-full-relay connection. peer=0"))
                .isTrue();
    }

    @Test
    @DisplayName("S-32 a fresh address goes on to two peers, the same ones for a day")
    void shouldRelayToTwo() {
        var receivers = new ArrayList<EngineWorld.FakePeer>();
        for (int i = 0; i < 10; i++) {
            receivers.add(
                    world.dial(
                            "30." + i + ".1.1:8333",
                            i < 8
                                    ? ConnectionType.OUTBOUND_FULL_RELAY
                                    : ConnectionType.BLOCK_RELAY_ONLY));
        }
        EngineWorld.FakePeer newcomer = world.accept("1.2.3.4:5000").handshake();
        newcomer.sends(new Addr(List.of(fresh("1.2.3.4:8333"))));
        world.advance(Duration.ofMinutes(5));
        List<EngineWorld.FakePeer> told =
                receivers.stream().filter(each -> each.got(Addr.class)).toList();
        assertThat(told).hasSize(2);
        assertThat(told).noneMatch(each -> each.id.value() >= 8);
        assertThat(newcomer.got(Addr.class)).isFalse();
        assertThat(world.engine.addrMan().find(NetAddress.parse("1.2.3.4:8333", 1))).isNotNull();

        newcomer.sends(new Addr(List.of(fresh("1.2.3.4:8333"))));
        world.advance(Duration.ofMinutes(5));
        assertThat(receivers.stream().mapToInt(each -> each.count(Addr.class)).sum()).isEqualTo(2);
    }

    @Test
    @DisplayName("D16 old addresses, and many at once, meant to be passed on")
    @Sabotage(type = "weft.p2p.addr.AddrRelay", method = "hear", constant = "10>1000")
    @Sabotage(type = "weft.p2p.addr.AddrRelay", method = "hear", constant = "600>100000")
    void shouldRelayNeitherOldNorManyAddresses() {
        EngineWorld.FakePeer receiver =
                world.dial("30.1.1.1:8333", ConnectionType.OUTBOUND_FULL_RELAY);
        receiver.sends(new Addr(List.of(fresh("9.9.9.9:8333"))));
        EngineWorld.FakePeer from = world.accept("1.2.3.4:5000").handshake();
        var old =
                new AddressEntry(
                        world.now().unixSeconds() - 700, 9, NetAddress.parse("5.5.5.5:8333", 1));
        from.sends(new Addr(List.of(old)));
        world.accept("1.2.3.5:5000").handshake().sends(new Addr(many(11)));
        world.advance(Duration.ofMinutes(10));
        assertThat(receiver.got(Addr.class)).isFalse();
    }

    @Test
    @DisplayName("S-34 B04 D16 addresses that are heard of are kept for later, at a limited rate")
    @Sabotage(
            type = "weft.p2p.addr.AddrRelay",
            method = "onAddr",
            call = "isLaboratory",
            returns = "true")
    void shouldLimitTheRate() {
        EngineWorld.FakePeer peer = world.accept("1.2.3.4:5000").handshake();
        peer.sends(new Addr(many(20)));
        var stats = world.engine.peersSnapshot(world.now()).getFirst().addrs();
        assertThat(stats.processed()).isEqualTo(1);
        assertThat(stats.rateLimited()).isEqualTo(19);
        int before = world.engine.addrMan().size();
        assertThat(before).isEqualTo(1);
        world.advance(Duration.ofSeconds(100));
        peer.sends(new Addr(many(200)));
        assertThat(world.engine.peersSnapshot(world.now()).getFirst().addrs().processed())
                .isEqualTo(11);
        assertThat(world.engine.addrMan().size()).isGreaterThan(before);

        EngineWorld.FakePeer asked =
                world.dial("30.1.1.1:8333", ConnectionType.OUTBOUND_FULL_RELAY);
        asked.sends(new Addr(many(1000)));
        assertThat(world.engine.peersSnapshot(world.now()).getLast().addrs().processed())
                .as("an answer to our own question may be long")
                .isEqualTo(1000);
    }

    @Test
    @DisplayName("E15 addresses with times that cannot be, or that are long past")
    @Sabotage(type = "weft.p2p.addr.AddrRelay", method = "hear", constant = "100000000>-1")
    @Sabotage(type = "weft.p2p.addr.AddrRelay", method = "hear", constant = "432000>0")
    @Sabotage(type = "weft.p2p.addr.AddrRelay", method = "hear", constant = "600>604")
    @Sabotage(type = "weft.p2p.addr.AddrManEntry", method = "isTerrible", returns = "false")
    void shouldNotBelieveOddTimes() {
        EngineWorld.FakePeer receiver =
                world.dial("30.1.1.1:8333", ConnectionType.OUTBOUND_FULL_RELAY);
        receiver.sends(new Addr(List.of()));
        EngineWorld.FakePeer from = world.accept("1.2.3.4:5000").handshake();
        world.advance(Duration.ofMinutes(10));
        long now = world.now().unixSeconds();
        long clamped = now - 5 * 86_400;
        // Each of a range of its own, so that none drives out another.
        long[] told = {
            0,
            1,
            100_000_000,
            0xffff_ffffL,
            now + 86_400,
            now + 601,
            now + 600,
            now,
            now - 29 * 86_400,
            now - 31 * 86_400
        };
        for (int i = 0; i < told.length; i++) {
            NetAddress address = NetAddress.parse(50 + i + ".1.1.1:8333", 8333);
            from.sends(new Addr(List.of(new AddressEntry(told[i], 9, address))));
        }
        for (int i = 0; i < told.length; i++) {
            NetAddress address = NetAddress.parse(50 + i + ".1.1.1:8333", 8333);
            // What others tell is taken for two hours older.
            assertThat(Check.present(world.engine.addrMan().find(address), "kept").timeSeconds())
                    .as("told %d, now %d", told[i], now)
                    .isEqualTo((i < 6 ? clamped : told[i]) - 7_200);
        }
        world.advance(Duration.ofMinutes(5));
        assertThat(
                        receiver.received.stream()
                                .filter(Addr.class::isInstance)
                                .flatMap(message -> ((Addr) message).entries().stream())
                                .map(each -> each.address().toString()))
                .as("passed on: what is fresh and no more")
                .containsExactlyInAnyOrder("56.1.1.1:8333", "57.1.1.1:8333");
        List<AddressEntry> sample =
                world.engine.addrMan().sample(0, 0, null, true, world.now().unixSeconds());
        assertThat(sample).as("all but what nobody saw for a month").hasSize(told.length - 1);
    }

    @Test
    void shouldSpeakAddrV2ToWhoWantsIt() {
        EngineWorld.FakePeer modern = world.accept("1.2.3.4:5000");
        modern.polite = true;
        modern.sends(
                EngineWorld.version(1, EngineWorld.FULL),
                new WtxidRelay(),
                new SendAddrV2(),
                new Verack());
        NetAddress onion =
                NetAddress.parse(
                        "pg6mmjiyjmcrsslvykfwnntlaru7p5svn6y2ymmju6nubxndf4pscryd.onion:8333", 1);
        EngineWorld.FakePeer old = world.accept("1.2.3.5:5000").handshake();
        modern.sends(new AddrV2(List.of()));
        old.sends(new Addr(List.of()));
        EngineWorld.FakePeer source = world.accept("1.2.3.6:5000").handshake();
        source.sends(new AddrV2(List.of(new AddressEntry(world.now().unixSeconds(), 9, onion))));
        world.advance(Duration.ofMinutes(10));
        assertThat(sorted(modern.last(AddrV2.class).entries())).containsExactly(onion);
        assertThat(old.got(Addr.class)).isFalse();
        assertThat(world.engine.addrMan().find(onion)).as("we could not dial it").isNull();
    }

    @Test
    void shouldNotKeepAddressesThatMisbehaved() {
        EngineWorld.FakePeer peer = world.accept("1.2.3.4:5000").handshake();
        world.engine.bans().discourage(NetAddress.parse("5.5.5.5", 1));
        peer.sends(new Addr(List.of(fresh("5.5.5.5:8333"))));
        assertThat(world.engine.addrMan().size()).isZero();
    }

    @Test
    void shouldLeaveNobodyAStrangerInALaboratory() {
        P2pOptions options = P2pOptions.of(8333, new NetGroups(true));
        var village = new EngineWorld(2, options.with(options.sources().quiet()));
        var neighbours = new ArrayList<EngineWorld.FakePeer>();
        for (int i = 0; i < 9; i++) {
            EngineWorld.FakePeer peer = village.accept("127.0.0.1:" + (5000 + i)).handshake();
            peer.sends(new Addr(List.of()));
            neighbours.add(peer);
        }
        List<AddressEntry> three =
                IntStream.range(0, 3)
                        .mapToObj(i -> NetAddress.parse("127.0.0.1:" + (20_000 + i), 1))
                        .map(each -> new AddressEntry(village.now().unixSeconds(), 9, each))
                        .toList();
        three.forEach(each -> neighbours.getFirst().sends(new Addr(List.of(each))));
        village.advance(Duration.ofSeconds(20));
        assertThat(village.engine.addrMan().size()).as("no limit of the rate").isEqualTo(3);
        for (EngineWorld.FakePeer each : neighbours.subList(1, neighbours.size())) {
            long told =
                    each.received.stream()
                            .filter(Addr.class::isInstance)
                            .flatMap(message -> ((Addr) message).entries().stream())
                            .distinct()
                            .count();
            assertThat(told).as("fresh addresses go to everybody").isEqualTo(3);
        }
        EngineWorld.FakePeer newcomer = village.accept("127.0.0.1:6000").handshake();
        newcomer.sends(new GetAddr());
        village.advance(Duration.ofSeconds(20));
        assertThat(newcomer.last(Addr.class).entries()).as("the whole book").hasSize(3);
    }
}
