package weft.p2p.tx;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
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
import weft.p2p.PeerFault;
import weft.p2p.PeerOutput;
import weft.p2p.PeerPermissions;
import weft.p2p.TestPeers;
import weft.primitives.Block;
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
import weft.wire.FeeFilter;
import weft.wire.GetData;
import weft.wire.Inv;
import weft.wire.InvItem;
import weft.wire.InvType;
import weft.wire.Mempool;
import weft.wire.Message;
import weft.wire.NotFound;
import weft.wire.TxMessage;

class TxSyncTest implements SeenRed {
    private static final long START = 1_700_000_000L;
    private final TestPeers peers = new TestPeers();
    private final Outbox out = new Outbox();
    private final List<PeerOutput.Send> sent = new ArrayList<>();
    private final List<ChainCommand> commands = new ArrayList<>();
    private long nanos;
    private TxSync sync = make(TxOptions.of(TestPeers.FULL));

    private TxSync make(TxOptions options) {
        return new TxSync(options, peers, new SplittableRandom(5), Log.NONE);
    }

    TxSyncTest() {
        tell(loaded(false));
    }

    private static ChainEvent loaded(boolean ibd) {
        HeaderNode genesis =
                HeaderNode.genesis(
                        new BlockHeader(1, BlockHash.ZERO, Digest256.ZERO, START, 0, 0),
                        BigInteger.TWO);
        return new ChainEvent.Loaded(List.of(genesis), List.of(genesis), genesis, ibd);
    }

    private Now now() {
        return new Now(nanos, Instant.ofEpochSecond(START).plusNanos(nanos));
    }

    private void advanceMillis(long millis) {
        nanos += millis * 1_000_000;
        sync.onTick(now(), out);
        sync.onTick(now(), out);
        drain();
        sync.nextDeadlineNanos()
                .ifPresent(
                        deadline ->
                                assertThat(deadline)
                                        .as("a deadline that lies in the past would spin")
                                        .isGreaterThan(nanos));
    }

    private void drain() {
        PeerOutput output = out.poll();
        while (output != null) {
            switch (output) {
                case PeerOutput.Send each -> sent.add(each);
                case PeerOutput.Chain(ChainCommand command) -> commands.add(command);
                default -> throw new AssertionError(output.toString());
            }
            output = out.poll();
        }
    }

    private void tell(ChainEvent event) {
        sync.onChainEvent(event, now(), out);
        drain();
    }

    private Peer connect(long id, TestPeers.Spec spec) {
        Peer peer = peers.add(id, spec);
        sync.onReady(peer, now(), out);
        drain();
        return peer;
    }

    private void receive(Peer from, Message message) {
        try {
            sync.onMessage(from, message, now(), out);
        } catch (PeerFault fault) {
            peers.misbehaving(from.id(), requireNonNull(fault.getMessage()), out);
        }
        drain();
    }

    private <T extends Message> List<T> sentTo(Peer peer, Class<T> kind) {
        return sent.stream()
                .filter(each -> each.peer().equals(peer.id()) && kind.isInstance(each.message()))
                .map(each -> kind.cast(each.message()))
                .toList();
    }

    private List<InvItem> askedOf(Peer peer) {
        return sentTo(peer, GetData.class).stream().flatMap(each -> each.items().stream()).toList();
    }

    private static TestPeers.Spec outbound() {
        return TestPeers.Spec.of(ConnectionType.OUTBOUND_FULL_RELAY);
    }

    private static TestPeers.Spec inbound() {
        return TestPeers.Spec.of(ConnectionType.INBOUND);
    }

    private static Transaction tx(Txid parent, int number) {
        return Transaction.of(
                2,
                List.of(new TxIn(new OutPoint(parent, 0), Bytes.EMPTY, number)),
                List.of(new TxOut(number, Bytes.EMPTY)),
                List.of(),
                0);
    }

    private static Transaction tx(int number) {
        return tx(new Txid(number, 0, 0, 1), number);
    }

    private static Origin origin(Peer peer) {
        return new Origin(peer.id().value());
    }

    @Test
    @DisplayName("S-90 Summary first: inv, then getdata, then tx")
    void shouldAskForAnAnnouncedTransaction() {
        Peer peer = connect(1, outbound());
        Transaction tx = tx(1);
        receive(peer, Inv.of(InvItem.wtx(tx.wtxid())));
        assertThat(askedOf(peer)).containsExactly(InvItem.wtx(tx.wtxid()));
        receive(peer, TxMessage.of(tx));
        assertThat(commands).containsExactly(new ChainCommand.SubmitTx(origin(peer), tx));
        tell(new ChainEvent.TxAccepted(origin(peer), tx, 1_000));
        assertThat(sync.stats(peer.id()).lastTransactionSeconds()).isEqualTo(START);
        assertThat(sync.stats(peer.id()).announced()).isZero();
    }

