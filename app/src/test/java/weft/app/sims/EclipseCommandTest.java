package weft.app.sims;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import weft.app.CommandLineRun;

/// What `weft sim eclipse` does not do is one line on standard error.
class EclipseCommandTest {
    private static void assertRefused(String why, String... more) {
        var args = new String[2 + more.length];
        args[0] = "sim";
        args[1] = "eclipse";
        System.arraycopy(more, 0, args, 2, more.length);
        CommandLineRun ended = CommandLineRun.of(args);
        assertThat(ended.exitCode()).isEqualTo(1);
        assertThat(ended.out()).isEmpty();
        assertThat(ended.err().strip()).isEqualTo("Error: " + why);
    }

    @Test
    void shouldRefuseABotnetOnTheEngine() {
        assertRefused(
                "--botnet attacks the address book alone: not with --engine",
                "--botnet",
                "--engine");
    }

    @Test
    void shouldRefuseNoAttacks() {
        assertRefused("--runs must be 1 or more", "--botnet", "--runs=0");
    }
}
