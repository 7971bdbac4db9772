package weft.p2p.tx;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import java.time.Instant;
import java.util.Arrays;
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
import weft.wire.Inv;

/// When transactions are announced to whom.
class SpreadingTest {
    private static final long START = 1_700_000_000L;
    private static final int TRANSACTIONS = 2_000;
    private static final Origin STRANGER = new Origin(99);

    private final TestPeers peers = new TestPeers();
    private final Outbox out = new Outbox();
    private final SplittableRandom chance = new SplittableRandom(11);
    private long nanos = 1_000_000_000L;

    private Now now() {
        return new Now(nanos, Instant.ofEpochSecond(START).plusNanos(nanos));
    }

    private TxSync sync(Spreading spreading) {
        var sync =
                new TxSync(
                        TxOptions.of(TestPeers.FULL).with(spreading),
                        peers,
                        new SplittableRandom(7),
                        Log.NONE);
        HeaderNode genesis =
                HeaderNode.genesis(
                        new BlockHeader(1, BlockHash.ZERO, Digest256.ZERO, START, 0, 0),
                        BigInteger.TWO);
        sync.onChainEvent(
                new ChainEvent.Loaded(List.of(genesis), List.of(genesis), genesis, false),
                now(),
                out);
        return sync;
    }

    private void connect(TxSync sync, long id, ConnectionType type) {
        Peer peer = peers.add(id, TestPeers.Spec.of(type));
        sync.onReady(peer, now(), out);
        sync.onTick(now(), out);
    }

    /// Seconds from when each transaction came to when each of the first `count` peers heard of it: long
    /// apart, so that each finds an idle node, with ticks at deadlines only.
    private double[][] delays(TxSync sync, int count) {
        var delays = new double[count][TRANSACTIONS];
        drain(null, 0, 0);
        for (int i = 0; i < TRANSACTIONS; i++) {
            nanos += 200_000_000_000L + chance.nextLong(100_000_000_000L);
            long came = nanos;
            Transaction tx = tx(i);
            sync.onChainEvent(new ChainEvent.TxAccepted(STRANGER, tx, 1_000), now(), out);
            int heard = drain(delays, i, came);
            while (heard < count) {
                nanos = Math.max(nanos, sync.nextDeadlineNanos().orElseThrow());
                sync.onTick(now(), out);
                heard += drain(delays, i, came);
            }
        }
        return delays;
    }

    private int drain(
            double @org.jspecify.annotations.Nullable [][] delays, int number, long came) {
        int heard = 0;
        for (PeerOutput each = out.poll(); each != null; each = out.poll()) {
            if (delays != null && each instanceof PeerOutput.Send(PeerId peer, Inv _)) {
                delays[(int) peer.value() - 1][number] = (nanos - came) / 1e9;
                heard++;
            }
        }
        return heard;
    }

    private static Transaction tx(int number) {
        return Transaction.of(
                2,
                List.of(new TxIn(new OutPoint(new Txid(number, 0, 0, 1), 0), Bytes.EMPTY, 0)),
                List.of(new TxOut(number, Bytes.EMPTY)),
                List.of(),
                0);
    }

    /// The greatest distance between the sample's distribution and that of an exponential delay.
    private static double distance(double[] sample, double mean) {
        double[] sorted = sample.clone();
        Arrays.sort(sorted);
        double worst = 0;
        for (int i = 0; i < sorted.length; i++) {
            double expected = 1 - Math.exp(-sorted[i] / mean);
            worst = Math.max(worst, Math.abs(expected - (double) i / sorted.length));
            worst = Math.max(worst, Math.abs(expected - (i + 1.0) / sorted.length));
        }
        return worst;
    }

    private static double correlation(double[] one, double[] other) {
        double meanOne = Arrays.stream(one).average().orElseThrow();
        double meanOther = Arrays.stream(other).average().orElseThrow();
        double product = 0;
        double squareOne = 0;
        double squareOther = 0;
        for (int i = 0; i < one.length; i++) {
            product += (one[i] - meanOne) * (other[i] - meanOther);
            squareOne += (one[i] - meanOne) * (one[i] - meanOne);
            squareOther += (other[i] - meanOther) * (other[i] - meanOther);
        }
        return product / Math.sqrt(squareOne * squareOther);
    }

    /// What a right sample exceeds once in a hundred tests (Kolmogorov and Smirnov).
    private static final double CRITICAL = 1.63 / Math.sqrt(TRANSACTIONS);

    @Test
    @DisplayName(
            "S-96 delays are exponential: 2 s on average to outbound peers, each by itself (KS"
                    + " test)")
    void shouldDelayEachOutboundPeerByItself() {
        TxSync sync = sync(Spreading.DIFFUSION);
        connect(sync, 1, ConnectionType.OUTBOUND_FULL_RELAY);
        connect(sync, 2, ConnectionType.OUTBOUND_FULL_RELAY);
        double[][] delays = delays(sync, 2);
        assertThat(distance(delays[0], 2)).isLessThan(CRITICAL);
        assertThat(distance(delays[1], 2)).isLessThan(CRITICAL);
        assertThat(distance(delays[0], 2.3)).as("the test can fail").isGreaterThan(CRITICAL);
        assertThat(Math.abs(correlation(delays[0], delays[1]))).isLessThan(0.06);
    }

    @Test
    @DisplayName("S-96 delays are exponential: 5 s on average to inbound peers, one moment for all")
    void shouldDelayAllInboundPeersAlike() {
        TxSync sync = sync(Spreading.DIFFUSION);
        connect(sync, 1, ConnectionType.INBOUND);
        connect(sync, 2, ConnectionType.INBOUND);
        double[][] delays = delays(sync, 2);
        assertThat(distance(delays[0], 5)).isLessThan(CRITICAL);
        assertThat(delays[1]).as("who connects twice learns nothing").isEqualTo(delays[0]);
    }

    @Test
    @DisplayName("S-95 policy flood announces at once to all")
    void shouldFlood() {
        TxSync sync = sync(Spreading.FLOOD);
        connect(sync, 1, ConnectionType.OUTBOUND_FULL_RELAY);
        connect(sync, 2, ConnectionType.INBOUND);
        double[][] delays = delays(sync, 2);
        assertThat(delays[0]).containsOnly(0);
        assertThat(delays[1]).containsOnly(0);
    }

    @Test
    void shouldKnowItsNames() {
        assertThat(Spreading.named("flood")).contains(Spreading.FLOOD);
        assertThat(Spreading.named("diffusion")).contains(Spreading.DIFFUSION);
        assertThat(Spreading.named("Flood")).isEmpty();
    }
}
