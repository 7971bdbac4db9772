package weft.primitives.log;

import java.util.function.Supplier;

/// Where an engine says what it does. Handed to engines at construction, so that a simulated node has a log
/// of its own; the program writes them to `debug.log`, tests collect them or drop them ([#NONE]).
///
/// A line that a peer can provoke is [Level#DEBUG] or [Level#TRACE] with a category; [Level#INFO] only for
/// what is rare by nature.
public interface Log {
    /// How much a line matters.
    enum Level {
        TRACE,
        DEBUG,
        INFO,
        WARNING,
        ERROR
    }

    /// Drops every line.
    Log NONE =
            new Log() {
                @Override
                public boolean isOn(LogCategory category, Level level) {
                    return false;
                }

                @Override
                public void write(LogCategory category, Level level, String message) {}
            };

    /// Whether such a line would be kept; cheap.
    boolean isOn(LogCategory category, Level level);

    /// Keeps a line; callers asked [#isOn] before, or use the methods below.
    void write(LogCategory category, Level level, String message);

    /// A line of no category.
    default void info(String message) {
        write(LogCategory.ALL, Level.INFO, message);
    }

    /// A line of no category that may come as often as it likes.
    ///
    /// *Rationale:* what a log that limits lines would keep back, though causing one costs a block's work.
    default void infoUnlimited(String message) {
        info(message);
    }

    /// Something an operator should look at.
    default void warning(String message) {
        write(LogCategory.ALL, Level.WARNING, message);
    }

    /// Something is broken.
    default void error(String message) {
        write(LogCategory.ALL, Level.ERROR, message);
    }

    /// A line for who asked for its category; the text is only made if it is kept.
    default void debug(LogCategory category, Supplier<String> message) {
        if (isOn(category, Level.DEBUG)) {
            write(category, Level.DEBUG, message.get());
        }
    }

    /// A line for who asked for everything of its category.
    default void trace(LogCategory category, Supplier<String> message) {
        if (isOn(category, Level.TRACE)) {
            write(category, Level.TRACE, message.get());
        }
    }
}
