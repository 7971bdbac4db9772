package weft.app.args;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SettingsFileTest {
    @TempDir private Path folder;
    private Path file = Path.of("");

    @BeforeEach
    void name() {
        file = folder.resolve("settings.json");
    }

    private void refuses(String text, String why) throws IOException {
        Files.writeString(file, text);
        assertThatThrownBy(() -> SettingsFile.read(file))
                .isInstanceOf(ArgsFault.class)
                .hasMessageContaining("Settings file could not be read:\n- ")
                .hasMessageContaining(why);
    }

    @Test
    void shouldKeepWhatItRead() throws IOException {
        SettingsFile.read(file).write();
        assertThat(Files.readString(file)).contains("\"_warning_\"", "generated");
        Files.writeString(file, "{\"num\": 5, \"list\": [6, 7], \"null\": null, \"text\": \"t\"}");
        SettingsFile.read(file).write();
        SettingsFile again = SettingsFile.read(file);
        assertThat(again.values().toString())
                .isEqualTo("{list=[6,7], null=null, num=5, text=\"t\"}");
        assertThat(Files.readString(file)).contains("_warning_");
        assertThat(folder.toFile().list()).containsExactly("settings.json");
    }

    @Test
    void shouldRefuseDamagedFiles() throws IOException {
        refuses("invalid json", "does not contain valid JSON");
        refuses("", "does not contain valid JSON");
        refuses("{\"a\": 1", "does not contain valid JSON");
        refuses("{\"a\": 1} {", "does not contain valid JSON");
        refuses("\"string\"", "Found non-object value \"string\" in settings file");
        refuses("{\"key\": 1, \"key\": 2}", "Found duplicate key key in settings file");
    }
}
