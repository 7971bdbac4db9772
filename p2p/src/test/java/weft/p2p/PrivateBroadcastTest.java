package weft.p2p;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.IntFunction;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import weft.chain.api.ChainCommand;
import weft.chain.api.ChainEvent;
import weft.chain.api.Origin;
import weft.chain.api.TxFailure;
import weft.p2p.EngineWorld.FakePeer;
import weft.p2p.addr.LongKnown;
import weft.p2p.addr.NetGroups;
import weft.primitives.Bytes;
import weft.primitives.OutPoint;
import weft.primitives.Transaction;
import weft.primitives.TxIn;
import weft.primitives.TxOut;
import weft.primitives.Txid;
import weft.primitives.codec.ByteReader;
import weft.primitives.codec.ByteWriter;
import weft.testkit.Sabotage;
import weft.testkit.SeenRed;
import weft.wire.Addr;
import weft.wire.AddressEntry;
import weft.wire.FeeFilter;
import weft.wire.GetAddr;
import weft.wire.GetData;
import weft.wire.Inv;
import weft.wire.InvItem;
import weft.wire.InvType;
import weft.wire.Mempool;
import weft.wire.Message;
import weft.wire.NetAddress;
import weft.wire.NetworkId;
import weft.wire.NotFound;
import weft.wire.Ping;
import weft.wire.Pong;
import weft.wire.SendAddrV2;
import weft.wire.SendHeaders;
import weft.wire.ServiceFlags;
import weft.wire.TxMessage;
import weft.wire.Unknown;
import weft.wire.Verack;
import weft.wire.VersionAddress;
import weft.wire.VersionMessage;
import weft.wire.WtxidRelay;

/// `-privatebroadcast` in the engine.
class PrivateBroadcastTest implements SeenRed {
    private static final String TALKS = "weft.p2p.PrivateTalks";
    private static final String BROADCAST = "weft.p2p.PrivateBroadcast";
    private static final Transaction TX = tx(1);
    private static final VersionAddress NOWHERE = new VersionAddress(0, NetAddress.UNSPECIFIED);

    private static Transaction tx(int number) {
        return Transaction.of(
                2,
                List.of(new TxIn(new OutPoint(new Txid(number, 0, 0, 1), 0), Bytes.EMPTY, 0)),
                List.of(new TxOut(number, Bytes.EMPTY)),
                List.of(),
                0);
    }

    static NetAddress onion(int number) {
        return hidden(4, number, 8333);
    }

    private static NetAddress garlic(int number) {
        return hidden(5, number, 0);
    }

    /// As in BIP-0155.
    private static NetAddress hidden(int network, int number, int port) {
        byte[] key = new byte[32];
        key[0] = (byte) number;
        key[1] = 77;
        var out = new ByteWriter().u8(network).u8(key.length).bytes(key);
        out.u8(port >> 8).u8(port & 0xff);
        return NetAddress.readV2(ByteReader.of(out.toBytes().toByteArray()));
    }

    private static P2pOptions reaching(NetworkId... networks) {
        return EngineWorld.quiet().with(new P2pOptions.Access(List.of(), List.of(networks), true));
    }

    private static EngineWorld world(NetworkId... networks) {
        return new EngineWorld(1, reaching(networks));
    }

    private static void fill(EngineWorld world, int count, IntFunction<NetAddress> addresses) {
        fill(world, count, EngineWorld.FULL, addresses);
    }

    private static void fill(
            EngineWorld world, int count, long services, IntFunction<NetAddress> addresses) {
        for (int i = 0; i < count; i++) {
            var entry = new AddressEntry(world.now().unixSeconds(), services, addresses.apply(i));
            NetAddress source = NetAddress.parse(120 + i % 60 + ".1.1.1", 0);
            world.engine.addrMan().add(List.of(entry), source, 0, world.now().unixSeconds());
        }
    }

    private static EngineWorld withOnions() {
        EngineWorld world = world(NetworkId.IPV4, NetworkId.TORV3);
        fill(world, 20, PrivateBroadcastTest::onion);
        return world;
    }

