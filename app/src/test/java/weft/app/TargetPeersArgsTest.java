package weft.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import weft.app.args.Args;
import weft.app.args.ArgsFault;
import weft.consensus.ChainParams;
import weft.p2p.P2pOptions;

class TargetPeersArgsTest {
    private static P2pOptions.Limits limits(String... options) {
        Args args = Args.parse(options);
        return NodeArgs.settings(args, ChainParams.of(args.network()), Path.of("unused"))
                .p2p()
                .limits();
    }

    private static void refuses(String... options) {
        assertThatThrownBy(() -> limits(options))
                .isInstanceOf(ArgsFault.class)
                .hasMessageContaining("-targetpeers must be 0 to");
    }

    @Test
    @DisplayName("S-63 -targetpeers says how many of the eight are kept; all without it")
    void shouldKeepAsManyAsWanted() {
        assertThat(limits().best()).isZero();
        assertThat(limits("-targetpeers=0")).isEqualTo(limits());
        P2pOptions.Limits three = limits("-targetpeers=3", "-maxuploadtarget=5");
        assertThat(three.best()).isEqualTo(3);
        assertThat(three.withBest(0)).isEqualTo(limits("-maxuploadtarget=5"));
        assertThat(limits("-maxconnections=5", "-targetpeers=5").best()).isEqualTo(5);
        refuses("-targetpeers=-1");
        refuses("-maxconnections=5", "-targetpeers=6");
    }

    @Test
    void shouldAllowMoreThanUsualOnOneMachineOnly() {
        refuses("-targetpeers=9");
        refuses("-regtest", "-targetpeers=9");
        P2pOptions.Limits many = limits("-regtest", "-allowlocal", "-targetpeers=50");
        assertThat(many.fullRelay()).isEqualTo(50);
        assertThat(many.best()).isZero();
        assertThat(limits("-regtest", "-allowlocal", "-targetpeers=3").best()).isEqualTo(3);
        refuses("-regtest", "-allowlocal", "-targetpeers=1001");
    }
}
