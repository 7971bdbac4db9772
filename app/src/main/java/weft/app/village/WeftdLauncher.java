package weft.app.village;

import java.io.File;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// How to start another `weftd` with what this program is made of: the same Java, class path and flags.
final class WeftdLauncher {
    private static final String MAIN = "weft.app.Weftd";

    /// System property: the ahead-of-time cache of `weftd`, where there is one.
    private static final String CACHE = "weft.cache";

    private WeftdLauncher() {}

    /// The command, without options of `weftd`.
    ///
    /// Flags for many small nodes on one machine: a bounded heap and the simple collector.
    static List<String> command() {
        var command = new ArrayList<String>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(
                List.of(
                        "-Xmx256m",
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "-XX:-UsePerfData",
                        "-Xlog:disable",
                        "-Xlog:all=off",
                        "--enable-native-access=ALL-UNNAMED",
                        "-Dsun.net.httpserver.nodelay=true"));
        String cache = System.getProperty(CACHE);
        if (cache == null) {
            command.add("-Xshare:auto");
        } else {
            command.add("-XX:AOTCache=" + cache);
            command.add("-XX:AOTMode=auto");
        }
        command.add("-cp");
        command.add(System.getProperty("java.class.path", "").replace("::", File.pathSeparator));
        command.add(MAIN);
        return List.copyOf(command);
    }
}
