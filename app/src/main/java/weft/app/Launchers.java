package weft.app;

import java.nio.file.Path;

/// The programs of this project, as they are started.
public final class Launchers {
    private Launchers() {}

    /// The node beside the launcher that started this program; without one, that of the current folder.
    public static String weftd() {
        return Path.of(System.getProperty("weft.home", "."), "weftd").toString();
    }
}
