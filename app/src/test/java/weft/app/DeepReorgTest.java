package weft.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import weft.primitives.Bytes;
import weft.primitives.OutPoint;
import weft.primitives.Transaction;
import weft.primitives.TxIn;
import weft.primitives.TxOut;
import weft.primitives.Txid;

/// What waits again after an operator took back more blocks than ten.
class DeepReorgTest {
    private static final Bytes ANYONE = Bytes.parse("51");
    private static final int MATURE = 113;
    private static final int PAYMENTS = 13;
    private static final int WAITING_AGAIN = 10;

    /// Asks a node, whose ever.
    private interface Node {
        JsonNode call(String method, Object... params);
    }

    private static Txid send(Node node, Txid coin, long value) {
        List<TxOut> half = List.of(new TxOut(value / 2, ANYONE), new TxOut(value / 2, ANYONE));
        Transaction tx =
                Transaction.of(
                        2,
                        List.of(new TxIn(new OutPoint(coin, 0), Bytes.EMPTY, TxIn.SEQUENCE_FINAL)),
                        half,
                        List.of(),
                        0);
        node.call("sendrawtransaction", Bytes.wrap(tx.toByteArray()).toHex(), 0);
        return tx.txid();
    }

    private static void play(Node node) {
        node.call("generatetodescriptor", MATURE, "raw(51)");
        var paid = new ArrayList<Txid>();
        for (int i = 1; i <= PAYMENTS; i++) {
            String block = node.call("getblockhash", i).asString();
            String coin = node.call("getblock", block).path("tx").get(0).asString();
            paid.add(send(node, Txid.parse(coin), 4_999_000_000L));
            node.call("generatetodescriptor", 1, "raw(51)");
        }
        var expected = new TreeSet<String>();
        for (int i = 0; i < PAYMENTS; i++) {
            Txid child = send(node, paid.get(i), 2_499_000_000L);
            Txid grandchild = send(node, child, 1_249_000_000L);
            if (i >= PAYMENTS - WAITING_AGAIN) {
                List.of(paid.get(i), child, grandchild).forEach(id -> expected.add(id.toString()));
            }
        }
        assertThat(node.call("getrawmempool").size()).isEqualTo(2 * PAYMENTS);
        String first = node.call("getblockhash", MATURE + 1).asString();
        node.call("invalidateblock", first);
        assertThat(node.call("getblockcount").asInt()).isEqualTo(MATURE);
        var waiting = new TreeSet<String>();
        node.call("getrawmempool").forEach(txid -> waiting.add(txid.asString()));
        assertThat(waiting).isEqualTo(expected);

        node.call("reconsiderblock", first);
        assertThat(node.call("getblockcount").asInt()).isEqualTo(MATURE + PAYMENTS);
        assertThat(node.call("getrawmempool").size()).isEqualTo(2 * WAITING_AGAIN);
    }

    @Test
    @Timeout(120)
    @DisplayName("The transactions of ten blocks wait again, those of older ones are given up")
    void shouldGiveUpWhatIsDeep(@TempDir Path folder) throws Exception {
        try (RunningNode node =
                RunningNode.start(folder, "-acceptnonstdtxn=1", "-checkmempool=1")) {
            play(node::call);
        }
    }

    @Test
    @Timeout(120)
    @DisplayName("Bitcoin Core lets the same transactions wait again")
    void shouldAgreeWithBitcoinCore(@TempDir Path folder) throws Exception {
        CoreNode.assumeThere();
        try (CoreNode core = new CoreNode(folder, "-acceptnonstdtxn=1", "-connect=0")) {
            play(core::call);
        }
    }
}
