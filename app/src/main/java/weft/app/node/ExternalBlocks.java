package weft.app.node;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import weft.node.ChainEngine;
import weft.primitives.Block;
import weft.primitives.BlockHash;
import weft.primitives.Bytes;
import weft.primitives.codec.ByteReader;
import weft.primitives.codec.MalformedBytes;
import weft.primitives.log.Log;
import weft.primitives.log.LogCategory;

/// Takes in blocks of files from elsewhere (`-loadblock`): records of magic, length and block, in any
/// order, with anything between them, not scrambled.
final class ExternalBlocks {
    private static final int HEADER_BYTES = 8;
    private static final int BLOCK_BYTES_MIN = 81;
    private static final int BLOCK_BYTES_MAX = 4_000_000;
    private static final int WINDOW_BYTES = 1 << 20;

    /// Blocks whose parent has not come yet.
    private static final int WAITING_BLOCKS_MAX = 100_000;

    private final ChainLoop chain;
    private final byte[] magic;
    private final BooleanSupplier isStopping;
    private final Log log;
    private final Map<BlockHash, List<Long>> waiting = new HashMap<>();
    private int waitingCount;
    private int loaded;

    /// @param isStopping whether to leave off
    ExternalBlocks(ChainLoop chain, Bytes magic, BooleanSupplier isStopping, Log log) {
        this.chain = chain;
        this.magic = magic.toByteArray();
        this.isStopping = isStopping;
        this.log = log;
    }

    /// Takes in files one after the other; a file that cannot be read is said in the log.
    void load(List<Path> paths) {
        for (Path path : paths) {
            if (isStopping.getAsBoolean()) {
                return;
            }
            log.info("Importing blocks file " + path + "...");
            long start = System.nanoTime();
            loaded = 0;
            try (var file = new RandomAccessFile(path.toFile(), "r")) {
                read(file);
                log.info(
                        "Loaded "
                                + loaded
                                + " blocks from external file in "
                                + TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start)
                                + "ms");
            } catch (IOException e) {
                log.warning("Could not open blocks file " + path + ": " + e.getMessage());
            }
            waiting.clear();
            waitingCount = 0;
        }
    }

    private void read(RandomAccessFile file) throws IOException {
        long at = nextMagic(file, 0);
        while (at >= 0 && !isStopping.getAsBoolean()) {
            Block block = block(file, at);
            long from = at + 1;
            if (block != null) {
                from = at + HEADER_BYTES + block.totalSize();
                see(file, at, block);
            }
            at = nextMagic(file, from);
        }
    }

    /// The block of the record at a place; null if none is there.
    private static @Nullable Block block(RandomAccessFile file, long at) throws IOException {
        if (at + HEADER_BYTES > file.length()) {
            return null;
        }
        file.seek(at + 4);
        long length = Integer.toUnsignedLong(Integer.reverseBytes(file.readInt()));
        if (length < BLOCK_BYTES_MIN
                || length > BLOCK_BYTES_MAX
                || at + HEADER_BYTES + length > file.length()) {
            return null;
        }
        byte[] bytes = new byte[(int) length];
        file.readFully(bytes);
        try {
            return Block.read(ByteReader.of(bytes));
        } catch (MalformedBytes _) {
            return null;
        }
    }

    private long nextMagic(RandomAccessFile file, long from) throws IOException {
        long size = file.length();
        for (long at = from; at + magic.length <= size; at += WINDOW_BYTES - magic.length + 1) {
            byte[] window = new byte[(int) Math.min(WINDOW_BYTES, size - at)];
            file.seek(at);
            file.readFully(window);
            for (int i = 0; i + magic.length <= window.length; i++) {
                if (Arrays.equals(window, i, i + magic.length, magic, 0, magic.length)) {
                    return at + i;
                }
            }
        }
        return -1;
    }

    private void see(RandomAccessFile file, long at, Block block) throws IOException {
        BlockHash parent = block.header().parent();
        if (submit(block)) {
            takeChildren(file, block.hash());
        } else {
            log.debug(
                    LogCategory.REINDEX,
                    () ->
                            "LoadExternalBlockFile: Out of order block "
                                    + block.hash()
                                    + ", parent "
                                    + parent
                                    + " not known");
            if (waitingCount < WAITING_BLOCKS_MAX) {
                waitingCount++;
                waiting.computeIfAbsent(parent, _ -> new ArrayList<>()).add(at);
            }
        }
    }

    private void takeChildren(RandomAccessFile file, BlockHash from) throws IOException {
        var queue = new ArrayDeque<BlockHash>();
        queue.add(from);
        while (!queue.isEmpty()) {
            List<Long> children = waiting.remove(queue.remove());
            if (children == null) {
                continue;
            }
            for (long at : children) {
                waitingCount--;
                Block block = block(file, at);
                if (block != null && submit(block)) {
                    queue.add(block.hash());
                }
            }
        }
    }

    /// @return whether its parent is known
    private boolean submit(Block block) {
        return Boolean.TRUE.equals(chain.ask(engine -> submit(engine, block)));
    }

    private boolean submit(ChainEngine engine, Block block) {
        boolean isKnown = engine.chain().headers().find(block.hash()) != null;
        if (!isKnown && engine.chain().headers().find(block.header().parent()) == null) {
            return false;
        }
        if (engine.submitBlock(block).isNew()) {
            loaded++;
        }
        return true;
    }
}
