package weft.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OutFileTest {
    @TempDir Path folder;

    @Test
    void shouldLeaveEverythingAsItWas() throws Exception {
        Path there = Files.writeString(folder.resolve("there"), "text");
        Path absent = folder.resolve("absent");
        OutFile.check(there);
        OutFile.check(absent);
        assertThatCode(() -> OutFile.check(null)).doesNotThrowAnyException();
        assertThat(there).hasContent("text");
        assertThat(absent).doesNotExist();
    }

    @Test
    void shouldSayInOneLineWhyItCannotBeWritten() {
        Path lost = folder.resolve("no/such/file");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> OutFile.check(lost))
                .withMessage("cannot write " + lost + ": its folder is missing");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> OutFile.check(folder))
                .withMessage("cannot write " + folder + ": it is a folder");
    }

    @Test
    void shouldNameWhatStandsInTheWay() throws Exception {
        Path file = Files.writeString(folder.resolve("file"), "");
        Path below = file.resolve("below");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> OutFile.check(below))
                .withMessageStartingWith("cannot write " + below + ": ")
                .withMessageNotContaining("Exception");
    }
}
