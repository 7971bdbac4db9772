package weft.app.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import weft.app.bench.sync.SyntheticBlocks;
import weft.chain.ChainOptions;
import weft.chain.ChainStores;
import weft.chain.InlineScriptVerifier;
import weft.chain.api.ChainCommand;
import weft.chain.api.ChainEvent;
import weft.chain.api.Origin;
import weft.chain.store.MemoryBlockStore;
import weft.chain.store.MemoryKeyValueStore;
import weft.consensus.ChainParams;
import weft.consensus.Network;
import weft.mempool.MempoolOptions;
import weft.mining.TemplateOptions;
import weft.node.ChainEngine;
import weft.primitives.Block;
import weft.primitives.Now;
import weft.primitives.log.Log;

/// A loop that is told to end while the engine has much to do.
class ChainLoopTest {
    private static final int BLOCKS = 250;
    private static final int SLOW_MILLIS = 40;
    private static final Duration SOON = Duration.ofSeconds(4);

    private final ChainStores stores =
            new ChainStores(new MemoryKeyValueStore(), new MemoryBlockStore());
    private final AtomicReference<@Nullable Throwable> fatal = new AtomicReference<>();

    private static List<Block> blocks() {
        var blocks = new ArrayList<Block>();
        SyntheticBlocks.make(3, 5, blocks::add);
        return blocks.subList(1, 1 + BLOCKS);
    }

    private static ChainEngine engine(ChainStores stores) {
        return new ChainEngine(
                new ChainEngine.Parts(
                        ChainParams.of(Network.REGTEST),
                        ChainOptions.DEFAULT.withMaxTipAge(Duration.ofDays(100_000)),
                        MempoolOptions.DEFAULT,
                        TemplateOptions.DEFAULT,
                        stores,
                        new InlineScriptVerifier(),
                        Log.NONE));
    }

    private ChainLoop loop(Instant wall, Consumer<ChainEvent> events) {
        return new ChainLoop(
                engine(stores), () -> new Now(System.nanoTime(), wall), events, fatal::set);
    }

    @Test
    @Timeout(60)
    void shouldEndSoonWhileManyBlocksConnectAndGoOnLater() throws InterruptedException {
        List<Block> blocks = blocks();
        Instant wall = Instant.ofEpochSecond(blocks.getLast().header().time());
        var connecting = new CountDownLatch(3);
        ChainLoop loop =
                loop(
                        wall,
                        event -> {
                            if (event instanceof ChainEvent.BlockConnected) {
                                connecting.countDown();
                                pause();
                            }
                        });
        loop.start(engine -> {});
        loop.post(
                new ChainCommand.SubmitHeaders(
                        Origin.SELF, blocks.stream().map(Block::header).toList(), true));
        // The first block comes last; with it all connect, which takes longer than anyone waits.
        for (Block each : blocks.reversed()) {
            loop.post(new ChainCommand.SubmitBlock(Origin.SELF, each, true));
        }
        connecting.await();
        long begun = System.nanoTime();
        loop.endSoon();
        loop.end(engine -> engine.chain().close());
        loop.close();
        assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(SOON);
        assertThat(fatal.get()).isNull();
        assertThatThrownBy(() -> loop.ask(engine -> engine.tip().height()))
                .hasMessage("the node is shutting down");

        ChainLoop again = loop(wall, event -> {});
        again.start(engine -> assertThat(engine.tip().height()).isBetween(3, BLOCKS - 1));
        while (again.ask(engine -> engine.tip().height()) < BLOCKS) {
            Thread.sleep(5);
        }
        again.end(engine -> engine.chain().close());
        again.close();
        assertThat(fatal.get()).isNull();
    }

    @Test
    void shouldTellWholeBlocksOnlyAfterInitialDownload() {
        List<Block> blocks = blocks();
        Instant last = Instant.ofEpochSecond(blocks.getLast().header().time());
        for (boolean isInitial : new boolean[] {true, false}) {
            var told = new ArrayList<ChainEvent.BlockConnected>();
            Duration age = Duration.ofDays(isInitial ? 200_000 : 1);
            ChainEngine engine =
                    engine(new ChainStores(new MemoryKeyValueStore(), new MemoryBlockStore()));
            var now = new Now(1, last.plus(age));
            engine.start(now, event -> {});
            for (Block each : blocks) {
                engine.handle(
                        new ChainCommand.SubmitBlock(Origin.SELF, each, true),
                        now,
                        event -> {
                            if (event instanceof ChainEvent.BlockConnected connected) {
                                told.add(connected);
                            }
                        });
            }
            engine.settle(now, event -> {});
            assertThat(told).isNotEmpty();
            assertThat(told).allMatch(each -> (each.block() == null) == isInitial);
        }
    }

    private static void pause() {
        try {
            Thread.sleep(SLOW_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
