package weft.p2p;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import weft.chain.api.ChainEvent;
import weft.chain.api.HeaderNode;
import weft.p2p.EngineWorld.FakePeer;
import weft.p2p.addr.LocalAddresses;
import weft.primitives.BlockHash;
import weft.primitives.BlockHeader;
import weft.primitives.Digest256;
import weft.testkit.Sabotage;
import weft.testkit.SeenRed;
import weft.wire.Addr;
import weft.wire.AddrV2;
import weft.wire.AddressEntry;
import weft.wire.GetAddr;
import weft.wire.NetAddress;
import weft.wire.SendAddrV2;
import weft.wire.ServiceFlags;
import weft.wire.Verack;
import weft.wire.VersionMessage;
import weft.wire.WtxidRelay;

/// Spies who want to know with whom a node is connected, and where and what it is.
class PrivacyAttackTest implements SeenRed {
    private static final int DOORS = 40;
    private static final Duration CHATTER = Duration.ofMinutes(5);
    private static final String OUTSIDE = "77.1.1.1:8333";
    private static final String HIDDEN =
            "pg6mmjiyjmcrsslvykfwnntlaru7p5svn6y2ymmju6nubxndf4pscryd.onion:8333";

    private final EngineWorld world = new EngineWorld(1, EngineWorld.quiet());
    private int doors;

    /// What spies see of the book who come in by many doors: times of addresses.
    private Map<NetAddress, Long> spy() {
        var spies = new ArrayList<FakePeer>();
        for (int i = 0; i < DOORS; i++) {
            NetAddress door = NetAddress.parse("99.9." + doors++ + ".1", EngineWorld.PORT);
            NetAddress from = NetAddress.parse("5." + i + ".3.4", 5_000);
            FakePeer spy = world.accept(from, door, false).handshake();
            spy.sends(new GetAddr());
            spies.add(spy);
        }
        world.advance(Duration.ofMinutes(4));
        var seen = new TreeMap<NetAddress, Long>();
        for (FakePeer each : spies) {
            each.last(Addr.class).entries().forEach(one -> seen.put(one.address(), one.time()));
            each.hangUp();
        }
        return seen;
    }

    @Test
    @DisplayName("F03 times of addresses over hours: they show nobody who is connected")
    @Sabotage(
            type = "weft.p2p.PeerEngine",
            method = "onDisconnected",
            call = "type",
            returns = "weft.p2p.ConnectionType.MANUAL")
    @Sabotage(
            type = "weft.p2p.addr.AddrMan",
            method = "mayGetAnotherPlace",
            constant = "3600>-7200")
    @Sabotage(type = "weft.p2p.addr.AddrMan", method = "connected", constant = "1200>-1")
    void shouldNotShowByTimesWhoIsConnected() {
        List<NetAddress> book = world.fillBook(60);
        world.advance(Duration.ofHours(3));
        Map<NetAddress, Long> before = spy();
        assertThat(before).as("all that the spies can see").hasSizeGreaterThan(50);
        List<NetAddress> seen = List.copyOf(before.keySet());
        FakePeer full = world.dial(seen.get(1).toString(), ConnectionType.OUTBOUND_FULL_RELAY);
        FakePeer blocks = world.dial(seen.get(2).toString(), ConnectionType.BLOCK_RELAY_ONLY);
        FakePeer teller = world.accept("1.2.3.4:5000").handshake();
        NetAddress told = seen.get(3);
        var times = new TreeSet<Long>();
        for (int i = 0; i < 24; i++) {
            world.advance(CHATTER);
            full.sends(new Addr(List.of()));
            long now = world.now().unixSeconds();
            teller.sends(new Addr(List.of(new AddressEntry(now, EngineWorld.FULL, told))));
            times.add(timeOf(told));
        }
        Map<NetAddress, Long> during = spy();
        assertThat(during.get(full.address)).isEqualTo(before.get(full.address));
        assertThat(during.get(blocks.address)).isEqualTo(before.get(blocks.address));
        assertThat(times).as("what others tell moves a time once an hour").hasSizeLessThan(4);

        full.hangUp();
        blocks.hangUp();
        long end = world.now().unixSeconds();
        Map<NetAddress, Long> after = spy();
        assertThat(after.get(full.address)).as("it was there until now").isEqualTo(end);
        assertThat(after.get(blocks.address))
                .as("no word of it")
                .isEqualTo(before.get(blocks.address));
        world.dial(full.address.toString(), ConnectionType.OUTBOUND_FULL_RELAY);
        world.advance(CHATTER);
        new ArrayList<>(world.peers.values()).getLast().hangUp();
        assertThat(timeOf(full.address)).as("to 20 minutes").isEqualTo(end);
        assertThat(book).containsAll(after.keySet());
    }

    private long timeOf(NetAddress address) {
        AddressEntry found =
                world.engine.addrMan().sample(0, 0, null, true, world.now().unixSeconds()).stream()
                        .filter(each -> each.address().equals(address))
                        .findAny()
                        .orElseThrow();
        return found.time();
    }