    @Test
    @DisplayName("E10 who is asked for a transaction does not send it: the next after 60 seconds")
    @Sabotage(
            type = "weft.p2p.tx.TxDownload",
            method = "request",
            constant = "60000000000>61000000000")
    @Sabotage(
            type = "weft.p2p.tx.TxDownload",
            method = "request",
            constant = "60000000000>59000000000")
    void shouldLetInboundPeersWaitAndAskTheNextAfterAMinute() {
        Peer first = connect(1, inbound());
        Peer second = connect(2, inbound());
        InvItem item = InvItem.wtx(tx(1).wtxid());
        receive(first, Inv.of(item));
        receive(second, Inv.of(item));
        advanceMillis(1_999);
        assertThat(askedOf(first)).isEmpty();
        advanceMillis(1);
        assertThat(askedOf(first).size() + askedOf(second).size()).isEqualTo(1);
        advanceMillis(59_999);
        assertThat(askedOf(first).size() + askedOf(second).size()).isEqualTo(1);
        advanceMillis(1);
        assertThat(askedOf(first)).containsExactly(item);
        assertThat(askedOf(second)).containsExactly(item);
    }

    @Test
    void shouldAskTheNextPeerAtOnceAfterNotFound() {
        Peer first = connect(1, outbound());
        Peer second = connect(2, outbound());
        InvItem item = InvItem.wtx(tx(1).wtxid());
        receive(first, Inv.of(item));
        receive(second, Inv.of(item));
        receive(first, new NotFound(List.of(item)));
        advanceMillis(0);
        assertThat(askedOf(second)).containsExactly(item);
    }

    @Test
    void shouldIgnoreAnnouncementsInInitialDownload() {
        tell(loaded(true));
        Peer peer = connect(1, outbound());
        receive(peer, Inv.of(InvItem.wtx(tx(1).wtxid())));
        receive(peer, TxMessage.of(tx(1)));
        assertThat(askedOf(peer)).isEmpty();
        assertThat(commands).isEmpty();
        assertThat(sentTo(peer, FeeFilter.class)).hasSize(1);
        assertThat(sentTo(peer, FeeFilter.class).getFirst().satoshisPerKvB())
                .isGreaterThan(9_000_000);
        tell(loaded(false));
        advanceMillis(1);
        assertThat(sentTo(peer, FeeFilter.class)).endsWith(new FeeFilter(1_000));
    }

    @Test
    void shouldNotAskAgainForWhatWasRejectedUntilTheTipMoves() {
        Peer peer = connect(1, outbound());
        Transaction tx = tx(1);
        receive(peer, TxMessage.of(tx));
        tell(
                new ChainEvent.TxRejected(
                        origin(peer), tx, new TxFailure(TxFailure.Kind.NOT_STANDARD, "dust", "")));
        receive(peer, Inv.of(InvItem.wtx(tx.wtxid())));
        assertThat(askedOf(peer)).isEmpty();
        assertThat(peers.actions).isEmpty();
        HeaderNode node = ((ChainEvent.Loaded) loaded(false)).tip();
        tell(new ChainEvent.TipChanged(node, node, node, false));
        receive(peer, Inv.of(InvItem.wtx(tx.wtxid())));
        assertThat(askedOf(peer)).hasSize(1);
    }

    @Test
    @DisplayName("E11 transactions that only policy refuses: nobody is blamed for relaying them")
    @Sabotage(
            type = "weft.p2p.tx.TxDownload",
            method = "onRejected",
            call = "kind",
            returns = "weft.chain.api.TxFailure$Kind.CONSENSUS")
    void shouldBlameOnlyForBrokenConsensus() {
        Peer peer = connect(1, outbound());
        for (TxFailure.Kind kind : TxFailure.Kind.values()) {
            if (kind != TxFailure.Kind.CONSENSUS) {
                var failure = new TxFailure(kind, "x", "");
                tell(new ChainEvent.TxRejected(origin(peer), tx(kind.ordinal()), failure));
            }
        }
        assertThat(peers.actions).isEmpty();
        tell(
                new ChainEvent.TxRejected(
                        origin(peer),
                        tx(99),
                        new TxFailure(TxFailure.Kind.CONSENSUS, "bad-txns-vin-empty", "")));
        assertThat(peers.actions).containsExactly("misbehaving 1: ");
    }

