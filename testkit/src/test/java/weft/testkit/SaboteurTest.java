package weft.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.reflect.Method;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class SaboteurTest {
    /// A rule, and what it asks.
    static final class Rule {
        static final String OTHER = "other";

        private Rule() {}

        static boolean isSmall(int number) {
            return number < limit();
        }

        static int limit() {
            return 10;
        }

        static String name(int number) {
            if (number < 0) {
                throw new IllegalArgumentException("negative");
            }
            return isSmall(number) ? "small" : "large";
        }
    }

    /// Tests of the rule, strong and weak.
    static final class Checks {
        @Sabotage(type = RULE, method = "isSmall", returns = "true")
        @Sabotage(type = RULE, method = "isSmall", flips = 1)
        @Sabotage(type = RULE, method = "isSmall", call = "limit", returns = "11")
        @Sabotage(type = RULE, method = "limit", constant = "10>11")
        @Sabotage(type = RULE, method = "name", returns = RULE + ".OTHER")
        void strong() {
            assertThat(Rule.name(9)).isEqualTo("small");
            assertThat(Rule.name(10)).isEqualTo("large");
        }

        @Sabotage(type = RULE, method = "name", catches = "null")
        void thrown() {
            assertThatThrownBy(() -> Rule.name(-1)).isInstanceOf(IllegalArgumentException.class);
        }

        @Sabotage(type = RULE, method = "limit", constant = "10>11")
        void weak() {
            assertThat(Rule.isSmall(3)).isTrue();
        }

        @Sabotage(type = RULE, method = "limit", constant = "12>13")
        void stale() {
            assertThat(Rule.isSmall(3)).isTrue();
        }

        /// As in a thread of the product that ends when it cannot load a class.
        @Sabotage(type = RULE, method = "gone", returns = "void")
        void swallowed() {
            boolean small;
            try {
                small = Rule.isSmall(3);
            } catch (LinkageError _) {
                small = false;
            }
            assertThat(small).isTrue();
        }

        @Sabotage(type = RULE, method = "limit", constant = "10>11")
        void red() {
            assertThat(Rule.isSmall(30)).isTrue();
        }

        @Sabotage(type = RULE, method = "name", returns = "null")
        void untold() {
            assertThat(Rule.name(3).length()).isEqualTo(5);
        }
    }

    private static final String RULE = "weft.testkit.SaboteurTest$Rule";

    private static void seenRed(String test) throws NoSuchMethodException {
        Method method = Checks.class.getDeclaredMethod(test);
        Sabotage[] all = method.getAnnotationsByType(Sabotage.class);
        assertThat(all).isNotEmpty();
        Arrays.stream(all).forEach(sabotage -> Saboteur.seenRed(method, sabotage));
    }

    @Test
    void shouldSeeStrongTestsFail() throws NoSuchMethodException {
        seenRed("strong");
        seenRed("thrown");
        // Nothing is left of it here.
        assertThat(Rule.name(10)).isEqualTo("large");
    }

    @Test
    void shouldRefuseTestsThatProveNothing() {
        assertThatThrownBy(() -> seenRed("weak"))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("weak passes although broken");
        assertThatThrownBy(() -> seenRed("stale"))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("cannot be broken so");
        assertThatThrownBy(() -> seenRed("swallowed"))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("cannot be broken so")
                .hasRootCauseMessage(
                        "nothing to break in weft.testkit.SaboteurTest$Rule.gone returning void");
        assertThatThrownBy(() -> seenRed("red"))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("fails without sabotage");
        assertThatThrownBy(() -> seenRed("untold"))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("fails, but not for the rule");
    }
}
