package weft.net;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.Socket;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import weft.net.ProxyDialTest.FakeProxy;
import weft.p2p.ConnectionType;
import weft.p2p.DialId;
import weft.p2p.PeerOutput;
import weft.testkit.Sabotage;
import weft.testkit.SeenRed;
import weft.wire.NetAddress;
import weft.wire.NetworkId;

/// Connections for `-privatebroadcast` keep to ways on which nobody learns where we are.
@Timeout(60)
class PrivateDialTest implements SeenRed {
    private static final String DIALER = "weft.net.Dialer";
    private static final String ONION =
            "pg6mmjiyjmcrsslvykfwnntlaru7p5svn6y2ymmju6nubxndf4pscryd.onion";
    private static final String GARLIC =
            "zsxwyo6qcn3chqzwxnseusqgsnuw3maqnztkiypyfxtya4snkoka.b32.i2p";

    private static void dial(NetScene scene, String to, boolean v2) {
        NetAddress address = NetAddress.parse(to, 1);
        scene.dialer.dial(
                new PeerOutput.Connect(
                        new DialId(1), address, ConnectionType.PRIVATE_BROADCAST, v2));
    }

    @Test
    @DisplayName("private broadcast: IPv4 and IPv6 through Tor's proxy, with BIP-0324 and without")
    @Sabotage(type = DIALER, method = "connect", flips = 2)
    void shouldGoThroughTor() throws Exception {
        try (FakeProxy tor = FakeProxy.tcp(true);
                FakeProxy other = FakeProxy.tcp(true)) {
            var proxies =
                    new Proxies(
                            Map.of(
                                    NetworkId.TORV3, tor.address(),
                                    NetworkId.IPV4, other.address()),
                            other.address(),
                            true);
            try (NetScene scene = new NetScene(proxies)) {
                for (boolean v2 : new boolean[] {true, false}) {
                    for (String host : new String[] {"15.61.23.23", "2a01::7", ONION}) {
                        dial(scene, (host.contains(":") ? "[" + host + "]" : host) + ":8333", v2);
                        assertThat(tor.next().host()).isEqualTo(host);
                    }
                }
                assertThat(other.asked).isEmpty();
            }
        }
    }

    @Test
    @DisplayName("private broadcast: where there is no hidden way there is none")
    void shouldRatherNotConnect() throws Exception {
        try (NetScene scene = new NetScene();
                NetScene near = new NetScene()) {
            dial(scene, "127.0.0.1:" + near.port(), false);
            NetScene.await(() -> scene.logged("failed: no proxy for Tor"));
            dial(scene, ONION + ":8333", false);
            dial(scene, GARLIC + ":0", false);
            NetScene.await(() -> scene.logged("failed: no bridge to I2P"));
            dial(scene, "[fc00::1]:8333", false);
            assertThat(near.peers()).isZero();
        }
    }

    @Test
    @DisplayName("private broadcast: the proxy that Tor names serves too")
    void shouldUseWhatTorNames() throws Exception {
        try (FakeProxy tor = FakeProxy.tcp(true);
                NetScene scene = new NetScene()) {
            scene.dialer.useForOnion(tor.address());
            dial(scene, "15.61.23.23:8333", false);
            assertThat(tor.next().host()).isEqualTo("15.61.23.23");
        }
    }

    @Test
    @DisplayName("private broadcast: to I2P from an address that nobody has seen")
    void shouldNotShowOurAddressInI2p(@TempDir Path folder) throws Exception {
        try (FakeSam sam = new FakeSam();
                NetScene scene =
                        new NetScene(
                                Proxies.NONE,
                                Optional.of(
                                        new NetOptions.I2p(
                                                sam.address(),
                                                Optional.of(folder.resolve("key")))))) {
            FakeSam.take(sam.accepting);
            dial(scene, GARLIC + ":0", false);
            try (Socket _ = FakeSam.take(sam.connected)) {
                assertThat(sam.requests)
                        .filteredOn(line -> line.startsWith("SESSION CREATE"))
                        .hasSize(2)
                        .last()
                        .asString()
                        .contains("DESTINATION=TRANSIENT");
            }
        }
    }
}
