package weft.chain;

import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;
import weft.chain.api.HeaderNode;
import weft.primitives.Block;

/// The blocks on top of the chain whose coins are applied while their scripts still run, the lowest first.
///
/// *Rationale:* scripts take most of the time, and the coins of the next block do not depend on them but
/// through the verdict. So the next blocks are applied as if the scripts passed. If one fails, its block
/// and all that stand on it are taken back, and nobody has heard of them.
final class BlocksInFlight {
    private static final int BLOCKS_MAX = 64;

    /// Enough that no thread waits. *Rationale:* what is in flight survives every collection of the young
    /// generation, and is copied each time.
    private static final long BYTES_MAX = 1L << 20;

    private final ArrayDeque<Flight> flights = new ArrayDeque<>();
    private long bytes;

    /// One block.
    ///
    /// @param wasStored the block was read from disk, where it may have rotted
    /// @param undo the coins that it spent
    /// @param scripts the checks that still run
    record Flight(
            BlockEntry entry,
            Block block,
            boolean wasStored,
            BlockUndo undo,
            ScriptVerifier.Pending scripts) {}

    boolean isEmpty() {
        return flights.isEmpty();
    }

    /// Whether so much is in flight that more would only take memory.
    boolean isFull() {
        return flights.size() >= BLOCKS_MAX || (flights.size() > 1 && bytes > BYTES_MAX);
    }

    void add(Flight flight) {
        flights.addLast(flight);
        bytes += flight.block.totalSize();
    }

    /// The block that must be settled next; there is one.
    Flight first() {
        return flights.getFirst();
    }

    /// The block that the coins belong to; null if that is the chain's tip.
    @Nullable HeaderNode last() {
        Flight last = flights.peekLast();
        return last == null ? null : last.entry.node();
    }

    Flight removeFirst() {
        Flight flight = flights.removeFirst();
        bytes -= flight.block.totalSize();
        return flight;
    }

    Flight removeLast() {
        Flight flight = flights.removeLast();
        bytes -= flight.block.totalSize();
        return flight;
    }
}
