package weft.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import weft.app.args.Args;
import weft.app.args.ArgsFault;
import weft.app.log.FileLog;
import weft.app.node.MockableTime;
import weft.primitives.log.Log.Level;
import weft.primitives.log.LogCategory;

class LogArgsTest {
    @TempDir private Path folder;

    private FileLog open(String... more) {
        String[] words = java.util.Arrays.copyOf(more, more.length + 1);
        words[more.length] = "-printtoconsole=0";
        return LogArgs.open(Args.parse(words), folder, new MockableTime());
    }

    private void refuses(String option, String why) {
        assertThatThrownBy(() -> open(option))
                .isInstanceOf(ArgsFault.class)
                .hasMessageStartingWith(why);
    }

    @Test
    void shouldSwitchCategories() {
        try (FileLog log = open("-debug=net", "-debug=rpc", "-debugexclude=rpc")) {
            assertThat(log.isOn(LogCategory.NET, Level.DEBUG)).isTrue();
            assertThat(log.isOn(LogCategory.NET, Level.TRACE)).isFalse();
            assertThat(log.isOn(LogCategory.RPC, Level.DEBUG)).isFalse();
            assertThat(log.isOn(LogCategory.RPC, Level.INFO)).isTrue();
        }
        try (FileLog log = open("-debug=net", "-debug=none")) {
            assertThat(log.isOn(LogCategory.NET, Level.DEBUG)).isFalse();
        }
        try (FileLog log = open("-debug")) {
            assertThat(log.isOn(LogCategory.NET, Level.DEBUG)).isTrue();
        }
    }

    @Test
    void shouldSetLevelsForAllAndForOne() {
        try (FileLog log = open("-debug", "-loglevel=info", "-loglevel=net:trace")) {
            assertThat(log.isOn(LogCategory.NET, Level.TRACE)).isTrue();
            assertThat(log.isOn(LogCategory.RPC, Level.DEBUG)).isFalse();
            assertThat(log.isOn(LogCategory.RPC, Level.INFO)).isTrue();
        }
        try (FileLog log = open("-debug", "-loglevel=trace")) {
            assertThat(log.isOn(LogCategory.RPC, Level.TRACE)).isTrue();
        }
    }

    @Test
    void shouldRefuseWhatThereIsNot() {
        refuses("-debug=abc", "Unsupported logging category -debug=abc.");
        refuses("-debugexclude=abc", "Unsupported logging category -debugexclude=abc.");
        refuses(
                "-loglevel=abc",
                "Unsupported global logging level -loglevel=abc. Valid values: info, debug, trace.");
        refuses(
                "-loglevel=net:abc",
                "Unsupported category-specific logging level -loglevel=net:abc.");
        refuses(
                "-loglevel=net:info:abc",
                "Unsupported category-specific logging level -loglevel=net:info:abc.");
        refuses("-debuglogfile=no/such/folder.log", "Could not open debug log file ");
    }

    @Test
    void shouldWriteWithoutTimes() throws IOException {
        try (FileLog log = open("-logtimestamps=0")) {
            log.info("hello");
        }
        assertThat(Files.readString(folder.resolve("debug.log"))).isEqualTo("hello\n");
    }
}
