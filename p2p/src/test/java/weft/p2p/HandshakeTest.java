package weft.p2p;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import weft.primitives.Bytes;
import weft.testkit.Sabotage;
import weft.testkit.SeenRed;
import weft.wire.Feature;
import weft.wire.GetAddr;
import weft.wire.Inv;
import weft.wire.Message;
import weft.wire.NetAddress;
import weft.wire.Ping;
import weft.wire.Pong;
import weft.wire.SendAddrV2;
import weft.wire.SendCmpct;
import weft.wire.SendTxRcncl;
import weft.wire.ServiceFlags;
import weft.wire.Unknown;
import weft.wire.Verack;
import weft.wire.VersionAddress;
import weft.wire.VersionMessage;
import weft.wire.WtxidRelay;

class HandshakeTest implements SeenRed {
    private final EngineWorld world = new EngineWorld(1, EngineWorld.quiet());

    @Test
    void shouldAnswerInboundPeersOnly() {
        EngineWorld.FakePeer peer = world.accept("1.2.3.4:5000");
        assertThat(peer.received).isEmpty();
        peer.sends(EngineWorld.version(7, EngineWorld.FULL));
        assertThat(peer.received.stream().map(Message::command))
                .containsExactly("version", "wtxidrelay", "sendaddrv2", "verack");
        assertThat(peer.got(Ping.class)).isFalse();
        peer.sends(new Verack());
        assertThat(peer.got(SendCmpct.class)).isTrue();
        assertThat(peer.got(Ping.class)).isTrue();
        assertThat(world.engine.peersSnapshot(world.now()).getFirst().handshake().complete())
                .isTrue();
    }

    @Test
    void shouldSpeakFirstWhenItDials() {
        world.politeDials = false;
        EngineWorld.FakePeer peer = world.dial("1.2.3.4:8333", ConnectionType.OUTBOUND_FULL_RELAY);
        assertThat(peer.received.stream().map(Message::command)).containsExactly("version");
        peer.sends(EngineWorld.version(7, EngineWorld.FULL));
        assertThat(peer.received.stream().map(Message::command))
                .containsExactly("version", "wtxidrelay", "sendaddrv2", "verack", "getaddr");
    }

    @Test
    void shouldAskBlockRelayOnlyPeersForNoAddresses() {
        EngineWorld.FakePeer peer = world.dial("1.2.3.4:8333", ConnectionType.BLOCK_RELAY_ONLY);
        assertThat(peer.got(Verack.class)).isTrue();
        assertThat(peer.got(GetAddr.class)).isFalse();
        assertThat(peer.last(VersionMessage.class).relay()).isFalse();
    }

    @Test
    @DisplayName("B15 F13 messages before version and before verack")
    @Sabotage(type = "weft.p2p.Peer", method = "isReady", returns = "true")
    void shouldSayNothingToWhoDoesNotIntroduceItself() {
        EngineWorld.FakePeer peer = world.accept("1.2.3.4:5000");
        peer.sends(
                Ping.of(3),
                new Verack(),
                new SendAddrV2(),
                Inv.of(),
                new Unknown("badmsg", Bytes.EMPTY));
        assertThat(peer.received).isEmpty();
        assertThat(peer.closed).isFalse();
        assertThat(
                        world.logged(
                                "non-version message before version handshake. Message \"ping\""
                                        + " from peer=0"))
                .isTrue();
        peer.sends(EngineWorld.version(7, EngineWorld.FULL), Ping.of(3));
        assertThat(peer.got(Pong.class)).isFalse();
        assertThat(world.logged("Unsupported message \"ping\" prior to verack from peer=0"))
                .isTrue();
    }

    @Test
    @DisplayName("B15 a second version")
    @Sabotage(type = "weft.p2p.Handshake", method = "onVersion", flips = 1)
    void shouldIgnoreASecondVersion() {
        EngineWorld.FakePeer peer = world.accept("1.2.3.4:5000").handshake();
        peer.sends(EngineWorld.version(8, 0));
        assertThat(world.logged("redundant version message from peer=0")).isTrue();
        assertThat(peer.closed).isFalse();
        assertThat(peer.count(VersionMessage.class)).isEqualTo(1);
    }

