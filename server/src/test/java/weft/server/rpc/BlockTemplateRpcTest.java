package weft.server.rpc;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;
import weft.chain.api.Origin;
import weft.consensus.ChainParams;
import weft.consensus.MerkleRoot;
import weft.consensus.Network;
import weft.mempool.AcceptResult;
import weft.primitives.Block;
import weft.primitives.BlockHash;
import weft.primitives.BlockHeader;
import weft.primitives.Bytes;
import weft.primitives.OutPoint;
import weft.primitives.Transaction;
import weft.primitives.TxIn;
import weft.primitives.TxOut;
import weft.primitives.Txid;
import weft.server.json.Json;

/// `getblocktemplate` over a real chain and mempool. See BIP-0022, BIP-0023 and BIP-0145.
class BlockTemplateRpcTest {
    private static final ChainParams REGTEST = ChainParams.of(Network.REGTEST);
    private static final String SEGWIT = "{\"rules\":[\"segwit\"]}";

    private static JsonNode template(OpenNode node, String request) {
        return node.call(
                new BlockTemplateRpc(node).commands(), "getblocktemplate", Json.parse(request));
    }

    private static String refusal(OpenNode node, String request) {
        try {
            return "answered: " + template(node, request);
        } catch (RpcException e) {
            return e.code() + " " + e.text();
        }
    }

    private static List<String> texts(JsonNode list) {
        var all = new ArrayList<String>();
        list.forEach(each -> all.add(each.asString()));
        return all;
    }

    /// A transaction that anyone may make, of an output that anyone may spend.
    private static Transaction spend(OutPoint coin, long... values) {
        var outputs = new ArrayList<TxOut>();
        for (long value : values) {
            outputs.add(new TxOut(value, OpenNode.ANYONE));
        }
        var input = new TxIn(coin, Bytes.EMPTY, TxIn.SEQUENCE_FINAL);
        // Long enough not to be refused as one that looks like a node of the Merkle tree.
        outputs.add(new TxOut(0, Bytes.parse("6a10" + "00".repeat(16))));
        return Transaction.of(2, List.of(input), outputs, List.of(), 0);
    }

    private static Txid coinbase(OpenNode node, BlockHash hash) {
        return node.onChain(
                engine ->
                        engine.chain()
                                .block(
                                        weft.primitives.Check.present(
                                                engine.chain().headers().find(hash), "mined"))
                                .orElseThrow()
                                .transactions()
                                .getFirst()
                                .txid());
    }

    private static void accept(OpenNode node, Transaction tx) {
        AcceptResult result = node.onChain(engine -> engine.submitTx(Origin.SELF, tx));
        assertThat(result).isInstanceOf(AcceptResult.Accepted.class);
    }

    @Test
    void shouldAskForTheRulesThatTheMinerMustKnow() {
        var node = new OpenNode(REGTEST);
        assertThat(refusal(node, "{}")).contains("-8 ", "segwit rule set");
        assertThat(refusal(node, "{\"rules\":[\"csv\"]}")).contains("segwit rule set");
        assertThat(refusal(node, "{\"mode\":\"other\",\"rules\":[\"segwit\"]}"))
                .contains("Invalid mode");
        assertThat(refusal(node, "{\"mode\":1,\"rules\":[\"segwit\"]}")).contains("Invalid mode");

        var signet = new OpenNode(ChainParams.of(Network.SIGNET));
        assertThat(refusal(signet, SEGWIT)).contains("signet rule set");
        assertThat(refusal(signet, "{\"rules\":[\"signet\"]}")).contains("segwit rule set");
    }

    @Test
    void shouldShowTheChallengeOfASignet() {
        ChainParams own =
                ChainParams.of(Network.SIGNET).withSignetChallenge(Bytes.parse("5121aa51ae"));
        JsonNode json = template(new OpenNode(own), "{\"rules\":[\"segwit\",\"signet\"]}");

        assertThat(json.path("signet_challenge").asString()).isEqualTo("5121aa51ae");
        assertThat(texts(json.path("rules"))).contains("!signet", "!segwit", "csv", "taproot");
        assertThat(template(new OpenNode(REGTEST), SEGWIT).has("signet_challenge")).isFalse();
    }