    @Test
    void shouldFetchParentsOfOrphansAndOfferThemAgain() {
        Peer peer = connect(1, outbound());
        Transaction parent = tx(1);
        Transaction child = tx(parent.txid(), 2);
        receive(peer, TxMessage.of(child));
        tell(new ChainEvent.TxMissingInputs(origin(peer), child, List.of(parent.txid())));
        advanceMillis(2_000);
        assertThat(askedOf(peer)).containsExactly(InvItem.of(InvType.WITNESS_TX, parent.txid()));
        receive(peer, TxMessage.of(parent));
        commands.clear();
        tell(new ChainEvent.TxAccepted(origin(peer), parent, 1_000));
        assertThat(commands).containsExactly(new ChainCommand.SubmitTx(origin(peer), child));
        tell(new ChainEvent.TxAccepted(origin(peer), child, 1_000));
        receive(peer, Inv.of(InvItem.wtx(child.wtxid())));
        assertThat(askedOf(peer)).hasSize(1);
    }

    @Test
    void shouldNotKeepOrphansOfRejectedParents() {
        Peer peer = connect(1, outbound());
        Transaction parent = tx(1);
        Transaction child = tx(parent.txid(), 2);
        tell(
                new ChainEvent.TxRejected(
                        origin(peer),
                        parent,
                        new TxFailure(TxFailure.Kind.NOT_STANDARD, "dust", "")));
        receive(peer, TxMessage.of(child));
        tell(new ChainEvent.TxMissingInputs(origin(peer), child, List.of(parent.txid())));
        advanceMillis(5_000);
        receive(peer, Inv.of(InvItem.wtx(child.wtxid())));
        assertThat(askedOf(peer)).isEmpty();
    }

    @Test
    void shouldAnnounceAcceptedTransactionsToOthersOnce() {
        Peer source = connect(1, outbound());
        Peer other = connect(2, outbound());
        Transaction tx = tx(1);
        receive(source, TxMessage.of(tx));
        tell(new ChainEvent.TxAccepted(origin(source), tx, 1_000));
        assertThat(sentTo(other, Inv.class)).isEmpty();
        assertThat(sync.nextDeadlineNanos()).isPresent();
        for (int i = 0; i < 60; i++) {
            advanceMillis(1_000);
        }
        assertThat(sentTo(other, Inv.class)).containsExactly(Inv.of(InvItem.wtx(tx.wtxid())));
        assertThat(sentTo(source, Inv.class)).isEmpty();
    }

    @Test
    @DisplayName("F06 transactions asked for before they were announced")
    @Sabotage(type = "weft.p2p.tx.TxRelay", method = "served", flips = 3)
    void shouldServeOnlyWhatCouldHaveBeenAnnounced() {
        Peer peer = connect(1, inbound());
        Transaction tx = tx(1);
        tell(new ChainEvent.TxAccepted(Origin.SELF, tx, 1_000));
        InvItem item = InvItem.wtx(tx.wtxid());
        receive(peer, new GetData(List.of(item)));
        assertThat(sentTo(peer, NotFound.class)).containsExactly(new NotFound(List.of(item)));
        for (int i = 0; i < 100; i++) {
            advanceMillis(1_000);
        }
        receive(peer, new GetData(List.of(item, InvItem.tx(tx.txid()))));
        assertThat(sentTo(peer, TxMessage.class))
                .containsExactly(TxMessage.of(tx), new TxMessage(tx, Transaction.Encoding.LEGACY));
    }

    @Test
    @DisplayName("F06 our own transaction asked for by who heard nothing for a while")
    @Sabotage(type = "weft.p2p.tx.TxSync", method = "onChainEvent", call = "letPass")
    void shouldServeNothingAtOnceToWhoHeardNothingForAWhile() {
        Peer peer = connect(1, inbound());
        for (int i = 0; i < 60; i++) {
            advanceMillis(1_000);
        }
        Transaction tx = tx(1);
        tell(new ChainEvent.TxAccepted(Origin.SELF, tx, 1_000));
        InvItem item = InvItem.wtx(tx.wtxid());
        receive(peer, new GetData(List.of(item)));
        assertThat(sentTo(peer, NotFound.class)).containsExactly(new NotFound(List.of(item)));
        assertThat(sentTo(peer, TxMessage.class)).isEmpty();
    }

    @Test
    void shouldServeTransactionsOfTheLastBlock() {
        Peer peer = connect(1, inbound());
        Transaction tx = tx(1);
        HeaderNode node = ((ChainEvent.Loaded) loaded(false)).tip();
        tell(new ChainEvent.BlockConnected(node, Block.of(node.header(), List.of(tx))));
        receive(peer, new GetData(List.of(InvItem.wtx(tx.wtxid()))));
        assertThat(sentTo(peer, TxMessage.class)).containsExactly(TxMessage.of(tx));
    }

