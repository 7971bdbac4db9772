package weft.app;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/// A file that a long command writes to when it has something to say.
public final class OutFile {
    private OutFile() {}

    /// Refuses a file that cannot be written, before hours of work are lost for it. What is in it stays;
    /// where there is none, none is left.
    ///
    /// @param file null asks for nothing
    /// @throws IllegalArgumentException with one line that says why, if it cannot be written
    public static void check(@Nullable Path file) {
        if (file == null) {
            return;
        }
        try {
            if (Files.exists(file)) {
                Files.newByteChannel(file, StandardOpenOption.WRITE).close();
            } else {
                Files.createFile(file);
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new IllegalArgumentException("cannot write " + file + ": " + reason(file, e), e);
        }
    }

    private static String reason(Path file, IOException failure) {
        if (Files.isDirectory(file)) {
            return "it is a folder";
        }
        return switch (failure) {
            case NoSuchFileException _ -> "its folder is missing";
            case AccessDeniedException _ -> "not allowed";
            default -> String.valueOf(failure.getMessage());
        };
    }
}