    @Test
    void shouldSayAllThatAMinerNeeds() {
        var node = new OpenNode(REGTEST);
        List<BlockHash> mined = node.mine(12);
        JsonNode json = template(node, SEGWIT);

        assertThat(texts(json.path("capabilities"))).containsExactly("proposal");
        assertThat(texts(json.path("mutable")))
                .containsExactly("time", "transactions", "prevblock");
        assertThat(json.path("previousblockhash").asString()).isEqualTo(mined.getLast().toString());
        assertThat(json.path("height").asInt()).isEqualTo(13);
        assertThat(json.path("coinbasevalue").asLong()).isEqualTo(5_000_000_000L);
        assertThat(json.path("coinbaseaux").isObject()).isTrue();
        assertThat(json.path("coinbaseaux").isEmpty()).isTrue();
        assertThat(json.path("noncerange").asString()).isEqualTo("00000000ffffffff");
        assertThat(json.path("bits").asString()).isEqualTo("207fffff");
        assertThat(json.path("target").asString()).isEqualTo("7fffff" + "0".repeat(58));
        assertThat(json.path("vbrequired").asInt()).isZero();
        assertThat(json.path("longpollid").asString()).startsWith(mined.getLast().toString());
        assertThat(json.path("default_witness_commitment").asString()).startsWith("6a24aa21a9ed");
        // Twelve blocks a second apart after the start at 1700000000: the median of the last
        // eleven.
        assertThat(json.path("mintime").asLong()).isEqualTo(1_700_000_008L);
        assertThat(json.path("curtime").asLong()).isEqualTo(1_700_000_012L);
    }

    @Test
    void shouldHalveNothingAfterSegwitAndQuarterLimitsBefore() {
        JsonNode after = template(new OpenNode(REGTEST), SEGWIT);
        assertThat(after.path("sigoplimit").asInt()).isEqualTo(80_000);
        assertThat(after.path("sizelimit").asInt()).isEqualTo(4_000_000);
        assertThat(after.path("weightlimit").asInt()).isEqualTo(4_000_000);
        assertThat(texts(after.path("rules"))).contains("!segwit");

        var node = new OpenNode(REGTEST.withActivationHeight("segwit", 1_000));
        JsonNode before = template(node, SEGWIT);
        assertThat(before.path("sigoplimit").asInt()).isEqualTo(20_000);
        assertThat(before.path("sizelimit").asInt()).isEqualTo(1_000_000);
        assertThat(before.has("weightlimit")).isFalse();
        assertThat(texts(before.path("rules"))).doesNotContain("!segwit").contains("csv");
    }

    @Test
    void shouldListTransactionsParentsFirstWithWhatTheyDependOn() {
        var node = new OpenNode(REGTEST);
        List<BlockHash> mined = node.mine(102);
        long subsidy = 5_000_000_000L;
        Transaction parent =
                spend(
                        new OutPoint(coinbase(node, mined.get(0)), 0),
                        2_000_000_000L,
                        2_999_000_000L);
        Transaction child = spend(new OutPoint(parent.txid(), 0), 1_900_000_000L);
        Transaction other = spend(new OutPoint(coinbase(node, mined.get(1)), 0), subsidy - 3_000);
        for (Transaction tx : List.of(parent, child, other)) {
            accept(node, tx);
        }
        JsonNode json = template(node, SEGWIT);
        JsonNode list = json.path("transactions");

        var ids = new ArrayList<String>();
        list.forEach(each -> ids.add(each.path("txid").asString()));
        assertThat(ids)
                .containsExactly(
                        parent.txid().toString(), child.txid().toString(), other.txid().toString());
        assertThat(list.get(0).path("depends").isEmpty()).isTrue();
        assertThat(list.get(1).path("depends").get(0).asInt()).isEqualTo(1);
        assertThat(list.get(2).path("depends").isEmpty()).isTrue();
        assertThat(list.get(0).path("fee").asLong()).isEqualTo(1_000_000);
        assertThat(list.get(1).path("fee").asLong()).isEqualTo(100_000_000);
        assertThat(list.get(2).path("fee").asLong()).isEqualTo(3_000);
        assertThat(list.get(1).path("weight").asInt()).isEqualTo(child.weight());
        assertThat(list.get(1).path("hash").asString()).isEqualTo(child.wtxid().toString());
        assertThat(list.get(1).path("data").asString())
                .isEqualTo(Bytes.wrap(child.toByteArray()).toHex());
        assertThat(json.path("coinbasevalue").asLong())
                .isEqualTo(subsidy + 1_000_000 + 100_000_000 + 3_000);
    }

