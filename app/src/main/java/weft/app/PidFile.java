package weft.app;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import weft.app.args.Args;

/// The file that says which process is the node; gone when the node has ended well.
record PidFile(Path path) implements AutoCloseable {
    /// Writes the file.
    static PidFile write(Args args, Path folder) throws IOException {
        Path path = folder.resolve(args.text("pid").orElse("bitcoind.pid"));
        Files.writeString(path, ProcessHandle.current().pid() + "\n");
        return new PidFile(path);
    }

    @Override
    public void close() throws IOException {
        Files.deleteIfExists(path);
    }
}
