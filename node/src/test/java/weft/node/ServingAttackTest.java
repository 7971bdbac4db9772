package weft.node;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import weft.consensus.script.ScriptBuilder;
import weft.node.Target.FakePeer;
import weft.node.Target.Fate;
import weft.primitives.Block;
import weft.primitives.BlockHash;
import weft.primitives.Bytes;
import weft.primitives.Digest256;
import weft.primitives.Transaction;
import weft.primitives.TxIn;
import weft.primitives.TxOut;
import weft.testkit.Sabotage;
import weft.testkit.SeenRed;
import weft.wire.BlockMessage;
import weft.wire.GetData;
import weft.wire.InvItem;
import weft.wire.InvType;
import weft.wire.Message;

/// Requests whose answers are much larger than they are.
class ServingAttackTest implements SeenRed {
    private static final int LARGE = 500_000;

    private static Block large(Scene scene, int coin) {
        Transaction tx =
                Transaction.of(
                        2,
                        List.of(new TxIn(scene.coin(coin), Bytes.EMPTY, 0)),
                        List.of(
                                new TxOut(
                                        0,
                                        new ScriptBuilder()
                                                .push(Bytes.wrap(new byte[LARGE]))
                                                .build())),
                        List.of(),
                        0);
        return scene.target.block(List.of(tx));
    }

    private static Digest256 plain(BlockHash hash) {
        return new Digest256(hash.w0(), hash.w1(), hash.w2(), hash.w3());
    }

    private static long bytes(List<Message> heard) {
        return heard.stream().mapToLong(each -> each.payload().length()).sum();
    }

    @Test
    @DisplayName("C12 50,000 requests for large blocks, of one who does not read")
    @Sabotage(
            type = "weft.p2p.sync.BlockServer",
            method = "send",
            constant = "1000000>1000000000000")
    void shouldNotQueueBlocksForOneWhoDoesNotRead() {
        var scene = new Scene();
        var items = new ArrayList<InvItem>();
        var blocks = new ArrayList<Block>();
        for (int i = 1; i <= 8; i++) {
            blocks.add(large(scene, i));
            scene.accepts(blocks.getLast());
        }
        int[] types = {InvType.BLOCK, InvType.WITNESS_BLOCK, InvType.CMPCT_BLOCK};
        for (int i = 0; i < InvItem.MAX_PER_MESSAGE; i++) {
            items.add(InvItem.of(types[i % 3], plain(blocks.get(i % 8).hash())));
        }
        FakePeer attacker = scene.target.peer();
        attacker.isReading = false;
        attacker.heard.clear();
        attacker.sends(new GetData(items));
        scene.target.pass(20);
        scene.holds();
        assertThat(bytes(attacker.heard)).isBetween((long) LARGE, 2_000_000L + LARGE);
        assertThat(attacker.fate()).isEqualTo(Fate.KEPT);
        // Whoever reads gets all of it.
        attacker.heard.clear();
        attacker.reads();
        scene.target.pass(3);
        assertThat(attacker.heard.stream().filter(BlockMessage.class::isInstance))
                .hasSizeGreaterThan(30);
        assertThat(attacker.isServed()).isTrue();
        scene.holds();
    }
}
