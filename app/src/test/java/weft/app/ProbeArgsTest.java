package weft.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import weft.app.args.Args;
import weft.app.args.ArgsFault;
import weft.consensus.ChainParams;
import weft.p2p.P2pOptions;

class ProbeArgsTest {
    private static P2pOptions.Probe probe(String... options) {
        Args args = Args.parse(options);
        return NodeArgs.settings(args, ChainParams.of(args.network()), Path.of("unused"))
                .p2p()
                .sources()
                .probe();
    }

    @Test
    @DisplayName("S-20 probing is off unless asked for, slow, and refused on the main network")
    void shouldProbeOnlyWhoInsists() {
        assertThat(probe("-regtest").ranges()).isEmpty();
        assertThat(probe().ranges()).isEmpty();
        assertThat(probe("-regtest", "-probe=10.0.0.0/8", "-probe=10.9.0.0/16").ranges())
                .hasSize(2);
        assertThat(probe("-regtest", "-probe=10.0.0.0/8").interval())
                .isGreaterThanOrEqualTo(Duration.ofSeconds(1));
        assertThatThrownBy(() -> probe("-probe=44.0.0.0/8"))
                .isInstanceOf(ArgsFault.class)
                .hasMessageContaining("-probemain");
        assertThat(probe("-probe=44.0.0.0/8", "-probemain").ranges()).hasSize(1);
        assertThatThrownBy(() -> probe("-regtest", "-probe=44.0.0.0/99"))
                .isInstanceOf(ArgsFault.class);
    }
}
