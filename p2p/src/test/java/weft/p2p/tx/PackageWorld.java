package weft.p2p.tx;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import weft.chain.api.ChainCommand;
import weft.chain.api.ChainEvent;
import weft.chain.api.HeaderNode;
import weft.chain.api.Origin;
import weft.chain.api.TxFailure;
import weft.p2p.ConnectionType;
import weft.p2p.Outbox;
import weft.p2p.Peer;
import weft.p2p.PeerOutput;
import weft.p2p.TestPeers;
import weft.primitives.BlockHash;
import weft.primitives.BlockHeader;
import weft.primitives.Bytes;
import weft.primitives.Digest256;
import weft.primitives.Hash256;
import weft.primitives.Now;
import weft.primitives.OutPoint;
import weft.primitives.Transaction;
import weft.primitives.TxIn;
import weft.primitives.TxOut;
import weft.primitives.Txid;
import weft.primitives.Witness;
import weft.primitives.Wtxid;
import weft.primitives.log.Log;
import weft.wire.GetData;
import weft.wire.Inv;
import weft.wire.InvItem;
import weft.wire.TxMessage;

/// Parents that need their child, between honest peers and one that sends false children, with a chain
/// engine that answers late. The chain engine is a naive pool: a transaction pays what its first output says.
final class PackageWorld {
    private static final long START = 1_700_000_000L;
    static final int FEE_MIN = 1_000;

    private final TestPeers peers = new TestPeers();
    private final Outbox out = new Outbox();
    private final SplittableRandom random;
    private final TxSync sync;
    final ArrayDeque<ChainCommand> toJudge = new ArrayDeque<>();
    final Set<Txid> pool = new HashSet<>();
    private final List<List<Wtxid>> tried = new ArrayList<>();
    private final Map<Digest256, Transaction> honest = new HashMap<>();
    private final Set<Peer> honestPeers = new HashSet<>();
    private long nanos;

    PackageWorld(SplittableRandom random) {
        this.random = random;
        this.sync = new TxSync(TxOptions.of(TestPeers.FULL), peers, random.split(), Log.NONE);
        HeaderNode genesis =
                HeaderNode.genesis(
                        new BlockHeader(1, BlockHash.ZERO, Digest256.ZERO, START, 0, 0),
                        BigInteger.TWO);
        tell(new ChainEvent.Loaded(List.of(genesis), List.of(genesis), genesis, false));
    }

    private Now now() {
        return new Now(nanos, Instant.ofEpochSecond(START).plusNanos(nanos));
    }

    private void tell(ChainEvent event) {
        sync.onChainEvent(event, now(), out);
    }

    Peer connect(long id, boolean isHonest) {
        var type = isHonest ? ConnectionType.OUTBOUND_FULL_RELAY : ConnectionType.INBOUND;
        Peer peer = peers.add(id, TestPeers.Spec.of(type));
        sync.onReady(peer, now(), out);
        if (isHonest) {
            honestPeers.add(peer);
        }
        return peer;
    }

    Transaction tx(int fee, boolean witness, Transaction... parents) {
        var inputs = new ArrayList<TxIn>();
        for (Transaction parent : parents) {
            inputs.add(
                    new TxIn(
                            new OutPoint(parent.txid(), random.nextInt(2)),
                            Bytes.EMPTY,
                            random.nextInt(1 << 30)));
        }
        if (parents.length == 0) {
            inputs.add(
                    new TxIn(
                            new OutPoint(new Txid(1, 1, 1, 1), 0),
                            Bytes.EMPTY,
                            random.nextInt(1 << 30)));
        }
        var outputs = List.of(new TxOut(fee, Bytes.EMPTY), new TxOut(1, Bytes.EMPTY));
        var stack = Witness.of(Bytes.wrap(new byte[] {1}));
        return Transaction.of(
                2,
                inputs,
                outputs,
                witness ? inputs.stream().map(_ -> stack).toList() : List.of(),
                0);
    }

    private static long fee(Transaction tx) {
        return tx.outputs().getFirst().value();
    }

    private boolean lacksInputs(Transaction tx, Set<Txid> also) {
        return tx.inputs().stream()
                .map(in -> in.prevout().txid())
                .anyMatch(
                        txid ->
                                !txid.equals(new Txid(1, 1, 1, 1))
                                        && !pool.contains(txid)
                                        && !also.contains(txid));
    }

    private ChainEvent judge(Origin origin, Transaction tx) {
        if (pool.contains(tx.txid())) {
            var known = new TxFailure(TxFailure.Kind.CONFLICT, "txn-already-in-mempool", "");
            return new ChainEvent.TxRejected(origin, tx, known);
        }
        if (lacksInputs(tx, Set.of())) {
            return new ChainEvent.TxMissingInputs(origin, tx, List.of());
        }
        if (fee(tx) < FEE_MIN) {
            var poor = new TxFailure(TxFailure.Kind.RECONSIDERABLE, "min relay fee not met", "");
            return new ChainEvent.TxRejected(origin, tx, poor);
        }
        pool.add(tx.txid());
        return new ChainEvent.TxAccepted(origin, tx, fee(tx));
    }

