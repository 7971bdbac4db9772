package weft.p2p.tx;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import weft.chain.api.ChainCommand;
import weft.chain.api.ChainEvent;
import weft.chain.api.Origin;
import weft.chain.api.TxFailure;
import weft.p2p.ConnectionType;
import weft.p2p.Outbox;
import weft.p2p.PeerId;
import weft.p2p.PeerOutput;
import weft.p2p.PeerPermissions;
import weft.p2p.TestPeers;
import weft.p2p.tx.StemsModel.Node;
import weft.p2p.tx.StemsModel.Stem;
import weft.primitives.Block;
import weft.primitives.BlockHash;
import weft.primitives.BlockHeader;
import weft.primitives.Bytes;
import weft.primitives.Check;
import weft.primitives.Digest256;
import weft.primitives.Now;
import weft.primitives.OutPoint;
import weft.primitives.Transaction;
import weft.primitives.TxIn;
import weft.primitives.TxOut;
import weft.primitives.Txid;
import weft.primitives.Witness;
import weft.primitives.Wtxid;
import weft.primitives.log.Log;
import weft.testkit.Property;
import weft.testkit.Sabotage;
import weft.testkit.SeenRed;

/// [Stems] with its pool and its routes against a model with the same luck.
class StemsModelTest implements SeenRed {
    private static final long SECOND = 1_000_000_000L;
    private static final long FEE = 1_000;

    /// Families, some of which spend the same coins.
    private static final List<Transaction> POOL = pool(400);

    /// Each spends the one before.
    private static final List<Transaction> CHAIN = chain(28);

    /// So large that four fill what one peer may have, and fifty the whole.
    private static final List<Transaction> LARGE = large(60);

    private static Transaction tx(List<TxIn> inputs, int script, int witness) {
        var stack = Witness.of(Bytes.wrap(new byte[] {(byte) witness}));
        return Transaction.of(
                2,
                inputs,
                List.of(new TxOut(1, Bytes.EMPTY), new TxOut(2, Bytes.wrap(new byte[script]))),
                witness == 0 ? List.of() : inputs.stream().map(_ -> stack).toList(),
                0);
    }

    private static TxIn spend(Txid parent, int index) {
        return new TxIn(new OutPoint(parent, index), Bytes.EMPTY, 0);
    }

    private static TxIn coin(int number) {
        return spend(new Txid(number, 0, 0, 1), 0);
    }

    private static List<Transaction> pool(int size) {
        var random = new SplittableRandom(3);
        var pool = new ArrayList<Transaction>();
        for (int i = 0; i < size; i++) {
            Transaction before = i == 0 ? null : pool.getLast();
            if (before != null && before.hasWitness() && random.nextInt(6) == 0) {
                pool.add(
                        tx(before.inputs(), before.outputs().getLast().scriptPubKey().length(), 9));
                continue;
            }
            var inputs = new ArrayList<TxIn>();
            inputs.add(coin(random.nextInt(8) == 0 ? Math.max(0, i - 2) : i));
            if (before != null && random.nextInt(3) == 0) {
                Transaction parent = pool.get(Math.max(0, i - random.nextInt(1, 6)));
                inputs.add(spend(parent.txid(), random.nextInt(2)));
                if (random.nextInt(3) == 0) {
                    inputs.add(spend(before.txid(), random.nextInt(2)));
                }
            }
            pool.add(tx(List.copyOf(new HashSet<>(inputs)), random.nextInt(5), random.nextInt(3)));
        }
        return pool;
    }

    private static List<Transaction> chain(int length) {
        var chain = new ArrayList<Transaction>();
        TxIn next = coin(-1);
        for (int i = 0; i < length; i++) {
            chain.add(tx(List.of(next), 0, 0));
            next = spend(chain.getLast().txid(), 0);
        }
        return chain;
    }

