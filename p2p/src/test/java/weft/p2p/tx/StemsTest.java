package weft.p2p.tx;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import weft.chain.api.ChainCommand;
import weft.chain.api.ChainEvent;
import weft.chain.api.HeaderNode;
import weft.chain.api.Origin;
import weft.chain.api.TxFailure;
import weft.p2p.ConnectionType;
import weft.p2p.Outbox;
import weft.p2p.Peer;
import weft.p2p.PeerId;
import weft.p2p.PeerOutput;
import weft.p2p.PeerPermissions;
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
import weft.wire.DandelionAcc;
import weft.wire.DandelionTx;
import weft.wire.GetData;
import weft.wire.Inv;
import weft.wire.InvItem;
import weft.wire.Mempool;
import weft.wire.Message;
import weft.wire.NotFound;
import weft.wire.TxMessage;

/// Dandelion in one node: where stems go, what is hidden, what is bounded. See BIP-0156.
class StemsTest {
    private static final long START = 1_700_000_000L;
    private static final long SECOND = 1_000_000_000L;

    /// Peers that dialled us; the others are dialled by us.
    private static final int INBOUND = 4;

    private static final int PEERS = 12;

    private final TestPeers peers = new TestPeers();
    private final Outbox out = new Outbox();
    private final List<String> hidden = new ArrayList<>();
    private TxSync sync = sync(Spreading.DANDELION, 0);
    private long nanos = SECOND;

    private record Sent(long to, Message message) {}

    private final List<Sent> sent = new ArrayList<>();
    private final List<ChainCommand> commands = new ArrayList<>();

    private Now now() {
        return new Now(nanos, Instant.ofEpochSecond(START).plusNanos(nanos));
    }

    private TxSync sync(Spreading spreading, int fluffPercent) {
        var fresh =
                new TxSync(
                        TxOptions.of(TestPeers.FULL).with(spreading).withFluffPercent(fluffPercent),
                        peers,
                        new SplittableRandom(7),
                        Log.NONE);
        fresh.shelterIn(
                new TxSync.Shelter(
                        txid -> hidden.add("hide " + txid), tx -> hidden.add("show " + tx.txid())));
        HeaderNode genesis =
                HeaderNode.genesis(
                        new BlockHeader(1, BlockHash.ZERO, Digest256.ZERO, START, 0, 0),
                        BigInteger.TWO);
        fresh.onChainEvent(
                new ChainEvent.Loaded(List.of(genesis), List.of(genesis), genesis, false),
                new Now(0, Instant.ofEpochSecond(START)),
                out);
        return fresh;
    }

    private void drain() {
        for (PeerOutput each = out.poll(); each != null; each = out.poll()) {
            switch (each) {
                case PeerOutput.Send(PeerId peer, Message message) ->
                        sent.add(new Sent(peer.value(), message));
                case PeerOutput.Chain(ChainCommand command) -> commands.add(command);
                default -> {}
            }
        }
    }

    private Peer peer(long id) {
        return java.util.Objects.requireNonNull(peers.find(new PeerId(id)));
    }

    private boolean hear(long from, Message message) {
        boolean heard = sync.onMessage(peer(from), message, now(), out);
        drain();
        return heard;
    }

    private void tell(ChainEvent event) {
        sync.onChainEvent(event, now(), out);
        drain();
    }

    /// Peers 1 to [#INBOUND] dialled us, the rest did we; all take stems.
    private void connect() {
        for (long id = 1; id <= PEERS; id++) {
            ConnectionType type =
                    id <= INBOUND ? ConnectionType.INBOUND : ConnectionType.OUTBOUND_FULL_RELAY;
            var spec = TestPeers.Spec.of(type).permissions(PeerPermissions.MEMPOOL);
            sync.onReady(peers.add(id, spec), now(), out);
            drain();
        }
        for (long id = INBOUND + 1; id <= PEERS; id++) {
            hear(id, new DandelionAcc());
        }
    }

    private void pass(long seconds) {
        long end = nanos + seconds * SECOND;
        while (sync.nextDeadlineNanos().orElse(Long.MAX_VALUE) <= end) {
            nanos = Math.max(nanos, sync.nextDeadlineNanos().orElseThrow());
            sync.onTick(now(), out);
            drain();
        }
        nanos = end;
    }

    private static Transaction tx(int number, int size) {
        return Transaction.of(
                2,
                List.of(new TxIn(new OutPoint(new Txid(number, 0, 0, 1), 0), Bytes.EMPTY, 0)),
                List.of(new TxOut(number, Bytes.wrap(new byte[size]))),
                List.of(),
                0);
    }

    private static Transaction tx(int number) {
        return tx(number, 0);
    }

    private void own(Transaction tx) {
        tell(new ChainEvent.TxAccepted(Origin.SELF, tx, 1_000));
        sync.send(tx.wtxid(), now(), out);
        drain();
    }

