package weft.app;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import weft.app.node.NodeFault;

/// The folder of one network, which only its owner may enter.
final class DataFolder {
    private DataFolder() {}

    /// Makes the folder where it is missing, with the empty `wallets` folder that Bitcoin Core makes in a new
    /// one.
    ///
    /// @throws NodeFault if it cannot be made
    static void create(Path folder) {
        try {
            if (Files.isDirectory(folder)) {
                return;
            }
            Files.createDirectories(folder);
            restrict(folder);
            restrict(Files.createDirectory(folder.resolve("wallets")));
        } catch (IOException e) {
            throw new NodeFault(
                    "Cannot create data directory " + folder + ": " + e.getMessage(), e);
        }
    }

    private static void restrict(Path folder) throws IOException {
        if (folder.getFileSystem().supportedFileAttributeViews().contains("posix")) {
            Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx------"));
        }
    }
}
