package weft.wallet.sign;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import weft.consensus.script.PrecomputedTxHashes;
import weft.primitives.Bytes;
import weft.primitives.Transaction;
import weft.primitives.TxOut;
import weft.primitives.address.PrivateKey;
import weft.testkit.Vectors;

/// The wallet vectors of BIP-0341.
@DisplayName("BIP-0341 wallet vectors")
class TaprootVectorsTest {
    private static JsonNode vectors() {
        return Vectors.json("script/bip341_wallet_vectors.json");
    }

    private static Bytes hex(JsonNode node) {
        return Bytes.parse(node.asString());
    }

    private static void collect(
            JsonNode tree, int depth, List<TaprootTree.Leaf> leaves, Map<Integer, Integer> places) {
        if (tree.isArray()) {
            tree.forEach(each -> collect(each, depth + 1, leaves, places));
        } else if (tree.isObject()) {
            places.put(tree.path("id").asInt(), leaves.size());
            leaves.add(
                    new TaprootTree.Leaf(
                            depth, tree.path("leafVersion").asInt(), hex(tree.path("script"))));
        }
    }

    @Test
    void shouldMakeOutputsAndControlBlocks() {
        int cases = 0;
        for (JsonNode each : vectors().path("scriptPubKey")) {
            var leaves = new ArrayList<TaprootTree.Leaf>();
            var places = new TreeMap<Integer, Integer>();
            collect(each.path("given").path("scriptTree"), 0, leaves, places);
            TaprootTree tree =
                    TaprootTree.of(hex(each.path("given").path("internalPubkey")), leaves);
            assertThat("5120" + tree.outputKey().toHex())
                    .isEqualTo(each.path("expected").path("scriptPubKey").asString());
            JsonNode blocks = each.path("expected").path("scriptPathControlBlocks");
            TaprootSpend spend = tree.spend();
            for (int id = 0; id < blocks.size(); id++) {
                TaprootTree.Leaf leaf = leaves.get(places.getOrDefault(id, 0));
                assertThat(spend.leaves().get(new TaprootSpend.Leaf(leaf.script(), leaf.version())))
                        .contains(hex(blocks.get(id)));
                cases++;
            }
        }
        assertThat(cases).isGreaterThan(5);
    }

    @Test
    void shouldSignByKey() {
        JsonNode spending = vectors().path("keyPathSpending").get(0);
        Transaction tx = Transaction.parse(spending.path("given").path("rawUnsignedTx").asString());
        var spent = new ArrayList<TxOut>();
        for (JsonNode each : spending.path("given").path("utxosSpent")) {
            spent.add(new TxOut(each.path("amountSats").asLong(), hex(each.path("scriptPubKey"))));
        }
        var shared = PrecomputedTxHashes.forSigning(tx, spent);
        int signed = 0;
        for (JsonNode each : spending.path("inputSpending")) {
            JsonNode given = each.path("given");
            int input = given.path("txinIndex").asInt();
            PrivateKey key = PrivateKey.of(hex(given.path("internalPrivkey")), true);
            var provider = new SigningProvider();
            provider.addPrivateKey(key);
            JsonNode root = given.path("merkleRoot");
            var signer =
                    new TransactionSigner(
                            shared,
                            input,
                            spent.get(input).value(),
                            given.path("hashType").asInt());
            @Nullable Bytes signature =
                    signer.schnorrByKey(
                            provider,
                            key.publicKey().from(1),
                            root.isNull() ? Bytes.EMPTY : hex(root));
            assertThat(signature).isEqualTo(hex(each.path("expected").path("witness").get(0)));
            signed++;
        }
        assertThat(signed).isEqualTo(7);
    }
}
