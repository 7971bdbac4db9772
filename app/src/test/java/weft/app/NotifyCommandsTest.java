package weft.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import weft.app.args.Args;
import weft.primitives.log.Log;

class NotifyCommandsTest {
    @TempDir private Path temp;

    private NotifyCommands commands(String... arguments) {
        return new NotifyCommands(Args.parse(arguments), Log.NONE);
    }

    private static String awaitLines(Path file, int lines) throws IOException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        String text = "";
        while (text.lines().count() < lines && System.nanoTime() - deadline < 0) {
            text = Files.exists(file) ? Files.readString(file) : "";
            Thread.onSpinWait();
        }
        return text;
    }

    @Test
    void shouldHandTheHashToTheCommand() throws IOException {
        Path file = temp.resolve("tips");
        commands("-blocknotify=echo %s >> " + file).newTip("00ab");
        assertThat(awaitLines(file, 1)).isEqualTo("00ab\n");
    }

    @Test
    void shouldTellAWarningOnceAsLongAsItLasts() throws IOException {
        Path file = temp.resolve("alerts");
        NotifyCommands commands = commands("-alertnotify=echo %s >> " + file);
        commands.warnings(List.of("first"));
        assertThat(awaitLines(file, 1)).isEqualTo("first\n");
        commands.warnings(List.of("first"));
        commands.warnings(List.of("second"));
        assertThat(awaitLines(file, 2)).isEqualTo("first\nsecond\n");
        commands.warnings(List.of("first"));
        assertThat(awaitLines(file, 3)).isEqualTo("first\nsecond\nfirst\n");
    }

    @Test
    void shouldLetNoWarningEndItsQuotes() {
        assertThat(NotifyCommands.quoted("rules (bit 27)'; rm -rf \"$HOME\" `x` | y & z\n"))
                .isEqualTo("'rules (bit 27); rm -rf HOME x  y  z'");
    }

    @Test
    void shouldWaitForTheCommandsOfTheShutdown() throws IOException {
        Path file = temp.resolve("end");
        commands("-shutdownnotify=sleep 0.2; echo one >> " + file).stopping();
        assertThat(Files.readString(file)).isEqualTo("one\n");
    }

    @Test
    void shouldSurviveACommandThatFails() {
        NotifyCommands commands = commands("-shutdownnotify=exit 3");
        commands.stopping();
        commands.started();
        assertThat(commands.wantsAlerts()).isFalse();
    }
}
