package weft.form;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Stream;
import javax.tools.FileObject;
import javax.tools.ForwardingJavaFileManager;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileManager;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.StandardLocation;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What compiled classes may call and know, and for each rule a class that breaks it.
class ArchitectureTest {
    private static final List<ClassFile> CLASSES = classes();

    private static List<ClassFile> classes() {
        Path root = SourceTree.root();
        List<ClassFile> all = new ArrayList<>();
        try (Stream<Path> folders = Files.list(root)) {
            folders.filter(folder -> Files.exists(folder.resolve("pom.xml")))
                    .sorted()
                    .forEach(
                            folder ->
                                    all.addAll(
                                            ClassFile.ofModule(
                                                    root, folder.getFileName().toString())));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return all;
    }

    private static List<String> all(Function<ClassFile, List<String>> rule) {
        List<String> found = new ArrayList<>();
        CLASSES.forEach(type -> found.addAll(rule.apply(type)));
        return found;
    }

    @Test
    void shouldSeeTheClasses() {
        assertThat(CLASSES)
                .extracting(ClassFile::name)
                .contains("weft/primitives/Transaction", "weft/crypto/Sha256");
    }

    @Test
    void shouldKeepTheWorldOutOfEngines() {
        assertThat(all(ClassRules::worldInEngine)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Object o = java.time.Instant.now();",
                "Object o = java.time.LocalDate.now();",
                "Object o = java.time.Clock.systemUTC();",
                "long l = System.nanoTime();",
                "long l = System.currentTimeMillis();",
                "java.util.function.LongSupplier s = System::nanoTime;",
                "Thread.yield();",
                "new Thread(() -> {}).start();",
                "double d = Math.random();",
                "Object o = new java.util.Random();",
                "Object o = new java.util.SplittableRandom();",
                "Object o = new java.security.SecureRandom();",
                "Object o = java.util.UUID.randomUUID();",
                "Object o = java.util.concurrent.ThreadLocalRandom.current();",
                "Object o = java.util.concurrent.Executors.newCachedThreadPool();",
                "java.util.List.of(1).parallelStream().count();",
                "java.util.Collections.shuffle(new java.util.ArrayList<String>());",
                "Object o = java.net.InetAddress.getLoopbackAddress();",
                "Object o = java.nio.file.Path.of(\"x\");",
                "java.nio.channels.SocketChannel c = null; c.isConnected();",
                "Object o = new java.io.File(\"x\");",
            })
    void shouldFindTheWorldInAnEngine(String statement) {
        assertThat(ClassRules.worldInEngine(compiled("p2p", "weft.p2p", statement))).isNotEmpty();
        assertThat(ClassRules.worldInEngine(compiled("net", "weft.net", statement))).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Object o = new java.util.Random(1);",
                "Object o = new java.util.SplittableRandom(1);",
                "Object o = java.time.Instant.ofEpochSecond(1);",
                "Object o = new java.io.ByteArrayOutputStream();",
                "Object o = java.nio.ByteBuffer.allocate(1);",
            })
    void shouldLetAnEngineCompute(String statement) {
        assertThat(ClassRules.worldInEngine(compiled("p2p", "weft.p2p", statement))).isEmpty();
    }

    @Test
    void shouldLetOnlyTheNativePackageLoadAFile() {
        String statement =
                "Object o = java.nio.file.Path.of(\"x\"); o = new java.security.SecureRandom();";
        assertThat(ClassRules.worldInEngine(compiled("crypto", "weft.crypto.internal", statement)))
                .isEmpty();
        assertThat(ClassRules.worldInEngine(compiled("crypto", "weft.crypto", statement)))
                .isNotEmpty();
        String thread = "Thread.yield();";
        assertThat(ClassRules.worldInEngine(compiled("crypto", "weft.crypto.internal", thread)))
                .isNotEmpty();
    }

    @Test
    void shouldPointOneWay() {
        assertThat(all(ClassRules::wrongDirection)).isEmpty();
    }

