package weft.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import weft.app.args.Args;
import weft.app.args.ArgsFault;
import weft.consensus.ChainParams;
import weft.p2p.P2pOptions;

class MaxInboundArgsTest {
    private static P2pOptions.Limits limits(String... options) {
        Args args = Args.parse(options);
        return NodeArgs.settings(args, ChainParams.of(args.network()), Path.of("unused"))
                .p2p()
                .limits();
    }

    @Test
    @DisplayName(
            "S-61 -maxinbound is the most inbound connections, and leaves the outbound ones alone")
    void shouldLimitInboundOnly() {
        P2pOptions.Limits usual = limits();
        assertThat(usual.inbound()).isEqualTo(125);
        assertThat(limits("-maxinbound=40")).isEqualTo(usual.withInbound(40));
        assertThat(limits("-maxinbound=300").inbound()).isEqualTo(300);
        assertThat(limits("-maxinbound=0").inbound()).isZero();
        assertThat(limits("-nomaxinbound").inbound()).isZero();
        assertThat(limits("-maxinbound=0").fullRelay()).isEqualTo(8);
    }

    @ParameterizedTest(name = "{displayName}: {0}, {1}: {2}")
    @CsvSource({"125, 200, 114", "125, 50, 50", "20, 10, 9", "5, 10, 0", "0, 10, 0", "40, 0, 0"})
    @DisplayName("S-61 -maxconnections bounds all connections, whatever -maxinbound allows")
    void shouldStayWithinTheTotal(int total, int inbound, int expected) {
        P2pOptions.Limits both = limits("-maxconnections=" + total, "-maxinbound=" + inbound);
        assertThat(both).isEqualTo(limits("-maxconnections=" + total).withInbound(expected));
    }

    @Test
    @Timeout(60)
    @DisplayName("S-61 a node with -maxinbound=2 lets nobody else in while two are there")
    void shouldLetInNoMore(@TempDir Path folder) throws Exception {
        try (RunningNode node = RunningNode.start(folder, "-maxinbound=2");
                RawPeer first = new RawPeer(node.port).handshake()) {
            try (RawPeer second = new RawPeer(node.port).handshake();
                    var third = new RawPeer(node.port)) {
                assertThat(third.isDropped(Duration.ofSeconds(20))).isTrue();
                assertThat(first.answersPing()).isTrue();
                assertThat(second.answersPing()).isTrue();
            }
            RunningNode.await(
                    Duration.ofSeconds(20), () -> node.call("getconnectioncount").asInt() == 1);
            try (RawPeer next = new RawPeer(node.port).handshake()) {
                assertThat(next.answersPing()).isTrue();
            }
        }
    }

    @Test
    void shouldRefuseNonsense() {
        for (String each : new String[] {"-1", "10001", "99999999999"}) {
            assertThatThrownBy(() -> limits("-maxinbound=" + each))
                    .isInstanceOf(ArgsFault.class)
                    .hasMessageContaining("-maxinbound must be 0 to ");
        }
    }
}
