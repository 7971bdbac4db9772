package weft.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.BindException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import weft.app.args.Args;
import weft.app.node.MockableTime;
import weft.app.node.NodeRunner;
import weft.app.node.NodeSettings;
import weft.consensus.ChainParams;
import weft.consensus.Network;
import weft.net.NetOptions;
import weft.primitives.log.Log;
import weft.store.Disk;

/// Ports that nobody had to name.
class DefaultPortsTest {
    private static NodeSettings settings(Path folder, String... options) {
        var all = new ArrayList<>(List.of("-datadir=" + folder));
        all.addAll(List.of(options));
        Args args = Args.parse(all.toArray(String[]::new));
        return NodeArgs.settings(args, ChainParams.of(args.network()), folder);
    }

    @Test
    @DisplayName("S-62 the default port is 8333, that of the test network 18333")
    void shouldListenOnTheUsualPort(@TempDir Path folder) {
        var expected = new TreeMap<>(Map.of("main", 8333, "test", 18_333, "regtest", 18_444));
        expected.put("testnet4", 48_333);
        expected.put("signet", 38_333);
        expected.forEach(
                (chain, port) -> {
                    NodeSettings settings = settings(folder, "-chain=" + chain);
                    assertThat(settings.net().binds())
                            .as(chain)
                            .extracting(bind -> bind.address().toString())
                            .as("both families, and the end of an onion service")
                            .containsExactly(
                                    "[::]:" + port, "0.0.0.0:" + port, "127.0.0.1:" + (port + 1));
                    assertThat(settings.p2p().self().port()).isEqualTo(port);
                    assertThat(settings(folder, "-chain=" + chain, "-bind=127.0.0.1").net().binds())
                            .extracting(NetOptions.Bind::address)
                            .extracting(Object::toString)
                            .containsExactly("127.0.0.1:" + port);
                });
    }

    @ParameterizedTest
    @CsvSource({"main, 1024", "test, 103", "testnet4, 133", "signet, 93", "regtest, 0"})
    @DisplayName("S-29 every public network has addresses to fall back on, all of them routable")
    void shouldKnowFixedSeeds(String chain, int count, @TempDir Path folder) {
        NodeSettings usual = settings(folder, "-chain=" + chain);
        assertThat(usual.p2p().sources().fixed())
                .hasSize(count)
                .doesNotHaveDuplicates()
                .allMatch(each -> each.address().isRoutable())
                .extracting(each -> each.address().network())
                .isSubsetOf(usual.p2p().access().reachable());
        for (String other : List.of("-fixedseeds=0", "-connect=0", "-connect=127.0.0.1:1")) {
            assertThat(settings(folder, "-chain=" + chain, other).p2p().sources().fixed())
                    .as(other)
                    .isEmpty();
        }
    }

    @Test
    @DisplayName("S-22 the DNS seeds are those of the network, nine on the main network")
    void shouldKnowDnsSeeds(@TempDir Path folder) {
        var expected = new TreeMap<>(Map.of("main", 9, "test", 5, "testnet4", 2, "signet", 2));
        expected.forEach(
                (chain, count) -> {
                    NodeSettings settings = settings(folder, "-chain=" + chain);
                    assertThat(settings.p2p().sources().dns().enabled()).isTrue();
                    assertThat(settings.p2p().sources().dns().seeds()).as(chain).hasSize(count);
                    ChainParams params = settings.params();
                    assertThat(settings.chain().minimumChainWork())
                            .isEqualTo(params.minimumChainWork())
                            .isPositive();
                    assertThat(settings.chain().assumeValid())
                            .isEqualTo(params.trust().assumeValid().orElseThrow());
                });
    }

    @Test
    void shouldTakeASignetOfOnesOwn(@TempDir Path folder) {
        Args args =
                Args.parse(
                        new String[] {
                            "-signet", "-signetchallenge=51", "-signetseednode=1.2.3.4:5"
                        });
        NodeSettings own = NodeArgs.settings(args, ChainArgs.params(args), folder);
        // The first four bytes of the hash of the challenge with its length.
        assertThat(own.net().magic().toHex()).isEqualTo("54d26fbd");
        assertThat(own.chain().minimumChainWork()).isZero();
        assertThat(own.chain().assumeValid()).isNull();
        assertThat(own.p2p().sources().fixed()).isEmpty();
        assertThat(own.p2p().sources().dns().seeds()).containsExactly("1.2.3.4:5");

        assertThatThrownBy(() -> chain("-signet", "-signetchallenge=5", "-signetchallenge=51"))
                .hasMessage("-signetchallenge cannot be multiple values.");
        assertThatThrownBy(() -> chain("-signet", "-signetchallenge=5x"))
                .hasMessage("-signetchallenge must be hex, not '5x'.");
    }

    @Test
    void shouldIgnoreOptionsOfOtherNetworks() {
        assertThat(chain("-testactivationheight=segwit@7", "-signetchallenge=51"))
                .isEqualTo(ChainParams.of(Network.MAIN));
        assertThat(chain("-regtest", "-testactivationheight=segwit@7").segwitHeight()).isEqualTo(7);
    }

    private static ChainParams chain(String... options) {
        return ChainArgs.params(Args.parse(options));
    }

    @ParameterizedTest
    @CsvSource({"main, 8333", "test, 18333"})
    @Timeout(60)
    @DisplayName(
            "S-62 a running node of that network answers there, and weft listen finds it there")
    void shouldAnswerThere(String chain, int port, @TempDir Path folder) throws Exception {
        assumeFree(port);
        NodeSettings settings =
                settings(folder, "-chain=" + chain, "-bind=127.0.0.1", "-connect=0");
        ChainParams params = settings.params();
        String mark = params.network().chainName() + " " + params.genesis().hash();
        try (Disk disk = Disk.open(folder.resolve("node"), mark, "weft");
                NodeRunner node =
                        NodeRunner.start(
                                settings,
                                disk,
                                new MockableTime(),
                                NodeRunner.Listeners.NONE,
                                Log.NONE)) {
            assertThat(node.chain()).isNotNull();
            try (WeftProcess listener =
                    WeftProcess.weft(
                            folder.resolve("listener"),
                            "listen",
                            "127.0.0.1",
                            "--network",
                            chain,
                            "--count",
                            "4")) {
                WeftProcess.Ended ended = listener.await(Duration.ofSeconds(60));
                assertThat(ended.exitCode()).as(ended.err()).isZero();
                assertThat(ended.out())
                        .contains("connected to 127.0.0.1:" + port + " (" + chain + ")")
                        .contains("version ", "verack ");
            }
        }
    }

    private static void assumeFree(int port) throws Exception {
        try (var socket =
                new ServerSocket(port, 1, InetAddress.getByAddress(new byte[] {127, 0, 0, 1}))) {
            assertThat(socket.isBound()).isTrue();
        } catch (BindException e) {
            Assumptions.abort("somebody else uses port " + port);
        }
    }
}
