package weft.app.node;

import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import weft.primitives.Bytes;
import weft.primitives.log.Log;

/// What a node takes in by itself after its start, on a thread of its own beside everything else: the block
/// files that are read anew, what a crash left unconnected, then blocks of other files (`-loadblock`), then
/// the mempool of the last run.
final class InitialLoad implements AutoCloseable {
    private static final long LOOK_MILLIS = 200;

    private final ChainLoop chain;
    private final Bytes magic;
    private final BooleanSupplier isStopping;
    private final Log log;
    private final Thread thread;
    private volatile boolean done;

    /// A load that has not begun.
    ///
    /// @param files of blocks from elsewhere
    /// @param isStopping whether to leave off
    /// @param last what comes after the blocks: the mempool of the last run
    InitialLoad(
            ChainLoop chain,
            Bytes magic,
            List<Path> files,
            BooleanSupplier isStopping,
            Log log,
            Runnable last) {
        this.chain = chain;
        this.magic = magic;
        this.isStopping = isStopping;
        this.log = log;
        this.thread = Thread.ofPlatform().name("weft-initload").unstarted(() -> run(files, last));
    }

    void start() {
        thread.start();
    }

    /// Whether all of it is in.
    boolean isDone() {
        return done;
    }

    private void run(List<Path> files, Runnable last) {
        log.info("initload thread start");
        while (!isStopping.getAsBoolean() && isBusy()) {
            pause();
        }
        if (!files.isEmpty() && !isStopping.getAsBoolean()) {
            new ExternalBlocks(chain, magic, isStopping, log).load(files);
        }
        if (!isStopping.getAsBoolean()) {
            last.run();
        }
        done = !isStopping.getAsBoolean();
        log.info("initload thread exit");
    }

    private boolean isBusy() {
        return Boolean.TRUE.equals(chain.ask(engine -> engine.chain().isCatchingUp()));
    }

    private static void pause() {
        try {
            TimeUnit.MILLISECONDS.sleep(LOOK_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /// Waits for the thread, which ends after the block in hand once the node is stopping.
    @Override
    public void close() {
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