    private static Block withTransactions(Block block, List<Transaction> all) {
        BlockHeader h = block.header();
        var root = MerkleRoot.of(Block.of(h, all)).root();
        return Block.of(new BlockHeader(h.version(), h.parent(), root, h.time(), h.bits(), 0), all);
    }

    private static JsonNode propose(OpenNode node, Block block) {
        String hex = Bytes.wrap(block.toByteArray()).toHex();
        return template(node, "{\"mode\":\"proposal\",\"data\":\"" + hex + "\"}");
    }

    @Test
    void shouldJudgeProposals() {
        var node = new OpenNode(REGTEST);
        BlockHash first = node.mine(1).getFirst();
        Block good = node.onChain(engine -> engine.template(OpenNode.ANYONE).block());
        assertThat(propose(node, good).isNull()).isTrue();

        Transaction coinbase = good.transactions().getFirst();
        var rich = new ArrayList<>(coinbase.outputs());
        rich.set(0, new TxOut(rich.getFirst().value() + 1, OpenNode.ANYONE));
        Transaction greedy =
                Transaction.of(2, coinbase.inputs(), rich, List.of(coinbase.witness(0)), 0);
        assertThat(propose(node, withTransactions(good, List.of(greedy))).asString())
                .isEqualTo("bad-cb-amount");
        assertThat(propose(node, withTransactions(good, List.of(coinbase, coinbase))).asString())
                .isIn("bad-cb-multiple", "bad-txns-duplicate");

        Block known =
                node.onChain(
                        engine ->
                                engine.chain()
                                        .block(
                                                weft.primitives.Check.present(
                                                        engine.chain().headers().find(first),
                                                        "mined"))
                                        .orElseThrow());
        assertThat(propose(node, known).asString()).isEqualTo("duplicate");
        node.mine(1);
        assertThat(propose(node, good).asString()).isEqualTo("inconclusive-not-best-prevblk");
        assertThat(refusal(node, "{\"mode\":\"proposal\",\"data\":\"00\"}"))
                .contains("Block decode failed");
        assertThat(refusal(node, "{\"mode\":\"proposal\"}")).contains("Missing data");
    }

    @Test
    @Timeout(30)
    @DisplayName("A long poll waits while nothing changes, and ends at a new tip")
    void shouldWakeALongPollAtANewTip() throws Exception {
        var node = new OpenNode(REGTEST);
        node.mine(1);
        String id = template(node, SEGWIT).path("longpollid").asString();
        String request = "{\"rules\":[\"segwit\"],\"longpollid\":\"" + id + "\"}";
        CompletableFuture<JsonNode> waiting =
                CompletableFuture.supplyAsync(() -> template(node, request));
        Thread.sleep(Duration.ofMillis(500));
        assertThat(waiting).isNotDone();

        BlockHash tip = node.mine(1).getFirst();
        JsonNode json = waiting.get(10, TimeUnit.SECONDS);
        assertThat(json.path("previousblockhash").asString()).isEqualTo(tip.toString());
        assertThat(json.path("longpollid").asString()).isNotEqualTo(id);
    }

    @Test
    @Timeout(30)
    void shouldEndALongPollWhenTheNodeStops() throws Exception {
        var node = new OpenNode(REGTEST);
        String id = template(node, SEGWIT).path("longpollid").asString();
        String request = "{\"rules\":[\"segwit\"],\"longpollid\":\"" + id + "\"}";
        CompletableFuture<String> waiting =
                CompletableFuture.supplyAsync(() -> refusal(node, request));
        Thread.sleep(Duration.ofMillis(200));
        node.stop();
        assertThat(waiting.get(10, TimeUnit.SECONDS)).contains("Shutting down");
    }

    @Test
    void shouldNameAnotherTemplateWhenTheMempoolChanges() {
        var node = new OpenNode(REGTEST);
        List<BlockHash> mined = node.mine(101);
        String before = template(node, SEGWIT).path("longpollid").asString();
        accept(node, spend(new OutPoint(coinbase(node, mined.get(0)), 0), 4_999_000_000L));
        String after = template(node, SEGWIT).path("longpollid").asString();

        assertThat(after).isNotEqualTo(before);
        assertThat(after.substring(0, 64)).isEqualTo(before.substring(0, 64));
    }
}
