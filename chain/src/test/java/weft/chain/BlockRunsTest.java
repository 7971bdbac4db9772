package weft.chain;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Proxy;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import weft.chain.api.ChainCommand;
import weft.chain.api.ChainEvent;
import weft.chain.api.HeaderNode;
import weft.chain.api.Origin;
import weft.chain.store.MemoryBlockStore;
import weft.chain.store.MemoryKeyValueStore;
import weft.consensus.ChainParams;
import weft.consensus.Coin;
import weft.consensus.Network;
import weft.crypto.SipHash;
import weft.primitives.Amount;
import weft.primitives.Block;
import weft.primitives.BlockHash;
import weft.primitives.BlockHeader;
import weft.primitives.Now;
import weft.primitives.Transaction;
import weft.primitives.codec.ByteReader;
import weft.primitives.log.Log;
import weft.testkit.Vectors;

class BlockRunsTest {
    private static final Now NOW = new Now(1, Instant.parse("2026-01-01T00:00:00Z"));

    private final List<ChainEvent> events = new ArrayList<>();

    private ChainState start(ChainRules rules) {
        var stores = new ChainStores(new MemoryKeyValueStore(), new MemoryBlockStore());
        var state =
                new ChainState(
                        rules,
                        ChainOptions.DEFAULT,
                        stores,
                        new InlineScriptVerifier(),
                        events::add,
                        Log.NONE);
        state.start(NOW);
        return state;
    }

    private static List<Block> blocks(String file) {
        var blocks = new ArrayList<Block>();
        ByteReader in = ByteReader.of(Vectors.bytes("chain/" + file));
        while (!in.isAtEnd()) {
            in.skip(4);
            int length = in.i32();
            blocks.add(Block.read(in));
            assertThat(blocks.getLast().totalSize()).isEqualTo(length);
        }
        return blocks;
    }

    private static ChainCommand.SubmitBlock submit(Block block) {
        return new ChainCommand.SubmitBlock(Origin.SELF, block, true);
    }

    @ParameterizedTest
    @CsvSource({
        "mainnet_0000_4312,MAIN",
        "testnet3_0000_4000,TESTNET3",
        "regtest_kernel_000_206,REGTEST",
        "mainnet_alt_0000_2016,MAIN",
        "signet_0000_0010,SIGNET"
    })
    void shouldReachTheCoinsThatCoreReached(String run, Network network) {
        JsonNode expected = Vectors.json("chain/blockruns/expected.json").get(run);
        ChainState state = start(new ConsensusRules(ChainParams.of(network), !run.contains("alt")));
        for (Block block : blocks("blockruns/" + run + ".blk")) {
            SubmitResult result = state.submitBlock(submit(block), NOW);
            assertThat(result.failure()).as(block.hash().toHex()).isEmpty();
            checkHeight(state, expected.get("at_heights"));
        }
        state.flush(NOW);
        CoinsSummary summary = CoinsSummary.of(state.coinsStore());
        assertThat(state.chain().height()).isEqualTo(expected.get("tip_height").asInt());
        assertThat(state.chain().tip().hash().toHex())
                .isEqualTo(expected.get("tip_hash").asString());
        assertThat(summary.hashSerialized().toHex())
                .isEqualTo(expected.get("hash_serialized_3").asString());
        assertThat(summary.outputs()).isEqualTo(expected.get("txouts").asLong());
        assertThat(summary.bogoSize()).isEqualTo(expected.get("bogosize").asLong());
        assertThat(summary.transactions()).isEqualTo(expected.get("transactions").asLong());
        long satoshis =
                Math.round(expected.get("total_amount").asDouble() * Amount.SATOSHIS_PER_BITCOIN);
        assertThat(summary.amount()).isEqualTo(satoshis);
        disconnectEverything(state);
    }

    private static void checkHeight(ChainState state, JsonNode heights) {
        HeaderNode tip = state.chain().tip();
        for (JsonNode at : heights) {
            if (at.get("height").asInt() == tip.height()) {
                state.flush(NOW);
                assertThat(tip.hash().toHex()).isEqualTo(at.get("hash").asString());
                assertThat(CoinsSummary.muHash(state.coinsStore()).toHex())
                        .isEqualTo(at.get("muhash").asString());
                assertThat(CoinsSummary.of(state.coinsStore()).outputs())
                        .isEqualTo(at.get("txouts").asLong());
                assertThat(String.format("%064x", tip.chainWork()))
                        .isEqualTo(at.get("chainwork").asString());
            }
        }
    }

