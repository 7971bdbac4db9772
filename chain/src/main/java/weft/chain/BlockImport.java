package weft.chain;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import weft.chain.store.BlockPosition;
import weft.primitives.Block;
import weft.primitives.BlockHash;
import weft.primitives.Bytes;
import weft.primitives.Now;
import weft.primitives.codec.ByteReader;
import weft.primitives.codec.MalformedBytes;

/// Takes every block of the block files into the index, parents before children, in small steps between
/// which the chain can be asked. Connects none: which branch is the best, and which scripts are assumed
/// valid, is known only when all headers are.
///
/// A block that is damaged or breaks a rule is left out; the network has it.
final class BlockImport {
    private static final long STEP_BYTES = 2 << 20;

    /// Blocks whose parent has not come yet. *Rationale:* nodes store blocks in the order of arrival, at
    /// most about a thousand of them ahead of a parent.
    private static final int WAITING_BLOCKS_MAX = 100_000;

    private final ChainParts parts;
    private final BlockIntake intake;
    private final ScriptVerifier threads;
    private final Map<BlockHash, List<Found>> waiting = new HashMap<>();
    private BlockPosition next = new BlockPosition(0, 0);
    private int file = -1;
    private int waitingCount;
    private long stepBytes;
    private boolean isDone;

    private record Found(BlockHash hash, BlockPosition position) {}

    /// A block out of a file, with all checks that need nothing but the block.
    ///
    /// @param block null if the bytes are none
    /// @param isSound whether it passed
    private record Read(@Nullable Block block, boolean isSound) {}

    private record Step(BlockPosition position, int bytes, Ahead<Read> read) {}

    /// @param threads that decode and check blocks side by side
    BlockImport(ChainParts parts, BlockIntake intake, ScriptVerifier threads) {
        this.parts = parts;
        this.intake = intake;
        this.threads = threads;
    }

    /// Takes some blocks in.
    ///
    /// @return whether there may be more
    boolean step(Now now) {
        stepBytes = 0;
        isDone = true;
        var steps = new ArrayList<Step>();
        parts.storage
                .blocks()
                .scan(
                        next,
                        (position, bytes) -> {
                            Ahead<Read> read = threads.ahead(() -> read(bytes));
                            steps.add(new Step(position, bytes.length(), read));
                            stepBytes += bytes.length();
                            isDone = stepBytes < STEP_BYTES;
                            return isDone;
                        });
        for (int i = 0; i < steps.size(); i++) {
            Ahead<Read> read = steps.get(i).read;
            // While another thread is at it, those at the end, which nobody has begun.
            for (int last = steps.size() - 1; last > i && !read.isDone(); last--) {
                steps.get(last).read.runHere();
            }
            see(steps.get(i), now);
        }
        parts.storage.writeIndex();
        return !isDone;
    }

    private Read read(Bytes bytes) {
        Block block = parse(bytes);
        return new Read(
                block,
                block != null
                        && parts.rules.checkHeader(block.header(), block.hash()) == null
                        && parts.rules.checkBlock(block) == null);
    }

    private void see(Step step, Now now) {
        BlockPosition position = step.position;
        if (position.file() != file) {
            file = position.file();
            parts.log.reindexing(file);
        }
        next = new BlockPosition(file, position.offset() + step.bytes);
        Read read = step.read.take();
        Block block = read.block;
        if (block == null) {
            return;
        }
        BlockHash parent = block.header().parent();
        boolean isGenesis = block.hash().equals(parts.rules.genesis().hash());
        if (!isGenesis && parts.tree.find(parent) == null) {
            parts.log.outOfOrder(block.hash(), parent);
            if (waitingCount++ < WAITING_BLOCKS_MAX) {
                waiting.computeIfAbsent(parent, _ -> new ArrayList<>())
                        .add(new Found(block.hash(), position));
            }
        } else if (take(block, read.isSound, position, now)) {
            takeChildren(block.hash(), now);
        }
    }

    private void takeChildren(BlockHash from, Now now) {
        var queue = new ArrayDeque<BlockHash>();
        queue.add(from);
        while (!queue.isEmpty()) {
            BlockHash parent = queue.remove();
            List<Found> children = waiting.remove(parent);
            if (children == null) {
                continue;
            }
            for (Found child : children) {
                waitingCount--;
                parts.log.outOfOrderChild(child.hash(), parent);
                Bytes bytes = parts.storage.blocks().read(child.position());
                stepBytes += bytes.length();
                Read read = read(bytes);
                Block block = read.block;
                if (block != null && take(block, read.isSound, child.position(), now)) {
                    queue.add(child.hash());
                }
            }
        }
    }

    /// @return whether the block's header is in the tree now
    private boolean take(Block block, boolean isSound, BlockPosition position, Now now) {
        BlockEntry known = parts.tree.entryOrNull(block.hash());
        if (known != null && known.hasBlock()) {
            return !known.isFailed();
        }
        if (!isSound) {
            return false;
        }
        BlockEntry entry = intake.header(block.header(), true, now).entry();
        if (entry == null || entry.isFailed()) {
            return false;
        }
        if (entry.parent() != null && intake.checkInContext(entry, block) == null) {
            parts.storage.placed(entry, block, position);
            parts.candidates.received(entry, parts.tree.entry(parts.chain.tip()));
        }
        return true;
    }

    /// Reads a block; null if the bytes are none.
    static @Nullable Block parse(Bytes bytes) {
        try {
            ByteReader in =
                    ByteReader.of(bytes.backingArray(), bytes.backingOffset(), bytes.length());
            Block block = Block.read(in);
            in.expectEnd();
            return block;
        } catch (MalformedBytes _) {
            return null;
        }
    }
}
