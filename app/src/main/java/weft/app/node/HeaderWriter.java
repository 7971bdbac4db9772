package weft.app.node;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Consumer;
import weft.chain.api.ChainEvent;
import weft.chain.api.HeaderNode;
import weft.primitives.BlockHeader;
import weft.store.HeaderFile;

/// Writes new headers to their file, on the thread "weft-headers": the peers' thread must not wait for a
/// disk. What waits is written together. A crash costs the headers of the last moment, which peers have.
final class HeaderWriter implements AutoCloseable {
    private static final HeaderNode[] END = {};

    private final HeaderFile file;
    private final Consumer<Throwable> fatal;

    /// Each entry is some headers; the end has none.
    private final LinkedBlockingQueue<HeaderNode[]> waiting = new LinkedBlockingQueue<>();

    private final Thread thread;

    /// @param fatal hears that the file cannot be written: the program must stop
    HeaderWriter(HeaderFile file, Consumer<Throwable> fatal) {
        this.file = file;
        this.fatal = fatal;
        this.thread = Thread.ofPlatform().name("weft-headers").start(this::run);
    }

    /// Takes the headers that are new; never blocks.
    void onChainEvent(ChainEvent event) {
        List<HeaderNode> added =
                switch (event) {
                    case ChainEvent.HeadersAccepted each -> each.added();
                    case ChainEvent.HeadersRejected each -> each.added();
                    default -> List.of();
                };
        if (!added.isEmpty()) {
            waiting.add(added.toArray(HeaderNode[]::new));
        }
    }

    private void run() {
        try {
            while (write()) {
                // Until the end came.
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException | Error e) {
            fatal.accept(e);
        }
    }

    /// @return whether more is to come
    private boolean write() throws InterruptedException {
        var taken = new ArrayList<HeaderNode[]>();
        taken.add(waiting.take());
        waiting.drainTo(taken);
        var headers = new ArrayList<BlockHeader>();
        for (HeaderNode[] some : taken) {
            for (HeaderNode each : some) {
                headers.add(each.header());
            }
        }
        file.append(headers);
        // Nothing behind the end is waited for.
        return !taken.contains(END);
    }

    /// Returns when all is written.
    @Override
    public void close() {
        waiting.add(END);
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
