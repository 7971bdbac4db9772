package weft.net;

import java.util.concurrent.Semaphore;

/// Bytes of one peer's messages that may wait for the engine. The reader takes, and waits when there is
/// nothing to take, which stops the reading of that socket; the loop gives back.
final class ReadBudget {
    private final int total;
    private final Semaphore bytes;

    ReadBudget(int total) {
        this.total = total;
        this.bytes = new Semaphore(total);
    }

    /// Takes room for a message; one larger than everything takes everything.
    ///
    /// @return what to give back
    int take(int size) throws InterruptedException {
        int taken = Math.clamp(size, 1, total);
        bytes.acquire(taken);
        return taken;
    }

    /// Whether nothing is taken and nobody waits.
    boolean isIdle() {
        return bytes.availablePermits() == total && !bytes.hasQueuedThreads();
    }

    void giveBack(int taken) {
        bytes.release(taken);
    }
}
