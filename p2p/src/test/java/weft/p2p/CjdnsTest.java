package weft.p2p;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import weft.p2p.peers.BanEntry;
import weft.wire.AddressEntry;
import weft.wire.NetAddress;
import weft.wire.NetworkId;
import weft.wire.Subnet;

/// Addresses that begin with fc: nobody's, or those of CJDNS.
class CjdnsTest {
    private static final String THEIRS = "[fc32:17ea:e415:c3bf:9808:149d:b5a2:c9aa]:8333";
    private static final NetAddress PLAIN = NetAddress.parse(THEIRS, 0);

    private static EngineWorld with() {
        EngineWorld world = new EngineWorld(1, EngineWorld.quiet());
        world.command(new PeerCommand.Reach(NetworkId.CJDNS));
        return world;
    }

    private static NetworkId networkOfPeer(EngineWorld world) {
        world.accept(THEIRS).handshake();
        return world.engine.peersSnapshot(world.now()).getFirst().place().address().network();
    }

    @Test
    void shouldTellTheNetworkOfWhoDialsUs() {
        assertThat(networkOfPeer(with())).isEqualTo(NetworkId.CJDNS);
        assertThat(networkOfPeer(new EngineWorld(1, EngineWorld.quiet())))
                .isEqualTo(NetworkId.IPV6);
    }

    @Test
    void shouldKeepAddressesOfItInTheBook() {
        var entry = new AddressEntry(1_700_000_000L, 9, PLAIN);
        EngineWorld world = with();
        world.command(new PeerCommand.AddAddress(entry, false));
        assertThat(world.engine.addrMan().size()).isEqualTo(1);
        EngineWorld without = new EngineWorld(1, EngineWorld.quiet());
        without.command(new PeerCommand.AddAddress(entry, false));
        assertThat(without.engine.addrMan().size()).isZero();
    }

    @Test
    void shouldBanPeersOfIt() {
        EngineWorld world = with();
        EngineWorld.FakePeer peer = world.accept(THEIRS).handshake();
        world.command(
                new PeerCommand.Ban(
                        Subnet.parse("fc32:17ea:e415:c3bf:9808:149d:b5a2:c9aa"), 0, false));
        assertThat(peer.closed).isTrue();
        assertThat(
                        world.engine.bans().entries(world.now().unixSeconds()).stream()
                                .map(BanEntry::subnet))
                .containsExactly(Subnet.of(PLAIN.flipToCjdns()));
        world.command(new PeerCommand.Unban(Subnet.of(PLAIN)));
        assertThat(world.engine.bans().entries(world.now().unixSeconds())).isEmpty();
    }

    @Test
    void shouldKnowItsOwnAddressThere() {
        EngineWorld world = with();
        world.command(new PeerCommand.LearnLocal(PLAIN, 4));
        assertThat(world.engine.localAddresses()).containsOnlyKeys(PLAIN.flipToCjdns());
        EngineWorld without = new EngineWorld(1, EngineWorld.quiet());
        without.command(new PeerCommand.LearnLocal(PLAIN, 4));
        assertThat(without.engine.localAddresses()).isEmpty();
    }

    @Test
    void shouldKnowNoRangesOfIt() {
        EngineWorld world = with();
        assertThat(world.engine.meant(Subnet.parse("fc00::/8"))).isEmpty();
        assertThat(world.engine.meant(Subnet.of(PLAIN))).contains(Subnet.of(PLAIN.flipToCjdns()));
        assertThat(world.engine.meant(Subnet.parse("2001:db8::/32")))
                .contains(Subnet.parse("2001:db8::/32"));
        EngineWorld without = new EngineWorld(1, EngineWorld.quiet());
        assertThat(without.engine.meant(Subnet.parse("fc00::/8"))).isPresent();
    }
}
