package weft.server.rpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import weft.chain.api.HeaderNode;
import weft.consensus.ChainParams;
import weft.consensus.Network;
import weft.light.LightChain;
import weft.p2p.PeerId;
import weft.primitives.BlockHash;
import weft.primitives.BlockHeader;
import weft.primitives.Check;
import weft.server.json.Json;

/// The methods of a light node beside those of a full one that it follows.
class LightMethodsTest {
    private static final ChainParams REGTEST = ChainParams.of(Network.REGTEST);

    private final OpenNode full = new OpenNode(REGTEST);
    private final OpenLight light = new OpenLight(REGTEST);
    private final RpcTable table = new RpcTable();
    private final RpcTable fullTable = new RpcTable();

    LightMethodsTest() {
        LightMethods.register(table, light);
        table.warmUpFinished();
        RpcMethods.register(fullTable, full);
        fullTable.warmUpFinished();
    }

    private static JsonNode call(RpcTable of, String method, Object... arguments) {
        var list = Json.array();
        for (Object each : arguments) {
            list.addPOJO(each);
        }
        return of.execute(method, Json.parse(Json.write(list)), "test", "/");
    }

    private JsonNode call(String method, Object... arguments) {
        return call(table, method, arguments);
    }

    private void follow() {
        List<BlockHeader> headers =
                full.onChain(
                        engine ->
                                IntStream.rangeClosed(1, engine.tip().height())
                                        .mapToObj(i -> engine.tip().ancestor(i))
                                        .map(each -> Check.present(each, "it is that high"))
                                        .map(HeaderNode::header)
                                        .toList());
        light.setMockTime(full.now().unixSeconds());
        light.take(headers);
    }

    @Test
    void shouldHaveEveryMethodOfAFullNodeOrSayWhyNot() {
        Set<String> all = new TreeSet<>();
        fullTable.commands().forEach(each -> all.add(each.name()));
        Set<String> light = new TreeSet<>();
        table.commands().forEach(each -> light.add(each.name()));
        Set<String> refused = LightMethods.refused().keySet();
        assertThat(light).doesNotContainAnyElementsOf(refused);
        light.addAll(refused);
        assertThat(light).isEqualTo(all);
    }

    @Test
    void shouldSayWhatAMethodNeedsAndListOnlyWhatWorks() {
        assertThatThrownBy(() -> call("getblock", "00"))
                .isInstanceOfSatisfying(
                        RpcException.class,
                        e -> {
                            assertThat(e.code()).isEqualTo(-32601);
                            assertThat(e.text())
                                    .isEqualTo(
                                            "getblock needs blocks, which -role=spv does not have");
                        });
        assertThatThrownBy(() -> call("nonsense"))
                .isInstanceOfSatisfying(
                        RpcException.class,
                        e -> assertThat(e.text()).isEqualTo("Method not found"));
        String help = call("help").asString();
        assertThat(help).contains("getblockheader", "getpeerinfo").doesNotContain("getblock ");
        assertThat(help).doesNotContain("mempool").doesNotContain("generate");
        assertThat(call("help", "sendrawtransaction").asString())
                .isEqualTo("sendrawtransaction needs a mempool, which -role=spv does not have");
    }

