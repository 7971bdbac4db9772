package weft.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import weft.app.args.Args;
import weft.app.args.ArgsFault;
import weft.consensus.ChainParams;
import weft.p2p.tx.Spreading;
import weft.p2p.tx.TxOptions;

class RelayPolicyArgsTest {
    private static TxOptions relay(String... options) {
        Args args = Args.parse(options);
        return NodeArgs.settings(args, ChainParams.of(args.network()), Path.of("unused"))
                .p2p()
                .tx();
    }

    private static void refuses(String why, String... options) {
        assertThatThrownBy(() -> relay(options))
                .isInstanceOf(ArgsFault.class)
                .hasMessageContaining(why);
    }

    @Test
    @DisplayName("S-97 Dandelion is for regtest, and refused on public networks")
    void shouldKeepDandelionToLaboratories() {
        TxOptions chosen = relay("-regtest", "-relaypolicy=dandelion", "-dandelionfluff=25");
        assertThat(chosen.spreading()).isEqualTo(Spreading.DANDELION);
        assertThat(chosen.fluffPercent()).isEqualTo(25);
        assertThat(relay("-regtest").fluffPercent()).isEqualTo(10);
        for (String network : new String[] {"-chain=main", "-testnet4", "-signet"}) {
            refuses("not for public networks", network, "-relaypolicy=dandelion");
            assertThat(relay(network).spreading()).isEqualTo(Spreading.DIFFUSION);
        }
    }

    @Test
    void shouldRefuseWhatMakesNoSense() {
        refuses("must be diffusion, flood or dandelion", "-relaypolicy=gossip");
        refuses("-dandelionfluff must be 0 to 100", "-regtest", "-dandelionfluff=-1");
        refuses("-dandelionfluff must be 0 to 100", "-regtest", "-dandelionfluff=101");
    }
}
