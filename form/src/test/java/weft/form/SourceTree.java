package weft.form;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// The project's files as they lie on disk, without what builds and tools make.
final class SourceTree {
    private static final Set<String> SKIPPED =
            Set.of("target", ".git", ".idea", ".vscode", "node_modules");

    private SourceTree() {}

    /// The folder that holds the project; the build says where.
    static Path root() {
        return Path.of(System.getProperty("weft.root", "..")).toAbsolutePath().normalize();
    }

    /// Every text file below `root`, in the order of their paths.
    static List<SourceFile> read(Path root) {
        List<SourceFile> files = new ArrayList<>();
        for (Path path : paths(root)) {
            String name = root.relativize(path).toString().replace('\\', '/');
            text(path).ifPresent(text -> files.add(new SourceFile(name, text)));
        }
        return files;
    }

    private static List<Path> paths(Path root) {
        List<Path> found = new ArrayList<>();
        try {
            Files.walkFileTree(
                    root,
                    new SimpleFileVisitor<>() {
                        @Override
                        public FileVisitResult preVisitDirectory(
                                Path dir, BasicFileAttributes attributes) {
                            boolean skip =
                                    !dir.equals(root)
                                            && SKIPPED.contains(dir.getFileName().toString());
                            return skip ? FileVisitResult.SKIP_SUBTREE : FileVisitResult.CONTINUE;
                        }

                        @Override
                        public FileVisitResult visitFile(
                                Path file, BasicFileAttributes attributes) {
                            if (attributes.isRegularFile()
                                    && !file.getFileName().toString().equals(".git")) {
                                found.add(file);
                            }
                            return FileVisitResult.CONTINUE;
                        }
                    });
        } catch (IOException e) {
            throw new UncheckedIOException("read " + root, e);
        }
        found.sort(null);
        return found;
    }

    /// The text of a file; none where its bytes are not UTF-8 or hold a zero.
    private static Optional<String> text(Path path) {
        byte[] bytes;
        try {
            bytes = Files.readAllBytes(path);
        } catch (IOException e) {
            throw new UncheckedIOException("read " + path, e);
        }
        for (byte b : bytes) {
            if (b == 0) {
                return Optional.empty();
            }
        }
        try {
            return Optional.of(
                    StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString());
        } catch (CharacterCodingException e) {
            return Optional.empty();
        }
    }
}
