package weft.app.village;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// What the watcher types, a line each, without making the picture wait.
final class Keys implements AutoCloseable {
    static final String HELP = "m mine · s send · k N kill · r N revive · q quit   (then Enter)";

    private final LinkedBlockingQueue<String> lines = new LinkedBlockingQueue<>();
    private final boolean quitAtEnd;

    /// @param quitAtEnd the end of the input means quit; on a terminal it does, in a pipe nobody may ever
    ///     type
    Keys(InputStream in, boolean quitAtEnd) {
        this.quitAtEnd = quitAtEnd;
        Thread.ofPlatform().daemon().name("village-keys").start(() -> read(in));
    }

    private void read(InputStream in) {
        try (var reader = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
            for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                lines.add(line.strip().toLowerCase(java.util.Locale.ROOT));
            }
        } catch (IOException e) {
            lines.add("q");
        }
        if (quitAtEnd) {
            lines.add("q");
        }
    }

    /// The next line; empty if none came in time.
    String poll(Duration patience) throws InterruptedException {
        @Nullable String line = lines.poll(patience.toMillis(), TimeUnit.MILLISECONDS);
        return line == null ? "" : line;
    }

    @Override
    public void close() {
        lines.clear();
    }
}
