package weft.app.compare;

import java.io.BufferedReader;
import java.io.IOException;

/// What a node once answered to the same questions.
final class RecordedJudge implements Judge {
    private static final int DIGEST_CHARS = 8;

    private final BufferedReader lines;

    /// @param lines as [Judge#recording] wrote them
    RecordedJudge(BufferedReader lines) {
        this.lines = lines;
    }

    @Override
    public String name() {
        return "record";
    }

    @Override
    public String answer(Question question, Names names) throws IOException {
        String line = lines.readLine();
        if (line == null || !line.startsWith(question.digest() + " ")) {
            throw new IOException(
                    "the record is of other questions; make it anew with --record: "
                            + question.method());
        }
        return line.substring(DIGEST_CHARS + 1);
    }

    @Override
    public void close() {
        try {
            lines.close();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