    private static List<Transaction> large(int count) {
        int rest = tx(List.of(coin(0)), 70_000, 0).totalSize() - 70_000;
        var large = new ArrayList<Transaction>();
        for (int i = 0; i < count; i++) {
            int size = 100_000 + (i % 8 == 7 ? i % 3 - 1 : 0);
            large.add(tx(List.of(coin(1_000 + i)), size - rest, 0));
        }
        return large;
    }

    /// What can be seen of one stem.
    private record View(Wtxid wtxid, boolean judged, List<PeerId> from) {
        static View of(StemPool.Stem stem) {
            return new View(stem.tx.wtxid(), stem.tested, List.copyOf(stem.from));
        }

        static View of(Stem stem) {
            return new View(stem.tx.wtxid(), stem.judged, List.copyOf(stem.from));
        }
    }

    /// The machine and the model side by side.
    private static final class World {
        final SplittableRandom random;
        final TestPeers table = new TestPeers();
        final TxOptions options;
        final TxContext context;
        final Stems machine;
        final StemsModel model;
        final Outbox out = new Outbox();
        final List<String> shelter = new ArrayList<>();

        /// Those whose judgement is awaited, and those that were offered to the mempool.
        final List<Transaction> tested = new ArrayList<>();

        final List<Transaction> submitted = new ArrayList<>();

        /// The part of the pool that is played with.
        final List<Transaction> some;

        long nanos;
        long lastId;

        World(SplittableRandom random) {
            this.random = random;
            Spreading spreading =
                    random.nextInt(15) == 0
                            ? Spreading.values()[random.nextInt(3)]
                            : Spreading.DANDELION;
            int fluff = any(List.of(0, 10, 10, 40, 100));
            boolean blocksOnly = random.nextInt(6) == 0;
            options = new TxOptions(TestPeers.FULL, blocksOnly, 100, 1_000, spreading, fluff);
            long seed = random.nextLong();
            context = new TxContext(options, table, new SplittableRandom(seed), Log.NONE);
            context.initialBlockDownload = false;
            machine = new Stems(context, new TxRelay(context));
            machine.shelterIn(
                    new TxSync.Shelter(
                            txid -> shelter.add("hide " + txid),
                            tx -> shelter.add("show " + tx.txid())));
            model = new StemsModel(options, new SplittableRandom(seed));
            int first = random.nextInt(POOL.size() - 60);
            some = POOL.subList(first, first + random.nextInt(10, 60));
            nanos = random.nextLong(100 * SECOND);
            for (int i = random.nextInt(3, 9); i > 0; i--) {
                join(false);
            }
        }

        <T> T any(List<T> list) {
            return list.get(random.nextInt(list.size()));
        }

        Now now() {
            return new Now(nanos, Instant.EPOCH);
        }

        private Node join(boolean inbound) {
            ConnectionType type =
                    random.nextInt(6) == 0
                            ? any(List.of(ConnectionType.values()))
                            : any(
                                    List.of(
                                            ConnectionType.INBOUND,
                                            ConnectionType.OUTBOUND_FULL_RELAY));
            int may =
                    random.nextInt(3) > 0
                            ? 0
                            : any(
                                    List.of(
                                            PeerPermissions.RELAY,
                                            PeerPermissions.FORCE_RELAY,
                                            PeerPermissions.BLOOM_FILTER,
                                            PeerPermissions.NO_BAN));
            var spec =
                    new TestPeers.Spec(
                            inbound ? ConnectionType.INBOUND : type,
                            TestPeers.FULL,
                            0,
                            random.nextInt(8) > 0,
                            inbound && options.blocksOnly() ? PeerPermissions.RELAY : may);
            lastId++;
            var peer = new TxPeer(table.add(lastId, spec), options, random.split());
            // It hears of nothing, and all that waits for it can be seen.
            peer.nextInvNanos = Long.MAX_VALUE;
            context.add(peer);
            var node = new Node(peer, spec, options.blocksOnly());
            machine.onReady(peer, out);
            model.ready(node);
            if (random.nextInt(4) > 0) {
                acc(node);
            }
            return node;
        }

