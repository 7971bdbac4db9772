package weft.app.node;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
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
import weft.primitives.BlockHash;
import weft.primitives.BlockHeader;
import weft.primitives.Bytes;
import weft.primitives.Digest256;
import weft.primitives.Now;
import weft.primitives.OutPoint;
import weft.primitives.Transaction;
import weft.primitives.TxIn;
import weft.primitives.TxOut;
import weft.primitives.log.Log;
import weft.testkit.Sabotage;
import weft.testkit.SeenRed;

/// Blocks that nobody asked for, while the chain engine has something to do that takes long.
@Timeout(60)
class ChainQueueAttackTest implements SeenRed {
    private static final int BLOCK_BYTES = 3_900_000;
    private static final long ROOM = 64 << 20;

    private final List<Throwable> failures = new ArrayList<>();
    private final AtomicInteger refused = new AtomicInteger();

    private static Now now() {
        return new Now(System.nanoTime(), Instant.now());
    }

    private ChainLoop loop() {
        var engine =
                new ChainEngine(
                        new ChainEngine.Parts(
                                ChainParams.of(Network.MAIN),
                                ChainOptions.DEFAULT,
                                MempoolOptions.DEFAULT,
                                TemplateOptions.DEFAULT,
                                new ChainStores(new MemoryKeyValueStore(), new MemoryBlockStore()),
                                new InlineScriptVerifier(),
                                Log.NONE));
        var loop =
                new ChainLoop(
                        engine,
                        ChainQueueAttackTest::now,
                        event ->
                                refused.addAndGet(
                                        event instanceof ChainEvent.BlockRejected ? 1 : 0),
                        failures::add);
        loop.start(any -> {});
        return loop;
    }

    private static Transaction coinbase(int bytes) {
        return Transaction.of(
                2,
                List.of(new TxIn(OutPoint.NULL, Bytes.EMPTY, 0)),
                List.of(new TxOut(1, Bytes.wrap(new byte[bytes]))),
                List.of(),
                0);
    }

    /// Without work, which the chain engine finds out when it looks.
    private static Block block(int number, Transaction coinbase) {
        var header =
                new BlockHeader(
                        4, new BlockHash(number, 0, 0, 1), Digest256.ZERO, number, 0x1d00ffffL, 0);
        return Block.of(header, List.of(coinbase));
    }

    /// As the peers' thread does: no more is posted once the engine is behind.
    private static int flood(ChainLoop loop, Transaction coinbase) {
        int posted = 0;
        while (!loop.isBehind() && posted < 1_000) {
            Block block = block(posted, coinbase);
            loop.post(new ChainCommand.SubmitBlock(new Origin(7), block, false));
            posted++;
        }
        return posted;
    }

    @Test
    @DisplayName("D18 large blocks without work that wait for the chain engine")
    @Sabotage(type = "weft.app.node.ChainLoop", method = "bytesOf", returns = "0")
    @Sabotage(type = "weft.app.node.ChainLoop", method = "isBehind", constant = "128>1000000")
    void shouldKeepFewBytesWaitingForTheChain() throws InterruptedException {
        ChainLoop loop = loop();
        var busy = new CountDownLatch(1);
        var begun = new CountDownLatch(1);
        var asking =
                Thread.ofVirtual()
                        .start(
                                () ->
                                        loop.ask(
                                                any -> {
                                                    begun.countDown();
                                                    return await(busy);
                                                }));
        begun.await();
        int large = flood(loop, coinbase(BLOCK_BYTES));
        assertThat((long) large * BLOCK_BYTES).isLessThan(ROOM + 2 * BLOCK_BYTES);
        busy.countDown();
        asking.join();
        while (refused.get() < large) {
            TimeUnit.MILLISECONDS.sleep(5);
        }
        assertThat(loop.isBehind()).as("what was judged waits no more").isFalse();

        var busyAgain = new CountDownLatch(1);
        var again = Thread.ofVirtual().start(() -> loop.ask(any -> await(busyAgain)));
        TimeUnit.MILLISECONDS.sleep(200);
        int small = flood(loop, coinbase(100));
        assertThat(small).as("small ones are counted").isBetween(100, 200);
        busyAgain.countDown();
        again.join();
        loop.close();
        assertThat(failures).isEmpty();
    }

    private static boolean await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return true;
    }
}
