package weft.app;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import weft.app.args.Args;
import weft.app.args.ArgsFault;
import weft.app.log.FileLog;
import weft.app.node.MockableTime;
import weft.primitives.log.Log.Level;
import weft.primitives.log.LogCategory;

/// Options of the log.
final class LogArgs {
    private static final List<Level> LEVELS = List.of(Level.INFO, Level.DEBUG, Level.TRACE);

    private LogArgs() {}

    /// Opens the log that the options ask for.
    ///
    /// @throws ArgsFault for a category or level that there is not, and if the file cannot be written
    static FileLog open(Args args, Path folder, MockableTime time) {
        Optional<Path> file =
                args.isNegated("debuglogfile")
                        ? Optional.empty()
                        : Optional.of(
                                folder.resolve(args.text("debuglogfile").orElse("debug.log")));
        var options =
                new FileLog.Options(
                        file,
                        args.flag("printtoconsole", !args.flag("daemon", false)),
                        args.flag("logtimestamps", true),
                        args.flag("logtimemicros", false),
                        args.flag("logthreadnames", false),
                        levels(args.list("loglevel"), args.flag("logratelimit", true)));
        FileLog log;
        try {
            log =
                    FileLog.open(
                            options,
                            () ->
                                    time.isMocked()
                                            ? Optional.of(
                                                    Instant.ofEpochSecond(time.now().unixSeconds()))
                                            : Optional.empty());
        } catch (IOException e) {
            throw new ArgsFault(
                    "Could not open debug log file " + file.map(Path::toString).orElse(""));
        }
        try {
            setCategories(log, args);
        } catch (ArgsFault e) {
            log.close();
            throw e;
        }
        return log;
    }

    private static void setCategories(FileLog log, Args args) {
        List<String> wanted = args.list("debug");
        if (!wanted.contains("0") && !wanted.contains("none")) {
            wanted.forEach(name -> set(log, "debug", name, true));
        }
        args.list("debugexclude").forEach(name -> set(log, "debugexclude", name, false));
    }

    private static void set(FileLog log, String option, String name, boolean on) {
        if (!log.set(name, on)) {
            throw new ArgsFault("Unsupported logging category -" + option + "=" + name + ".");
        }
    }

    /// `-loglevel=level`, `-loglevel=category:level`.
    static FileLog.Levels levels(List<String> texts, boolean limited) {
        Level usual = Level.DEBUG;
        Map<LogCategory, Level> named = new EnumMap<>(LogCategory.class);
        for (String text : texts) {
            String[] parts = text.split(":", -1);
            Optional<Level> level = level(parts[parts.length - 1]);
            if (parts.length == 1) {
                usual =
                        level.orElseThrow(
                                () ->
                                        new ArgsFault(
                                                "Unsupported global logging level -loglevel="
                                                        + text
                                                        + ". Valid values: "
                                                        + names()
                                                        + "."));
                continue;
            }
            Optional<LogCategory> category = FileLog.find(parts[0]);
            if (parts.length != 2 || level.isEmpty() || category.isEmpty()) {
                throw new ArgsFault(
                        "Unsupported category-specific logging level -loglevel="
                                + text
                                + ". Expected -loglevel=<category>:<loglevel>. Valid categories: "
                                + String.join(", ", FileLog.names())
                                + ". Valid loglevels: "
                                + names()
                                + ".");
            }
            named.put(category.get(), level.get());
        }
        return new FileLog.Levels(usual, named, limited);
    }

    private static Optional<Level> level(String name) {
        return LEVELS.stream().filter(each -> nameOf(each).equals(name)).findFirst();
    }

    private static String names() {
        return String.join(", ", LEVELS.stream().map(LogArgs::nameOf).toList());
    }

    private static String nameOf(Level level) {
        return level.name().toLowerCase(Locale.ROOT);
    }
}
