package weft.p2p.tx;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import weft.chain.api.ChainEvent;
import weft.chain.api.HeaderNode;
import weft.chain.api.Origin;
import weft.p2p.ConnectionType;
import weft.p2p.Outbox;
import weft.p2p.Peer;
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
import weft.testkit.CpuTime;
import weft.testkit.Sabotage;
import weft.testkit.SeenRed;
import weft.wire.Inv;

/// Peers that make us keep and sort what we would tell them.
class RelayAttackTest implements SeenRed {
    private static final long START = 1_700_000_000L;
    private static final int SECONDS = 60;
    private static final int RATE = 200;

    /// So long nothing goes only because it has waited.
    private static final int PATIENT_SECONDS = 30;

    private final TestPeers peers = new TestPeers();
    private final Outbox out = new Outbox();
    private final TxSync sync =
            new TxSync(TxOptions.of(TestPeers.FULL), peers, new SplittableRandom(8), Log.NONE);
    private long nanos = 1;

    private Now now() {
        return new Now(nanos, Instant.ofEpochSecond(START).plusNanos(nanos));
    }

    private static Transaction tx(int number) {
        return Transaction.of(
                2,
                List.of(new TxIn(new OutPoint(new Txid(number, 0, 0, 1), 0), Bytes.EMPTY, 0)),
                List.of(new TxOut(number, Bytes.EMPTY)),
                List.of(),
                0);
    }

    @Test
    @DisplayName("C06 125 peers that announce nothing while 200 transactions a second come")
    @Sabotage(type = "weft.p2p.tx.TxRelay", method = "addWaiting", constant = "5>0")
    @Sabotage(type = "weft.p2p.tx.TxRelay", method = "addOne", call = "has", returns = "true")
    void shouldSortNothingTwiceAndKeepNoMoreThanTheMempool() {
        HeaderNode genesis =
                HeaderNode.genesis(
                        new BlockHeader(1, BlockHash.ZERO, Digest256.ZERO, START, 0, 0),
                        BigInteger.TWO);
        tell(new ChainEvent.Loaded(List.of(genesis), List.of(genesis), genesis, false));
        var silent = new ArrayList<Peer>();
        for (int i = 0; i < 125; i++) {
            Peer peer = peers.add(i, TestPeers.Spec.of(ConnectionType.INBOUND));
            sync.onReady(peer, now(), out);
            silent.add(peer);
        }
        Duration before = CpuTime.ofThisThread();
        int largest = 0;
        for (int i = 0; i < SECONDS * RATE; i++) {
            nanos += 1_000_000_000L / RATE;
            tell(new ChainEvent.TxAccepted(new Origin(999), tx(i), 1_000 + i % 700));
            sync.onTick(now(), out);
            int announced = drain();
            if (i < PATIENT_SECONDS * RATE) {
                largest = Math.max(largest, announced);
            }
        }
        assertThat(CpuTime.ofThisThread().minus(before))
                .as("a tenth of a core")
                .isLessThan(Duration.ofSeconds(SECONDS / 10));
        for (Peer each : silent) {
            assertThat(sync.stats(each.id()).inventoryToSend()).isBetween(1, SECONDS * RATE);
        }
        assertThat(largest).as("more at a time where much waits").isGreaterThan(45);
        // What leaves the mempool does not stay in the queues.
        for (int i = 0; i < SECONDS * RATE; i++) {
            tell(new ChainEvent.TxRemoved(tx(i).txid(), ChainEvent.RemovalReason.BLOCK));
        }
        for (int i = 0; i < SECONDS; i++) {
            nanos += 1_000_000_000L;
            sync.onTick(now(), out);
            assertThat(drain()).as("announced of what is gone").isZero();
        }
        for (Peer each : silent) {
            assertThat(sync.stats(each.id()).inventoryToSend()).isLessThanOrEqualTo(1_000);
        }
    }

    private void tell(ChainEvent event) {
        sync.onChainEvent(event, now(), out);
    }

    /// @return entries of the longest announcement
    private int drain() {
        int longest = 0;
        for (PeerOutput next = out.poll(); next != null; next = out.poll()) {
            if (next instanceof PeerOutput.Send(var _, Inv(var items))) {
                longest = Math.max(longest, items.size());
            }
        }
        return longest;
    }
}