    void answer(ChainCommand command) {
        switch (command) {
            case ChainCommand.SubmitTx(Origin origin, Transaction tx) -> tell(judge(origin, tx));
            case ChainCommand.SubmitPackage each -> answer(each);
            default -> throw new AssertionError(command.toString());
        }
    }

    private void answer(ChainCommand.SubmitPackage each) {
        Transaction parent = each.txs().getFirst();
        Transaction child = each.txs().getLast();
        var ids = List.of(parent.wtxid(), child.wtxid());
        assertThat(tried).as("no pair is tried twice").doesNotContain(ids);
        tried.add(ids);
        boolean together =
                fee(parent) + fee(child) >= 2 * FEE_MIN
                        && !pool.contains(parent.txid())
                        && !pool.contains(child.txid())
                        && !lacksInputs(child, Set.of(parent.txid()));
        if (together) {
            pool.add(parent.txid());
            pool.add(child.txid());
            tell(new ChainEvent.TxAccepted(each.senders().getFirst(), parent, fee(parent)));
            tell(new ChainEvent.TxAccepted(each.senders().getLast(), child, fee(child)));
        } else if (!pool.contains(parent.txid())) {
            tell(judge(each.senders().getFirst(), parent));
            tell(judge(each.senders().getLast(), child));
        }
        tell(
                new ChainEvent.PackageJudged(
                        each.origin(),
                        each.txs(),
                        together ? Optional.empty() : Optional.of("transaction failed")));
    }

    void receive(Peer from, Transaction tx) {
        sync.onMessage(from, TxMessage.of(tx), now(), out);
    }

    /// Honest peers serve what they are asked for, the other never does.
    void drain() {
        PeerOutput output = out.poll();
        while (output != null) {
            switch (output) {
                case PeerOutput.Send(var to, GetData(var items)) ->
                        honestPeers.stream()
                                .filter(peer -> peer.id().equals(to))
                                .forEach(peer -> items.forEach(item -> serve(peer, item)));
                case PeerOutput.Send _ -> {}
                case PeerOutput.Chain(ChainCommand command) -> toJudge.add(command);
                default -> throw new AssertionError(output.toString());
            }
            output = out.poll();
        }
    }

    private void serve(Peer peer, InvItem item) {
        Transaction tx = honest.get(item.hash());
        if (tx != null) {
            receive(peer, tx);
        }
    }

    void step(boolean mayWait) {
        drain();
        while (!toJudge.isEmpty() && !(mayWait && random.nextInt(3) == 0)) {
            answer(toJudge.remove());
            drain();
        }
        nanos += random.nextLong(3_000_000_000L);
        sync.onTick(now(), out);
        drain();
    }

    private void publish(Transaction tx) {
        honest.put(plain(tx.txid()), tx);
        honest.put(plain(tx.wtxid()), tx);
    }

    private static Digest256 plain(Hash256 hash) {
        return new Digest256(hash.w0(), hash.w1(), hash.w2(), hash.w3());
    }

    /// Parents too poor alone, each with one child that pays for both; and false children of them.
    void runFamilies() {
        Peer first = connect(1, true);
        Peer second = connect(2, true);
        Peer false1 = connect(3, false);
        var wanted = new ArrayList<Transaction>();
        var steps = new ArrayList<Runnable>();
        for (int i = 0; i < 6; i++) {
            Transaction parent = tx(random.nextInt(FEE_MIN), random.nextBoolean());
            Transaction child = tx(3 * FEE_MIN, random.nextBoolean(), parent);
            publish(parent);
            publish(child);
            wanted.add(parent);
            wanted.add(child);
            Peer teller = random.nextBoolean() ? first : second;
            var both = new ArrayList<>(List.of(parent, child));
            if (random.nextBoolean()) {
                both = new ArrayList<>(both.reversed());
            }
            both.forEach(
                    tx ->
                            steps.add(
                                    () ->
                                            sync.onMessage(
                                                    teller,
                                                    Inv.of(InvItem.wtx(tx.wtxid())),
                                                    now(),
                                                    out)));
            int falseOnes = random.nextInt(3);
            for (int k = 0; k < falseOnes; k++) {
                Transaction nobodys = tx(0, false);
                Transaction fake =
                        random.nextBoolean()
                                ? tx(random.nextInt(FEE_MIN), false, parent)
                                : tx(5 * FEE_MIN, false, parent, nobodys);
                steps.add(() -> receive(false1, fake));
                if (random.nextBoolean()) {
                    steps.add(() -> receive(false1, parent));
                }
            }
        }
        while (!steps.isEmpty()) {
            steps.remove(random.nextInt(Math.min(4, steps.size()))).run();
            step(true);
        }
        for (int i = 0; i < 100; i++) {
            step(false);
        }
        for (Transaction tx : wanted) {
            assertThat(pool).contains(tx.txid());
        }
        assertThat(peers.actions).isEmpty();
    }
}
