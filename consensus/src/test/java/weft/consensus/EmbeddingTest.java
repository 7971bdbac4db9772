package weft.consensus;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.spi.ToolProvider;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import weft.crypto.Sha256;
import weft.primitives.Transaction;

@DisplayName("The example of the README, compiled and run as another project would")
class EmbeddingTest {
    private static final Pattern EXAMPLE =
            Pattern.compile("<!-- EmbeddingTest .*?-->\n```java\n(.*?)```", Pattern.DOTALL);
    private static final Pattern ANSWER = Pattern.compile("It says `([^`]+)`");
    private static final Pattern IMPORTS = Pattern.compile("Imports: (.*?)[.] It says");

    private static String readme() throws Exception {
        return Files.readString(Path.of(System.getProperty("weft.root"), "consensus/README.md"));
    }

    private static String found(Pattern pattern, String text) {
        Matcher matcher = pattern.matcher(text);
        assertThat(matcher.find()).as("%s in the README", pattern).isTrue();
        return matcher.group(1);
    }

    /// Where the classes of the modules are that the example may see; no others.
    private static Set<String> modules() throws Exception {
        Set<String> places = new LinkedHashSet<>();
        for (Class<?> each :
                List.of(
                        TransactionVerifier.class,
                        Transaction.class,
                        Sha256.class,
                        Nullable.class)) {
            URL place = each.getProtectionDomain().getCodeSource().getLocation();
            places.add(Path.of(place.toURI()).toString());
        }
        return places;
    }

    private static void compile(String code, Path target) throws Exception {
        var imports = new StringBuilder();
        Matcher names = Pattern.compile("`([^`]+)`").matcher(found(IMPORTS, readme()));
        while (names.find()) {
            imports.append("import ").append(names.group(1)).append(";\n");
        }
        String source =
                imports
                        + "public class Example {\n  public static void main(String[] args) {\n"
                        + code
                        + "  }\n}\n";
        String paths = String.join(File.pathSeparator, modules());
        Path file = Files.writeString(target.resolve("Example.java"), source);
        var messages = new StringWriter();
        var printed = new PrintWriter(messages);
        int exitCode =
                ToolProvider.findFirst("javac")
                        .orElseThrow()
                        .run(
                                printed,
                                printed,
                                "-proc:none",
                                "-cp",
                                paths,
                                "-d",
                                target.toString(),
                                file.toString());
        assertThat(exitCode).as(messages.toString()).isZero();
    }

    private static String run(Path classes) throws Exception {
        var out = new ByteArrayOutputStream();
        PrintStream before = System.out;
        URL[] places = {classes.toUri().toURL()};
        try (var loader = new URLClassLoader(places, EmbeddingTest.class.getClassLoader())) {
            System.setOut(new PrintStream(out, true, StandardCharsets.UTF_8));
            loader.loadClass("Example")
                    .getMethod("main", String[].class)
                    .invoke(null, (Object) new String[0]);
        } finally {
            System.setOut(before);
        }
        return out.toString(StandardCharsets.UTF_8).strip();
    }

    @Test
    void shouldSayWhatTheReadmeSays(@TempDir Path target) throws Exception {
        compile(found(EXAMPLE, readme()), target);
        assertThat(run(target)).isEqualTo(found(ANSWER, readme()));
    }

    @Test
    void shouldSayWhyAChangedTransactionFails(@TempDir Path target) throws Exception {
        String changed = found(EXAMPLE, readme()).replace("d93567f8", "d93567f9");
        compile(changed, target);
        assertThat(run(target))
                .isEqualTo("0: mandatory-script-verify-flag-failed (Invalid Schnorr signature)");
    }
}
