package weft.store;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import weft.chain.ChainOptions;
import weft.chain.ChainState;
import weft.chain.ChainStores;
import weft.chain.CoinsSummary;
import weft.chain.ConsensusRules;
import weft.chain.InlineScriptVerifier;
import weft.chain.api.ChainCommand;
import weft.chain.api.ChainEvent;
import weft.chain.api.HeaderNode;
import weft.chain.api.Origin;
import weft.primitives.Block;
import weft.primitives.BlockHash;
import weft.primitives.Bytes;
import weft.primitives.Now;
import weft.primitives.log.Log;

/// What a node does with the blocks of [StoryBlocks]: a part while it synchronises, the rest at the tip, with
/// orderly ends between. Loaded by [FaultLoader]; outside it is asked by its public interfaces alone.
public final class FaultStory implements FaultyNode {
    private static final Instant WALL = Instant.parse("2026-01-01T00:00:00Z");
    private static final int TICK_BLOCKS = 7;
    private static final int FILE_BYTES = 65_536;
    private static final Bytes KEY = Bytes.parse("0102030405060708");

    private final Path folder;
    private @Nullable Disk disk;
    private @Nullable BlockFiles files;
    private @Nullable RocksKeyValueStore database;
    private @Nullable ChainState state;
    private long told;
    private long safe;
    private boolean blamed;
    private long nanos = 1;
    private final Map<BlockHash, Block> read = new HashMap<>();

    /// A node on a folder, not started.
    public FaultStory(Path folder) {
        this.folder = folder;
    }

    private Now now() {
        nanos += 300_000_000L;
        return new Now(nanos, WALL);
    }

    @Override
    public void start(boolean synchronised) {
        disk = Disk.open(folder, "regtest", "weft");
        var options =
                new BlockFileOptions(
                        StoryBlocks.REGTEST.identity().magic(), FILE_BYTES, true, KEY, 0);
        files = BlockFiles.open(disk.blocks(), options);
        database = RocksKeyValueStore.open(disk.subfolder("chainstate"), 8 << 20);
        Duration age = synchronised ? Duration.ofDays(100_000) : Duration.ofHours(24);
        state =
                new ChainState(
                        new ConsensusRules(StoryBlocks.REGTEST),
                        ChainOptions.DEFAULT.withMaxTipAge(age),
                        new ChainStores(database, files),
                        new InlineScriptVerifier(),
                        this::hear,
                        Log.NONE);
        state.start(now());
    }

    private ChainState state() {
        if (state == null) {
            throw new IllegalStateException("not started");
        }
        return state;
    }

    private void hear(ChainEvent event) {
        switch (event) {
            case ChainEvent.TipChanged(
                            HeaderNode _,
                            HeaderNode tip,
                            HeaderNode _,
                            boolean initial) -> {
                if (!initial) {
                    told = Math.max(told, work(tip));
                }
            }
            case ChainEvent.BlockRejected _, ChainEvent.HeadersRejected _ -> blamed = true;
            case ChainEvent.HeaderValidity validity -> blamed |= !validity.valid();
            default -> {}
        }
    }

    private static long work(HeaderNode node) {
        return node.chainWork().longValueExact();
    }

    @Override
    public void take(List<Block> blocks) {
        int count = 0;
        for (Block block : blocks) {
            state().submitBlock(new ChainCommand.SubmitBlock(Origin.SELF, block, true), now());
            if (++count % TICK_BLOCKS == 0) {
                nanos += 1_000_000_000L;
                state().tick(now());
                safe = told;
            }
        }
    }

    @Override
    public void end() {
        state().close();
        safe = told;
        shut();
    }

    /// Gives back what is open, in any state.
    @Override
    public void shut() {
        if (database != null) {
            database.close();
        }
        if (files != null) {
            files.close();
        }
        if (disk != null) {
            disk.close();
        }
        database = null;
        files = null;
        disk = null;
    }

    @Override
    public long told() {
        return told;
    }

    @Override
    public long safe() {
        return safe;
    }

    @Override
    public boolean hasBlamed() {
        return blamed;
    }

    @Override
    public long tipWork() {
        return work(state().chain().tip());
    }

    @Override
    public String coins() {
        state().flush(now());
        return state().chain().tip().hash() + " " + CoinsSummary.of(state().coinsStore());
    }

    @Override
    public boolean isAnyInvalid(List<Block> blocks) {
        for (Block block : blocks) {
            HeaderNode node = state().headers().find(block.hash());
            if (node != null && state().headers().status(node).isInvalid()) {
                return true;
            }
        }
        return false;
    }

    @Override
    public boolean hasReadOnly(List<Block> blocks) {
        for (Block block : blocks) {
            Block found = read.getOrDefault(block.hash(), block);
            if (!Arrays.equals(found.toByteArray(), block.toByteArray())) {
                return false;
            }
        }
        return true;
    }

    @Override
    public void useAll(int depth) {
        HeaderNode each = state().chain().tip();
        while (each != null) {
            if (state().block(each).isPresent()) {
                read.put(each.hash(), state().block(each).orElseThrow());
            }
            if (each.parent() != null) {
                state().undo(each);
            }
            each = each.parent();
        }
        HeaderNode from = state().chain().tip().ancestor(state().chain().height() - depth);
        if (from != null && from.parent() != null) {
            boolean before = blamed;
            state().invalidateBlock(from.hash(), now());
            state().reconsiderBlock(from.hash(), now());
            blamed = before;
        }
    }
}
