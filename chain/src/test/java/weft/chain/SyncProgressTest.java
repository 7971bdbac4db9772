package weft.chain;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import weft.chain.api.ChainCommand;
import weft.chain.store.MemoryBlockStore;
import weft.chain.store.MemoryKeyValueStore;
import weft.primitives.Block;
import weft.primitives.BlockHash;
import weft.primitives.Now;
import weft.primitives.log.Log;
import weft.primitives.log.LogCategory;

class SyncProgressTest {
    private static final ToyRules RULES = new ToyRules();

    private static Now after(int seconds) {
        return new Now(seconds * 1_000_000_000L, Instant.ofEpochSecond(1_000 + seconds));
    }

    @Test
    void shouldTellEveryTenSecondsOfInitialDownload() {
        var lines = new ArrayList<String>();
        Log log =
                new Log() {
                    @Override
                    public boolean isOn(LogCategory category, Level level) {
                        return level == Level.INFO;
                    }

                    @Override
                    public void write(LogCategory category, Level level, String message) {
                        if (message.startsWith("Synchronizing blocks")) {
                            lines.add(message);
                        }
                    }
                };
        ChainOptions options = ChainOptions.DEFAULT.withMaxTipAge(Duration.ofSeconds(-5_000));
        var stores = new ChainStores(new MemoryKeyValueStore(), new MemoryBlockStore());
        var state = new ChainState(RULES, options, stores, ToyRules.SCRIPTS, event -> {}, log);
        state.start(after(0));
        BlockHash parent = RULES.genesis().hash();
        for (int height = 1; height <= 40; height++) {
            Block block =
                    ToyRules.block(
                            parent,
                            height,
                            1,
                            List.of(ToyRules.coinbase(height, 0, ToyRules.SUBSIDY)));
            parent = block.hash();
            state.submitBlock(new ChainCommand.SubmitBlock(Forge.PEER, block, true), after(height));
        }
        assertThat(lines).hasSize(3);
        assertThat(lines.getFirst())
                .startsWith("Synchronizing blocks, height: 11 of 11, date: ")
                .contains(" 1 blocks/s, 1 tx/s, coins: ", ", time left: ");
    }

    @Test
    void shouldNameTheTwoLargestUnitsOfATime() {
        assertThat(SyncProgress.span(59)).isEqualTo("0 min 59 s");
        assertThat(SyncProgress.span(3 * 3600 + 720)).isEqualTo("3 h 12 min");
        assertThat(SyncProgress.span(2 * 86_400 + 3_600)).isEqualTo("2 d 1 h");
    }
}