    private static List<FakePeer> strangers(EngineWorld world) {
        var found = new ArrayList<FakePeer>();
        for (FakePeer each : world.peers.values()) {
            boolean one =
                    !each.received.isEmpty()
                            && each.received.getFirst() instanceof VersionMessage version
                            && version.userAgent().equals("/pynode:0.0.1/");
            if (one) {
                found.add(each);
            }
        }
        return found;
    }

    private static List<FakePeer> open(EngineWorld world) {
        return strangers(world).stream().filter(each -> !each.closed).toList();
    }

    private static void send(EngineWorld world, Transaction tx) {
        assertThat(world.answer(new PeerCommand.BroadcastPrivately(tx))).isTrue();
    }

    /// Lets time pass, and strangers ask for what they hear of.
    private static void pass(EngineWorld world, Duration time) {
        for (int i = 0; i < time.toSeconds(); i++) {
            world.advance(Duration.ofSeconds(1));
            for (FakePeer each : open(world)) {
                if (each.got(Inv.class) && !each.got(TxMessage.class)) {
                    each.sends(new GetData(each.last(Inv.class).items()));
                }
            }
        }
    }

    @Test
    @DisplayName("private broadcast: five messages to each of three strangers, and none to others")
    @Sabotage(type = TALKS, method = "onPong", returns = "void")
    @Sabotage(type = TALKS, method = "sendVersion", constant = "70016>70017")
    @Sabotage(type = "weft.p2p.tx.PrivateQueue$Entry", method = "lacking", returns = "1")
    void shouldHandOverToThree() {
        EngineWorld world = withOnions();
        FakePeer friend = world.accept("8.7.6.5").handshake();
        int before = friend.received.size();
        send(world, TX);
        pass(world, Duration.ofSeconds(30));
        assertThat(strangers(world)).hasSize(3);
        for (FakePeer each : strangers(world)) {
            assertThat(each.received).hasSize(5);
            var version = (VersionMessage) each.received.getFirst();
            assertThat(version)
                    .isEqualTo(
                            new VersionMessage(
                                    70_016,
                                    0,
                                    0,
                                    NOWHERE,
                                    NOWHERE,
                                    version.nonce(),
                                    "/pynode:0.0.1/",
                                    0,
                                    false));
            assertThat(each.received.subList(1, 4))
                    .containsExactly(new Verack(), Inv.of(InvItem.tx(TX.txid())), TxMessage.of(TX));
            assertThat(each.received.get(4)).isInstanceOf(Ping.class);
            assertThat(each.closed).isTrue();
        }
        assertThat(world.dials)
                .hasSize(3)
                .allMatch(each -> each.type() == ConnectionType.PRIVATE_BROADCAST)
                .allMatch(each -> each.address().network() == NetworkId.TORV3);
        assertThat(friend.received.subList(before, friend.received.size()))
                .noneMatch(Inv.class::isInstance);
        friend.sends(new GetData(List.of(InvItem.tx(TX.txid()))));
        assertThat(friend.got(NotFound.class)).as("we do not have it, for others").isTrue();
        assertThat(friend.got(TxMessage.class)).isFalse();
    }

    @Test
    @DisplayName("private broadcast: to whom we know for long, it leaves no trace in what is kept")
    @Sabotage(type = "weft.p2p.Variety", method = "isNoted", returns = "true")
    void shouldNotNoteWhoHelped() {
        EngineWorld world = withOnions();
        LongKnown known = world.engine.acquaintances().longKnown();
        long then = world.now().unixSeconds() - 8 * 86_400;
        for (int i = 0; i < 20; i++) {
            known.met(onion(i), EngineWorld.FULL, NetGroups.PUBLIC, then);
        }
        List<LongKnown.One> before = List.copyOf(known.all());
        send(world, TX);
        world.advance(Duration.ofMinutes(2));
        assertThat(open(world)).as("they ask for nothing").hasSizeGreaterThanOrEqualTo(3);
        // Who is connected is looked at every ten minutes.
        world.advance(Duration.ofMinutes(11));
        assertThat(before).hasSize(20);
        assertThat(known.all()).containsExactlyElementsOf(before);
    }

