package weft.app.compare;

import java.io.IOException;
import java.io.Writer;

/// Who answers questions: a node, or a record of one.
interface Judge extends AutoCloseable {
    /// For tables.
    String name();

    /// An answer without anything that may differ between two runs.
    ///
    /// @param names gives hashes their short names
    /// @throws IOException if there is none
    String answer(Question question, Names names) throws IOException;

    @Override
    void close();

    /// Keeps what a judge says, a line for each question.
    static Judge recording(Judge judge, Writer out) {
        return new Judge() {
            @Override
            public String name() {
                return judge.name();
            }

            @Override
            public String answer(Question question, Names names) throws IOException {
                String answer = judge.answer(question, names);
                out.write(question.digest() + " " + answer + "\n");
                return answer;
            }

            @Override
            public void close() {
                judge.close();
            }
        };
    }
}
