package weft.consensus;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import weft.consensus.script.Interpreter;
import weft.consensus.script.PrecomputedTxHashes;
import weft.consensus.script.ScriptError;
import weft.primitives.Block;
import weft.primitives.Transaction;
import weft.primitives.TxOut;
import weft.primitives.codec.ByteReader;
import weft.testkit.Vectors;

/// Real blocks with everything that they spend: scripts, signature operations, fees, subsidy.
class SpentBlocksTest {
    @Test
    void shouldVerifyEveryInput() {
        int inputs = 0;
        int blocks = 0;
        for (JsonNode each : Vectors.json("blocks/index.json")) {
            if (each.get("spent_file").asBoolean()) {
                inputs += verify(each);
                blocks++;
            }
        }
        assertThat(blocks).isGreaterThan(10);
        assertThat(inputs).isGreaterThan(30_000);
    }

    private static int verify(JsonNode each) {
        Block block = BlockVectorsTest.read(each);
        ChainParams params = BlockVectorsTest.params(each);
        int height = each.get("height").asInt();
        int flags = BlockScriptFlags.of(block.hash(), height, params);
        ByteReader in = ByteReader.of(Vectors.bytes(BlockVectorsTest.file(each, "spent")));
        long fees = 0;
        long cost = 0;
        int inputs = 0;
        var failures = new ArrayList<String>();
        for (Transaction tx : block.transactions()) {
            List<Coin> coins = new ArrayList<>();
            if (!tx.isCoinbase()) {
                tx.inputs().forEach(input -> coins.add(new Coin(TxOut.read(in), 0, false)));
                TxInputs.Result result = TxInputs.check(tx, coins, height);
                assertThat(result.failure()).isNull();
                fees += result.fee();
                var shared = PrecomputedTxHashes.of(tx, coins.stream().map(Coin::out).toList());
                for (int i = 0; i < coins.size(); i++) {
                    ScriptError error = Interpreter.verifyInput(shared, i, flags);
                    if (error != ScriptError.OK) {
                        failures.add(tx.txid() + ":" + i + " " + error);
                    }
                }
                inputs += coins.size();
            }
            cost += SigOps.cost(tx, coins, flags);
        }
        in.expectEnd();
        String name = each.get("network").asString() + " " + height;
        assertThat(failures).as(name).isEmpty();
        assertThat(cost).as(name).isLessThanOrEqualTo(BlockCheck.SIGOPS_COST_MAX);
        if (each.has("fees_sat")) {
            assertThat(fees).as(name).isEqualTo(each.get("fees_sat").asLong());
        }
        long made =
                block.transactions().getFirst().outputs().stream().mapToLong(TxOut::value).sum();
        assertThat(made).as(name).isEqualTo(fees + Subsidy.at(height, params));
        return inputs;
    }
}
