package weft.form;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Objects;
import java.util.regex.Pattern;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What comes from the network is read character by character.
class RegexFormTest {
    /// What reads texts that no peer writes: scripts of test vectors, the system's tables of routes.
    private static final List<String> NOT_OF_PEERS =
            List.of("weft/consensus/script/ScriptText.", "weft/net/Gateways.");

    @ParameterizedTest
    @ValueSource(
            strings = {
                "crypto",
                "primitives",
                "consensus",
                "chain",
                "mempool",
                "mining",
                "wire",
                "p2p",
                "node",
                "light",
                "net"
            })
    @DisplayName("C17 no regular expression where data from the network is read")
    void shouldMatchNoRegularExpressions(String module) {
        assertThat(RegexRules.uses(SourceTree.root(), module))
                .filteredOn(each -> NOT_OF_PEERS.stream().noneMatch(each::startsWith))
                .isEmpty();
    }

    @Test
    void shouldSeeRegularExpressions() throws IOException {
        assertThat(uses(Matching.class))
                .containsExactlyInAnyOrder(
                        "weft/form/RegexFormTest$Matching.open: java/util/regex/Pattern.compile",
                        "weft/form/RegexFormTest$Matching.open: java/util/regex/Pattern.asPredicate",
                        "weft/form/RegexFormTest$Matching.hidden: java/lang/String.matches",
                        "weft/form/RegexFormTest$Matching.cut: java/lang/String.replaceFirst",
                        "weft/form/RegexFormTest$Matching.words: java/lang/String.split");
        assertThat(uses(Plain.class)).isEmpty();
    }

    private static List<String> uses(Class<?> type) throws IOException {
        String file = "/" + type.getName().replace('.', '/') + ".class";
        try (InputStream in = RegexFormTest.class.getResourceAsStream(file)) {
            return RegexRules.uses(Objects.requireNonNull(in).readAllBytes());
        }
    }

    /// What is found.
    static final class Matching {
        private Matching() {}

        static boolean open(String text) {
            return Pattern.compile("(a+)+b").asPredicate().test(text);
        }

        static boolean hidden(String text) {
            return text.matches("[0-9]+");
        }

        static String cut(String text) {
            return text.replaceFirst("^0+", "");
        }

        static List<String> words(String text) {
            return List.of(text.split("[ \t]+", -1));
        }
    }

    /// What is not.
    static final class Plain {
        private Plain() {}

        static List<String> words(String text) {
            return List.of(text.replace("::", ":").split(":", -1));
        }

        static int parts(String text) {
            return text.split("\\.", -1).length;
        }
    }
}