    private List<Long> gotStem(Transaction tx) {
        return sent.stream()
                .filter(each -> each.message.equals(new DandelionTx(tx)))
                .map(Sent::to)
                .toList();
    }

    private Set<Long> heardOf(Transaction tx) {
        var found = new HashSet<Long>();
        for (Sent each : sent) {
            if (each.message instanceof Inv(List<InvItem> items)
                    && items.contains(InvItem.wtx(tx.wtxid()))) {
                found.add(each.to);
            }
        }
        return found;
    }

    private void judge(Transaction tx, long from) {
        tell(new ChainEvent.TxTested(new Origin(from), tx, Optional.empty()));
    }

    private boolean isTested(Transaction tx) {
        return commands.stream()
                .anyMatch(
                        each ->
                                each instanceof ChainCommand.TestTx(var _, var txs)
                                        && txs.getLast().equals(tx));
    }

    @Test
    @DisplayName("S-97 support is told to who dials us, and stems go only to who told us")
    void shouldNegotiate() {
        connect();
        List<Long> told =
                sent.stream()
                        .filter(each -> each.message instanceof DandelionAcc)
                        .map(Sent::to)
                        .toList();
        assertThat(told).containsExactly(1L, 2L, 3L, 4L);
        for (long id = INBOUND + 1; id <= PEERS; id++) {
            sync.onGone(new PeerId(id), now(), out);
        }
        var deaf = TestPeers.Spec.of(ConnectionType.OUTBOUND_FULL_RELAY);
        sync.onReady(peers.add(20, deaf), now(), out);
        own(tx(1));
        assertThat(gotStem(tx(1))).isEmpty();
        pass(60);
        assertThat(heardOf(tx(1)))
                .as("nobody takes stems")
                .containsExactlyInAnyOrder(1L, 2L, 3L, 4L, 20L);
    }

    @Test
    @DisplayName("S-97 our own goes to one peer and is hidden from all until its embargo ends")
    void shouldHideOwn() {
        connect();
        Transaction tx = tx(1);
        own(tx);
        assertThat(gotStem(tx)).hasSize(1).allMatch(each -> each > INBOUND);
        assertThat(hidden).containsExactly("hide " + tx.txid());
        sent.clear();
        // Nine seconds: no embargo is shorter than ten.
        pass(9);
        for (long id = 1; id <= PEERS; id++) {
            hear(id, new GetData(List.of(InvItem.wtx(tx.wtxid()))));
            hear(id, new Mempool());
        }
        pass(0);
        assertThat(heardOf(tx)).isEmpty();
        assertThat(sent.stream().filter(each -> each.message instanceof NotFound)).hasSize(PEERS);
        assertThat(sent).noneMatch(each -> each.message instanceof TxMessage);
        pass(300);
        assertThat(heardOf(tx)).as("the stem was lost").hasSize(PEERS);
        assertThat(hidden).containsExactly("hide " + tx.txid(), "show " + tx.txid());
    }

    @Test
    @DisplayName("S-97 our own is asked for when it is announced to us, as if we did not know it")
    void shouldAskForOwn() {
        connect();
        Transaction tx = tx(1);
        own(tx);
        sent.clear();
        var item = InvItem.wtx(tx.wtxid());
        hear(PEERS, new Inv(List.of(item)));
        assertThat(sent).contains(new Sent(PEERS, new GetData(List.of(item))));
        commands.clear();
        hear(PEERS, TxMessage.of(tx));
        assertThat(commands)
                .as("it is in the mempool")
                .containsExactly(new ChainCommand.NoteServed(Origin.SELF, tx.txid()));
        pass(9);
        pass(60);
        assertThat(heardOf(tx)).hasSize(PEERS - 1).doesNotContain((long) PEERS);
    }

    @Test
    @DisplayName("S-97 what comes from one peer goes on to one peer, but not before it is judged")
    void shouldRouteByWhereItCameFrom() {
        connect();
        var destinations = new HashSet<Long>();
        for (long from = 1; from <= INBOUND; from++) {
            var ofPeer = new HashSet<Long>();
            for (int i = 0; i < 20; i++) {
                Transaction tx = tx((int) from * 100 + i);
                hear(from, new DandelionTx(tx));
                assertThat(isTested(tx)).isTrue();
                assertThat(gotStem(tx)).isEmpty();
                judge(tx, from);
                assertThat(gotStem(tx)).hasSize(1);
                ofPeer.addAll(gotStem(tx));
            }
            assertThat(ofPeer).as("peer %d", from).hasSize(1);
            destinations.addAll(ofPeer);
        }
        assertThat(destinations).hasSize(StemRoutes.DESTINATIONS_MAX);
        assertThat(commands).noneMatch(each -> each instanceof ChainCommand.SubmitTx);
    }