    @Test
    @DisplayName("F12 version messages: nothing of where we are or what runs here")
    @Sabotage(
            type = "weft.p2p.Handshake",
            method = "sendVersion",
            call = "isRoutable",
            returns = "true")
    void shouldSayNothingOfItselfInItsVersion() {
        world.command(
                new PeerCommand.LearnLocal(
                        NetAddress.parse(OUTSIDE, EngineWorld.PORT), LocalAddresses.MANUAL));
        var peers = new ArrayList<FakePeer>();
        for (ConnectionType each : ConnectionType.values()) {
            if (each != ConnectionType.INBOUND) {
                peers.add(world.dial("20." + each.ordinal() + ".1.1:8333", each));
            }
        }
        for (String each : List.of("10.1.2.3", "127.0.0.1", "192.168.7.7", "[fe80::1]")) {
            peers.add(world.dial(each + ":8333", ConnectionType.MANUAL));
            peers.add(world.accept(each + ":5000").handshake());
        }
        peers.add(world.accept("1.2.3.4:5000").handshake());
        assertThat(peers).hasSize(15);
        var nonces = new TreeSet<Long>();
        for (FakePeer each : peers) {
            VersionMessage said = each.last(VersionMessage.class);
            assertThat(said.addrMe().address()).isEqualTo(NetAddress.UNSPECIFIED);
            NetAddress you = said.addrYou().address();
            assertThat(you.equals(NetAddress.UNSPECIFIED) || you.isRoutable())
                    .as("%s tells of a network at home", you)
                    .isTrue();
            assertThat(said.userAgent()).matches("/weft:[0-9a-z.-]+/|" + PrivateTalks.USER_AGENT);
            assertThat(said.services() & ~EngineWorld.quiet().self().services()).isZero();
            assertThat(said.services() & ServiceFlags.BLOOM).isZero();
            nonces.add(said.nonce());
        }
        assertThat(nonces).as("no two connections share a number").hasSize(peers.size());
    }

    private void leaveInitialDownload() {
        HeaderNode genesis =
                HeaderNode.genesis(
                        new BlockHeader(1, BlockHash.ZERO, Digest256.ZERO, 1_700_000_000L, 0, 0),
                        BigInteger.TWO);
        world.input(
                new PeerInput.Chain(
                        new ChainEvent.Loaded(List.of(genesis), List.of(genesis), genesis, false)));
    }

    private static List<String> told(FakePeer peer) {
        var all = new ArrayList<AddressEntry>();
        peer.received.forEach(
                each -> {
                    switch (each) {
                        case Addr(List<AddressEntry> entries) -> all.addAll(entries);
                        case AddrV2(List<AddressEntry> entries) -> all.addAll(entries);
                        default -> {}
                    }
                });
        return all.stream().map(each -> each.address().toString()).distinct().toList();
    }

    @Test
    @DisplayName("F12 our own address: to peers of its network, never one at home, and not at all")
    @Sabotage(type = "weft.p2p.addr.AddrRelay", method = "setUp", flips = 1)
    @Sabotage(type = "weft.p2p.addr.NetGroups", method = "isRoutable", returns = "true")
    @Sabotage(
            type = "weft.p2p.addr.LocalAddresses",
            method = "bestFor",
            call = "isPrivacyNet",
            returns = "false")
    void shouldTellItsAddressToChosenPeersOnly() {
        leaveInitialDownload();
        FakePeer early = world.dial("20.8.1.1:8333", ConnectionType.OUTBOUND_FULL_RELAY);
        for (String each : List.of("10.1.2.3:8333", "127.0.0.1:8333", "[fe80::1]:8333")) {
            learn(each);
        }
        world.advance(Duration.ofMinutes(10));
        assertThat(told(early)).as("addresses at home are none").isEmpty();
        learn(HIDDEN);
        FakePeer other = modern(world.accept("20.9.1.1:5000"));
        world.advance(Duration.ofMinutes(10));
        assertThat(told(other)).as("who and where we are stay apart").isEmpty();
        learn(OUTSIDE);
        FakePeer plain = world.dial("20.1.1.1:8333", ConnectionType.OUTBOUND_FULL_RELAY);
        FakePeer manual = world.dial("20.2.1.1:8333", ConnectionType.MANUAL);
        FakePeer blocks = world.dial("20.3.1.1:8333", ConnectionType.BLOCK_RELAY_ONLY);
        FakePeer feeler = world.dial("20.4.1.1:8333", ConnectionType.FEELER);
        FakePeer dialler = world.accept("1.2.3.4:5000").handshake();
        FakePeer onion = modern(world.acceptOnion("127.0.0.1:5000"));
        world.advance(Duration.ofMinutes(10));
        assertThat(told(plain)).containsExactly(OUTSIDE);
        assertThat(told(manual)).containsExactly(OUTSIDE);
        assertThat(told(blocks)).isEmpty();
        assertThat(told(feeler)).isEmpty();
        assertThat(told(dialler)).isEmpty();
        assertThat(told(onion)).containsExactly(HIDDEN);
    }

    /// Understands addresses of all networks. Who dials us is told none before it has spoken of some.
    private static FakePeer modern(FakePeer peer) {
        peer.polite = true;
        peer.sends(
                EngineWorld.version(7, EngineWorld.FULL),
                new WtxidRelay(),
                new SendAddrV2(),
                new Verack(),
                new AddrV2(List.of()));
        return peer;
    }

    private void learn(String address) {
        world.command(
                new PeerCommand.LearnLocal(
                        NetAddress.parse(address, EngineWorld.PORT), LocalAddresses.MANUAL));
    }

    @Test
    @DisplayName("F12 our own address, where nobody can dial us or all is being fetched")
    @Sabotage(type = "weft.p2p.EngineParts", method = "announcesSelf", returns = "true")
    void shouldNotTellAnAddressThatIsOfNoUse() {
        learn(OUTSIDE);
        FakePeer peer = world.dial("20.1.1.1:8333", ConnectionType.OUTBOUND_FULL_RELAY);
        world.advance(Duration.ofMinutes(10));
        assertThat(told(peer)).as("in the initial download").isEmpty();
        leaveInitialDownload();
        world.advance(Duration.ofMinutes(10));
        assertThat(told(peer)).containsExactly(OUTSIDE);
    }
}
