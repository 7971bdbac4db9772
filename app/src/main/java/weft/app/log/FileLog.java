package weft.app.log;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import weft.primitives.log.Log;
import weft.primitives.log.LogCategory;

/// The log of the program: lines in Bitcoin Core's form, flushed one by one, to a file, to standard output,
/// or both. What nobody asked for by its category has a quota in the file, see [LogQuota]. Safe for use by
/// any thread.
public final class FileLog implements Log, AutoCloseable {
    private static final DateTimeFormatter SECONDS =
            DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss'Z'", Locale.ROOT)
                    .withZone(ZoneOffset.UTC);
    private static final DateTimeFormatter MICROS =
            DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSSSSS'Z'", Locale.ROOT)
                    .withZone(ZoneOffset.UTC);

    private static final StackWalker WALKER = StackWalker.getInstance();
    private static final Set<String> LOGS = Set.of(FileLog.class.getName(), Log.class.getName());

    private final Options options;
    private final Optional<OutputStream> file;
    private final PrintStream console;
    private final Supplier<Optional<Instant>> mockTime;
    private final LongSupplier nanoTime;
    private final LogQuota quota = new LogQuota();

    /// Bit by category; written rarely, read at every call.
    private volatile long categories;

    private volatile boolean failed;

    /// What is logged, and how.
    ///
    /// @param file where to; empty for no file
    /// @param console to standard output too
    /// @param times the time before each line
    /// @param micros times with microseconds
    /// @param threadNames names of threads before the message
    /// @param levels how much of the categories that are on
    public record Options(
            Optional<Path> file,
            boolean console,
            boolean times,
            boolean micros,
            boolean threadNames,
            Levels levels) {}

    /// How much is logged of categories that are on; what is of interest to everybody always is.
    ///
    /// @param usual the lowest level of those that are not named
    /// @param named the lowest level by category
    /// @param limited whether a place in the program may write only so much an hour to the file
    public record Levels(Level usual, Map<LogCategory, Level> named, boolean limited) {
        /// Keeps a copy of the map.
        public Levels {
            named = Map.copyOf(named);
        }

        private boolean has(LogCategory category, Level level) {
            return level.compareTo(named.getOrDefault(category, usual)) >= 0;
        }
    }

    private FileLog(
            Options options,
            Optional<OutputStream> file,
            Supplier<Optional<Instant>> mockTime,
            LongSupplier nanoTime) {
        this.options = options;
        this.file = file;
        this.console = System.out;
        this.mockTime = mockTime;
        this.nanoTime = nanoTime;
    }

    /// Opens the log; what an older run wrote stays.
    ///
    /// @param mockTime the clock that a test set, if one did; shown beside the real one
    /// @throws IOException if the file cannot be written
    public static FileLog open(Options options, Supplier<Optional<Instant>> mockTime)
            throws IOException {
        return open(options, mockTime, System::nanoTime);
    }

    static FileLog open(
            Options options, Supplier<Optional<Instant>> mockTime, LongSupplier nanoTime)
            throws IOException {
        if (options.file().isEmpty()) {
            return new FileLog(options, Optional.empty(), mockTime, nanoTime);
        }
        Path path = options.file().get();
        if (!Files.exists(path)) {
            createPrivate(path);
        }
        OpenOption[] append = {StandardOpenOption.WRITE, StandardOpenOption.APPEND};
        return new FileLog(
                options, Optional.of(Files.newOutputStream(path, append)), mockTime, nanoTime);
    }

    private static void createPrivate(Path path) throws IOException {
        if (path.getFileSystem().supportedFileAttributeViews().contains("posix")) {
            Files.createFile(
                    path,
                    PosixFilePermissions.asFileAttribute(
                            PosixFilePermissions.fromString("rw-------")));
        } else {
            Files.createFile(path);
        }
    }

    private static long bit(LogCategory category) {
        return 1L << category.ordinal();
    }

    /// Names of all categories.
    public static List<String> names() {
        return EnumSet.complementOf(EnumSet.of(LogCategory.ALL)).stream()
                .map(LogCategory::wireName)
                .sorted()
                .toList();
    }

    /// Whether the debugging lines of a category are written.
    public boolean isOn(String name) {
        return find(name).filter(category -> (categories & bit(category)) != 0).isPresent();
    }

