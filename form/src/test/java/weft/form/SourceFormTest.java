package weft.form;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/// The form of the source tree, and for each rule a sample that breaks it.
class SourceFormTest {
    private static final List<SourceFile> FILES = SourceTree.read(SourceTree.root());

    private static List<String> all(Function<SourceFile, List<String>> rule) {
        List<String> found = new ArrayList<>();
        FILES.forEach(file -> found.addAll(rule.apply(file)));
        return found;
    }

    private static SourceFile java(String text) {
        return new SourceFile("m/src/main/java/weft/m/Sample.java", text);
    }

    @Test
    void shouldSeeTheSources() {
        assertThat(FILES)
                .extracting(SourceFile::path)
                .contains(
                        "pom.xml",
                        "primitives/src/main/java/weft/primitives/Transaction.java",
                        "form/src/test/java/weft/form/SourceFormTest.java");
        assertThat(FILES).extracting(SourceFile::path).noneMatch(path -> path.contains("/target/"));
    }

    @Test
    void shouldKeepFilesShort() {
        assertThat(TextRules.fileTooLong(java("x\n".repeat(TextRules.FILE_LINES_MAX)))).isEmpty();
        assertThat(TextRules.fileTooLong(java("x\n".repeat(TextRules.FILE_LINES_MAX + 1))))
                .hasSize(1);
        assertThat(all(TextRules::fileTooLong)).isEmpty();
    }

    @Test
    void shouldKeepLinesNarrow() {
        assertThat(TextRules.lineTooWide(java("x".repeat(TextRules.COLUMNS_MAX)))).isEmpty();
        assertThat(TextRules.lineTooWide(java("\n" + "x".repeat(TextRules.COLUMNS_MAX + 1))))
                .containsExactly("m/src/main/java/weft/m/Sample.java:2: line of 111 columns");
        String hash = " ".repeat(60) + '"' + "0a".repeat(32) + '"';
        assertThat(TextRules.lineTooWide(java(hash + ","))).isEmpty();
        assertThat(TextRules.lineTooWide(java("// " + hash.replace('"', ' ')))).hasSize(1);
        assertThat(all(TextRules::lineTooWide)).isEmpty();
    }

    @Test
    void shouldHoldNoTabsNorTrailingSpaces() {
        assertThat(TextRules.blanks(java("a\n\tb\nc \n"))).hasSize(2);
        assertThat(all(TextRules::blanks)).isEmpty();
    }

    @Test
    void shouldLeaveNoOpenEnds() {
        assertThat(
                        TextRules.openEnds(
                                java(
                                        "// TO"
                                                + "DO later\n// FIX"
                                                + "ME\n// XX"
                                                + "X\nTO"
                                                + "DOS\n")))
                .hasSize(3);
        assertThat(all(TextRules::openEnds)).isEmpty();
    }

    @Test
    void shouldNameNoRegistryHost() {
        assertThat(TextRules.registryHosts(java("https://repo.maven" + ".apache.org/x")))
                .hasSize(1);
        assertThat(TextRules.registryHosts(java("https://registry.npm" + "js.org/x"))).hasSize(1);
        assertThat(all(TextRules::registryHosts)).isEmpty();
    }

    @Test
    void shouldNameNoFolderOfOneMachine() {
        assertThat(TextRules.machineFolders(java("cd /wo" + "rk/x"))).hasSize(1);
        assertThat(all(TextRules::machineFolders)).isEmpty();
    }

    @Test
    void shouldGiveClassesNamesThatSaySomething() {
        for (String name :
                List.of(
                        "ScriptUtils",
                        "NodeHelper",
                        "StoreImpl",
                        "PeerInfo",
                        "TxData",
                        "TxManager")) {
            assertThat(TextRules.emptyNames(new SourceFile("m/" + name + ".java", ""))).hasSize(1);
        }
        assertThat(TextRules.emptyNames(new SourceFile("m/PingManager.java", ""))).isEmpty();
        assertThat(all(TextRules::emptyNames)).isEmpty();
    }

    @Test
    void shouldKeepMethodsShortAndParametersFew() {
        assertThat(MethodRules.check(FILES)).isEmpty();
    }

    @Test
    void shouldFindALongMethod() {
        String body = "        ;\n".repeat(MethodRules.METHOD_LINES_MAX - 2);
        String good = "class Sample {\n    void m() {\n" + body + "    }\n}\n";
        String bad = "class Sample {\n    void m() {\n" + body + "        ;\n    }\n}\n";
        assertThat(MethodRules.check(List.of(java(good)))).isEmpty();
        assertThat(MethodRules.check(List.of(java(bad))))
                .containsExactly("m/src/main/java/weft/m/Sample.java:2: m has 71 lines");
    }

    @Test
    void shouldFindManyParameters() {
        String six = "int a, int b, int c, int d, int e, int f";
        assertThat(MethodRules.check(List.of(java("class Sample { void m(" + six + ") {} }"))))
                .isEmpty();
        assertThat(
                        MethodRules.check(
                                List.of(java("class Sample { void m(" + six + ", int g) {} }"))))
                .hasSize(1);
        assertThat(
                        MethodRules.check(
                                List.of(java("class Sample { Sample(" + six + ", int g) {} }"))))
                .hasSize(1);
        assertThat(MethodRules.check(List.of(java("record Sample(" + six + ", int g) {}"))))
                .isEmpty();
        assertThat(
                        MethodRules.check(
                                List.of(
                                        java(
                                                "record Sample("
                                                        + six
                                                        + ", int g, int h, int i, int j, int k) {}"))))
                .hasSize(1);
    }

    @Test
    void shouldFindASecondTopLevelType() {
        assertThat(MethodRules.check(List.of(java("class Sample {}\nclass Other {}\n"))))
                .hasSize(1);
    }
}
