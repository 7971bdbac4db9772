package weft.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import weft.app.args.Args;
import weft.app.args.ArgsFault;
import weft.testkit.Sabotage;
import weft.testkit.SeenRed;

/// The name that everybody is told.
class UserAgentAttackTest implements SeenRed {
    private static String agent(String... comments) {
        return NodeArgs.userAgent(
                Args.parse(
                        List.of(comments).stream()
                                .map(each -> "-uacomment=" + each)
                                .toArray(String[]::new)));
    }

    /// What tells of this machine.
    private static List<String> secrets() {
        var all = new ArrayList<String>();
        for (String each :
                List.of("user.dir", "user.home", "user.name", "java.home", "java.version")) {
            all.add(System.getProperty(each));
        }
        all.add(System.getProperty("os.version"));
        try {
            all.add(InetAddress.getLocalHost().getHostName());
        } catch (UnknownHostException _) {
            // It has no name to tell.
        }
        return all;
    }

    @Test
    @DisplayName(
            "F12 the user agent: a name, a version, and what the operator adds, in plain letters")
    @Sabotage(
            type = "weft.app.BuildVersion",
            method = "current",
            call = "getImplementationVersion",
            returns = "java.io.File.separator")
    @Sabotage(type = "weft.app.NodeArgs", method = "isSafe", returns = "true")
    void shouldTellNothingOfTheMachine() {
        assertThat(agent()).matches("/weft:\\d+\\.\\d+\\.\\d+(-[A-Za-z0-9.]+)?/");
        for (String each : secrets().stream().filter(one -> one.length() > 3).toList()) {
            assertThat(agent().substring("/weft:".length())).doesNotContain(each);
        }
        assertThat(agent("a b", "c-1")).matches("/weft:[^(]+\\(a b; c-1\\)/");
        for (String bad : List.of("/home/me", "a\nb", "a(b", "a)b", "<b>", "a\u0000", "\u00e9")) {
            assertThatThrownBy(() -> agent(bad))
                    .isInstanceOf(ArgsFault.class)
                    .hasMessageContaining("unsafe characters");
        }
        assertThatThrownBy(() -> agent("x".repeat(250))).isInstanceOf(ArgsFault.class);
    }
}
