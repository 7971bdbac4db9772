package weft.consensus;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import weft.consensus.script.Interpreter;
import weft.consensus.script.PrecomputedTxHashes;
import weft.consensus.script.Script;
import weft.consensus.script.ScriptError;
import weft.primitives.Block;
import weft.primitives.OutPoint;
import weft.primitives.Transaction;
import weft.primitives.TxIn;
import weft.primitives.TxOut;
import weft.primitives.codec.ByteReader;
import weft.testkit.Vectors;

/// Whole chains from genesis on, every rule checked, over the plainest set of coins.
class BlockRunsTest {
    private static final Instant LATE = Instant.parse("2040-01-01T00:00:00Z");

    @ParameterizedTest
    @CsvSource({
        "MAIN,mainnet_0000_4312",
        "TESTNET3,testnet3_0000_4000",
        "MAIN,mainnet_alt_0000_2016",
        "SIGNET,signet_0000_0010",
        "REGTEST,regtest_kernel_000_206"
    })
    void shouldConnectEveryBlock(Network network, String file) {
        JsonNode expected = Vectors.json("chain/blockruns/expected.json").get(file);
        var chain = new Chain(ChainParams.of(network));
        ByteReader in = ByteReader.of(Vectors.bytes("chain/blockruns/" + file + ".blk"));
        while (!in.isAtEnd()) {
            assertThat(in.slice(4)).isEqualTo(chain.params.identity().magic());
            in.skip(4);
            chain.connect(Block.read(in));
        }
        assertThat(chain.headers.last().height()).isEqualTo(expected.get("tip_height").asInt());
        assertThat(chain.headers.last().hash().toHex())
                .isEqualTo(expected.get("tip_hash").asString());
        assertThat(chain.coins).hasSize(expected.get("txouts").asInt());
        long total = chain.coins.values().stream().mapToLong(coin -> coin.out().value()).sum();
        assertThat(total).isEqualTo(Math.round(expected.get("total_amount").asDouble() * 1e8));
        JsonNode tip = expected.get("at_heights").get(expected.get("at_heights").size() - 1);
        if (tip.get("height").asInt() == chain.headers.last().height()) {
            assertThat(chain.work).isEqualTo(new BigInteger(tip.get("chainwork").asString(), 16));
        }
    }

    private static final class Chain {
        private final ChainParams params;
        private final HeaderRun headers = new HeaderRun(0);
        private final Map<OutPoint, Coin> coins = new HashMap<>();
        private BigInteger work = BigInteger.ZERO;

        Chain(ChainParams params) {
            this.params = params;
        }

        void connect(Block block) {
            int height = headers.size();
            work = work.add(PowRules.work(block.header().bits()));
            assertThat(BlockVectorsTest.check(block, params)).as("height %d", height).isNull();
            if (height == 0) {
                assertThat(block).isEqualTo(params.genesis());
                headers.add(block.header());
                return;
            }
            HeaderRun.Node parent = headers.last();
            assertThat(block.header().parent()).isEqualTo(parent.hash());
            assertThat(HeaderCheck.checkInContext(block.header(), parent, LATE, params)).isNull();
            assertThat(BlockCheck.checkInContext(block, parent, params)).isNull();
            headers.add(block.header());
            int flags = BlockScriptFlags.of(block.hash(), height, params);
            long fees = 0;
            for (Transaction tx : block.transactions()) {
                if (!tx.isCoinbase()) {
                    fees += spend(tx, parent, flags);
                }
                for (int i = 0; i < tx.outputs().size(); i++) {
                    TxOut out = tx.outputs().get(i);
                    if (!Script.isUnspendable(out.scriptPubKey())) {
                        coins.put(
                                new OutPoint(tx.txid(), i), new Coin(out, height, tx.isCoinbase()));
                    }
                }
            }
            long made =
                    block.transactions().getFirst().outputs().stream()
                            .mapToLong(TxOut::value)
                            .sum();
            assertThat(made).isLessThanOrEqualTo(fees + Subsidy.at(height, params));
        }

        private long spend(Transaction tx, HeaderRun.Node parent, int flags) {
            int height = parent.height() + 1;
            List<Coin> spent = new ArrayList<>();
            for (TxIn input : tx.inputs()) {
                Coin coin = coins.remove(input.prevout());
                assertThat(coin).as("%s", input.prevout()).isNotNull();
                spent.add(coin);
            }
            List<Integer> heights = spent.stream().map(Coin::height).toList();
            boolean bip68 = height >= params.heights().csv();
            assertThat(
                            LockTimes.areMet(
                                    LockTimes.sequenceLocks(tx, heights, parent, bip68), parent))
                    .isTrue();
            TxInputs.Result result = TxInputs.check(tx, spent, height);
            assertThat(result.failure()).isNull();
            var shared = PrecomputedTxHashes.of(tx, spent.stream().map(Coin::out).toList());
            for (int i = 0; i < spent.size(); i++) {
                assertThat(Interpreter.verifyInput(shared, i, flags)).isEqualTo(ScriptError.OK);
            }
            return result.fee();
        }
    }
}