        private void acc(Node from) {
            assertThat(machine.onAcc(from.peer)).isEqualTo(model.acc(from));
        }

        private void leave(Node node) {
            machine.onGone(node.id());
            context.remove(node.id());
            table.remove(node.id());
            model.gone(node);
        }

        void step() {
            switch (random.nextInt(24)) {
                case 0, 1, 2, 3, 4 -> hand(any(model.nodes), any(some));
                case 5, 6, 7 -> {
                    Transaction tx = known();
                    hand(any(model.nodes), tx);
                    hand(any(model.nodes), tx);
                }
                case 8, 9, 10, 11 -> {
                    if (!tested.isEmpty()) {
                        judge(tested.remove(random.nextInt(3) > 0 ? 0 : tested.size() - 1));
                    }
                }
                case 12, 13 -> {
                    Transaction tx = any(some);
                    accept(tx, Origin.SELF);
                    begin(tx);
                }
                case 14 -> begin(any(model.mempool.isEmpty() ? some : model.mempool));
                case 15 -> {
                    boolean offered = !submitted.isEmpty() && random.nextInt(3) > 0;
                    accept(offered ? submitted.removeFirst() : any(some), new Origin(1));
                }
                case 16 -> remove(model.mempool.isEmpty() ? known() : any(model.mempool));
                case 17 -> {
                    Transaction tx = known();
                    assertThat(machine.onPublic(tx, now(), out)).isEqualTo(model.heardInPublic(tx));
                }
                case 18 -> block();
                case 19 -> handChain();
                default -> rare();
            }
            compare();
            pass();
            if (random.nextInt(4) > 0) {
                machine.onTime(now(), out);
                model.time(nanos);
                compare();
            }
        }

        private void rare() {
            Node node = any(model.nodes);
            switch (random.nextInt(8)) {
                case 0, 1 -> {
                    if (model.nodes.size() < 12) {
                        join(false);
                    }
                }
                case 2 -> {
                    if (model.nodes.size() > 1) {
                        leave(node);
                    }
                }
                case 3 -> acc(node);
                case 4 -> {
                    if (!node.isInbound()) {
                        table.disconnect(node.id(), "", out);
                        table.actions.clear();
                        node.closing = true;
                    }
                }
                case 5 -> {
                    context.initialBlockDownload =
                            !context.initialBlockDownload && random.nextInt(4) == 0;
                    model.initialDownload = context.initialBlockDownload;
                }
                case 6 -> {
                    if (random.nextInt(4) == 0) {
                        handMany();
                    }
                }
                default -> {
                    if (random.nextInt(8) == 0) {
                        handLarge();
                    }
                }
            }
        }

        private void pass() {
            int choice = random.nextInt(60);
            if (choice < 5) {
                long limit = choice > 0 ? model.deadline() : model.epochEnd;
                if (limit != Long.MAX_VALUE) {
                    nanos = Math.max(nanos, limit + random.nextInt(-1, 2));
                }
            } else if (choice < 30) {
                nanos += random.nextLong((choice < 8 ? 10 : 1) * SECOND);
            }
        }

        /// What is on a stem, if anything.
        private Transaction known() {
            return model.stems.isEmpty() ? any(some) : any(model.stems).tx;
        }

        private void hand(Node from, Transaction tx) {
            if (from.closing) {
                return;
            }
            assertThat(machine.onTx(from.peer, tx, now(), out))
                    .isEqualTo(model.stem(from, tx, nanos));
        }

        /// One family, so long that not all may come together.
        private void handChain() {
            Node from = any(model.nodes);
            int length = random.nextInt(CHAIN.size() + 1);
            boolean judging = random.nextBoolean();
            for (Transaction each : CHAIN.subList(0, length)) {
                hand(from, each);
                if (judging) {
                    judged(each, Optional.empty());
                }
            }
        }

        /// About as many as one peer may have.
        private void handMany() {
            Node from = join(true);
            for (int i = 0; i < 103; i++) {
                hand(from, tx(List.of(coin(10_000 * (int) lastId + i)), 0, 0));
            }
        }