    /// All that goes out on private connections of a node, without what is chance.
    private static List<Bytes> traces(EngineWorld world) {
        send(world, TX);
        pass(world, Duration.ofSeconds(30));
        var all = new ArrayList<Bytes>();
        for (FakePeer each : strangers(world)) {
            for (Message message : each.received) {
                byte[] bytes = message.payload().toByteArray();
                if (message instanceof VersionMessage) {
                    java.util.Arrays.fill(bytes, 72, 80, (byte) 0);
                }
                all.add(message instanceof Ping ? Bytes.EMPTY : Bytes.wrap(bytes));
            }
        }
        assertThat(all).hasSize(15);
        return all;
    }

    @Test
    @DisplayName("private broadcast: two nodes that share nothing send the same bytes")
    void shouldSendWhatAnybodyWould() {
        List<Bytes> one = traces(withOnions());
        P2pOptions options = reaching(NetworkId.TORV3);
        var other =
                new EngineWorld(
                        99,
                        options.with(
                                new P2pOptions.Self(
                                        18_333,
                                        ServiceFlags.BLOOM,
                                        "/somebody:9/",
                                        false,
                                        false,
                                        List.of(NetAddress.parse("99.98.97.96:18333", 1)),
                                        true)));
        fill(other, 20, PrivateBroadcastTest::onion);
        other.advance(Duration.ofDays(3));
        fill(other, 20, PrivateBroadcastTest::onion);
        assertThat(traces(other)).isEqualTo(one);
    }

    @Test
    @DisplayName("private broadcast: nonces are drawn anew for each connection")
    void shouldNotBeKnownByANonce() {
        EngineWorld world = withOnions();
        send(world, TX);
        pass(world, Duration.ofSeconds(30));
        assertThat(strangers(world).stream().map(each -> each.last(VersionMessage.class).nonce()))
                .doesNotHaveDuplicates();
        assertThat(strangers(world).stream().map(each -> each.last(Ping.class).nonce()))
                .doesNotHaveDuplicates();
    }

    @Test
    @DisplayName("private broadcast: whoever shows our own nonce to us learns nothing")
    @Sabotage(type = "weft.p2p.Handshake", method = "isOurNonce", call = "isOn", returns = "false")
    void shouldNotKnowItsOwnNonce() {
        EngineWorld world = withOnions();
        world.politeDials = false;
        send(world, TX);
        world.advance(Duration.ofSeconds(1));
        long nonce = strangers(world).getFirst().last(VersionMessage.class).nonce();
        FakePeer spy = world.accept("8.7.6.5");
        spy.sends(EngineWorld.version(nonce, EngineWorld.FULL));
        assertThat(spy.closed).isFalse();
    }

    @Test
    @DisplayName("private broadcast: it ends when the transaction comes back")
    @Sabotage(type = "weft.p2p.tx.TxSync", method = "cameBack", returns = "void")
    void shouldStopWhenItComesBack() {
        EngineWorld world = withOnions();
        FakePeer friend = world.accept("8.7.6.5").handshake();
        send(world, TX);
        world.advance(Duration.ofMillis(1));
        assertThat(strangers(world)).hasSize(1);
        friend.sends(TxMessage.of(TX));
        assertThat(world.logged("Received our privately broadcast transaction (txid=")).isTrue();
        assertThat(world.engine.transactions().privateQueue().isEmpty()).isTrue();
        int dials = world.dials.size();
        FakePeer last = open(world).getLast();
        last.sends(new GetData(last.last(Inv.class).items()));
        assertThat(last.closed).as("it is not ours any more").isTrue();
        assertThat(last.got(TxMessage.class)).isFalse();
        pass(world, Duration.ofMinutes(20));
        assertThat(world.dials).hasSize(dials);
    }

