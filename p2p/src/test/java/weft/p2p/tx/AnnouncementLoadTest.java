package weft.p2p.tx;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import weft.chain.api.ChainEvent;
import weft.chain.api.HeaderNode;
import weft.p2p.ConnectionType;
import weft.p2p.Outbox;
import weft.p2p.Peer;
import weft.p2p.PeerOutput;
import weft.p2p.TestPeers;
import weft.primitives.BlockHash;
import weft.primitives.BlockHeader;
import weft.primitives.Digest256;
import weft.primitives.Now;
import weft.primitives.log.Log;
import weft.testkit.Sabotage;
import weft.testkit.SeenRed;
import weft.wire.GetData;
import weft.wire.Inv;
import weft.wire.InvItem;
import weft.wire.InvType;

/// What announcements cost in memory, where everybody announces what nobody has.
class AnnouncementLoadTest implements SeenRed {
    private static final long START = 1_700_000_000L;

    /// As many as may dial a node that dials eleven itself.
    private static final int PEERS = 113;

    /// As many as one message may name.
    private static final int ANNOUNCED = 50_000;

    /// Bitcoin Core 28.1 heard one such message of each peer and took 269 MB.
    private static final int ROUNDS = Integer.getInteger("weft.times", 1);

    private static final int KEPT = 5_000;
    private static final long MEGABYTE = 1_000_000;
    private static final long ROOM = 100 * MEGABYTE;

    /// For where no two peers announce the same.
    private static final long ROOM_FOR_DIFFERENT = 125 * MEGABYTE;

    private final Outbox out = new Outbox();
    private final TestPeers peers = new TestPeers();
    private final TxSync sync =
            new TxSync(TxOptions.of(TestPeers.FULL), peers, new SplittableRandom(5), Log.NONE);
    private long nanos;

    private Now now() {
        return new Now(nanos, Instant.ofEpochSecond(START).plusNanos(nanos));
    }

    private static long memory() {
        for (int i = 0; i < 4; i++) {
            System.gc();
        }
        return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
    }

    private Peer connect(long id) {
        Peer peer = peers.add(id, TestPeers.Spec.of(ConnectionType.INBOUND));
        sync.onReady(peer, now(), out);
        return peer;
    }

    private static InvItem unknown(long of, int number) {
        var random = new SplittableRandom(of * ANNOUNCED + number);
        var hash =
                new Digest256(
                        random.nextLong(), random.nextLong(), random.nextLong(), random.nextLong());
        return InvItem.of(InvType.WTX, hash);
    }

    /// As read from a message: each has objects of its own.
    private void announce(Peer from, long of, int count) {
        var items = new ArrayList<InvItem>();
        for (int i = 0; i < count; i++) {
            items.add(unknown(of, i));
        }
        sync.onMessage(from, new Inv(items), now(), out);
    }

    /// What leaves now.
    private List<PeerOutput> drain() {
        var all = new ArrayList<PeerOutput>();
        for (PeerOutput each = out.poll(); each != null; each = out.poll()) {
            all.add(each);
        }
        return all;
    }

    private List<InvItem> asked(Peer peer) {
        return drain().stream()
                .filter(PeerOutput.Send.class::isInstance)
                .map(PeerOutput.Send.class::cast)
                .filter(each -> each.peer().equals(peer.id()))
                .map(PeerOutput.Send::message)
                .filter(GetData.class::isInstance)
                .flatMap(each -> ((GetData) each).items().stream())
                .toList();
    }

    private void begin() {
        var genesis =
                HeaderNode.genesis(
                        new BlockHeader(1, BlockHash.ZERO, Digest256.ZERO, START, 0, 0),
                        BigInteger.TWO);
        var all = List.of(genesis);
        sync.onChainEvent(new ChainEvent.Loaded(all, all, genesis, false), now(), out);
    }

    /// Memory that is taken when all have announced, before or after the first are asked for, whichever is
    /// more.
    private long taken(List<Peer> attackers, boolean same) {
        long before = memory();
        for (int i = 0; i < PEERS; i++) {
            attackers.add(connect(i));
        }
        for (int round = 0; round < ROUNDS; round++) {
            for (Peer each : attackers) {
                announce(each, same ? round : (long) round * PEERS + each.id().value(), ANNOUNCED);
            }
        }
        assertThat(attackers)
                .allMatch(
                        each ->
                                sync.stats(each.id()).announced() == KEPT
                                        && !each.isDisconnecting());
        long waiting = memory();
        nanos += 2_000_000_000L;
        sync.onTick(now(), out);
        drain();
        long taken = Math.max(waiting, memory()) - before;
        System.out.println(
                PEERS + " peers" + (same ? ", the same: " : ": ") + taken / 1_000 + " kB");
        return taken;
    }

    private void leave(List<Peer> attackers) {
        for (Peer each : attackers) {
            peers.remove(each.id());
            sync.onGone(each.id(), now(), out);
        }
        drain();
        attackers.clear();
    }

    @Test
    @DisplayName(
            "D03 113 peers announce 50,000 transactions that nobody has: 5,000 of each are kept")
    @Sabotage(type = "weft.p2p.tx.TxDownload", method = "track", constant = "5000>12000")
    @Sabotage(type = "weft.p2p.tx.TxDownload", method = "onGone", call = "removePeer")
    void shouldKeepFewAnnouncementsOfEachPeer() {
        begin();
        long before = memory();
        var attackers = new ArrayList<Peer>();
        assertThat(taken(attackers, true)).as("bytes").isLessThan(ROOM);
        Peer honest = connect(PEERS);
        announce(honest, -1, 1);
        nanos += 2_000_000_000L;
        sync.onTick(now(), out);
        assertThat(asked(honest)).containsExactly(unknown(-1, 0));
        leave(attackers);
        assertThat(memory() - before).as("bytes that are left").isLessThan(15 * MEGABYTE);
    }

    @Test
    @DisplayName("D03 113 peers announce 50,000 transactions each, all different, that nobody has")
    @Sabotage(type = "weft.p2p.tx.TxDownload", method = "track", constant = "5000>12000")
    void shouldKeepFewAnnouncementsWhereAllDiffer() {
        begin();
        var attackers = new ArrayList<Peer>();
        assertThat(taken(attackers, false)).as("bytes").isLessThan(ROOM_FOR_DIFFERENT);
        leave(attackers);
    }
}