    @Test
    @DisplayName("S-97 routes are drawn anew every ten minutes on average")
    void shouldShuffleRoutes() {
        connect();
        int changes = 0;
        long before = 0;
        int minutes = 2_000;
        for (int i = 0; i < minutes; i++) {
            Transaction tx = tx(i);
            hear(1, new DandelionTx(tx));
            judge(tx, 1);
            long to = gotStem(tx).getFirst();
            changes += to == before ? 0 : 1;
            before = to;
            sent.clear();
            commands.clear();
            tell(new ChainEvent.TxAccepted(new Origin(2), tx, 1_000));
            tell(new ChainEvent.TxRemoved(tx.txid(), ChainEvent.RemovalReason.BLOCK));
            pass(60);
        }
        // Of eight, another is drawn seven times in eight: 175 of 200 epochs.
        assertThat(changes).isBetween(130, 215);
    }

    @Test
    @DisplayName("S-97 a stem that is refused ends; who breaks consensus is misbehaving")
    void shouldEndRefusedStems() {
        connect();
        hear(1, new DandelionTx(tx(1)));
        var poor = new TxFailure(TxFailure.Kind.MEMPOOL_POLICY, "min relay fee not met", "");
        tell(new ChainEvent.TxTested(new Origin(1), tx(1), Optional.of(poor)));
        assertThat(peers.actions).isEmpty();
        hear(2, new DandelionTx(tx(2)));
        var wrong = new TxFailure(TxFailure.Kind.CONSENSUS, "bad-txns-vout-negative", "");
        tell(new ChainEvent.TxTested(new Origin(2), tx(2), Optional.of(wrong)));
        assertThat(peers.actions).containsExactly("misbehaving 2: ");
        pass(600);
        assertThat(sent).noneMatch(each -> each.message instanceof DandelionTx);
        assertThat(commands).noneMatch(each -> each instanceof ChainCommand.SubmitTx);
    }

    @Test
    @DisplayName("S-97 a stem is not shown to those who ask, and ends as an ordinary transaction")
    void shouldHideStems() {
        connect();
        Transaction tx = tx(1);
        hear(1, new DandelionTx(tx));
        judge(tx, 1);
        sent.clear();
        var item = InvItem.wtx(tx.wtxid());
        for (long id = 1; id <= PEERS; id++) {
            hear(id, new GetData(List.of(item)));
            hear(id, new Mempool());
        }
        assertThat(sent.stream().filter(each -> each.message instanceof NotFound)).hasSize(PEERS);
        pass(9);
        assertThat(heardOf(tx)).isEmpty();
        hear(PEERS, new Inv(List.of(item)));
        assertThat(sent).contains(new Sent(PEERS, new GetData(List.of(item))));
        commands.clear();
        hear(PEERS, TxMessage.of(tx));
        var offered = new ChainCommand.SubmitTx(new Origin(PEERS), tx);
        assertThat(commands).containsExactly(offered);
        tell(new ChainEvent.TxAccepted(new Origin(PEERS), tx, 1_000));
        pass(600);
        assertThat(commands).as("its embargo is called off").containsExactly(offered);
    }

    @Test
    @DisplayName("S-97 a stem that nobody carries on becomes public when its embargo ends")
    void shouldEndTheEmbargo() {
        connect();
        var waits = new ArrayList<Double>();
        for (int i = 0; i < 400; i++) {
            Transaction tx = tx(i);
            hear(1, new DandelionTx(tx));
            judge(tx, 1);
            long begun = nanos;
            commands.clear();
            while (commands.isEmpty()) {
                nanos = Math.max(nanos, sync.nextDeadlineNanos().orElseThrow());
                sync.onTick(now(), out);
                drain();
            }
            assertThat(commands).containsExactly(new ChainCommand.SubmitTx(new Origin(1), tx));
            waits.add((nanos - begun) / 1e9);
        }
        assertThat(waits).allMatch(each -> each >= 10);
        double mean = waits.stream().mapToDouble(each -> each).average().orElseThrow();
        // Ten, and twenty on average; a mean of 400 strays by one.
        assertThat(mean).isBetween(27.0, 33.0);
    }

    @Test
    @DisplayName(
            "S-97 the budget of a stem peer is enforced, by count and by bytes, for each by itself")
    void shouldEnforceBudgets() {
        connect();
        for (int i = 0; i < StemPool.PEER_COUNT_MAX + 50; i++) {
            hear(1, new DandelionTx(tx(i)));
            assertThat(isTested(tx(i))).isEqualTo(i < StemPool.PEER_COUNT_MAX);
        }
        hear(2, new DandelionTx(tx(1_000)));
        assertThat(isTested(tx(1_000))).as("another peer's").isTrue();
        for (int i = 0; i < 5; i++) {
            hear(3, new DandelionTx(tx(2_000 + i, 99_000)));
            assertThat(isTested(tx(2_000 + i, 99_000))).isEqualTo(i < 4);
        }
        // What became public counts no more.
        tell(new ChainEvent.TxAccepted(new Origin(9), tx(0), 1_000));
        hear(1, new DandelionTx(tx(3_000)));
        assertThat(isTested(tx(3_000))).isTrue();
        hear(1, new DandelionTx(tx(3_001)));
        assertThat(isTested(tx(3_001))).isFalse();
    }