    /// The way back must lead to nothing, and the way there again to the same.
    private static void disconnectEverything(ChainState state) {
        CoinsSummary before = CoinsSummary.of(state.coinsStore());
        HeaderNode first = state.chain().at(1);
        assertThat(first).isNotNull();
        BlockHash hash = first == null ? BlockHash.ZERO : first.hash();
        state.invalidateBlock(hash, NOW);
        state.flush(NOW);
        assertThat(state.chain().height()).isZero();
        assertThat(CoinsSummary.of(state.coinsStore()).outputs()).isZero();
        state.reconsiderBlock(hash, NOW);
        state.flush(NOW);
        assertThat(CoinsSummary.of(state.coinsStore())).isEqualTo(before);
    }

    /// One rule replaced by another.
    private interface Replacement {
        @Nullable Object answer(Object[] args);
    }

    private static ChainRules replaced(ChainRules rules, Map<String, Replacement> replacements) {
        return (ChainRules)
                Proxy.newProxyInstance(
                        ChainRules.class.getClassLoader(),
                        new Class<?>[] {ChainRules.class},
                        (proxy, method, args) -> {
                            Replacement replacement = replacements.get(method.getName());
                            return replacement == null
                                    ? method.invoke(rules, args)
                                    : replacement.answer(args);
                        });
    }

    /// Rules of the main network, but coinbases mature at once.
    private static ChainRules quickMaturity() {
        var real = new ConsensusRules(ChainParams.of(Network.MAIN));
        return replaced(
                real,
                Map.of(
                        "checkInputs",
                        args -> {
                            var coins = new ArrayList<Coin>();
                            for (Object each : (List<?>) args[1]) {
                                var coin = (Coin) each;
                                coins.add(new Coin(coin.out(), coin.height(), false));
                            }
                            return real.checkInputs((Transaction) args[0], coins, (int) args[2]);
                        }));
    }

    @Test
    void shouldGoOverToTheBranchThatBecameBetter() {
        ChainState state = start(quickMaturity());
        List<Block> first = blocks("reorg/blk_0_to_4.blk");
        for (Block block : first) {
            assertThat(state.submitBlock(submit(block), NOW).failure()).isEmpty();
        }
        assertThat(state.chain().tip().hash()).isEqualTo(first.getLast().hash());
        Block better = blocks("reorg/blk_5A.blk").getFirst();
        for (String name : List.of("blk_3A", "blk_4A")) {
            state.submitBlock(submit(blocks("reorg/" + name + ".blk").getFirst()), NOW);
            assertThat(state.chain().tip().hash()).isEqualTo(first.getLast().hash());
        }
        events.clear();
        assertThat(state.submitBlock(submit(better), NOW).failure()).isEmpty();
        assertThat(state.chain().tip().hash()).isEqualTo(better.hash());
        assertThat(events).filteredOn(ChainEvent.BlockDisconnected.class::isInstance).hasSize(2);
        assertThat(events).filteredOn(ChainEvent.BlockConnected.class::isInstance).hasSize(3);
        assertThat(events).filteredOn(ChainEvent.TipChanged.class::isInstance).hasSize(1);
    }

    /// Rules that take the first header of a run for genesis and cannot know its difficulty.
    private static ChainRules beginningAt(BlockHeader first) {
        Block genesis = Block.of(first, ChainParams.of(Network.MAIN).genesis().transactions());
        var replacements = new HashMap<String, Replacement>();
        replacements.put("genesis", args -> genesis);
        replacements.put("checkHeaderInContext", args -> null);
        return replaced(new ConsensusRules(ChainParams.of(Network.MAIN), false), replacements);
    }

    @Test
    void shouldNotLeaveTheBestHeadersForStaleOnes() {
        ByteReader in = ByteReader.of(Vectors.bytes("chain/headers/mainnet_0150001_0250000.bin"));
        BlockHeader first = BlockHeader.read(in);
        var tree = new HeaderTree(beginningAt(first), new SipHash(1, 2), Log.NONE);
        tree.genesis();
        int stale = 0;
        List<String> lines = Vectors.lines("chain/stale_headers_mainnet.csv");
        var waiting = new HashMap<Integer, List<BlockHeader>>();
        for (String line : lines.stream().skip(1).toList()) {
            String[] fields = line.split(",", -1);
            BlockHeader header =
                    BlockHeader.read(ByteReader.of(HexFormat.of().parseHex(fields[2])));
            waiting.computeIfAbsent(Integer.parseInt(fields[0]), _ -> new ArrayList<>())
                    .add(header);
        }
        for (int height = 150_002; !in.isAtEnd(); height++) {
            BlockHeader header = BlockHeader.read(in);
            assertThat(tree.accept(header, true, NOW).isNew()).isTrue();
            assertThat(tree.best().header()).isEqualTo(header);
            for (BlockHeader each : waiting.getOrDefault(height, List.of())) {
                stale++;
                HeaderTree.Accepted accepted = tree.accept(each, true, NOW);
                assertThat(accepted.failure()).isNull();
                assertThat(tree.best().header()).isEqualTo(header);
            }
        }
        assertThat(stale).isGreaterThan(100);
    }
}
