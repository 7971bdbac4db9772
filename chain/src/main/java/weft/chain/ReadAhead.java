package weft.chain;

import java.util.ArrayDeque;
import java.util.List;
import org.jspecify.annotations.Nullable;
import weft.chain.api.BlockFailure;
import weft.primitives.Block;

/// The stored blocks that connect next, the lowest first, while other threads read, decode and check them.
/// Owned by the chain's thread.
final class ReadAhead {
    private final ChainParts parts;
    private final ScriptVerifier threads;
    private final ArrayDeque<Begun> begun = new ArrayDeque<>();

    /// A block from disk, with the checks that need nothing but the block.
    ///
    /// @param failure null if it passed
    record Checked(Block block, @Nullable BlockFailure failure) {}

    private record Begun(BlockEntry entry, Ahead<Checked> read) {}

    ReadAhead(ChainParts parts, ScriptVerifier threads) {
        this.parts = parts;
        this.threads = threads;
    }

    /// Begins to read blocks that are not begun yet, and forgets all others.
    ///
    /// @param path what connects next, in order; their blocks are stored
    void begin(List<BlockEntry> path) {
        int known = 0;
        for (Begun each : begun) {
            if (known == path.size() || !each.entry.equals(path.get(known))) {
                begun.clear();
                known = 0;
                break;
            }
            known++;
        }
        for (BlockEntry entry : path.subList(known, path.size())) {
            // Where it lies is looked up here: entries belong to the chain's thread.
            BlockPlace place = ChainStorage.place(entry);
            begun.addLast(new Begun(entry, threads.ahead(() -> read(place))));
        }
    }

    private Checked read(BlockPlace place) {
        Block block = parts.storage.read(place);
        return new Checked(block, parts.rules.checkBlock(block));
    }

    /// A stored block.
    ///
    /// @throws weft.chain.store.StoreException if it cannot be read
    Checked take(BlockEntry entry) {
        Begun first = begun.pollFirst();
        if (first != null && first.entry.equals(entry)) {
            return first.read.take();
        }
        begun.clear();
        return read(ChainStorage.place(entry));
    }
}