    @Test
    void shouldRespectTheFeeFilter() {
        Peer peer = connect(1, outbound());
        receive(peer, new FeeFilter(20_000));
        Transaction poor = tx(1);
        Transaction rich = tx(2);
        tell(new ChainEvent.TxAccepted(Origin.SELF, poor, 100));
        tell(new ChainEvent.TxAccepted(Origin.SELF, rich, 100_000));
        sync.relay(poor.wtxid(), now(), out);
        sync.relay(rich.wtxid(), now(), out);
        for (int i = 0; i < 60; i++) {
            advanceMillis(1_000);
        }
        assertThat(sentTo(peer, Inv.class)).containsExactly(Inv.of(InvItem.wtx(rich.wtxid())));
        assertThat(sync.stats(peer.id()).minFeeFilter()).isEqualTo(20_000);
    }

    @Test
    void shouldAnnounceParentsFirstAndNotTooManyAtOnce() {
        Peer peer = connect(1, inbound().permissions(PeerPermissions.NO_BAN));
        List<Transaction> line = new ArrayList<>();
        Txid parent = new Txid(9, 9, 9, 9);
        for (int i = 0; i < 50; i++) {
            Transaction tx = tx(parent, i);
            line.add(tx);
            parent = tx.txid();
        }
        line.forEach(
                tx ->
                        tell(
                                new ChainEvent.TxAccepted(
                                        Origin.SELF, tx, 1_000 + tx.outputs().size())));
        sent.clear();
        for (Transaction tx : line.reversed()) {
            tell(new ChainEvent.TxRemoved(tx.txid(), ChainEvent.RemovalReason.EXPIRY));
        }
        drain();
        Peer quiet = connect(2, outbound());
        line.forEach(tx -> tell(new ChainEvent.TxAccepted(origin(peer), tx, 1_000)));
        for (int i = 0; i < 100 && sentTo(quiet, Inv.class).isEmpty(); i++) {
            advanceMillis(500);
        }
        List<InvItem> items = sentTo(quiet, Inv.class).getFirst().items();
        assertThat(items).hasSize(TxRelay.BROADCAST_TARGET);
        assertThat(items)
                .extracting(InvItem::wtxid)
                .containsExactlyElementsOf(
                        line.subList(0, TxRelay.BROADCAST_TARGET).stream()
                                .map(Transaction::wtxid)
                                .toList());
    }

    @Test
    @DisplayName("F06 the whole mempool asked for")
    @Sabotage(type = "weft.p2p.tx.TxRelay", method = "onMempool", call = "may", returns = "true")
    void shouldAnswerMempoolOnlyWithPermission() {
        Transaction tx = tx(1);
        Peer allowed =
                connect(1, inbound().permissions(PeerPermissions.MEMPOOL | PeerPermissions.NO_BAN));
        Peer other = connect(2, inbound());
        tell(new ChainEvent.TxAccepted(Origin.SELF, tx, 1_000));
        receive(allowed, new Mempool());
        receive(other, new Mempool());
        assertThat(sentTo(allowed, Inv.class)).containsExactly(Inv.of(InvItem.wtx(tx.wtxid())));
        assertThat(peers.actions)
                .containsExactly("disconnect 2: mempool request with bloom filters disabled");
    }

    @Test
    void shouldRefuseTransactionsInBlocksOnlyMode() {
        sync = make(new TxOptions(TestPeers.FULL, true, 100, 1_000));
        tell(loaded(false));
        Peer first = connect(1, inbound());
        Peer second = connect(2, inbound());
        Peer relay = connect(3, inbound().permissions(PeerPermissions.RELAY));
        receive(first, TxMessage.of(tx(1)));
        receive(second, Inv.of(InvItem.wtx(tx(1).wtxid())));
        receive(relay, TxMessage.of(tx(1)));
        assertThat(peers.actions)
                .containsExactly(
                        "disconnect 1: transaction sent in violation of protocol",
                        "disconnect 2: transaction inv sent in violation of protocol");
        assertThat(commands).hasSize(1);
    }

    @Test
    void shouldBlameTooLongLists() {
        Peer peer = connect(1, inbound());
        var items = new ArrayList<InvItem>();
        for (int i = 0; i <= InvItem.MAX_PER_MESSAGE; i++) {
            items.add(InvItem.wtx(tx(1).wtxid()));
        }
        receive(peer, new Inv(items));
        assertThat(peers.actions).containsExactly("misbehaving 1: inv message size = 50001");
    }

    @Test
    void shouldForgetHashesOnlyAfterManyOthers() {
        var random = new SplittableRandom(3);
        var filter = new RollingFilter(1_000, random);
        var recent = new ArrayList<Digest256>();
        int wrong = 0;
        for (int i = 0; i < 5_000; i++) {
            var hash =
                    new Digest256(
                            random.nextLong(),
                            random.nextLong(),
                            random.nextLong(),
                            random.nextLong());
            wrong += filter.contains(hash) ? 1 : 0;
            filter.add(hash);
            recent.add(hash);
            if (recent.size() > 1_000) {
                recent.removeFirst();
            }
        }
        assertThat(recent).allMatch(filter::contains);
        assertThat(wrong).isLessThan(3);
    }
}
