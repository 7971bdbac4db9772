package weft.form;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// The page of Java's traps names tests that exist, and what the page bans stands in no class.
class JavaTrapsFormTest {
    private static final String PAGE = "docs/java-traps.md";
    private static final Pattern TEST = Pattern.compile("`([A-Za-z0-9.]+)#(should[A-Za-z0-9]+)`");
    private static final List<String> PARTS =
            List.of("- **Trap.** ", "- **A node.** ", "- **weft.** ", "- **Test.** ");

    private static final List<SourceFile> FILES = SourceTree.read(SourceTree.root());
    private static final List<ClassFile> CLASSES = classes();

    private static List<ClassFile> classes() {
        List<ClassFile> all = new ArrayList<>();
        try (Stream<java.nio.file.Path> folders = Files.list(SourceTree.root())) {
            folders.filter(folder -> Files.exists(folder.resolve("pom.xml")))
                    .map(folder -> folder.getFileName().toString())
                    .sorted()
                    .forEach(name -> all.addAll(ClassFile.ofModule(SourceTree.root(), name)));
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
        return all;
    }

    private static String page() {
        return FILES.stream()
                .filter(file -> file.path().equals(PAGE))
                .findFirst()
                .orElseThrow()
                .text();
    }

    /// What is wrong with a page: a section without its four parts, or a test that is not there.
    static List<String> faults(String page, List<SourceFile> files) {
        Map<String, String> tests = new TreeMap<>();
        for (SourceFile file : files) {
            int at = file.path().indexOf("/src/test/java/");
            if (at >= 0 && file.isJava()) {
                String type = file.path().substring(at + "/src/test/java/".length());
                tests.put(type.replace(".java", "").replace('/', '.'), file.text());
            }
        }
        List<String> faults = new ArrayList<>();
        String[] sections = page.split("(?m)^## ", -1);
        for (int i = 1; i < sections.length; i++) {
            String section = sections[i];
            String title = section.lines().findFirst().orElse("");
            PARTS.stream()
                    .filter(part -> !section.contains(part))
                    .forEach(part -> faults.add(title + " lacks " + part.strip()));
            var named = TEST.matcher(section);
            int found = 0;
            while (named.find()) {
                found++;
                String text = tests.getOrDefault(named.group(1), "");
                if (!text.contains(" " + named.group(2) + "(")) {
                    faults.add(title + " names " + named.group(1) + "#" + named.group(2));
                }
            }
            if (found == 0) {
                faults.add(title + " names no test");
            }
        }
        return faults;
    }

    @Test
    void shouldNameATestForEachTrap() {
        assertThat(page().split("(?m)^## ", -1)).hasSizeGreaterThan(20);
        assertThat(faults(page(), FILES)).isEmpty();
    }

    @Test
    void shouldListEveryTestOfTraps() {
        List<String> missing = new ArrayList<>();
        for (SourceFile file : FILES) {
            if (file.simpleName().equals("JavaTrapsTest")) {
                var methods = Pattern.compile("void (should[A-Za-z0-9]+)\\(").matcher(file.text());
                while (methods.find()) {
                    if (!page().contains("JavaTrapsTest#" + methods.group(1) + "`")) {
                        missing.add(file.path() + " " + methods.group(1));
                    }
                }
            }
        }
        assertThat(missing).isEmpty();
    }

    @Test
    void shouldFindAPageThatNamesNoTest() {
        var test = new SourceFile("m/src/test/java/weft/m/XTest.java", "void shouldBe() {}");
        String parts = String.join("x\n", PARTS);
        assertThat(faults("## 1\n" + parts + "`weft.m.XTest#shouldBe`", List.of(test))).isEmpty();
        assertThat(faults("## 1\n" + parts, List.of(test))).containsExactly("1 names no test");
        assertThat(faults("## 1\n" + parts + "`weft.m.XTest#shouldNot`", List.of(test)))
                .containsExactly("1 names weft.m.XTest#shouldNot");
        assertThat(faults("## 1\n`weft.m.XTest#shouldBe`", List.of(test))).hasSize(4);
    }

    private static List<String> using(Pattern banned, List<ClassFile> classes, String except) {
        List<String> found = new ArrayList<>();
        for (ClassFile type : classes) {
            for (String member : type.members()) {
                if (banned.matcher(member).matches() && !type.packageName().equals(except)) {
                    found.add(type.name() + " uses " + member);
                }
            }
        }
        return found;
    }

    private static void requireAbsent(String pattern, String except, String sample) {
        Pattern banned = Pattern.compile(pattern);
        ClassFile bad = new ClassFile("m", "weft/m/Sample", Set.of(sample), Set.of());
        assertThat(using(banned, List.of(bad), except)).hasSize(1);
        assertThat(CLASSES).hasSizeGreaterThan(200);
        assertThat(using(banned, CLASSES, except)).isEmpty();
    }

    @Test
    void shouldNeverDeserialise() {
        requireAbsent(
                "java/io/Object(Input|Output)Stream\\..*|java/beans/XMLDecoder\\..*",
                "",
                "java/io/ObjectInputStream.readObject()Ljava/lang/Object;");
    }

    @Test
    void shouldLeaveNothingToTheCollector() {
        requireAbsent(
                ".*\\.finalize\\(\\)V|java/lang/ref/Cleaner\\..*|java/lang/foreign/Arena\\.ofAuto.*",
                "",
                "java/lang/ref/Cleaner.create()Ljava/lang/ref/Cleaner;");
        assertThat(FILES)
                .filteredOn(file -> file.isJava() && file.path().contains("/src/main/"))
                .noneMatch(file -> file.text().contains("void " + "finalize("));
    }

    @Test
    void shouldTouchNativeMemoryInOnePackage() {
        requireAbsent(
                "java/lang/foreign/MemorySegment\\.(reinterpret|ofAddress).*|sun/misc/Unsafe\\..*",
                "weft/crypto/internal",
                "java/lang/foreign/MemorySegment.reinterpret(J)Ljava/lang/foreign/MemorySegment;");
    }

    @Test
    void shouldNameLocaleAndCharset() {
        requireAbsent(
                "java/lang/String\\.(format\\(Ljava/lang/String;.*"
                        + "|formatted\\(.*|toLowerCase\\(\\).*|toUpperCase\\(\\).*|getBytes\\(\\).*"
                        + "|<init>\\(\\[B(II)?\\)V)",
                "",
                "java/lang/String.getBytes()[B");
    }

    @Test
    void shouldNotHideChecksBehindAFlag() {
        requireAbsent(".*\\.\\$assertionsDisabled.*", "", "weft/m/Sample.$assertionsDisabledZ");
    }

    @Test
    void shouldCompileWithEveryWarningAnError() {
        String pom =
                FILES.stream()
                        .filter(file -> file.path().equals("pom.xml"))
                        .findFirst()
                        .orElseThrow()
                        .text();
        assertThat(pom).contains("<arg>-Xlint:all,", "<arg>-Werror</arg>", "-Xplugin:ErrorProne");
        assertThat(pom).doesNotContain("-lossy-conversions", "BadShiftAmount:OFF");
    }
}
