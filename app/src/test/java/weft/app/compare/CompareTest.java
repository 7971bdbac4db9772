package weft.app.compare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import weft.app.FreePorts;
import weft.app.TestProgram;

/// A node must answer to generated transactions as Bitcoin Core 28.1 did. The record was made by
/// `weft compare --node BITCOIND --transactions 600 --seed 1 --record record.gz`.
final class CompareTest {
    private static final int TRANSACTIONS = 600;

    @TempDir private Path folder;

    private static BufferedReader record() throws IOException {
        return new BufferedReader(
                new InputStreamReader(
                        new GZIPInputStream(
                                Objects.requireNonNull(
                                        CompareTest.class.getResourceAsStream("record.gz"))),
                        StandardCharsets.UTF_8));
    }

    private Judge node() throws IOException, InterruptedException {
        return NodeJudge.start(
                new NodeJudge.Home(
                        "weftd", TestProgram.weftd(), folder.resolve("node"), FreePorts.block(2)),
                CompareCommand.options(List.of()));
    }

    @Test
    @DisplayName("Core 28.1's verdicts, reasons and mempools for 600 generated transactions")
    void shouldAnswerAsBitcoinCoreDid() throws IOException, InterruptedException {
        try (Judge node = node();
                Judge core = new RecordedJudge(record())) {
            var stage = new Stage(1, List.of(node, core));
            new Play(stage).run(TRANSACTIONS, done -> {});
            assertThat(stage.tally.transactions()).isGreaterThanOrEqualTo(TRANSACTIONS);
            assertThat(stage.tally.reasons()).hasSizeGreaterThan(40);
            assertThat(stage.tally.differences())
                    .filteredOn(each -> each.reason().isEmpty())
                    .isEmpty();
        }
    }

    @Test
    @DisplayName("A wrong answer is seen, and a record of other questions is refused")
    void shouldSeeAWrongAnswer() throws IOException {
        try (Judge right = new RecordedJudge(record());
                Judge wrong = falsified(new RecordedJudge(record()))) {
            var stage = new Stage(1, List.of(wrong, right));
            new Play(stage).run(TRANSACTIONS, done -> {});
            assertThat(stage.tally.open()).isEqualTo(1);
        }
        var other = new Stage(2, List.of(new RecordedJudge(record())));
        assertThatThrownBy(() -> new Play(other).run(1, done -> {}))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageContaining("other questions");
        var empty = new RecordedJudge(new BufferedReader(new StringReader("")));
        assertThatThrownBy(() -> empty.answer(Question.of("getrawmempool"), new Names()))
                .isInstanceOf(IOException.class);
    }

    /// Says something else once.
    private static Judge falsified(Judge judge) {
        return new Judge() {
            private boolean isDone;

            @Override
            public String name() {
                return "wrong";
            }

            @Override
            public String answer(Question question, Names names) throws IOException {
                String answer = judge.answer(question, names);
                boolean isFalse = !isDone && answer.contains("dust");
                isDone |= isFalse;
                return isFalse ? answer.replace("dust", "sand") : answer;
            }

            @Override
            public void close() {
                judge.close();
            }
        };
    }
}
