package weft.app.bench.load;

import java.io.IOException;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;
import weft.wire.InvItem;

/// A peer that floods a node until it is told to end; it connects again whenever the node hangs up.
final class Attacker implements AutoCloseable {
    private static final long PAUSE_MILLIS = 50;

    private final int port;
    private final FloodKind kind;
    private final SplittableRandom random;
    private final List<InvItem> blocks;
    private final Sums sums;
    private final AtomicReference<@Nullable BenchPeer> current = new AtomicReference<>();
    private volatile boolean isOver;

    /// What all attackers did together.
    ///
    /// @param messages that were sent
    /// @param bytes that were sent
    /// @param drops how often the node hung up or let nobody in
    record Sums(LongAdder messages, LongAdder bytes, LongAdder drops) {
        Sums() {
            this(new LongAdder(), new LongAdder(), new LongAdder());
        }
    }

    /// @param blocks that the node has
    Attacker(int port, FloodKind kind, SplittableRandom random, List<InvItem> blocks, Sums sums) {
        this.port = port;
        this.kind = kind;
        this.random = random;
        this.blocks = blocks;
        this.sums = sums;
    }

    /// Floods; returns after [#close].
    void run() {
        try {
            floodAgain();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void floodAgain() throws InterruptedException {
        while (!isOver) {
            try (var peer = new BenchPeer(port)) {
                current.set(peer);
                peer.greet();
                flood(peer);
            } catch (IOException e) {
                if (!isOver) {
                    sums.drops.increment();
                    Thread.sleep(PAUSE_MILLIS);
                }
            }
        }
    }

    private void flood(BenchPeer peer) throws IOException {
        if (kind == FloodKind.SILENT) {
            while (!isOver) {
                peer.drain();
            }
            return;
        }
        // What the node says must be taken, or it stops to listen.
        Thread.startVirtualThread(() -> takeAll(peer));
        while (!isOver) {
            FloodKind.Burst burst = kind.next(random, blocks);
            peer.write(burst.bytes());
            sums.messages.add(burst.messages());
            sums.bytes.add(burst.bytes().length());
        }
    }

    private void takeAll(BenchPeer peer) {
        try {
            while (!isOver) {
                peer.drain();
            }
        } catch (IOException e) {
            // The end of the connection; who writes sees it too.
            return;
        }
    }

    @Override
    public void close() throws IOException {
        isOver = true;
        BenchPeer peer = current.get();
        if (peer != null) {
            peer.close();
        }
    }
}
