package weft.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import weft.app.args.Args;
import weft.app.args.ArgsFault;
import weft.consensus.ChainParams;
import weft.primitives.log.Log;
import weft.primitives.log.LogCategory;

class PrivacyArgsTest {
    private static void read(String... options) {
        var all = new ArrayList<String>(List.of(options));
        all.add("-privatebroadcast");
        Args args = Args.parse(all.toArray(String[]::new));
        assertThat(PrivacyArgs.isOn(args)).isTrue();
        NodeArgs.settings(args, ChainParams.of(args.network()), Path.of("unused"));
    }

    private static void refuses(String why, String... options) {
        assertThatThrownBy(() -> read(options))
                .isInstanceOf(ArgsFault.class)
                .hasMessageStartingWith("Private broadcast of own transactions requested")
                .hasMessageContaining(why);
    }

    private static void takes(String... options) {
        assertThatCode(() -> read(options)).doesNotThrowAnyException();
    }

    @Test
    @DisplayName("private broadcast: no start where it could not work")
    void shouldRefuseWhatCannotWork() {
        refuses("none of Tor or I2P networks is reachable", "-listenonion=0");
        refuses("none of Tor or I2P networks is reachable", "-listen=0", "-listenonion=0");
        refuses("none of Tor or I2P", "-proxy=127.0.0.1:9050", "-onlynet=ipv4");
        refuses("none of Tor or I2P", "-onlynet=ipv6");
        refuses("-connect is also configured", "-proxy=127.0.0.1:9050", "-connect=1.2.3.4");
        refuses("-connect is also configured", "-i2psam=127.0.0.1:7656", "-connect=0");
        takes("-proxy=127.0.0.1:9050");
        takes("-onion=127.0.0.1:9050");
        takes("-i2psam=127.0.0.1:7656", "-onlynet=i2p");
        takes();
        assertThat(PrivacyArgs.isOn(Args.parse(new String[] {"-regtest"}))).isFalse();
    }

    private static List<String> warnings(String... options) {
        var lines = new ArrayList<String>();
        PrivacyArgs.warn(
                Args.parse(options),
                new Log() {
                    @Override
                    public boolean isOn(LogCategory category, Level level) {
                        return true;
                    }

                    @Override
                    public void write(LogCategory category, Level level, String message) {
                        lines.add(message);
                    }
                });
        return lines;
    }

    @Test
    void shouldWarnWhereCircuitsAreShared() {
        assertThat(warnings("-privatebroadcast", "-proxyrandomize=0"))
                .singleElement()
                .asString()
                .contains("-proxyrandomize is disabled");
        assertThat(warnings("-privatebroadcast")).isEmpty();
        assertThat(warnings("-proxyrandomize=0")).isEmpty();
    }
}
