package weft.form;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/// The papers agree with the sources and with each other.
class PapersTest {
    private static final Pattern LINK = Pattern.compile("\\]\\(([^)#: ]+)(#[^)]*)?\\)");

    private static final List<SourceFile> FILES = SourceTree.read(SourceTree.root());

    @Test
    void shouldListTheBipsThatTheSourcesName() {
        SourceFile page =
                FILES.stream()
                        .filter(file -> file.path().equals("docs/bips.md"))
                        .findFirst()
                        .orElseThrow();
        assertThat(page.text())
                .as("docs/bips.md is stale: run java form/src/test/java/weft/form/BipTable.java")
                .isEqualTo(BipTable.text(FILES));
    }

    @Test
    void shouldListTheAttacksThatTestsTry() {
        SourceFile page =
                FILES.stream()
                        .filter(file -> file.path().equals("docs/attacks.md"))
                        .findFirst()
                        .orElseThrow();
        assertThat(page.text())
                .as(
                        "docs/attacks.md is stale: run java"
                                + " form/src/test/java/weft/form/AttackTable.java")
                .isEqualTo(AttackTable.text(FILES));
    }

    @Test
    void shouldHaveSeenEachAttackSucceed() {
        assertThat(AttackTable.neverSeenRed(FILES)).isEmpty();
        var test =
                new SourceFile(
                        "p2p/src/test/java/weft/p2p/XTest.java",
                        """
                        class XTest implements SeenRed {
                            @DisplayName("C11 some words")
                            void shouldProveNothing() {}
                        """);
        assertThat(AttackTable.neverSeenRed(List.of(test)))
                .containsExactly("XTest.shouldProveNothing");
    }

    @Test
    void shouldFindAttacksInSources() {
        var test =
                new SourceFile(
                        "node/src/test/java/weft/node/XTest.java",
                        """
                        @Test
                        @DisplayName("A11 A12 some words")
                        @Sabotage(type = "weft.a.B$C", method = "d", constant = "64>65")
                        @Sabotage(type = "weft.a.B", method = "e", call = "f", returns = "true")
                        void shouldStand() {}
                        """);
        String cells =
                " | N | `XTest.shouldStand` | `B$C.d` with 64 → 65<br>`B.e` takes `f` for true |";
        assertThat(AttackTable.text(List.of(test)))
                .contains("| A11 | Subsidy that comes back (BIP 42)" + cells)
                .contains("| A12 | Lax signatures (BIP 66)" + cells)
                .contains("| A13 | Signed transaction versions (CVE-2024-34478) |  | none yet |");
    }

    @Test
    void shouldFindBipsInSources() {
        var main =
                new SourceFile("wire/src/main/java/weft/wire/FeeFilter.java", "/// See BIP-0133.");
        var test =
                new SourceFile(
                        "wire/src/test/java/weft/wire/FeeFilterTest.java", "// BIP133, BIP 31");
        assertThat(BipTable.text(List.of(main, test)))
                .contains("| 133 | feefilter message | `FeeFilter` | `FeeFilterTest` |")
                .contains("| 31 | Pong message |  | `FeeFilterTest` |");
    }

    @Test
    void shouldListTheRowsThatTestsName() {
        SourceFile page =
                FILES.stream()
                        .filter(file -> file.path().equals("docs/rows.md"))
                        .findFirst()
                        .orElseThrow();
        assertThat(page.text())
                .as("docs/rows.md is stale: run java form/src/test/java/weft/form/RowTable.java")
                .isEqualTo(RowTable.text(FILES));
    }

    @Test
    void shouldFindRowsInNames() {
        var test =
                new SourceFile(
                        "sim/src/test/java/weft/sim/MeshTest.java",
                        "@DisplayName(\n    \"S-60 S-07 eight \"\n + \"connections\")");
        assertThat(RowTable.text(List.of(test)))
                .contains("| S-07 | Two nodes, then three | `MeshTest` eight connections |")
                .contains("| S-60 | Eight outbound connections | `MeshTest` eight connections |");
    }

    @Test
    void shouldHaveAPromiseForEachTestAndATestForEachPromise() {
        assertThat(RowTable.text(FILES)).doesNotContain("|  |");
        assertThat(RowTable.text(List.of())).contains("| S-07 | Two nodes, then three |  |");
    }

    @Test
    void shouldLinkToFilesThatExist() {
        assertThat(deadLinks(FILES)).isEmpty();
    }

    @Test
    void shouldFindADeadLink() {
        assertThat(
                        deadLinks(
                                List.of(
                                        new SourceFile(
                                                "docs/x.md",
                                                "[a](no-such-file.md) [b](https://x.example/)"))))
                .containsExactly("docs/x.md -> no-such-file.md");
    }

    private static List<String> deadLinks(List<SourceFile> files) {
        List<String> dead = new ArrayList<>();
        for (SourceFile file : files) {
            if (!file.path().endsWith(".md")) {
                continue;
            }
            LINK.matcher(file.text())
                    .results()
                    .forEach(
                            link -> {
                                var from =
                                        SourceTree.root()
                                                .resolve(file.path())
                                                .resolveSibling(link.group(1));
                                if (!Files.exists(from)) {
                                    dead.add(file.path() + " -> " + link.group(1));
                                }
                            });
        }
        return dead;
    }
}