    @Test
    @DisplayName("private broadcast: nothing else that comes in is heard")
    @Sabotage(type = TALKS, method = "isOn", returns = "false")
    void shouldIgnoreAllElse() {
        EngineWorld world = withOnions();
        send(world, TX);
        world.advance(Duration.ofMillis(1));
        FakePeer stranger = strangers(world).getFirst();
        int book = world.engine.addrMan().size();
        int sent = stranger.received.size();
        var entry =
                new AddressEntry(world.now().unixSeconds(), 9, NetAddress.parse("44.4.4.4", 8333));
        stranger.sends(
                Ping.of(5),
                Pong.of(5),
                new Pong(OptionalLong.empty()),
                new GetAddr(),
                new Mempool(),
                new Addr(List.of(entry, entry)),
                new FeeFilter(5),
                new SendHeaders(),
                new SendAddrV2(),
                new WtxidRelay(),
                new Verack(),
                EngineWorld.version(1, 1),
                TxMessage.of(TX),
                TxMessage.of(tx(2)),
                Inv.of(InvItem.tx(tx(3).txid())),
                new Unknown("nonsense", Bytes.EMPTY));
        // Core knows no such message, and does not hang up.
        world.input(new PeerInput.Malformed(stranger.id, "feature", 1, 25, "odd"));
        world.advance(Duration.ofSeconds(20));
        assertThat(stranger.received).hasSize(sent);
        assertThat(stranger.closed).isFalse();
        assertThat(world.engine.addrMan().size()).isEqualTo(book);
        assertThat(world.engine.transactions().privateQueue().contains(TX.wtxid()))
                .as("what a stranger sends back did not come from the network")
                .isTrue();
        stranger.sends(new GetData(List.of(InvItem.tx(TX.txid()))));
        assertThat(stranger.last(TxMessage.class)).isEqualTo(TxMessage.of(TX));
    }

    @Test
    @DisplayName("private broadcast: only what was announced may be asked for")
    @Sabotage(type = TALKS, method = "onGetData", call = "equals", returns = "true")
    void shouldServeOnlyWhatItAnnounced() {
        var wrong =
                List.of(
                        List.of(InvItem.tx(tx(2).txid())),
                        List.of(InvItem.tx(TX.txid()), InvItem.tx(TX.txid())),
                        List.of(InvItem.of(InvType.WITNESS_TX, TX.txid())),
                        List.of(InvItem.wtx(TX.wtxid())),
                        List.<InvItem>of());
        for (List<InvItem> items : wrong) {
            EngineWorld world = withOnions();
            send(world, TX);
            world.advance(Duration.ofMillis(1));
            FakePeer stranger = strangers(world).getFirst();
            stranger.sends(new GetData(items));
            assertThat(stranger.closed).as("%s", items).isTrue();
            assertThat(stranger.got(TxMessage.class)).isFalse();
            assertThat(world.logged("Disconnecting: got an unexpected GETDATA message")).isTrue();
            pass(world, Duration.ofSeconds(30));
            assertThat(strangers(world)).as("another instead").hasSize(4);
        }
    }

    @Test
    @DisplayName("private broadcast: peers that relay nothing, or offer too little, are in vain")
    @Sabotage(type = TALKS, method = "onVersion", call = "relay", returns = "true")
    void shouldLeaveWhoRelaysNothing() {
        EngineWorld world = withOnions();
        world.politeDials = false;
        send(world, TX);
        world.advance(Duration.ofMillis(1));
        FakePeer deaf = strangers(world).getFirst();
        VersionMessage hello = EngineWorld.version(1, EngineWorld.FULL);
        deaf.sends(
                new VersionMessage(
                        hello.version(),
                        hello.services(),
                        hello.timestamp(),
                        hello.addrYou(),
                        hello.addrMe(),
                        2,
                        "/deaf/",
                        0,
                        false));
        assertThat(deaf.closed).isTrue();
        assertThat(deaf.received).hasSize(1);
        assertThat(
                        world.logged(
                                "Disconnecting: does not support transaction relay (connected in"
                                        + " vain)"))
                .isTrue();
        world.advance(Duration.ofSeconds(2));
        FakePeer poor = strangers(world).get(1);
        poor.sends(EngineWorld.version(3, 0));
        assertThat(poor.closed).isTrue();
        assertThat(poor.received).hasSize(1);
        FakePeer old = open(world).getFirst();
        old.sends(
                new VersionMessage(
                        31_799, EngineWorld.FULL, 0, NOWHERE, NOWHERE, 4, "/old/", 0, true));
        assertThat(old.closed).isTrue();
    }

