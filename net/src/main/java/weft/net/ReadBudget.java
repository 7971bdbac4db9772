package weft.net;

import java.util.concurrent.Semaphore;

/// Memory that one peer's messages may take while they wait for the engine. The reader takes, and waits when
/// there is nothing to take, which stops the reading of that socket; the loop gives back.
final class ReadBudget {
    /// What a message takes beside its bytes, however short it is: the objects around it and its place in
    /// the queue.
    ///
    /// *Rationale:* a ping has 32 bytes on the wire and takes 200 here; by its bytes alone a peer could
    /// have 30 MB of pings waiting where 5 MB are allowed.
    static final int MESSAGE_BYTES = 224;

    /// How much larger a decoded message is than its bytes: an address takes about 80 bytes instead of 30.
    private static final int GROWTH = 2;

    private final int total;
    private final Semaphore bytes;

    /// @param total bytes; one at least, for a reader that has no room at all would never read
    ReadBudget(int total) {
        this.total = Math.max(1, total);
        this.bytes = new Semaphore(this.total);
    }

    /// Memory that a message takes while it waits, in bytes.
    ///
    /// @param size bytes on the wire
    static long taking(int size) {
        return (long) GROWTH * size + MESSAGE_BYTES;
    }

    /// Takes room for a message; one larger than everything takes everything.
    ///
    /// @param size bytes on the wire
    /// @return what to give back
    int take(int size) throws InterruptedException {
        int taken = (int) Math.min(taking(size), total);
        bytes.acquire(taken);
        return taken;
    }

    /// Waits until there is any room.
    void awaitAny() throws InterruptedException {
        bytes.acquire();
        bytes.release();
    }

    /// Waits until there is room for a message of which so many bytes came already, or nothing else waits.
    ///
    /// *Rationale:* a large message is then read when its turn is near, and until then it is memory of its
    /// sender.
    void awaitRoomFor(int unfinishedBytes) throws InterruptedException {
        int needed = (int) Math.min(taking(unfinishedBytes), total);
        bytes.acquire(needed);
        bytes.release(needed);
    }

    /// Whether nothing is taken and nobody waits.
    boolean isIdle() {
        return bytes.availablePermits() == total && !bytes.hasQueuedThreads();
    }

    void giveBack(int taken) {
        bytes.release(taken);
    }
}
