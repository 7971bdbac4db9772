package weft.app;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import weft.app.rpc.RpcClient;
import weft.crypto.Sha256;

/// The programs as tests start them: with an ahead-of-time cache, which whoever first starts one makes.
///
/// *Rationale:* the tests start some hundred processes, and without it each spends a second of processor time
/// on loading the same classes. Since the JVM caches what comes from jars only, what was just compiled is
/// packed.
public final class TestProgram {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final String ADDRESS = "bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080";

    private static final String JAVA =
            Path.of(System.getProperty("java.home"), "bin", "java").toString();

    private static final List<String> OPTIONS =
            List.of(
                    "-Xmx256m",
                    "-XX:TieredStopAtLevel=1",
                    "-XX:-UsePerfData",
                    "-Xlog:disable",
                    "--enable-native-access=ALL-UNNAMED",
                    "-Dsun.net.httpserver.nodelay=true");

    private static final String CLASS_PATH =
            System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));

    private TestProgram() {}

    /// The command line of `weftd`, without options.
    public static List<String> weftd() {
        return command("weft.app.Weftd");
    }

    /// The command line of `weftd` as operators have it, without options: with the compiler that takes its
    /// time and the collector of two threads, as in `app/src/dist/launch.bash`.
    static List<String> fastWeftd() {
        var command = new ArrayList<String>();
        command.add(JAVA);
        command.addAll(
                List.of(
                        "-XX:+UseParallelGC",
                        "-XX:ParallelGCThreads=2",
                        "-XX:-UseAdaptiveSizePolicy",
                        "-Xmx2048m",
                        "-Xmn300m",
                        "-XX:SurvivorRatio=6",
                        "-XX:MaxInlineLevel=9",
                        "-XX:MaxInlineSize=20",
                        "-XX:FreqInlineSize=120",
                        "-XX:InlineSmallCode=1000",
                        "-XX:-UsePerfData",
                        "-Xlog:disable",
                        "--enable-native-access=ALL-UNNAMED",
                        "-Dsun.net.httpserver.nodelay=true"));
        command.addAll(Made.CACHE_AND_PATH);
        command.add("weft.app.Weftd");
        return List.copyOf(command);
    }

    /// The command line of a program, without options.
    ///
    /// @param main full name of its class
    static List<String> command(String main) {
        var command = new ArrayList<String>();
        command.add(JAVA);
        command.add("-XX:+UseSerialGC");
        command.addAll(OPTIONS);
        command.addAll(Made.CACHE_AND_PATH);
        command.add(main);
        return List.copyOf(command);
    }

    /// Made when first asked for.
    private static final class Made {
        static final List<String> CACHE_AND_PATH = cacheAndPath();

        private static List<String> cacheAndPath() {
            var plain = List.of("-cp", CLASS_PATH);
            try {
                Path all = Files.createDirectories(Path.of("target", "program").toAbsolutePath());
                Path own = all.resolve(fingerprint());
                Path cache = own.resolve("weftd.aot");
                try (var lock =
                        FileChannel.open(
                                all.resolveSibling("program.lock"),
                                StandardOpenOption.CREATE,
                                StandardOpenOption.WRITE)) {
                    lock.lock();
                    if (!Files.exists(own)) {
                        // For one test class it would take longer than it saves.
                        String asked = System.getProperty("test", "*");
                        if (!asked.contains("*")) {
                            return plain;
                        }
                        removeAllIn(all);
                        make(own, cache);
                    }
                }
                // Where this JVM makes no cache the programs start without.
                return Files.exists(cache)
                        ? List.of(
                                "-XX:AOTCache=" + cache, "-Dweft.cache=" + cache, "-cp", jars(own))
                        : plain;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return plain;
            }
        }
    }

    private static List<Path> entries() {
        return Stream.of(CLASS_PATH.split(File.pathSeparator))
                // It would be the folder that all is packed into.
                .filter(each -> !each.isEmpty())
                .map(Path::of)
                .filter(each -> Files.exists(each) && !each.endsWith("test-classes"))
                .toList();
    }

    private static List<Path> files(Path folder) throws IOException {
        try (var all = Files.walk(folder)) {
            return all.filter(Files::isRegularFile).sorted().toList();
        }
    }

    /// What the programs are made of, and what runs them.
    private static String fingerprint() throws IOException {
        var text = new StringBuilder(JAVA + Runtime.version() + OPTIONS);
        for (Path entry : entries()) {
            for (Path each : files(entry)) {
                text.append(each).append(Files.size(each)).append(Files.getLastModifiedTime(each));
            }
        }
        byte[] hash = Sha256.hash(text.toString().getBytes(StandardCharsets.UTF_8));
        return HexFormat.of().formatHex(hash, 0, 8);
    }

    private static void removeAllIn(Path folder) throws IOException {
        try (var all = Files.walk(folder)) {
            for (Path each : all.sorted(Comparator.reverseOrder()).toList()) {
                if (!each.equals(folder)) {
                    Files.delete(each);
                }
            }
        }
    }

    /// The class path, of jars only.
    private static String jars(Path own) {
        return String.join(
                File.pathSeparator,
                entries().stream()
                        .map(each -> Files.isDirectory(each) ? packed(own, each) : each)
                        .map(Path::toString)
                        .toList());
    }

    /// Where the classes of a module are when packed.
    private static Path packed(Path own, Path classes) {
        return own.resolve(classes.toString().replaceAll("[^A-Za-z0-9]", "_") + ".jar");
    }

    private static void make(Path own, Path cache) throws IOException, InterruptedException {
        Path home = Files.createDirectories(own.resolve("home"));
        for (Path entry : entries()) {
            if (Files.isDirectory(entry)) {
                pack(entry, packed(own, entry));
            }
        }
        Path learned = own.resolve("learned");
        learn(home, learned, jars(own));
        if (Files.exists(learned)) {
            run(
                            home,
                            // Not told which collector, it makes a cache that serves them all best.
                            List.of(
                                    "-XX:AOTMode=create",
                                    "-XX:AOTConfiguration=" + learned,
                                    "-XX:AOTCache=" + cache,
                                    "-cp",
                                    jars(own)))
                    .waitFor();
        }
    }

    private static void pack(Path folder, Path jar) throws IOException {
        try (var out = new ZipOutputStream(Files.newOutputStream(jar))) {
            for (Path each : files(folder)) {
                out.putNextEntry(
                        new ZipEntry(folder.relativize(each).toString().replace('\\', '/')));
                Files.copy(each, out);
                out.closeEntry();
            }
        }
    }

    /// Lets the JVM see what a node does.
    private static void learn(Path home, Path learned, String jars)
            throws IOException, InterruptedException {
        int port = FreePorts.one();
        Process node =
                run(
                        home,
                        List.of(
                                "-XX:+UseSerialGC",
                                "-XX:AOTMode=record",
                                "-XX:AOTConfiguration=" + learned,
                                "-cp",
                                jars,
                                "weft.app.Weftd",
                                "-regtest",
                                "-datadir=" + home,
                                "-listen=0",
                                "-connect=0",
                                "-printtoconsole=0",
                                "-rpcport=" + port));
        var rpc = new RpcClient("127.0.0.1", port, home.resolve("regtest").resolve(".cookie"));
        RunningNode.await(PATIENCE, () -> !node.isAlive() || answers(rpc));
        if (node.isAlive()) {
            rpc.call("generatetoaddress", 2, ADDRESS);
            rpc.call("getblockchaininfo");
            rpc.call("stop");
        }
        node.waitFor();
    }

    private static boolean answers(RpcClient rpc) {
        try {
            rpc.call("getblockcount");
            return true;
        } catch (RpcClient.RpcException e) {
            return false;
        }
    }

    private static Process run(Path home, List<String> rest) throws IOException {
        var command = new ArrayList<String>();
        command.add(JAVA);
        command.addAll(OPTIONS);
        command.addAll(rest);
        return new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(home.resolve("said").toFile()))
                .start();
    }
}