        /// About as much as one peer may have, or all together.
        private void handLarge() {
            int senders = random.nextInt(3) == 0 ? 14 : 2;
            for (int i = 0; i < senders; i++) {
                Node from = join(true);
                int first = i * 4 + random.nextInt(3);
                for (Transaction each : LARGE.subList(first, Math.min(LARGE.size(), first + 5))) {
                    hand(from, each);
                }
                if (senders == 2) {
                    LARGE.forEach(each -> judged(each, scriptsFail()));
                    hand(from, any(some));
                    nanos +=
                            any(
                                    List.of(
                                            0L,
                                            20 * SECOND - 1,
                                            20 * SECOND,
                                            60 * SECOND - 1,
                                            60 * SECOND));
                    hand(from, any(some));
                    hand(from, any(POOL));
                }
                leave(random.nextInt(3) > 0 ? from : any(model.nodes));
            }
            hand(join(true), any(POOL));
        }

        private Optional<TxFailure> scriptsFail() {
            return Optional.of(
                    new TxFailure(
                            TxFailure.Kind.NOT_STANDARD,
                            "mandatory-script-verify-flag-failed",
                            ""));
        }

        private void judge(Transaction tx) {
            Optional<TxFailure> failure =
                    switch (random.nextInt(12)) {
                        case 0 ->
                                Optional.of(
                                        new TxFailure(
                                                TxFailure.Kind.CONSENSUS,
                                                "bad-txns-vout-negative",
                                                ""));
                        case 1 -> scriptsFail();
                        case 2 ->
                                Optional.of(
                                        new TxFailure(
                                                TxFailure.Kind.MEMPOOL_POLICY,
                                                "min relay fee not met",
                                                ""));
                        default -> Optional.empty();
                    };
            judged(tx, failure);
        }

        private void judged(Transaction tx, Optional<TxFailure> failure) {
            machine.onTested(
                    new ChainEvent.TxTested(new Origin(random.nextInt(9)), tx, failure),
                    now(),
                    out);
            model.judged(tx, failure.orElse(null), nanos);
        }

        private void accept(Transaction tx, Origin origin) {
            List<Stem> ours = model.rivals(tx).stream().filter(each -> each.own).toList();
            boolean there = ours.stream().anyMatch(each -> each.tx.txid().equals(tx.txid()));
            if (there || model.isInMempool(tx.txid())) {
                return;
            }
            if (random.nextInt(4) > 0) {
                ours.forEach(each -> remove(each.tx));
            }
            context.mempool.add(tx, FEE, origin);
            model.mempool.add(tx);
            if (origin.equals(Origin.SELF)) {
                context.mempool.setOwn(tx.txid());
                model.own.add(tx.txid());
            }
            machine.onAccepted(tx);
            model.accepted(tx);
        }

        private void remove(Transaction tx) {
            context.mempool.remove(tx.txid());
            machine.onRemoved(tx.txid());
            model.removed(tx.txid());
        }

        private void begin(Transaction tx) {
            MempoolMirror.Entry entry = context.mempool.entry(tx.wtxid());
            if (entry != null) {
                assertThat(machine.begin(entry, now(), out)).isEqualTo(model.begin(tx, nanos));
            }
        }

        private void block() {
            var txs = new ArrayList<Transaction>();
            for (int i = random.nextInt(4); i >= 0; i--) {
                txs.add(random.nextBoolean() ? known() : any(some));
            }
            var header = new BlockHeader(1, BlockHash.ZERO, Digest256.ZERO, 0, 0, 0);
            machine.onConnected(Block.of(header, txs));
            txs.forEach(model::accepted);
            if (random.nextBoolean()) {
                txs.forEach(this::remove);
            }
        }

