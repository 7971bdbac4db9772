package weft.app.vectors;

import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import weft.primitives.codec.MalformedBytes;

/// The cases of one file and their outcomes.
final class Cases {
    /// Failures that are told in words; the others are only counted.
    static final int SHOWN_MAX = 5;

    private static final int MESSAGE_MAX = 400;

    private int count;
    private int failed;
    private int leftOut;
    private @Nullable String leftOutReason;
    private final List<String> failures = new ArrayList<>();

    /// Runs a case: it has failed if it throws.
    ///
    /// @param index where the case is in its file
    void run(String index, Runnable body) {
        count++;
        try {
            body.run();
        } catch (RuntimeException | StackOverflowError broken) {
            failed++;
            if (failures.size() < SHOWN_MAX) {
                failures.add(index + ": " + describe(broken));
            }
        }
    }

    /// Runs the case at a position of a list.
    void run(int index, Runnable body) {
        run("#" + index, body);
    }

    /// Counts a case that this program has no code for.
    void leaveOut(String reason) {
        leftOut++;
        leftOutReason = reason;
    }

    int count() {
        return count;
    }

    int failed() {
        return failed;
    }

    List<String> failures() {
        return Collections.unmodifiableList(failures);
    }

    /// What was left out and why; empty if nothing was.
    String leftOut() {
        return leftOut == 0 ? "" : ", " + leftOut + " left out: " + leftOutReason;
    }

    private static String cause(UncheckedIOException broken) {
        Throwable cause = broken.getCause();
        return cause == null ? "" : String.valueOf(cause.getMessage());
    }

    /// One line about what went wrong.
    static String describe(Throwable broken) {
        String message = broken.getMessage() == null ? "" : broken.getMessage();
        String line = message.lines().findFirst().orElse("");
        String cut = line.length() > MESSAGE_MAX ? line.substring(0, MESSAGE_MAX) + "…" : line;
        return switch (broken) {
            case Mismatch _, NotThere _ -> cut;
            case UncheckedIOException e -> "cannot be read: " + cause(e);
            case NoSuchElementException _ -> "something is missing that should be there";
            case JacksonException _,
                    MalformedBytes _,
                    IllegalArgumentException _,
                    IndexOutOfBoundsException _ ->
                    "malformed: " + cut;
            default -> broken.getClass().getSimpleName() + (cut.isEmpty() ? "" : ": " + cut);
        };
    }
}