    @Test
    void shouldDropVersionsThatAreTooOld() {
        EngineWorld.FakePeer old = world.accept("1.2.3.4:5000");
        old.sends(versionOf(31_799));
        assertThat(old.closed).isTrue();
        assertThat(world.logged("peer=0 using obsolete version 31799; disconnecting")).isTrue();
        EngineWorld.FakePeer elderly = world.accept("1.2.3.5:5000");
        elderly.sends(versionOf(60_000), new Verack());
        assertThat(elderly.closed).isFalse();
        assertThat(elderly.got(WtxidRelay.class)).isFalse();
        assertThat(elderly.last(Ping.class).nonce()).isEmpty();
    }

    private static VersionMessage versionOf(int version) {
        var nowhere = new VersionAddress(0, NetAddress.UNSPECIFIED);
        return new VersionMessage(version, 9, 0, nowhere, nowhere, 5, "", 0, true);
    }

    @Test
    void shouldKnowItself() {
        world.politeDials = false;
        EngineWorld.FakePeer there =
                world.dial("99.1.1.1:8333", ConnectionType.OUTBOUND_FULL_RELAY);
        EngineWorld.FakePeer here = world.accept("99.1.1.1:40000");
        here.sends(there.last(VersionMessage.class));
        assertThat(here.closed).isTrue();
        assertThat(world.logged("connected to self at 99.1.1.1:40000, disconnecting")).isTrue();
    }

    private EngineWorld.FakePeer between(int version) {
        EngineWorld.FakePeer peer = world.accept("1.2.3.4:5000");
        peer.sends(versionOf(version));
        assertThat(peer.closed).isFalse();
        return peer;
    }

    private static Feature feature(String id) {
        return new Feature(
                Bytes.wrap(id.getBytes(java.nio.charset.StandardCharsets.ISO_8859_1)), Bytes.EMPTY);
    }

    /// See BIP-0434.
    @Test
    void shouldHearOfFeaturesItDoesNotKnow() {
        EngineWorld.FakePeer peer = between(70_017);
        for (int i = 0; i < 1_000; i++) {
            peer.sends(feature("feat" + i));
        }
        peer.sends(feature("\u0000\u00ff\u0001\u007f"));
        assertThat(world.logged("unknown feature advertised: feat999, peer=0")).isTrue();
        peer.sends(new Verack());
        assertThat(peer.closed).isFalse();
        assertThat(peer.received.stream().map(Message::command)).doesNotContain("feature");
        peer.sends(feature("BIP434"));
        assertThat(peer.closedWhy)
                .isEqualTo("feature received after verack from peer=0; disconnecting");
    }

    @Test
    void shouldHearOfFeaturesFromVersionOnOnly() {
        EngineWorld.FakePeer peer = world.accept("1.2.3.5:5000");
        peer.sends(feature("BIP434"));
        world.input(new PeerInput.Malformed(peer.id, "feature", 1, 25, "odd"));
        assertThat(peer.closed).isFalse();
        assertThat(
                        world.logged(
                                "non-version message before version handshake. Message"
                                        + " \"feature\" from peer=0"))
                .isTrue();
    }

    @Test
    void shouldHearOfNoFeaturesFromOldPeers() {
        EngineWorld.FakePeer old = between(70_016);
        old.sends(feature("BIP434"));
        assertThat(old.closedWhy)
                .startsWith("feature received with incompatible version 70016 from peer=0");
    }

    @Test
    void shouldNotForgiveFeaturesThatAreNone() {
        EngineWorld.FakePeer odd = between(70_017);
        world.input(new PeerInput.Malformed(odd.id, "wtxidrelay", 1, 25, "odd"));
        assertThat(odd.closed).isFalse();
        world.input(new PeerInput.Malformed(odd.id, "feature", 1, 25, "odd"));
        assertThat(odd.closedWhy).startsWith("invalid feature payload from peer=0");
        assertThat(world.engine.bans().isDiscouraged(odd.address)).isFalse();
    }

