package weft.mining;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import weft.chain.ChainOptions;
import weft.chain.ChainState;
import weft.chain.ChainStores;
import weft.chain.CoinsSummary;
import weft.chain.ConsensusRules;
import weft.chain.InlineScriptVerifier;
import weft.chain.SubmitResult;
import weft.chain.api.ChainCommand;
import weft.chain.api.HeaderNode;
import weft.chain.api.Origin;
import weft.chain.store.MemoryBlockStore;
import weft.chain.store.MemoryKeyValueStore;
import weft.consensus.ChainParams;
import weft.consensus.Network;
import weft.mempool.Mempool;
import weft.mempool.MempoolOptions;
import weft.primitives.Block;
import weft.primitives.Bytes;
import weft.primitives.Now;
import weft.primitives.address.Address;
import weft.primitives.log.Log;

/// The 199 blocks that Bitcoin Core 28.1's functional tests begin with, made by our miner: byte for byte the
/// same.
class GoldenChainTest {
    private static final ChainParams REGTEST = ChainParams.of(Network.REGTEST);

    /// The clock stands still at the time of the genesis block.
    private static final Now NOW = new Now(0, Instant.ofEpochSecond(1_296_688_602L));

    private static final int LENGTH = 199;
    private static final int BATCH = 25;

    /// Of the keys that the tests know, and at the end one that anyone can spend from.
    private static final List<String> ADDRESSES =
            List.of(
                    "mjTkW3DjgyZck4KbiRusZsqTgaYTxdSz6z",
                    "msX6jQXvxiNhx3Q62PKeLPrhrqZQdSimTg",
                    "mnonCMyH9TmAsSj3M59DsbH8H63U3RKoFP",
                    "bcrt1p9yfmy5h72durp7zrhlw9lf7jpwjgvwdg0jr0lqmmjtgg83266lqsekaqka");

    /// What Bitcoin Core 28.1 says of a block.
    private record Golden(String hash, int version, long time, long nonce) {}

    private static final int PLAIN = 0x2000_0000;

    /// Version of the second period on, which signals for the test deployment.
    private static final int SIGNALLING = 0x3000_0000;

    private static final Map<Integer, Golden> GOLDEN =
            Map.of(
                    1,
                    new Golden(
                            "1c9db61ea8a6e87fa926fb6fadd0abfc4cf9184a78c12c9961fd61ac73449b1f",
                            PLAIN,
                            1_296_688_603,
                            0),
                    2,
                    new Golden(
                            "36c56c5b5ebbaf90d76b0d1a074dcb32d42abab75b7ec6fa0ffd9b4fbce8f0f7",
                            PLAIN,
                            1_296_688_604,
                            2),
                    16,
                    new Golden(
                            "3a63a095c1492921c79ffcd0bb4706dddbc6efc25b31e8be64a18320fc2cffcf",
                            PLAIN,
                            1_296_688_607,
                            3),
                    17,
                    new Golden(
                            "2ac4828686c6db7d08091c1cc7f4d6ec81ca49d3bdbc4090b68d7a42738e5b4e",
                            PLAIN,
                            1_296_688_607,
                            1),
                    100,
                    new Golden(
                            "7fbb456318688ec4517dc7f555e479ab86158fb8f41f8357d2221f02cafcbf11",
                            PLAIN,
                            1_296_688_621,
                            1),
                    143,
                    new Golden(
                            "70a209102105e0f12f8eb2101a6e610d8ed8261aae7b5f1eaca47fba6220a562",
                            PLAIN,
                            1_296_688_628,
                            1),
                    144,
                    new Golden(
                            "45ec432a8983e6ced1816886a21bb64d654ebab0542208899ceec764f5d96714",
                            SIGNALLING,
                            1_296_688_628,
                            0),
                    LENGTH,
                    new Golden(
                            "39455d83324a3dbbb15712ab63dd2f96b45a30f271617aa16c12483a561f721c",
                            SIGNALLING,
                            1_296_688_637,
                            0));

    private static final String LAST_BLOCK =
            "00000030f7ce509cf4f867ae147f14664d1e54e002fcda364055b91707f4e69af75f1417c756c2aa87b341"
                    + "cd7f9294e4fdca78452a3a9bcf0e591c20fa3307ab47f4d128fde5494dffff7f200000000001020000"
                    + "000001010000000000000000000000000000000000000000000000000000000000000000ffffffff04"
                    + "02c70000ffffffff0200f90295000000002251202913b252fe537830f843bfdc5fa7d20ba48639a87c"
                    + "86ff837b92d083c55ad7c10000000000000000266a24aa21a9ede2f61c3f71d1defd3fa999dfa36953"
                    + "755c690689799962b48bebd836974e8cf9012000000000000000000000000000000000000000000000"
                    + "0000000000000000000000000000";

    private final ChainState chain =
            new ChainState(
                    new ConsensusRules(REGTEST),
                    ChainOptions.DEFAULT,
                    new ChainStores(new MemoryKeyValueStore(), new MemoryBlockStore()),
                    new InlineScriptVerifier(),
                    event -> {},
                    Log.NONE);

    /// Block `height` goes to the owner of its batch: the four take turns, 25 blocks each.
    private static Bytes owner(int height) {
        String address = ADDRESSES.get((height - 1) / BATCH % ADDRESSES.size());
        return Address.parse(address, REGTEST.addressPrefixes()).scriptPubKey();
    }

    private static Mempool emptyMempool() {
        return new Mempool(MempoolOptions.DEFAULT, Log.NONE, (entry, reason) -> {});
    }

    private Block mine(int height) {
        Block draft =
                new TemplateBuilder(REGTEST)
                        .build(chain.chain().tip(), emptyMempool(), owner(height), NOW)
                        .block();
        Block block = Solver.solve(draft, 1_000_000, REGTEST).orElseThrow();
        SubmitResult result =
                chain.submitBlock(new ChainCommand.SubmitBlock(Origin.SELF, block, true), NOW);
        assertThat(result.failure()).isEmpty();
        return block;
    }

    @Test
    @DisplayName("The chain that Bitcoin Core's functional tests begin with, mined byte for byte")
    void shouldMineTheChainOfTheFunctionalTests() {
        chain.start(NOW);
        Block last = REGTEST.genesis();
        for (int height = 1; height <= LENGTH; height++) {
            last = mine(height);
            Golden golden = GOLDEN.get(height);
            if (golden != null) {
                HeaderNode tip = chain.chain().tip();
                assertThat(tip.height()).isEqualTo(height);
                assertThat(
                                new Golden(
                                        tip.hash().toHex(),
                                        last.header().version(),
                                        last.header().time(),
                                        last.header().nonce()))
                        .isEqualTo(golden);
            }
        }
        assertThat(Bytes.wrap(last.toByteArray()).toHex()).isEqualTo(LAST_BLOCK);
    }

    @Test
    @DisplayName("Its coins have the hash_serialized_3 that Bitcoin Core computes")
    void shouldHaveTheSameCoins() {
        chain.start(NOW);
        for (int height = 1; height <= LENGTH; height++) {
            mine(height);
        }
        chain.flush(NOW);
        CoinsSummary coins = CoinsSummary.of(chain.coinsStore());
        assertThat(coins.outputs()).isEqualTo(LENGTH);
        assertThat(coins.bogoSize()).isEqualTo(15_366);
        assertThat(coins.amount()).isEqualTo(8_700_00000000L);
        assertThat(coins.hashSerialized().toHex())
                .isEqualTo("cee987786ce895f445eb450f88b53e210f07b32781ca6029d89858e0a26aa111");
    }
}