        private void compare() {
            var sent = new ArrayList<PeerOutput>();
            while (!out.isEmpty()) {
                PeerOutput each = Check.present(out.poll(), "an output");
                sent.add(each);
                if (each instanceof PeerOutput.Chain(ChainCommand.TestTx(_, var txs))) {
                    tested.add(txs.getLast());
                } else if (each instanceof PeerOutput.Chain(ChainCommand.SubmitTx(_, var tx))) {
                    submitted.add(tx);
                }
            }
            assertThat(sent).isEqualTo(model.out);
            assertThat(table.actions).isEqualTo(model.actions);
            assertThat(shelter).isEqualTo(model.shelter);
            model.out.clear();
            model.actions.clear();
            model.shelter.clear();
            table.actions.clear();
            shelter.clear();
            assertThat(machine.deadline()).isEqualTo(model.deadline());
            assertThat(machine.size()).isEqualTo(model.stems.size());
            List<View> seen =
                    model.stems.stream()
                            .map(each -> Check.present(machine.find(each.tx.txid()), "on its stem"))
                            .map(View::of)
                            .toList();
            assertThat(seen).isEqualTo(model.stems.stream().map(View::of).toList());
            assertThat(context.mempool.all().stream().map(MempoolMirror.Entry::tx).toList())
                    .isEqualTo(model.mempool);
            assertThat(context.mempool.all().stream().allMatch(each -> each.fee() == FEE)).isTrue();
            for (Node each : model.nodes) {
                assertThat(each.peer.takesStems).isEqualTo(each.takesStems);
                Set<Wtxid> waiting =
                        each.peer.toSend.keySet().stream()
                                .map(entry -> entry.tx().wtxid())
                                .collect(Collectors.toSet());
                if (!waiting.equals(each.told)) {
                    assertThat(waiting).isEqualTo(each.told);
                }
            }
        }
    }

    @Test
    @DisplayName("BIP-0156 where a stem goes, and when it becomes public, is as a model says")
    @Sabotage(type = "weft.p2p.tx.Stems", method = "embargo", constant = "10000000000>10000000001")
    @Sabotage(type = "weft.p2p.tx.Stems", method = "take", constant = "24>25")
    @Sabotage(type = "weft.p2p.tx.Stems", method = "onAcc", call = "isInbound", returns = "false")
    @Sabotage(type = "weft.p2p.tx.Stems", method = "onTx", call = "isInbound", returns = "true")
    @Sabotage(type = "weft.p2p.tx.Stems", method = "onTx", call = "isTooCostly", returns = "false")
    @Sabotage(type = "weft.p2p.tx.Stems", method = "refuse", call = "misbehaving")
    @Sabotage(type = "weft.p2p.tx.Stems", method = "begin", call = "isOwn", returns = "true")
    @Sabotage(type = "weft.p2p.tx.Stems", method = "publish", call = "enqueue")
    @Sabotage(type = "weft.p2p.tx.Stems", method = "onAccepted", returns = "void")
    @Sabotage(type = "weft.p2p.tx.StemPool", method = "refusal", constant = "100>101")
    @Sabotage(type = "weft.p2p.tx.StemPool", method = "refusal", constant = "400000>400001")
    @Sabotage(type = "weft.p2p.tx.StemPool", method = "refusal", constant = "5000000>5100000")
    @Sabotage(
            type = "weft.p2p.tx.StemPool",
            method = "add",
            call = "rivals",
            returns = "java.util.Collections.EMPTY_LIST")
    @Sabotage(type = "weft.p2p.tx.StemRoutes", method = "of", call = "fill")
    @Sabotage(
            type = "weft.p2p.tx.StemRoutes",
            method = "isCandidate",
            call = "isReady",
            returns = "true")
    @Sabotage(type = "weft.p2p.tx.StemRoutes", method = "leastUsed", call = "count", returns = "0")
    @Sabotage(type = "weft.p2p.tx.StemRoutes", method = "onGone", returns = "void")
    void shouldCarryStemsAsTheModel() {
        Property.holds(
                60,
                random -> {
                    var world = new World(random);
                    for (int i = 0; i < 150; i++) {
                        world.step();
                    }
                });
    }
}
