package weft.p2p.tx;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import weft.chain.api.Origin;
import weft.p2p.ConnectionType;
import weft.p2p.Outbox;
import weft.p2p.PeerOutput;
import weft.p2p.PeerPermissions;
import weft.p2p.TestPeers;
import weft.primitives.Bytes;
import weft.primitives.Now;
import weft.primitives.OutPoint;
import weft.primitives.Transaction;
import weft.primitives.TxIn;
import weft.primitives.TxOut;
import weft.primitives.Txid;
import weft.primitives.log.Log;
import weft.testkit.Sabotage;
import weft.testkit.SeenRed;
import weft.wire.Inv;
import weft.wire.InvItem;

/// More than one message can hold.
class LongAnswerTest implements SeenRed {
    @Test
    @DisplayName("BIP35 the answer to `mempool` is as many messages as it takes, of 50,000 each")
    @Sabotage(type = "weft.p2p.tx.TxRelay", method = "announce", constant = "50000>50001")
    void shouldSplitLongAnswers() {
        var table = new TestPeers();
        TxOptions options = TxOptions.of(TestPeers.FULL);
        var context = new TxContext(options, table, new SplittableRandom(1), Log.NONE);
        var relay = new TxRelay(context);
        var spec = TestPeers.Spec.of(ConnectionType.INBOUND).permissions(PeerPermissions.MEMPOOL);
        var peer = new TxPeer(table.add(1, spec), options, new SplittableRandom(2));
        context.add(peer);
        var items = new ArrayList<InvItem>();
        for (int i = 0; i <= 50_000; i++) {
            Transaction tx =
                    Transaction.of(
                            2,
                            List.of(
                                    new TxIn(
                                            new OutPoint(new Txid(i, 0, 0, 2), 0), Bytes.EMPTY, 0)),
                            List.of(new TxOut(1, Bytes.EMPTY)),
                            List.of(),
                            0);
            context.mempool.add(tx, 1_000, Origin.SELF);
            items.add(InvItem.wtx(tx.wtxid()));
        }
        var now = new Now(1, Instant.EPOCH);
        var out = new Outbox();
        relay.onMempool(peer, now, out);
        relay.announce(peer, now, out);
        assertThat(out.poll())
                .isEqualTo(new PeerOutput.Send(peer.id(), new Inv(items.subList(0, 50_000))));
        assertThat(out.poll()).isEqualTo(new PeerOutput.Send(peer.id(), Inv.of(items.get(50_000))));
        assertThat(out.isEmpty()).isTrue();
    }
}