    @Test
    void shouldAnswerOfHeadersAsAFullNodeDoes() {
        full.mine(7);
        follow();
        for (String method : List.of("getblockcount", "getbestblockhash", "getdifficulty")) {
            assertThat(call(method)).as(method).isEqualTo(call(fullTable, method));
        }
        for (String method : List.of("getchaintips", "getdeploymentinfo")) {
            assertThat(call(method)).as(method).isEqualTo(call(fullTable, method));
        }
        for (int height : List.of(0, 3, 7)) {
            String hash = call("getblockhash", height).asString();
            assertThat(call("getblockhash", height))
                    .isEqualTo(call(fullTable, "getblockhash", height));
            var ours = (tools.jackson.databind.node.ObjectNode) call("getblockheader", hash);
            var theirs =
                    (tools.jackson.databind.node.ObjectNode)
                            call(fullTable, "getblockheader", hash);
            assertThat(ours.remove("standing").asString()).isEqualTo("agreed");
            assertThat(ours.remove("nTx").asInt()).isZero();
            theirs.remove("nTx");
            assertThat(ours).isEqualTo(theirs);
            assertThat(call("getblockheader", hash, false))
                    .isEqualTo(call(fullTable, "getblockheader", hash, false));
        }
        assertThatThrownBy(() -> call("getblockhash", 8)).hasMessage("Block height out of range");
        assertThatThrownBy(() -> call("getblockhash", -1)).hasMessage("Block height out of range");
        assertThatThrownBy(() -> call("getblockheader", BlockHash.ZERO.toString()))
                .hasMessage("Block not found");
        JsonNode chain = call("getblockchaininfo");
        assertThat(chain.path("chain").asString()).isEqualTo("regtest");
        assertThat(chain.path("blocks").asInt()).isEqualTo(7);
        assertThat(chain.path("headers").asInt()).isEqualTo(7);
        assertThat(chain.path("pruned").asBoolean()).isTrue();
        assertThat(chain.path("pruneheight").asInt()).isEqualTo(8);
        assertThat(chain.path("verificationprogress").asInt()).isZero();
        assertThat(chain.path("initialblockdownload").asBoolean()).isFalse();
        assertThat(chain.path("warnings").isArray()).isTrue();
        assertThat(chain.path("chainwork"))
                .isEqualTo(call(fullTable, "getblockchaininfo").path("chainwork"));
    }

    @Test
    void shouldShowBranchesThatWereLeft() {
        full.mine(3);
        follow();
        HeaderNode fork =
                light.onLight(node -> Check.present(node.tip().ancestor(1), "it is that high"));
        light.take(List.of(light.onTopOf(fork)));
        JsonNode tips = call("getchaintips");
        assertThat(tips.size()).isEqualTo(2);
        assertThat(tips.get(0).path("status").asString()).isEqualTo("active");
        assertThat(tips.get(0).path("height").asInt()).isEqualTo(3);
        assertThat(tips.get(1).path("status").asString()).isEqualTo("headers-only");
        assertThat(tips.get(1).path("branchlen").asInt()).isEqualTo(1);
        String left = tips.get(1).path("hash").asString();
        JsonNode header = call("getblockheader", left);
        assertThat(header.path("confirmations").asInt()).isEqualTo(-1);
        assertThat(header.path("standing").asString()).isEqualTo("not_in_chain");
        assertThat(header.has("nextblockhash")).isFalse();
    }

    @Test
    void shouldCountNoBlockThatPeersDispute() {
        full.mine(3);
        follow();
        HeaderNode first =
                light.onLight(node -> Check.present(node.tip().ancestor(1), "it is that high"));
        List<BlockHeader> other = List.of(light.onTopOf(first));
        light.take(new PeerId(2), other);
        light.take(new PeerId(3), other);
        assertThat(call("getblockcount").asInt()).isEqualTo(3);
        String above = call("getblockhash", 3).asString();
        light.setMockTime(light.now().unixSeconds() + LightChain.PATIENCE.toSeconds() + 1);

        assertThat(call("getblockcount").asInt()).isEqualTo(1);
        assertThat(call("getbestblockhash").asString()).isEqualTo(first.hash().toString());
        JsonNode chain = call("getblockchaininfo");
        assertThat(chain.path("blocks").asInt()).isEqualTo(1);
        assertThat(chain.path("headers").asInt()).isEqualTo(3);
        for (String method : List.of("getblockchaininfo", "getnetworkinfo")) {
            JsonNode warnings = call(method).path("warnings");
            assertThat(warnings.size()).isEqualTo(1);
            assertThat(warnings.get(0).asString()).isEqualTo("peers disagree about validity");
        }
        assertThat(call("getblockheader", above).path("confirmations").asInt()).isEqualTo(-1);
        assertThat(call("getblockheader", above).path("standing").asString())
                .isEqualTo("unverified");
        assertThatThrownBy(() -> call("getblockhash", 2)).hasMessage("Block height out of range");
    }

    @Test
    void shouldTellWhatItIsToTheNetwork() {
        JsonNode network = call("getnetworkinfo");
        assertThat(network.path("role").asString()).isEqualTo("spv");
        assertThat(network.path("localservices").asString()).isEqualTo("0000000000000000");
        assertThat(network.path("localrelay").asBoolean()).isFalse();
        assertThat(network.path("relayfee").asString()).isEqualTo("0.00001000");
    }
}
