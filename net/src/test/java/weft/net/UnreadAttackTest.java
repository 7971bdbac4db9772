package weft.net;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import weft.chain.api.ChainEvent;
import weft.chain.api.HeaderNode;
import weft.p2p.PeerInput;
import weft.primitives.Block;
import weft.primitives.BlockHash;
import weft.primitives.BlockHeader;
import weft.primitives.Bytes;
import weft.primitives.Digest256;
import weft.primitives.OutPoint;
import weft.primitives.Transaction;
import weft.primitives.TxIn;
import weft.primitives.TxOut;
import weft.primitives.Txid;
import weft.testkit.Sabotage;
import weft.testkit.SeenRed;
import weft.wire.GetData;
import weft.wire.InvItem;
import weft.wire.Ping;
import weft.wire.Pong;

/// Peers that ask and do not read.
@Timeout(60)
class UnreadAttackTest implements SeenRed {
    private static final int TX_BYTES = 40_000;
    private static final int ASKED = 2_000;

    private final NetScene scene = new NetScene();

    @AfterEach
    void close() {
        scene.close();
    }

    private Transaction serveTransaction() {
        HeaderNode genesis =
                HeaderNode.genesis(
                        new BlockHeader(1, BlockHash.ZERO, Digest256.ZERO, 1_700_000_000L, 0, 0),
                        BigInteger.TWO);
        Transaction tx =
                Transaction.of(
                        2,
                        List.of(new TxIn(new OutPoint(new Txid(1, 2, 3, 4), 0), Bytes.EMPTY, 0)),
                        List.of(new TxOut(1, Bytes.wrap(new byte[TX_BYTES]))),
                        List.of(),
                        0);
        Block block = Block.of(genesis.header(), List.of(tx));
        scene.loop.post(
                new PeerInput.Chain(
                        new ChainEvent.Loaded(List.of(genesis), List.of(genesis), genesis, false)));
        scene.loop.post(new PeerInput.Chain(new ChainEvent.BlockConnected(genesis, block)));
        return tx;
    }

    @Test
    @DisplayName("B07 one large transaction asked for thousands of times by one who does not read")
    @Sabotage(type = "weft.net.PeerConnection", method = "send", call = "wants", returns = "true")
    void shouldNotCopyATransactionForEachRequest() throws Exception {
        Transaction tx = serveTransaction();
        try (NetScene.Client attacker = scene.client().handshake();
                NetScene.Client other = scene.client().handshake()) {
            long before = heap();
            var items = new ArrayList<InvItem>();
            for (int i = 0; i < ASKED; i++) {
                items.add(InvItem.wtx(tx.wtxid()));
            }
            attacker.send(new GetData(items));
            attacker.send(Ping.of(5));
            NetScene.await(() -> scene.logged("received: getdata"));
            other.send(Ping.of(6));
            assertThat(((Pong) other.await("pong")).nonce()).hasValue(6);
            assertThat(heap() - before).isLessThan(ASKED * (long) TX_BYTES / 4);
            // Whoever reads after all gets all of it, and then what it asked later.
            for (int i = 0; i < ASKED; i++) {
                attacker.await("tx");
            }
            assertThat(((Pong) attacker.await("pong")).nonce()).hasValue(5);
        }
    }

    private static long heap() {
        for (int i = 0; i < 4; i++) {
            System.gc();
        }
        Runtime runtime = Runtime.getRuntime();
        return runtime.totalMemory() - runtime.freeMemory();
    }
}