    /// Switches the debugging lines of a category, or of all with `all`, `1` or nothing.
    ///
    /// @return false if there is no such category
    public synchronized boolean set(String name, boolean on) {
        long bits;
        if (Set.of("all", "1", "").contains(name)) {
            bits = -1L;
        } else if (Set.of("none", "0").contains(name)) {
            categories = on ? 0 : categories;
            return true;
        } else {
            Optional<LogCategory> category = find(name);
            if (category.isEmpty()) {
                return false;
            }
            bits = bit(category.get());
        }
        categories = on ? categories | bits : categories & ~bits;
        return true;
    }

    /// The category of a name, `all` excepted.
    public static Optional<LogCategory> find(String name) {
        return EnumSet.complementOf(EnumSet.of(LogCategory.ALL)).stream()
                .filter(category -> category.wireName().equals(name))
                .findFirst();
    }

    @Override
    public boolean isOn(LogCategory category, Level level) {
        if (level.compareTo(Level.INFO) >= 0) {
            return true;
        }
        return (categories & bit(category)) != 0 && options.levels().has(category, level);
    }

    @Override
    public void write(LogCategory category, Level level, String message) {
        if (isOn(category, level)) {
            boolean limited =
                    file.isPresent()
                            && options.levels().limited()
                            && level.compareTo(Level.INFO) >= 0;
            emit(
                    format(category, level, message),
                    limited ? Optional.of(caller()) : Optional.empty());
        }
    }

    @Override
    public void infoUnlimited(String message) {
        emit(format(LogCategory.ALL, Level.INFO, message), Optional.empty());
    }

    /// Who wants to write, outside of the log.
    private static LogQuota.Place caller() {
        return WALKER.walk(
                frames ->
                        frames.dropWhile(frame -> LOGS.contains(frame.getClassName()))
                                .findFirst()
                                .map(LogQuota.Place::of)
                                .orElseThrow());
    }

    private String format(LogCategory category, Level level, String message) {
        var line = new StringBuilder(message.length() + 64);
        if (options.times()) {
            writeTime(line);
        }
        if (options.threadNames()) {
            line.append('[').append(Thread.currentThread().getName()).append("] ");
        }
        if (category != LogCategory.ALL) {
            line.append('[').append(category.wireName());
            line.append(level == Level.TRACE ? ":trace" : "").append("] ");
        } else if (level == Level.WARNING || level == Level.ERROR) {
            line.append('[').append(level.name().toLowerCase(Locale.ROOT)).append("] ");
        }
        escape(message, line);
        return line.append('\n').toString();
    }

    private void writeTime(StringBuilder line) {
        Instant now = Instant.now();
        line.append(
                options.micros()
                        ? MICROS.format(now)
                        : SECONDS.format(now.truncatedTo(ChronoUnit.SECONDS)));
        mockTime.get()
                .ifPresent(
                        mock ->
                                line.append(" (mocktime: ")
                                        .append(SECONDS.format(mock))
                                        .append(')'));
        line.append(' ');
    }

    /// Control characters would let a peer write lines of its own.
    private static void escape(String message, StringBuilder line) {
        for (int i = 0; i < message.length(); i++) {
            char c = message.charAt(i);
            if ((c >= ' ' && c != 0x7f) || c == '\n') {
                line.append(c);
            } else {
                line.append(String.format(Locale.ROOT, "\\x%02x", (int) c));
            }
        }
    }

    private synchronized void emit(String line, Optional<LogQuota.Place> place) {
        if (options.console()) {
            console.print(line);
            console.flush();
        }
        if (file.isEmpty() || failed) {
            return;
        }
        byte[] bytes = line.getBytes(StandardCharsets.UTF_8);
        LogQuota.Verdict verdict =
                place.map(each -> quota.take(each, bytes.length, nanoTime.getAsLong()))
                        .orElse(LogQuota.Verdict.YES);
        if (!verdict.written()) {
            return;
        }
        try {
            OutputStream out = file.get();
            if (!verdict.notice().isEmpty()) {
                String notice = format(LogCategory.ALL, Level.WARNING, verdict.notice());
                out.write(notice.getBytes(StandardCharsets.UTF_8));
            }
            out.write(bytes);
            out.flush();
        } catch (IOException e) {
            // Nowhere left to say it but once, here.
            failed = true;
            System.err.println("Error: cannot write the log: " + e.getMessage());
        }
    }

    @Override
    public synchronized void close() {
        failed = true;
        file.ifPresent(
                out -> {
                    try {
                        out.close();
                    } catch (IOException e) {
                        System.err.println("Error: cannot close the log: " + e.getMessage());
                    }
                });
    }
}