    @Test
    void shouldWantServicesOfPeersThatItChooses() {
        world.politeDials = false;
        EngineWorld.FakePeer poor = world.dial("1.2.3.4:8333", ConnectionType.OUTBOUND_FULL_RELAY);
        poor.sends(EngineWorld.version(7, ServiceFlags.NETWORK));
        assertThat(poor.closed).isTrue();
        assertThat(
                        world.logged(
                                "peer=0 does not offer the expected services "
                                        + "(00000001 offered, 00000009 expected)"))
                .isTrue();
        EngineWorld.FakePeer inbound = world.accept("1.2.3.5:5000");
        inbound.sends(EngineWorld.version(7, 0), new Verack());
        assertThat(inbound.closed).isFalse();
    }

    @Test
    void shouldHangUpOnFeelers() {
        EngineWorld.FakePeer feeler = world.dial("1.2.3.4:8333", ConnectionType.FEELER);
        assertThat(feeler.closed).isTrue();
        assertThat(world.logged("feeler connection completed peer=0; disconnecting")).isTrue();
    }

    @Test
    @DisplayName("B15 after verack what belongs before it")
    @Sabotage(type = "weft.p2p.Handshake", method = "onWtxidRelay", returns = "void")
    @Sabotage(type = "weft.p2p.Handshake", method = "onSendAddrV2", returns = "void")
    void shouldDropWhoNegotiatesTooLate() {
        EngineWorld.FakePeer first = world.accept("1.2.3.4:5000").handshake();
        first.sends(new WtxidRelay());
        assertThat(first.closed).isTrue();
        assertThat(world.logged("wtxidrelay received after verack from peer=0; disconnecting"))
                .isTrue();
        EngineWorld.FakePeer second = world.accept("1.2.3.5:5000").handshake();
        second.sends(new SendAddrV2());
        assertThat(second.closed).isTrue();
        assertThat(world.logged("sendaddrv2 received after verack from peer=1; disconnecting"))
                .isTrue();
    }

    @Test
    @DisplayName("B15 sendtxrcncl twice, of a version that there is not, and after verack")
    @Sabotage(type = "weft.p2p.Handshake", method = "register", call = "drop")
    @Sabotage(type = "weft.p2p.Handshake", method = "onSendTxRcncl", call = "drop")
    void shouldAgreeOnReconciliation() {
        P2pOptions quiet = EngineWorld.quiet();
        P2pOptions.Self self = quiet.self();
        var with =
                new P2pOptions.Self(
                        self.port(),
                        self.services(),
                        self.userAgent(),
                        true,
                        true,
                        self.addresses(),
                        true);
        var reconciling = new EngineWorld(2, quiet.with(with));
        EngineWorld.FakePeer peer = reconciling.accept("1.2.3.4:5000");
        peer.sends(EngineWorld.version(7, EngineWorld.FULL));
        assertThat(peer.last(SendTxRcncl.class).version()).isEqualTo(1);
        peer.sends(new WtxidRelay(), new SendTxRcncl(1, 2));
        assertThat(reconciling.logged("Register peer=0 (inbound=1)")).isTrue();
        peer.sends(new SendTxRcncl(1, 2));
        assertThat(peer.closed).isTrue();
        assertThat(
                        reconciling.logged(
                                "(sendtxrcncl received from already registered peer);"
                                        + " disconnecting"))
                .isTrue();

        EngineWorld.FakePeer zero = reconciling.accept("1.2.3.5:5000");
        zero.sends(EngineWorld.version(7, EngineWorld.FULL), new SendTxRcncl(0, 2));
        assertThat(zero.closed).isTrue();

        EngineWorld.FakePeer late = reconciling.accept("1.2.3.6:5000").handshake();
        late.sends(new SendTxRcncl(1, 2));
        assertThat(late.closed).isTrue();
        assertThat(reconciling.logged("sendtxrcncl received after verack from peer=2")).isTrue();
    }

    @Test
    void shouldIgnoreReconciliationWhereItIsOff() {
        EngineWorld.FakePeer peer = world.accept("1.2.3.4:5000");
        peer.sends(EngineWorld.version(7, EngineWorld.FULL), new SendTxRcncl(1, 2));
        assertThat(peer.got(SendTxRcncl.class)).isFalse();
        assertThat(peer.closed).isFalse();
        assertThat(world.logged("ignored, as our node does not have txreconciliation enabled"))
                .isTrue();
    }
}
