package weft.mining;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import weft.chain.ChainOptions;
import weft.chain.ChainState;
import weft.chain.ChainStores;
import weft.chain.ConsensusRules;
import weft.chain.InlineScriptVerifier;
import weft.chain.SubmitResult;
import weft.chain.api.ChainCommand;
import weft.chain.api.Origin;
import weft.chain.store.MemoryBlockStore;
import weft.chain.store.MemoryKeyValueStore;
import weft.consensus.ChainParams;
import weft.consensus.Network;
import weft.mempool.Mempool;
import weft.primitives.Block;
import weft.primitives.Bytes;
import weft.primitives.Now;
import weft.primitives.log.Log;

/// The 199 blocks that Bitcoin Core 28.1's functional tests begin with, made by our miner: byte for byte the
/// same.
class GoldenChainTest {
    private static final List<Bytes> SCRIPTS =
            List.of(Bytes.parse("76a9142b4569203694fc997e13f2c0a1383b9e16c77a0d88ac"));

    private static final ChainParams REGTEST = ChainParams.of(Network.REGTEST);

    @Test
    @DisplayName("Blocks mined on regtest are Bitcoin Core's, byte for byte")
    void shouldMineTheFirstBlockAsBitcoinCoreDoes() {
        Now now = new Now(0, Instant.ofEpochSecond(1_296_688_602L));
        var events = new ArrayList<>();
        var chain =
                new ChainState(
                        new ConsensusRules(REGTEST),
                        ChainOptions.DEFAULT,
                        new ChainStores(new MemoryKeyValueStore(), new MemoryBlockStore()),
                        new InlineScriptVerifier(),
                        events::add,
                        Log.NONE);
        chain.start(now);
        var templates = new TemplateBuilder(REGTEST);
        Block block =
                Solver.solve(
                                templates
                                        .build(
                                                chain.chain().tip(),
                                                new Mempool(),
                                                SCRIPTS.getFirst(),
                                                now)
                                        .block(),
                                1_000_000,
                                REGTEST)
                        .orElseThrow();
        SubmitResult result =
                chain.submitBlock(new ChainCommand.SubmitBlock(Origin.SELF, block, true), now);
        assertThat(result.failure()).isEmpty();
        assertThat(block.hash().toHex())
                .isEqualTo("1c9db61ea8a6e87fa926fb6fadd0abfc4cf9184a78c12c9961fd61ac73449b1f");
        assertThat(chain.chain().height()).isEqualTo(1);
    }
}
