package weft.app.node;

import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import weft.chain.BlockFeed;
import weft.chain.BlockPlace;
import weft.chain.BlockReader;
import weft.chain.api.HeaderNode;
import weft.chain.index.IndexWriter;
import weft.chain.index.IndexedBlock;
import weft.primitives.BlockHash;
import weft.primitives.log.Log;
import weft.primitives.log.LogCategory;

/// Leads one index along the chain on a thread of its own: asks the chain where to go, then reads the blocks
/// itself. So the chain is held up by a short question now and then, and an index that is slow only falls
/// behind.
final class IndexLoop implements AutoCloseable {
    private static final int BLOCKS_EACH = 64;
    private static final long IDLE_SECONDS = 1;
    private static final long PROGRESS_NANOS = TimeUnit.SECONDS.toNanos(30);

    private final IndexWriter writer;
    private final ChainLoop chain;
    private final BlockReader reader;
    private final Consumer<Throwable> fatal;
    private final Log log;
    private final Semaphore wake = new Semaphore(0);
    private final Thread thread;
    private long toldNanos = System.nanoTime();
    private volatile boolean running = true;

    /// A loop that does not run yet.
    ///
    /// @param fatal hears that the index failed: the program must stop
    IndexLoop(
            IndexWriter writer,
            ChainLoop chain,
            BlockReader reader,
            Consumer<Throwable> fatal,
            Log log) {
        this.writer = writer;
        this.chain = chain;
        this.reader = reader;
        this.fatal = fatal;
        this.log = log;
        this.thread =
                Thread.ofPlatform()
                        .name("weft-" + writer.follower().name().replace(' ', '-'))
                        .daemon()
                        .unstarted(this::run);
    }

    void start() {
        thread.start();
    }

    /// The chain has another tip.
    void wake() {
        if (wake.availablePermits() == 0) {
            wake.release();
        }
    }

    private @Nullable BlockHash best() {
        IndexedBlock best = writer.best();
        return best == null ? null : best.hash();
    }

    private void run() {
        log.info(writer.follower().name() + " thread start");
        try {
            while (running) {
                if (!doStep()) {
                    boolean woken = wake.tryAcquire(IDLE_SECONDS, TimeUnit.SECONDS);
                    if (woken) {
                        wake.drainPermits();
                    }
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException | Error e) {
            if (running) {
                fatal.accept(e);
            }
        }
        synchronized (this) {
            notifyAll();
        }
    }

    /// Asks where to go next; what the index may still need is not deleted from then on.
    private Optional<BlockFeed.Step> ask() {
        IndexedBlock at = writer.best();
        return chain.ask(
                engine -> {
                    engine.chain()
                            .pruner()
                            .lock(writer.follower().name(), at == null ? 0 : at.height());
                    BlockHash hash = at == null ? null : at.hash();
                    Optional<BlockFeed.Step> step =
                            engine.chain().follow(hash, BLOCKS_EACH, engine.now());
                    // A chain that is being rebuilt has no tip that counts.
                    return engine.chain().isReindexing()
                            ? step.map(BlockFeed.Step::beforeTip)
                            : step;
                });
    }

    /// Whether the blocks that come next were deleted.
    boolean isBeyondPruned() {
        return ask().map(BlockFeed.Step::isPruned).orElse(false);
    }

    IndexWriter writer() {
        return writer;
    }

    /// @return whether there is more to do at once
    private boolean doStep() {
        Optional<BlockFeed.Step> step = ask();
        if (step.isEmpty()) {
            log.warning(
                    writer.follower().name()
                            + ": best block of the index not found; the index is built anew");
            writer.reset();
            return true;
        }
        if (step.get().isPruned()) {
            throw new NodeFault(
                    writer.follower().name()
                            + " needs blocks that were deleted. Please disable the index or reindex");
        }
        for (BlockPlace each : step.get().leave()) {
            log.debug(
                    LogCategory.PRUNE,
                    () ->
                            writer.follower().name()
                                    + " prune lock moved back to "
                                    + (each.node().height() - 1));
        }
        boolean wasSynced = writer.isSynced();
        writer.follow(step.get(), reader, () -> running);
        synchronized (this) {
            notifyAll();
        }
        tellProgress(wasSynced);
        return !step.get().isEmpty();
    }

    private void tellProgress(boolean wasSynced) {
        IndexedBlock at = writer.best();
        if (at == null) {
            return;
        }
        if (writer.isSynced() && !wasSynced) {
            log.info(writer.follower().name() + " is enabled at height " + at.height());
        } else if (!writer.isSynced() && System.nanoTime() - toldNanos > PROGRESS_NANOS) {
            toldNanos = System.nanoTime();
            log.info(
                    "Syncing "
                            + writer.follower().name()
                            + " with block chain from height "
                            + at.height());
        }
    }

    /// Waits until the index stands where the chain stands now, or beyond.
    ///
    /// @return false if it never stood there since the start, or the node ends
    boolean await() {
        HeaderNode tip = chain.ask(engine -> engine.tip());
        while (writer.isSynced() && running) {
            BlockHash at = best();
            if (at != null && isAt(at, tip)) {
                return true;
            }
            wake();
            synchronized (this) {
                try {
                    if (running && java.util.Objects.equals(at, best())) {
                        wait(TimeUnit.SECONDS.toMillis(IDLE_SECONDS));
                    }
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    return false;
                }
            }
        }
        return false;
    }

    private boolean isAt(BlockHash at, HeaderNode tip) {
        if (at.equals(tip.hash())) {
            return true;
        }
        return chain.ask(
                engine -> {
                    HeaderNode node = engine.chain().headers().find(at);
                    return node != null && (node.hasAncestor(tip) || node.equals(engine.tip()));
                });
    }

    /// Ends the thread after the block in hand.
    @Override
    public void close() {
        running = false;
        wake();
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