    @Test
    void shouldFindAWrongDirection() {
        for (List<String> wrong :
                List.of(
                        List.of("consensus", "weft/chain/ChainState"),
                        List.of("chain", "weft/p2p/PeerEngine"),
                        List.of("p2p", "weft/chain/ChainState"),
                        List.of("p2p", "weft/net/Dialer"),
                        List.of("wire", "weft/consensus/ChainParams"),
                        List.of("store", "weft/net/Dialer"),
                        List.of("net", "weft/store/Disk"),
                        List.of("server", "weft/app/Weftd"))) {
            assertThat(ClassRules.wrongDirection(naming(wrong.get(0), wrong.get(1))))
                    .as("%s", wrong)
                    .hasSize(1);
        }
        assertThat(ClassRules.wrongDirection(naming("p2p", "weft/chain/api/ChainEvent"))).isEmpty();
    }

    @Test
    void shouldFindATypeThatStandsInASignatureOnly() {
        ClassFile type = compiled("p2p", "weft.p2p", "java.nio.channels.SocketChannel c = null;");
        assertThat(type.types()).doesNotContain("java/nio/channels/SocketChannel");
        ClassFile field =
                compile("p2p", "weft.p2p", "class Sample { java.nio.channels.SocketChannel c; }");
        assertThat(field.types()).contains("java/nio/channels/SocketChannel");
    }

    @Test
    void shouldKeepTheDatabaseInStore() {
        assertThat(ClassRules.databaseOutsideStore(naming("chain", "org/rocksdb/RocksDB")))
                .hasSize(1);
        assertThat(ClassRules.databaseOutsideStore(naming("store", "org/rocksdb/RocksDB")))
                .isEmpty();
        assertThat(all(ClassRules::databaseOutsideStore)).isEmpty();
    }

    @Test
    void shouldKeepTestLibrariesOutOfTheProgram() {
        assertThat(ClassRules.strangers(naming("app", "org/bitcoinj/core/Peer"))).hasSize(1);
        assertThat(all(ClassRules::strangers)).isEmpty();
    }

    @Test
    void shouldKeepServersApart() {
        ClassFile rpc =
                new ClassFile(
                        "server", "weft/server/rpc/A", Set.of(), Set.of("weft/server/web/Page"));
        ClassFile http =
                new ClassFile(
                        "server", "weft/server/rpc/A", Set.of(), Set.of("weft/server/http/Http"));
        assertThat(ClassRules.serversThatKnowEachOther(rpc)).hasSize(1);
        assertThat(ClassRules.serversThatKnowEachOther(http)).isEmpty();
        assertThat(all(ClassRules::serversThatKnowEachOther)).isEmpty();
    }

    private static ClassFile naming(String module, String other) {
        return new ClassFile(module, "weft/" + module + "/Sample", Set.of(), Set.of(other));
    }

    private static ClassFile compiled(String module, String packageName, String statement) {
        return compile(module, packageName, "class Sample { void m() { " + statement + " } }");
    }

    private static ClassFile compile(String module, String packageName, String declaration) {
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        String source = "package " + packageName + "; " + declaration;
        URI name = URI.create("string:///" + packageName.replace('.', '/') + "/Sample.java");
        JavaFileObject unit =
                new SimpleJavaFileObject(name, JavaFileObject.Kind.SOURCE) {
                    @Override
                    public CharSequence getCharContent(boolean ignoreEncodingErrors) {
                        return source;
                    }
                };
        Map<String, ByteArrayOutputStream> out = new TreeMap<>();
        try (JavaFileManager files =
                new InMemory(compiler.getStandardFileManager(null, Locale.ROOT, null), out)) {
            boolean good =
                    compiler.getTask(null, files, null, List.of("-proc:none"), null, List.of(unit))
                            .call();
            assertThat(good).as(source).isTrue();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return ClassFile.read(module, out.get(packageName + ".Sample").toByteArray());
    }

    /// Keeps what the compiler writes.
    private static final class InMemory extends ForwardingJavaFileManager<JavaFileManager> {
        private final Map<String, ByteArrayOutputStream> out;

        InMemory(JavaFileManager files, Map<String, ByteArrayOutputStream> out) {
            super(files);
            this.out = out;
        }

        @Override
        public JavaFileObject getJavaFileForOutput(
                Location location, String className, JavaFileObject.Kind kind, FileObject sibling) {
            assertThat(location).isEqualTo(StandardLocation.CLASS_OUTPUT);
            return new SimpleJavaFileObject(
                    URI.create("memory:///" + className.replace('.', '/')), kind) {
                @Override
                public OutputStream openOutputStream() {
                    return out.computeIfAbsent(className, any -> new ByteArrayOutputStream());
                }
            };
        }
    }
}