    @Test
    @DisplayName("private broadcast: a connection has three minutes")
    @Sabotage(type = "weft.p2p.Inactivity", method = "describe", call = "isOn", returns = "false")
    void shouldNotWaitForEver() {
        EngineWorld world = withOnions();
        send(world, TX);
        world.advance(Duration.ofSeconds(10));
        List<FakePeer> slow = strangers(world);
        assertThat(slow).hasSize(3).allMatch(each -> each.got(Inv.class) && !each.closed);
        world.advance(Duration.ofSeconds(165));
        assertThat(slow).allMatch(each -> !each.closed);
        world.advance(Duration.ofSeconds(10));
        assertThat(slow).allMatch(each -> each.closed);
        assertThat(world.logged("did not complete the transaction send within 180 seconds"))
                .isTrue();
        pass(world, Duration.ofSeconds(60));
        assertThat(strangers(world)).hasSize(6);
    }

    @Test
    @DisplayName("private broadcast: nobody is dialled where we could be seen")
    @Sabotage(type = BROADCAST, method = "networks", flips = 4)
    void shouldKeepToHiddenNetworks() {
        EngineWorld world = world(NetworkId.IPV4, NetworkId.IPV6, NetworkId.CJDNS, NetworkId.I2P);
        world.fillBook(20);
        send(world, TX);
        world.advance(Duration.ofMinutes(1));
        assertThat(world.dials).isEmpty();
        fill(world, 20, PrivateBroadcastTest::garlic);
        pass(world, Duration.ofSeconds(30));
        assertThat(world.dials)
                .hasSize(3)
                .allMatch(each -> each.address().network() == NetworkId.I2P);
    }

    @Test
    @DisplayName("private broadcast: IPv4 through Tor's proxy, once that has shown to be Tor's")
    @Sabotage(type = BROADCAST, method = "networks", flips = 2)
    void shouldUseIpThroughTorOnceItWorks() {
        EngineWorld world = world(NetworkId.IPV4, NetworkId.TORV3);
        world.fillBook(40);
        send(world, TX);
        world.advance(Duration.ofMinutes(1));
        assertThat(world.dials).isEmpty();
        fill(world, 1, PrivateBroadcastTest::onion);
        pass(world, Duration.ofSeconds(40));
        assertThat(world.dials).hasSize(3);
        assertThat(world.dials.getFirst().address()).isEqualTo(onion(0));
        assertThat(world.dials.subList(1, 3))
                .allMatch(each -> each.address().network() == NetworkId.IPV4)
                .allMatch(each -> each.type() == ConnectionType.PRIVATE_BROADCAST);
    }

    @Test
    @DisplayName("private broadcast: without Tor and I2P it is refused, with the reason")
    void shouldRefuseWhereNothingIsHidden() {
        EngineWorld world = world(NetworkId.IPV4, NetworkId.IPV6, NetworkId.CJDNS);
        world.command(new PeerCommand.BroadcastPrivately(TX));
        assertThat(world.events)
                .contains(
                        new PeerEvent.Answered(
                                false, "none of the Tor or I2P networks is reachable"));
        world.events.clear();
        world.command(new PeerCommand.Reach(NetworkId.TORV3));
        send(world, TX);
        send(world, TX);
        assertThat(world.logged("Ignoring unnecessary request to schedule")).isTrue();
        assertThat(world.answer(new PeerCommand.AbortPrivately(TX.wtxid()))).isTrue();
        assertThat(world.answer(new PeerCommand.AbortPrivately(TX.wtxid()))).isFalse();
    }

    @Test
    @DisplayName("private broadcast: what does not come back is tried again while it is good")
    @Sabotage(type = BROADCAST, method = "test", returns = "void")
    @Sabotage(type = BROADCAST, method = "onChainEvent", returns = "void")
    void shouldTryAgainAsLongAsItIsGood() {
        EngineWorld world = withOnions();
        send(world, TX);
        pass(world, Duration.ofSeconds(30));
        assertThat(world.commands).isEmpty();
        pass(world, Duration.ofMinutes(3));
        assertThat(world.commands).contains(new ChainCommand.TestTx(Origin.SELF, List.of(TX)));
        assertThat(strangers(world)).hasSize(3);
        tested(world, Origin.SELF, Optional.empty());
        assertThat(world.logged("Reattempting broadcast of stale txid=" + TX.txid())).isTrue();
        pass(world, Duration.ofSeconds(20));
        assertThat(strangers(world)).hasSize(4);
        var spent = new TxFailure(TxFailure.Kind.CONFLICT, "spent", "");
        tested(world, new Origin(5), Optional.of(spent));
        assertThat(world.engine.transactions().privateQueue().isEmpty()).isFalse();
        tested(world, Origin.SELF, Optional.of(spent));
        assertThat(world.logged("Giving up broadcast attempts for txid=" + TX.txid())).isTrue();
        assertThat(world.engine.transactions().privateQueue().isEmpty()).isTrue();
    }

