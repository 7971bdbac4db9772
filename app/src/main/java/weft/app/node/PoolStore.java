package weft.app.node;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import weft.mempool.MempoolFile;
import weft.mempool.MempoolImport;
import weft.primitives.codec.MalformedBytes;
import weft.primitives.log.Log;

/// Keeps the mempool over a restart, in `mempool.dat`. Reading offers the transactions in slices, so that the
/// chain's thread does other things in between. Safe for use by any number of threads.
public final class PoolStore {
    private static final int SLICE = 50;
    private static final Duration REINDEX_PAUSE = Duration.ofMillis(200);
    private static final String NO_MATTER = ". Continuing anyway.";

    private final Path file;
    private final ChainLoop chain;
    private final BooleanSupplier isStopping;
    private final Log log;
    private volatile boolean isLoaded;

    /// @param folder of the network
    PoolStore(Path folder, ChainLoop chain, BooleanSupplier isStopping, Log log) {
        this.file = folder.resolve("mempool.dat");
        this.chain = chain;
        this.isStopping = isStopping;
        this.log = log;
    }

    /// Whether our own file was read, or need not be.
    public boolean isLoaded() {
        return isLoaded;
    }

    /// Reads our own file, if the operator wants that.
    void loadOwn(boolean isWanted) {
        if (isWanted && awaitCoins()) {
            load(file, MempoolImport.Use.OWN);
        }
        isLoaded = isStopping.getAsBoolean() ? isLoaded : true;
    }

    /// While the chain is made anew of its blocks, nothing could be judged.
    ///
    /// @return false if the node stops before
    private boolean awaitCoins() {
        try {
            while (!isStopping.getAsBoolean()) {
                if (!chain.ask(engine -> engine.chain().isReindexing())) {
                    return true;
                }
                Thread.sleep(REINDEX_PAUSE);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return false;
    }

    /// Reads a file and waits until all its transactions were offered.
    ///
    /// @return whether it could be read to its end
    public boolean load(Path path, MempoolImport.Use use) {
        MempoolFile content;
        try {
            content = MempoolFile.read(Files.readAllBytes(path));
        } catch (IOException e) {
            log.info("Failed to open mempool file" + NO_MATTER);
            return false;
        } catch (MalformedBytes e) {
            log.info("Failed to deserialize mempool data on file: " + e.getMessage() + NO_MATTER);
            return false;
        }
        var work = new MempoolImport(content, use);
        while (!work.isDone()) {
            if (isStopping.getAsBoolean()) {
                return false;
            }
            chain.ask(
                    engine -> {
                        engine.work(work, SLICE);
                        return true;
                    });
        }
        return true;
    }

    /// Writes the file, so that a crash leaves the old one or the new one.
    ///
    /// @return its path; empty if it could not be written
    public synchronized Optional<Path> save() {
        long begin = System.nanoTime();
        record Kept(MempoolFile content, boolean isPlain) {}
        Kept kept =
                chain.ask(
                        engine ->
                                new Kept(
                                        MempoolFile.of(engine.mempool()),
                                        engine.mempoolOptions().persistV1()));
        long copied = System.nanoTime();
        Path fresh = file.resolveSibling("mempool.dat.new");
        MempoolFile content = kept.content;
        log.info("Writing " + content.transactions().size() + " mempool transactions to file...");
        log.info("Writing " + content.unbroadcast().size() + " unbroadcast transactions to file.");
        byte[] key = new byte[MempoolFile.KEY_BYTES];
        new SecureRandom().nextBytes(key);
        byte[] bytes = kept.isPlain ? content.toPlainByteArray() : content.toByteArray(key);
        try {
            Files.write(fresh, bytes);
            Files.move(
                    fresh,
                    file,
                    StandardCopyOption.ATOMIC_MOVE,
                    StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            log.info("Failed to dump mempool: " + e.getMessage() + NO_MATTER);
            return Optional.empty();
        }
        log.info(
                String.format(
                        java.util.Locale.ROOT,
                        "Dumped mempool: %.3fs to copy, %.3fs to dump, %d bytes dumped to file",
                        (copied - begin) / 1e9,
                        (System.nanoTime() - copied) / 1e9,
                        bytes.length));
        return Optional.of(file);
    }

    /// Writes the file at the end, unless it was not read yet or the operator does not want it.
    void saveAtEnd(boolean isWanted) {
        if (isWanted && isLoaded) {
            save();
        }
    }
}
