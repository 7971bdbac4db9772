package weft.p2p;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import weft.primitives.Bytes;
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

class HandshakeTest {
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
                                "non-version message before version handshake. Message \"ping\" from peer=0"))
                .isTrue();
        peer.sends(EngineWorld.version(7, EngineWorld.FULL), Ping.of(3));
        assertThat(peer.got(Pong.class)).isFalse();
        assertThat(world.logged("Unsupported message \"ping\" prior to verack from peer=0"))
                .isTrue();
    }

    @Test
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
                                "(sendtxrcncl received from already registered peer); disconnecting"))
                .isTrue();

        EngineWorld.FakePeer zero = reconciling.accept("1.2.3.5:5000");
        zero.sends(EngineWorld.version(7, EngineWorld.FULL), new SendTxRcncl(0, 2));
        assertThat(zero.closed).isTrue();
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