    private static void tested(EngineWorld world, Origin origin, Optional<TxFailure> failure) {
        world.input(new PeerInput.Chain(new ChainEvent.TxTested(origin, TX, failure)));
    }

    @Test
    void shouldGiveUpWhatTheMempoolHas() {
        EngineWorld world = withOnions();
        send(world, TX);
        world.input(new PeerInput.Chain(new ChainEvent.TxAccepted(new Origin(9), TX, 500)));
        pass(world, Duration.ofMinutes(4));
        assertThat(strangers(world)).hasSize(3);
        assertThat(world.engine.transactions().privateQueue().isEmpty()).isTrue();
        assertThat(world.commands).noneMatch(ChainCommand.TestTx.class::isInstance);
    }

    @Test
    @DisplayName("private broadcast: the second try without BIP-0324 is no other connection")
    void shouldStayPrivateInV1() {
        P2pOptions options = reaching(NetworkId.TORV3);
        P2pOptions.Self self = options.self();
        var world =
                new EngineWorld(
                        1,
                        options.with(
                                new P2pOptions.Self(
                                        self.port(),
                                        self.services() | ServiceFlags.P2P_V2,
                                        self.userAgent(),
                                        true,
                                        true,
                                        List.of(),
                                        false)));
        fill(world, 20, EngineWorld.FULL | ServiceFlags.P2P_V2, PrivateBroadcastTest::onion);
        world.politeDials = false;
        send(world, TX);
        world.advance(Duration.ofMillis(1));
        PeerOutput.Connect first = world.dials.getFirst();
        assertThat(first.v2()).isTrue();
        FakePeer stranger = strangers(world).getFirst();
        stranger.closed = true;
        world.input(new PeerInput.Disconnected(stranger.id, "reset", true));
        world.advance(Duration.ofSeconds(1));
        PeerOutput.Connect second =
                world.dials.stream()
                        .filter(each -> !each.v2())
                        .findFirst()
                        .orElseThrow(() -> new AssertionError("no second try"));
        assertThat(second.address()).isEqualTo(first.address());
        assertThat(second.type()).isEqualTo(ConnectionType.PRIVATE_BROADCAST);
    }

    @Test
    @DisplayName("private broadcast: at most 64 connections, one transaction each")
    @Sabotage(type = BROADCAST, method = "wantsDial", constant = "64>65")
    void shouldBoundConnections() {
        EngineWorld world = world(NetworkId.TORV3);
        fill(world, 200, PrivateBroadcastTest::onion);
        for (int i = 0; i < 40; i++) {
            send(world, tx(i));
        }
        world.advance(Duration.ofMinutes(2));
        assertThat(open(world)).hasSize(64);
        assertThat(world.open(ConnectionType.PRIVATE_BROADCAST)).isEqualTo(64);
        for (FakePeer each : open(world)) {
            assertThat(each.count(Inv.class)).isOne();
            assertThat(each.last(Inv.class).items()).hasSize(1);
        }
    }

    @Test
    @DisplayName("private broadcast: the book learns nothing but that it was tried")
    void shouldTeachTheBookNothing() {
        EngineWorld world = withOnions();
        var before = world.engine.addrMan().find(onion(0));
        assertThat(before).isNotNull();
        send(world, TX);
        pass(world, Duration.ofSeconds(30));
        for (FakePeer each : strangers(world)) {
            var entry = world.engine.addrMan().find(each.address);
            assertThat(entry).isNotNull();
        }
        assertThat(world.engine.addrMan().size(NetworkId.TORV3, false)).as("tried").isZero();
        assertThat(world.events).noneMatch(PeerEvent.PeerReady.class::isInstance);
    }
}
