package weft.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import weft.app.args.Args;
import weft.app.args.ArgsFault;
import weft.consensus.ChainParams;

class ChainArgsTest {
    private static ChainParams params(String height) {
        return ChainArgs.params(
                Args.parse(new String[] {"-regtest", "-testactivationheight=" + height}));
    }

    @Test
    void shouldMoveTheHeightOfARule() {
        assertThat(params("segwit@7").heights().segwit()).isEqualTo(7);
    }

    @ParameterizedTest
    @ValueSource(strings = {"bip34@-2", "bip34@", "bip34@x", "bip34@2147483647"})
    void shouldRefuseWhatIsNoHeight(String text) {
        assertThatThrownBy(() -> params(text))
                .isInstanceOf(ArgsFault.class)
                .hasMessage(
                        "Invalid height value ("
                                + text
                                + ") for -testactivationheight=name@height.");
    }
}