    @Test
    @DisplayName("S-97 a coin is on one stem only")
    void shouldRefuseASecondSpend() {
        connect();
        hear(1, new DandelionTx(tx(1)));
        hear(2, new DandelionTx(tx(1, 7)));
        assertThat(isTested(tx(1))).isTrue();
        assertThat(isTested(tx(1, 7))).isFalse();
    }

    @Test
    @DisplayName("S-97 our own takes the place of what spends the same, and ends as others do")
    void shouldPreferItsOwn() {
        connect();
        Transaction ours = tx(1);
        Transaction theirs = tx(1, 7);
        tell(new ChainEvent.TxAccepted(Origin.SELF, ours, 1_000));
        hear(1, new DandelionTx(theirs));
        assertThat(isTested(theirs)).as("ours is on no stem yet").isTrue();
        sync.send(ours.wtxid(), now(), out);
        drain();
        judge(theirs, 1);
        assertThat(gotStem(theirs)).isEmpty();
        assertThat(gotStem(ours)).hasSize(1);
        pass(300);
        assertThat(heardOf(ours)).hasSize(PEERS);
        assertThat(heardOf(theirs)).isEmpty();
    }

    @Test
    void shouldFillNoMoreThanTheWhole() {
        var pool = new StemPool();
        int taken = 0;
        for (int i = 0; i < 100; i++) {
            Transaction tx = tx(i, 99_000);
            if (pool.refusal(new PeerId(i), tx).isEmpty()) {
                pool.add(tx, new PeerId(i), 0, 5);
                taken++;
            }
        }
        assertThat(taken).isEqualTo(StemPool.BYTES_MAX / tx(1, 99_000).totalSize());
        while (pool.size() > 0) {
            pool.remove(java.util.Objects.requireNonNull(pool.due(1_000)));
        }
        assertThat(pool.deadline()).isEqualTo(Long.MAX_VALUE);
        assertThat(pool.refusal(new PeerId(1), tx(1))).isEmpty();
    }

    @Test
    @DisplayName("S-97 a child on the stem of its parent is judged with it and fluffs after it")
    void shouldKeepFamiliesTogether() {
        connect();
        Transaction parent = tx(1);
        Transaction child =
                Transaction.of(
                        2,
                        List.of(new TxIn(new OutPoint(parent.txid(), 0), Bytes.EMPTY, 0)),
                        List.of(new TxOut(5, Bytes.EMPTY)),
                        List.of(),
                        0);
        hear(1, new DandelionTx(parent));
        judge(parent, 1);
        hear(1, new DandelionTx(child));
        var origin = new Origin(1);
        assertThat(commands.getLast())
                .isEqualTo(new ChainCommand.TestTx(origin, List.of(parent, child)));
        judge(child, 1);
        commands.clear();
        // It comes again from where it came: a circle.
        hear(1, new DandelionTx(child));
        assertThat(commands)
                .containsExactly(
                        new ChainCommand.SubmitTx(origin, parent),
                        new ChainCommand.SubmitTx(origin, child));
    }

    @Test
    void shouldFluffAtOnceWhereSetSo() {
        sync = sync(Spreading.DANDELION, 100);
        connect();
        hear(1, new DandelionTx(tx(1)));
        judge(tx(1), 1);
        assertThat(commands.getLast()).isEqualTo(new ChainCommand.SubmitTx(new Origin(1), tx(1)));
        own(tx(2));
        assertThat(gotStem(tx(2))).as("ours takes one step at least").hasSize(1);
    }

    @Test
    void shouldNotKnowStemsUnderAnotherPolicy() {
        sync = sync(Spreading.DIFFUSION, 0);
        connect();
        assertThat(sent).noneMatch(each -> each.message instanceof DandelionAcc);
        assertThat(hear(1, new DandelionTx(tx(1)))).isFalse();
        assertThat(hear(9, new DandelionAcc())).isFalse();
        own(tx(2));
        pass(60);
        assertThat(commands).isEmpty();
        assertThat(heardOf(tx(2))).hasSize(PEERS);
    }

    @Test
    void shouldNotTakeStemsFromWhomWeDialled() {
        connect();
        assertThat(hear(9, new DandelionTx(tx(1)))).isTrue();
        assertThat(commands).isEmpty();
    }
}
