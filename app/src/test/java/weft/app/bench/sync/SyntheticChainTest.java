package weft.app.bench.sync;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import weft.chain.ChainOptions;
import weft.chain.ChainState;
import weft.chain.ChainStores;
import weft.chain.ConsensusRules;
import weft.chain.InlineScriptVerifier;
import weft.chain.api.ChainCommand;
import weft.chain.api.Origin;
import weft.chain.store.MemoryBlockStore;
import weft.chain.store.MemoryKeyValueStore;
import weft.consensus.ChainParams;
import weft.consensus.Network;
import weft.primitives.Block;
import weft.primitives.BlockHash;
import weft.primitives.Now;
import weft.primitives.log.Log;

class SyntheticChainTest {
    private static final ChainSpec SMALL = new ChainSpec(7, 5, 4_000, CoinMix.usual());

    private static List<Block> make(ChainSpec spec) {
        var blocks = new ArrayList<Block>();
        new SyntheticChain(spec, blocks::add).make(megabytes -> {});
        return blocks;
    }

    @Test
    void shouldMakeTheSameChainFromTheSameSeedAndAnotherFromAnother() {
        BlockHash tip = make(SMALL).getLast().hash();

        assertThat(make(SMALL).getLast().hash()).isEqualTo(tip);
        assertThat(make(new ChainSpec(8, 5, 4_000, CoinMix.usual())).getLast().hash())
                .isNotEqualTo(tip);
    }

    @Test
    void shouldMakeBlocksThatPassEveryRuleScriptsIncluded() {
        List<Block> blocks = make(SMALL);
        var now = new Now(1, Instant.ofEpochSecond(blocks.getLast().header().time()));
        var state =
                new ChainState(
                        new ConsensusRules(ChainParams.of(Network.REGTEST)),
                        ChainOptions.DEFAULT,
                        new ChainStores(new MemoryKeyValueStore(), new MemoryBlockStore()),
                        new InlineScriptVerifier(),
                        event -> {},
                        Log.NONE);
        state.start(now);
        for (Block block : blocks.subList(1, blocks.size())) {
            var result =
                    state.submitBlock(new ChainCommand.SubmitBlock(Origin.SELF, block, true), now);
            assertThat(result.failure()).as(block.hash().toHex()).isEmpty();
        }

        assertThat(state.snapshot().tip().hash()).isEqualTo(blocks.getLast().hash());
    }

    @Test
    void shouldUseAChainAgainAndRefuseOneMadeFromOtherValues(@TempDir Path folder)
            throws Exception {
        ChainFolder made = ChainFolder.open(folder, SMALL, text -> {});
        byte[] first = Files.readAllBytes(folder.resolve("blocks").resolve("blk00000.dat"));

        ChainFolder again = ChainFolder.open(folder, SMALL, text -> {});

        assertThat(again.tip()).isEqualTo(made.tip());
        assertThat(first.length).isGreaterThan(5_000_000);
        var other = new ChainSpec(7, 6, 4_000, CoinMix.usual());
        assertThatThrownBy(() -> ChainFolder.open(folder, other, text -> {}))
                .hasMessageContaining("holds a chain made from other values");
    }

    @Test
    void shouldReadMixesAndRefuseWhatIsNone() {
        assertThat(CoinMix.parse("p2wpkh=60, p2tr_key=40").text())
                .isEqualTo("p2wpkh=60,p2tr_key=40");
        assertThatThrownBy(() -> CoinMix.parse("p2pk=1")).hasMessageContaining("'p2pk' is none of");
        assertThatThrownBy(() -> CoinMix.parse("p2wpkh=-1")).hasMessageContaining("a share is 0");
        assertThatThrownBy(() -> CoinMix.parse("p2wpkh=0")).hasMessageContaining("at least one");
        assertThatThrownBy(() -> CoinMix.parse("p2wpkh")).hasMessageContaining("KIND=SHARE");
    }
}
