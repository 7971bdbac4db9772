package weft.server.rpc;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import weft.consensus.BlockCheck;
import weft.consensus.ChainParams;
import weft.consensus.Network;
import weft.consensus.Subsidy;
import weft.primitives.Amount;
import weft.primitives.Block;
import weft.primitives.Bytes;
import weft.server.json.Json;
import weft.testkit.Sabotage;
import weft.testkit.SeenRed;

/// Blocks asked for where there is nothing to put into them.
class EmptyTemplateAttackTest implements SeenRed {
    private static final String ANYONE = "raw(51)";
    private static final long FIFTY = 50 * Amount.SATOSHIS_PER_BITCOIN;

    private static JsonNode template(OpenNode node, String rules) {
        String request = "{\"rules\":[" + rules + "]}";
        return node.call(
                new BlockTemplateRpc(node).commands(), "getblocktemplate", Json.parse(request));
    }

    private static JsonNode generate(OpenNode node, boolean submit) {
        return node.call(
                new MiningRpc(node).commands(),
                "generateblock",
                Json.text(ANYONE),
                Json.array(),
                Json.parse(Boolean.toString(submit)));
    }

    @Test
    @DisplayName("B10 a template on the first block of every network, with an empty mempool")
    @Sabotage(type = "weft.mining.BlockFill", method = "run", flips = 1)
    @Sabotage(type = "weft.consensus.Subsidy", method = "at", returns = "0")
    void shouldMakeTemplatesOfNothing() {
        for (Network network : Network.values()) {
            if (network == Network.MAIN) {
                // It wants peers first, of which this node has none.
                continue;
            }
            ChainParams params = ChainParams.of(network);
            var node = new OpenNode(params);
            boolean signed = network == Network.SIGNET;
            JsonNode json = template(node, signed ? "\"segwit\",\"signet\"" : "\"segwit\"");
            assertThat(json.path("transactions").isArray()).isTrue();
            assertThat(json.path("transactions")).isEmpty();
            assertThat(json.path("height").asInt()).isEqualTo(1);
            assertThat(json.path("coinbasevalue").asLong()).isEqualTo(FIFTY);
            assertThat(json.path("previousblockhash").asString())
                    .isEqualTo(params.genesis().hash().toString());
        }
    }

    @Test
    @DisplayName("B10 blocks of no transactions, on the first block and on others")
    @Sabotage(type = "weft.mining.TemplateBuilder", method = "assemble", constant = "1>2")
    @Sabotage(type = "weft.consensus.Subsidy", method = "at", constant = "64>0")
    void shouldMineBlocksOfNothing() {
        var node = new OpenNode(ChainParams.of(Network.REGTEST));
        for (int height = 1; height <= 20; height++) {
            String hex = generate(node, false).path("hex").asString();
            assertThat(Block.parse(hex).transactions()).hasSize(1);
            assertThat(tip(node)).as("only shown").isEqualTo(height - 1);
            JsonNode made = generate(node, true);
            assertThat(made.path("hash").asString()).hasSize(64);
            assertThat(tip(node)).isEqualTo(height);
            assertThat(template(node, "\"segwit\"").path("height").asInt()).isEqualTo(height + 1);
            assertThat(template(node, "\"segwit\"").path("coinbasevalue").asLong())
                    .isEqualTo(FIFTY);
        }
    }

    private static int tip(OpenNode node) {
        return node.onChain(engine -> engine.tip().height());
    }

    @Test
    @DisplayName("B10 the last heights that a number of 32 bits has")
    @Sabotage(type = "weft.consensus.BlockCheck", method = "heightPush", constant = "128>0")
    @Sabotage(type = "weft.consensus.Subsidy", method = "at", constant = "64>2147483647")
    void shouldKnowTheLastHeights() {
        for (Network network : Network.values()) {
            ChainParams params = ChainParams.of(network);
            assertThat(Subsidy.at(Integer.MAX_VALUE, params)).isZero();
            assertThat(Subsidy.at(Integer.MAX_VALUE - 1, params)).isZero();
        }
        assertThat(BlockCheck.heightPush(Integer.MAX_VALUE)).isEqualTo(Bytes.parse("04ffffff7f"));
        assertThat(BlockCheck.heightPush(Integer.MAX_VALUE - 1))
                .isEqualTo(Bytes.parse("04feffff7f"));
        assertThat(BlockCheck.heightPush(0x80_0000)).isEqualTo(Bytes.parse("0400008000"));
    }
}
