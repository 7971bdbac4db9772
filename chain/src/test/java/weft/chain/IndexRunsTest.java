package weft.chain;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import weft.chain.api.ChainCommand;
import weft.chain.api.HeaderNode;
import weft.chain.api.Origin;
import weft.chain.filter.BlockFilter;
import weft.chain.filter.FilterHeaderChain;
import weft.chain.index.CoinStatsIndex;
import weft.chain.index.FilterIndex;
import weft.chain.index.Follower;
import weft.chain.index.IndexWriter;
import weft.chain.index.IndexedBlock;
import weft.chain.store.KeyValueStore;
import weft.chain.store.MemoryBlockStore;
import weft.chain.store.MemoryKeyValueStore;
import weft.consensus.ChainParams;
import weft.consensus.Network;
import weft.primitives.Amount;
import weft.primitives.Block;
import weft.primitives.Digest256;
import weft.primitives.Now;
import weft.primitives.codec.ByteReader;
import weft.primitives.log.Log;
import weft.testkit.Vectors;

/// The indexes over stretches of real chains, against what Bitcoin Core answered there.
class IndexRunsTest {
    private static final Now NOW = new Now(1, Instant.parse("2026-01-01T00:00:00Z"));

    private static ChainState replay(String run, ChainParams params, MemoryBlockStore store) {
        var state =
                new ChainState(
                        new ConsensusRules(params, !run.contains("alt")),
                        ChainOptions.DEFAULT,
                        new ChainStores(new MemoryKeyValueStore(), store),
                        new InlineScriptVerifier(),
                        event -> {},
                        Log.NONE);
        state.start(NOW);
        ByteReader in = ByteReader.of(Vectors.bytes("chain/blockruns/" + run + ".blk"));
        while (!in.isAtEnd()) {
            in.skip(2 * Integer.BYTES);
            Block block = Block.read(in);
            state.submitBlock(new ChainCommand.SubmitBlock(Origin.SELF, block, true), NOW);
        }
        state.flush(NOW);
        return state;
    }

    private static void follow(
            Follower index, KeyValueStore to, ChainState state, MemoryBlockStore store) {
        var writer = new IndexWriter(index, to);
        writer.open(state.headers().list(node -> true).getFirst().hash());
        var reader = new BlockReader(store);
        while (!writer.isSynced()) {
            IndexedBlock best = writer.best();
            BlockFeed.Step step =
                    state.follow(best == null ? null : best.hash(), 100, NOW).orElseThrow();
            writer.follow(step, reader, () -> true);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "mainnet_0000_4312,MAIN",
        "testnet3_0000_4000,TESTNET3",
        "regtest_kernel_000_206,REGTEST",
        "mainnet_alt_0000_2016,MAIN",
        "signet_0000_0010,SIGNET"
    })
    @DisplayName("BIP157 BIP158 filters, filter headers, MuHash and totals are those that Core has")
    void shouldSayWhatCoreSaysAtEveryListedHeight(String run, Network network) {
        JsonNode expected = Vectors.json("chain/blockruns/expected.json").get(run);
        ChainParams params = ChainParams.of(network);
        var store = new MemoryBlockStore();
        ChainState state = replay(run, params, store);
        var filterStore = new MemoryKeyValueStore();
        var coinStore = new MemoryKeyValueStore();
        var filters = new FilterIndex(filterStore);
        var coins = new CoinStatsIndex(coinStore, params);
        follow(filters, filterStore, state, store);
        follow(coins, coinStore, state, store);
        assertThat(state.chain().height()).isEqualTo(expected.get("tip_height").asInt());
        for (JsonNode at : expected.get("at_heights")) {
            HeaderNode node = state.chain().at(at.get("height").asInt());
            assertThat(node).isNotNull();
            if (node == null) {
                return;
            }
            BlockFilter filter = filters.filter(node).orElseThrow();
            assertThat(filter.encoded().toHex()).isEqualTo(at.get("filter").asString());
            assertThat(filters.hashes(node).orElseThrow().header().toHex())
                    .isEqualTo(at.get("filter_header").asString());
            CoinStatsIndex.Stats stats = coins.stats(node).orElseThrow();
            assertThat(stats.muHash().toHex()).isEqualTo(at.get("muhash").asString());
            assertThat(stats.totals().outputs()).isEqualTo(at.get("txouts").asLong());
            assertThat(stats.totals().bogoSize()).isEqualTo(at.get("bogosize").asLong());
            assertThat(stats.totals().amount())
                    .isEqualTo(
                            Math.round(
                                    at.get("total_amount").asDouble()
                                            * Amount.SATOSHIS_PER_BITCOIN));
        }
    }

    @Test
    @DisplayName(
            "BIP157 4,313 filter headers of the main network are those of another implementation")
    void shouldChainTheFilterHeadersOfTheMainNetwork() {
        ChainParams params = ChainParams.of(Network.MAIN);
        var store = new MemoryBlockStore();
        ChainState state = replay("mainnet_0000_4312", params, store);
        var filterStore = new MemoryKeyValueStore();
        var filters = new FilterIndex(filterStore);
        follow(filters, filterStore, state, store);
        List<FilterIndex.Hashes> found = filters.range(0, state.chain().tip()).orElseThrow();
        var hashes = new ArrayList<Digest256>();
        int seen = 0;
        for (String line : Vectors.lines("p2p/bip158_mainnet_filter_headers.csv")) {
            String[] cells = line.split(",", -1);
            if (Character.isDigit(line.isEmpty() ? 'x' : line.charAt(0))
                    && Integer.parseInt(cells[0]) < found.size()) {
                FilterIndex.Hashes each = found.get(Integer.parseInt(cells[0]));
                assertThat(each.header().toHex()).isEqualTo(cells[1]);
                hashes.add(each.filterHash());
                seen++;
            }
        }
        assertThat(seen).isEqualTo(4_313);
        assertThat(FilterHeaderChain.last(Digest256.ZERO, hashes))
                .isEqualTo(found.getLast().header());
    }
}
