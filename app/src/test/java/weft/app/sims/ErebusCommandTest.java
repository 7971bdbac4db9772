package weft.app.sims;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import weft.app.CommandLineRun;

/// `weft sim erebus` plays what it is asked for, and says in one line what it does not.
class ErebusCommandTest {
    private static void assertRefused(String why, String more) {
        CommandLineRun ended = CommandLineRun.of("sim", "erebus", more);
        assertThat(ended.exitCode()).isEqualTo(1);
        assertThat(ended.out()).isEmpty();
        assertThat(ended.err().strip()).isEqualTo("Error: " + why);
    }

    @Test
    void shouldRefuseWhatItDoesNotKnow() {
        assertRefused("--kind maps is not known", "--kind=map,maps");
        assertRefused("--victims and --days must be 1 or more", "--victims=0");
        assertRefused("--share must be from 1 to 90", "--share=91");
    }

    @Test
    void shouldPlayTheKindsThatAreNamed() {
        CommandLineRun ended =
                CommandLineRun.of("sim", "erebus", "--victims=1", "--days=1", "--kind=few-map,map");
        assertThat(ended.err()).isEmpty();
        assertThat(ended.exitCode()).isZero();
        List<String> lines = ended.out();
        int head = 5;
        assertThat(lines).hasSize(head + 2);
        assertThat(lines.getFirst()).contains("for 1 days: 1 nodes each, seed 1");
        String figures =
                " +(0|100) % +\\d+\\.\\d - \\d+\\.\\d +(0|100) % +\\d+\\.\\d % +\\d+\\.\\d %";
        assertThat(lines.get(head)).matches("few +all rules, and a map" + figures);
        assertThat(lines.get(head + 1)).matches("spread +all rules, and a map" + figures);
    }
}
