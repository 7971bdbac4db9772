package weft.form;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// A failure of ours is not a verdict.
class VerdictFormTest {
    /// Methods whose answer is about what lies on our disk: `verifychain` says that it is damaged, the
    /// loader that bytes are not there and must come again. Neither judges a block.
    private static final List<String> ABOUT_OUR_DISK =
            List.of(
                    "weft/chain/ChainVerification$Run.",
                    "weft/chain/ChainLoader.isUndoMissing: weft/chain/store/StoreException",
                    "weft/chain/ChainLoader.isMissing: weft/chain/store/StoreException");

    @ParameterizedTest
    @ValueSource(strings = {"primitives", "consensus", "chain", "mempool", "node"})
    @DisplayName(
            "A27 no handler turns a failure of ours into an answer about a block or a transaction")
    void shouldLetFailuresOfOursLeaveTheMethod(String module) {
        assertThat(HandlerRules.answering(SourceTree.root(), module))
                .filteredOn(each -> ABOUT_OUR_DISK.stream().noneMatch(each::startsWith))
                .isEmpty();
    }

    @Test
    @DisplayName("A27 no handler of the peers' half turns a failure of ours into one of a peer's")
    void shouldBlameNoPeerForAFailureOfOurs() {
        // A replay tells what an engine did, its failures too, and judges nothing.
        assertThat(HandlerRules.answering(SourceTree.root(), "p2p"))
                .filteredOn(each -> !each.startsWith("weft/p2p/Dialler."))
                .filteredOn(each -> !each.startsWith("weft/p2p/record/Replay."))
                .isEmpty();
    }

    @Test
    void shouldSeeHandlersThatAnswer() throws IOException {
        assertThat(answering(Answers.class))
                .containsExactlyInAnyOrder(
                        "weft/form/VerdictFormTest$Answers.all: java/lang/RuntimeException",
                        "weft/form/VerdictFormTest$Answers.deep: java/lang/OutOfMemoryError",
                        "weft/form/VerdictFormTest$Answers.late: any");
        assertThat(answering(Leaves.class)).isEmpty();
    }

    private static List<String> answering(Class<?> type) throws IOException {
        String file = "/" + type.getName().replace('.', '/') + ".class";
        try (InputStream in = VerdictFormTest.class.getResourceAsStream(file)) {
            return HandlerRules.answering(java.util.Objects.requireNonNull(in).readAllBytes());
        }
    }

    /// Handlers that end in an answer.
    static final class Answers {
        private Answers() {}

        static String all(Runnable judge) {
            try {
                judge.run();
                return "";
            } catch (RuntimeException e) {
                return "invalid";
            }
        }

        static boolean deep(Runnable judge, int depth) {
            boolean valid = true;
            for (int i = 0; i < depth; i++) {
                try {
                    judge.run();
                } catch (OutOfMemoryError e) {
                    valid = false;
                }
            }
            return valid;
        }

        @SuppressWarnings({"finally", "Finally"})
        static String late(Runnable judge) {
            try {
                judge.run();
            } finally {
                return "done";
            }
        }
    }

    /// Handlers that clean up and let it pass.
    static final class Leaves {
        private int count;

        private Leaves() {}

        void cleaning(Runnable judge) {
            try {
                judge.run();
            } finally {
                count++;
            }
        }

        synchronized int locking(Runnable judge) {
            synchronized (judge) {
                judge.run();
            }
            try {
                judge.run();
                return count;
            } catch (RuntimeException | Error e) {
                count =
                        switch (count) {
                            case 1 -> 2;
                            case 3 -> 5;
                            default -> 0;
                        };
                throw e;
            }
        }
    }
}
