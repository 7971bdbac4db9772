package weft.app.node;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import weft.mempool.fees.FeeEstimator;
import weft.node.ChainEngine;
import weft.primitives.Bytes;
import weft.primitives.Now;
import weft.primitives.codec.MalformedBytes;
import weft.primitives.log.Log;

/// Keeps what was learnt of fees over a restart, in `fee_estimates.dat`, which Bitcoin Core can read too.
public final class FeeStore {
    private static final Duration WRITE_EVERY = Duration.ofHours(1);

    /// Fees change within days: what is older would mislead (Core's bound).
    private static final Duration AGE_MAX = Duration.ofHours(60);

    /// No file of ours comes near; a larger one is not read.
    private static final long FILE_BYTES_MAX = 64 << 20;

    private static final String NO_MATTER = ". Continue anyway.";

    private final Path file;
    private final ChainLoop chain;
    private final Log log;
    private final AtomicBoolean isWriting = new AtomicBoolean();
    private long nextNanos;
    private boolean isTimed;

    /// @param folder of the network
    FeeStore(Path folder, ChainLoop chain, Log log) {
        this.file = folder.resolve("fee_estimates.dat");
        this.chain = chain;
        this.log = log;
    }

    /// Reads the file, if there is one that is of use.
    ///
    /// @param anyAge however old it is
    void load(boolean anyAge) {
        FeeEstimator earlier;
        try {
            if (!Files.exists(file)) {
                log.info(file + " is not found" + NO_MATTER);
                return;
            }
            Instant written = Files.getLastModifiedTime(file).toInstant();
            Duration age = Duration.between(written, Instant.now());
            if (age.compareTo(AGE_MAX) > 0 && !anyAge) {
                log.info(
                        "Fee estimation file "
                                + file
                                + " too old (age="
                                + age.toHours()
                                + " > "
                                + AGE_MAX.toHours()
                                + " hours) and will not be used to avoid serving stale estimates.");
                return;
            }
            if (Files.size(file) > FILE_BYTES_MAX) {
                throw new MalformedBytes("the file is too large");
            }
            earlier = FeeEstimator.read(Bytes.wrap(Files.readAllBytes(file)));
        } catch (IOException | MalformedBytes e) {
            log.info(
                    "Failed to read fee estimates from "
                            + file
                            + " ("
                            + e.getMessage()
                            + ")"
                            + NO_MATTER);
            return;
        }
        chain.ask(
                engine -> {
                    engine.useFees(earlier);
                    return true;
                });
    }

    /// Writes the file once an hour. Called on the engine's thread, which does not wait for the disk.
    void tick(ChainEngine engine, Now now) {
        if (!isTimed) {
            isTimed = true;
            nextNanos += now.monotonicNanos() + WRITE_EVERY.toNanos();
        }
        if (now.monotonicNanos() - nextNanos < 0 || !isWriting.compareAndSet(false, true)) {
            return;
        }
        nextNanos = now.monotonicNanos() + WRITE_EVERY.toNanos();
        Bytes content = engine.fees().toBytes();
        Thread.ofVirtual()
                .name("save-fees")
                .start(
                        () -> {
                            write(content);
                            isWriting.set(false);
                        });
    }

    /// Lets timers believe that time has passed, and do what is due.
    public void forward(Duration span, Supplier<Now> time) {
        chain.ask(
                engine -> {
                    nextNanos -= span.toNanos();
                    tick(engine, time.get());
                    return true;
                });
    }

    /// Writes the file at the end: what waits then counts as not confirmed.
    void saveAtEnd() {
        write(
                chain.ask(
                        engine -> {
                            engine.fees().forgetWaiting();
                            return engine.fees().toBytes();
                        }));
    }

    /// A crash leaves the old file or the new one.
    private synchronized void write(Bytes content) {
        Path fresh = file.resolveSibling("fee_estimates.dat.new");
        try {
            Files.write(fresh, content.toByteArray());
            Files.move(
                    fresh,
                    file,
                    StandardCopyOption.ATOMIC_MOVE,
                    StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            log.info("Failed to write fee estimates to " + file + NO_MATTER);
            return;
        }
        log.info("Flushed fee estimates to " + file.getFileName() + ".");
    }
}
