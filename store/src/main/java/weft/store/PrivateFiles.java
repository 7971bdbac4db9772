package weft.store;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Locale;
import weft.chain.store.StoreException;

/// Creates files and folders that only their owner may open, and says in one line what went wrong.
final class PrivateFiles {
    private PrivateFiles() {}

    private static FileAttribute<?>[] only(Path near, String permissions) {
        return near.getFileSystem().supportedFileAttributeViews().contains("posix")
                ? new FileAttribute<?>[] {
                    PosixFilePermissions.asFileAttribute(
                            PosixFilePermissions.fromString(permissions))
                }
                : new FileAttribute<?>[0];
    }

    /// Creates a folder, and those above it, unless it is there.
    static void createFolder(Path folder) {
        try {
            if (!Files.isDirectory(folder)) {
                Files.createDirectories(folder, only(folder, "rwx------"));
            }
        } catch (IOException e) {
            throw failure("create folder", folder, e);
        }
    }

    /// Creates an empty file unless it is there.
    ///
    /// @return whether it is new
    static boolean createFile(Path file) {
        try {
            Files.createFile(file, only(file, "rw-------"));
            return true;
        } catch (FileAlreadyExistsException _) {
            return false;
        } catch (IOException e) {
            throw failure("create", file, e);
        }
    }

    /// Writes a small file whole: first beside it, then in its place, so that no crash leaves a part of
    /// it.
    static void replace(Path file, byte[] content) {
        Path beside = file.resolveSibling(file.getFileName() + ".new");
        try {
            Files.deleteIfExists(beside);
            createFile(beside);
            try (FileChannel channel = FileChannel.open(beside, StandardOpenOption.WRITE)) {
                var bytes = java.nio.ByteBuffer.wrap(content);
                while (bytes.hasRemaining()) {
                    channel.write(bytes);
                }
                channel.force(true);
            }
            Files.move(
                    beside,
                    file,
                    java.nio.file.StandardCopyOption.ATOMIC_MOVE,
                    java.nio.file.StandardCopyOption.REPLACE_EXISTING);
            syncFolder(file);
        } catch (IOException e) {
            throw failure("write", file, e);
        }
    }

    /// Makes the names in the folder of a file safe against power loss, where the system can.
    static void syncFolder(Path file) throws IOException {
        Path folder = file.getParent();
        if (folder == null || System.getProperty("os.name", "").startsWith("Windows")) {
            return;
        }
        try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    /// One line for the operator.
    static StoreException failure(String what, Path path, IOException cause) {
        String why =
                cause instanceof NoSuchFileException
                        ? "No such file or directory"
                        : cause.getMessage();
        String text = "cannot " + what + " " + path + ": " + why;
        if (isFull(cause)) {
            text = "Disk space is too low! Cannot " + what + " " + path;
        } else if (cause instanceof FileAlreadyExistsException) {
            text = "cannot " + what + " " + path + ": a file of this name is in the way";
        } else if (cause instanceof java.nio.file.AccessDeniedException) {
            text = "cannot " + what + " " + path + ": permission denied";
        }
        return new StoreException(text, cause);
    }

    private static boolean isFull(IOException cause) {
        String message = cause.getMessage();
        if (message == null) {
            return false;
        }
        String lower = message.toLowerCase(Locale.ROOT);
        return lower.contains("no space left")
                || lower.contains("disk quota")
                || lower.contains("not enough space");
    }
}
