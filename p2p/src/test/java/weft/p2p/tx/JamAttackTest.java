package weft.p2p.tx;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import weft.chain.api.ChainEvent;
import weft.chain.api.HeaderNode;
import weft.chain.api.Origin;
import weft.p2p.ConnectionType;
import weft.p2p.Outbox;
import weft.p2p.Peer;
import weft.p2p.PeerId;
import weft.p2p.PeerOutput;
import weft.p2p.TestPeers;
import weft.primitives.BlockHash;
import weft.primitives.BlockHeader;
import weft.primitives.Bytes;
import weft.primitives.Digest256;
import weft.primitives.Now;
import weft.primitives.OutPoint;
import weft.primitives.Transaction;
import weft.primitives.TxIn;
import weft.primitives.TxOut;
import weft.primitives.Txid;
import weft.primitives.log.Log;
import weft.testkit.Sabotage;
import weft.testkit.SeenRed;
import weft.wire.GetData;
import weft.wire.Inv;
import weft.wire.InvItem;
import weft.wire.TxMessage;

/// Peers that keep our announcements busy with what pays more than a transaction that they do not want known.
class JamAttackTest implements SeenRed {
    private static final long START = 1_700_000_000L;
    private static final long SECOND = 1_000_000_000L;

    /// Five times what is announced in the same time.
    private static final int RATE = 100;

    private static final int JAM_SECONDS = 20;
    private static final int PATIENCE_SECONDS = 60;
    private static final int OUTBOUND = 4;
    private static final long LOW_FEE = 200;
    private static final long HIGH_FEE = 50_000;

    private final TestPeers peers = new TestPeers();
    private final Outbox out = new Outbox();
    private final TxSync sync =
            new TxSync(TxOptions.of(TestPeers.FULL), peers, new SplittableRandom(9), Log.NONE);
    private final Map<Digest256, List<PeerId>> told = new TreeMap<>();
    private final List<Transaction> served = new ArrayList<>();
    private long nanos = 1;
    private int spammed;

    private Now now() {
        return new Now(nanos, Instant.ofEpochSecond(START).plusNanos(nanos));
    }

    private static Transaction tx(int number, int kind) {
        return Transaction.of(
                2,
                List.of(new TxIn(new OutPoint(new Txid(number, 0, kind, 1), 0), Bytes.EMPTY, 0)),
                List.of(new TxOut(number, Bytes.EMPTY)),
                List.of(),
                0);
    }

    private void tell(ChainEvent event) {
        sync.onChainEvent(event, now(), out);
        drain();
    }

    private void drain() {
        for (PeerOutput next = out.poll(); next != null; next = out.poll()) {
            if (next instanceof PeerOutput.Send(PeerId to, Inv(List<InvItem> items))) {
                for (InvItem item : items) {
                    told.computeIfAbsent(item.hash(), _ -> new ArrayList<>()).add(to);
                }
            } else if (next instanceof PeerOutput.Send(PeerId _, TxMessage message)) {
                served.add(message.tx());
            }
        }
    }

    private Peer peer(int id, ConnectionType type) {
        Peer peer = peers.add(id, TestPeers.Spec.of(type));
        sync.onReady(peer, now(), out);
        return peer;
    }

    private List<PeerId> toldOf(Transaction tx) {
        return told.getOrDefault(InvItem.wtx(tx.wtxid()).hash(), List.of());
    }

    /// Transactions come that pay much.
    private void jam(int seconds) {
        for (int i = 0; i < seconds * RATE; i++) {
            nanos += SECOND / RATE;
            tell(new ChainEvent.TxAccepted(new Origin(999), tx(spammed++, 1), HIGH_FEE));
            sync.onTick(now(), out);
            drain();
        }
    }

    private void own(Transaction tx, long fee) {
        tell(new ChainEvent.TxAccepted(Origin.SELF, tx, fee));
        sync.send(tx.wtxid(), now(), out);
        drain();
    }

    @Test
    @DisplayName("E06 a hundred transactions a second that all pay more than one of our users'")
    @Sabotage(type = "weft.p2p.tx.TxRelay", method = "addOverdue", returns = "void")
    @Sabotage(
            type = "weft.p2p.tx.TxRelay",
            method = "addOverdue",
            constant = "30000000000>90000000000")
    void shouldTellOfOurUsersTransactionsWhateverElseWaits() {
        HeaderNode genesis =
                HeaderNode.genesis(
                        new BlockHeader(1, BlockHash.ZERO, Digest256.ZERO, START, 0, 0),
                        BigInteger.TWO);
        tell(new ChainEvent.Loaded(List.of(genesis), List.of(genesis), genesis, false));
        for (int i = 0; i < OUTBOUND; i++) {
            peer(i, ConnectionType.OUTBOUND_FULL_RELAY);
        }
        Peer attacker = peer(100, ConnectionType.INBOUND);
        jam(JAM_SECONDS);
        assertThat(sync.stats(attacker.id()).inventoryToSend()).isGreaterThan(1_000);

        Transaction tx = tx(1, 2);
        Transaction another = tx(2, 2);
        Transaction foreign = tx(1, 3);
        own(tx, LOW_FEE);
        own(another, LOW_FEE + 1);
        tell(new ChainEvent.TxAccepted(new Origin(998), foreign, LOW_FEE));
        for (int i = 0; i < PATIENCE_SECONDS; i++) {
            jam(1);
            if (toldOf(tx).contains(attacker.id())) {
                // To be the first who gets it must change nothing for the others.
                var wanted = GetData.of(InvItem.wtx(tx.wtxid()));
                sync.onMessage(attacker, wanted, now(), out);
                drain();
            }
        }
        // What others sent goes as soon: nothing shows whose a transaction is.
        for (Transaction each : List.of(tx, another, foreign)) {
            assertThat(toldOf(each)).hasSize(OUTBOUND + 1).doesNotHaveDuplicates();
        }
        assertThat(served).contains(tx);
        assertThat(peers.actions).isEmpty();
    }

    @Test
    @DisplayName("E06 where nothing jams, transactions come in their turn, by their rate, ours too")
    @Sabotage(type = "weft.p2p.tx.TxRelay", method = "addOverdue", constant = "30000000000>0")
    void shouldNotShowWhoseATransactionIs() {
        HeaderNode genesis =
                HeaderNode.genesis(
                        new BlockHeader(1, BlockHash.ZERO, Digest256.ZERO, START, 0, 0),
                        BigInteger.TWO);
        tell(new ChainEvent.Loaded(List.of(genesis), List.of(genesis), genesis, false));
        Peer peer = peer(1, ConnectionType.OUTBOUND_FULL_RELAY);
        // More than is said at a time, but for the last that is said in a few seconds.
        Transaction tx = tx(1, 2);
        own(tx, LOW_FEE);
        for (int i = 0; i < 100; i++) {
            tell(new ChainEvent.TxAccepted(new Origin(998), tx(i, 3), HIGH_FEE));
        }
        int before = 0;
        while (toldOf(tx).isEmpty()) {
            before = told.size();
            nanos += SECOND;
            assertThat(nanos).isLessThan(25 * SECOND);
            sync.onTick(now(), out);
            drain();
        }
        assertThat(toldOf(tx)).containsExactly(peer.id());
        assertThat(told).as("after all that pay more").hasSize(101);
        assertThat(before).as("not all at once").isPositive();
    }
}
