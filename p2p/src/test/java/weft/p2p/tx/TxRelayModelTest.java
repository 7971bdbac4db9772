package weft.p2p.tx;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import weft.chain.api.Origin;
import weft.p2p.ConnectionType;
import weft.p2p.Outbox;
import weft.p2p.Peer;
import weft.p2p.PeerFault;
import weft.p2p.PeerOutput;
import weft.p2p.PeerPermissions;
import weft.p2p.TestPeers;
import weft.p2p.bloom.BloomFilter;
import weft.p2p.tx.TxRelayModel.Ear;
import weft.p2p.tx.TxRelayModel.Stay;
import weft.p2p.tx.TxRelayModel.Wish;
import weft.primitives.Amount;
import weft.primitives.Block;
import weft.primitives.BlockHash;
import weft.primitives.BlockHeader;
import weft.primitives.Bytes;
import weft.primitives.Check;
import weft.primitives.Digest256;
import weft.primitives.Hash256;
import weft.primitives.Now;
import weft.primitives.OutPoint;
import weft.primitives.Transaction;
import weft.primitives.TxIn;
import weft.primitives.TxOut;
import weft.primitives.Txid;
import weft.primitives.Witness;
import weft.primitives.log.Log;
import weft.testkit.Property;
import weft.testkit.Sabotage;
import weft.testkit.SeenRed;
import weft.wire.FeeFilter;
import weft.wire.FilterAdd;
import weft.wire.FilterLoad;
import weft.wire.InvItem;
import weft.wire.InvType;
import weft.wire.ServiceFlags;

/// [TxRelay] with some peers against a model with the same luck.
class TxRelayModelTest implements SeenRed {
    private static final long SECOND = 1_000_000_000L;
    private static final int TAGS = 8;
    private static final List<Transaction> POOL = pool(1_500);

    /// Transactions, some with the one before as a parent, some the same as the one before but for what
    /// signs it.
    private static List<Transaction> pool(int size) {
        var random = new SplittableRandom(1);
        var pool = new ArrayList<Transaction>();
        for (int i = 0; i < size; i++) {
            Transaction before = i == 0 ? null : pool.getLast();
            if (before != null && before.hasWitness() && random.nextInt(6) == 0) {
                var inputs = before.inputs();
                pool.add(Transaction.of(2, inputs, before.outputs(), witness(inputs, i), 0));
                continue;
            }
            var inputs = new ArrayList<TxIn>();
            inputs.add(spend(new Txid(i, 0, 0, 1), 0));
            if (before != null && random.nextInt(3) == 0) {
                inputs.add(spend(before.txid(), random.nextInt(before.outputs().size())));
            }
            var outputs = new ArrayList<TxOut>();
            for (int j = random.nextInt(1, 4); j > 0; j--) {
                Bytes push = Bytes.wrap(new byte[] {4}).plus(tag(random.nextInt(TAGS)));
                outputs.add(new TxOut(i, push));
            }
            boolean bare = random.nextInt(3) == 0;
            pool.add(Transaction.of(2, inputs, outputs, bare ? List.of() : witness(inputs, i), 0));
        }
        return pool;
    }

    private static TxIn spend(Txid parent, int index) {
        return new TxIn(new OutPoint(parent, index), Bytes.EMPTY, 0);
    }

    private static Bytes tag(int number) {
        return Bytes.wrap(new byte[] {9, 9, 9, (byte) number});
    }

    private static List<Witness> witness(List<TxIn> inputs, int number) {
        var stack = Witness.of(Bytes.wrap(new byte[] {(byte) number, (byte) (number >> 8)}));
        return Collections.nCopies(inputs.size(), stack);
    }

    /// Few rates, so that many pay the same.
    private static long fee(Transaction tx) {
        int some = Math.floorMod(tx.hashCode(), 10);
        return (long) tx.vsize() * (1 + some % 4) + (some < 3 ? some : 0);
    }

    /// What can be seen of a peer.
    private record View(
            boolean hears,
            boolean wants,
            long leastRate,
            boolean asked,
            int waiting,
            long deadline) {
        static View of(TxPeer peer, TxRelay machine) {
            return new View(
                    peer.relays,
                    peer.wantsTransactions,
                    peer.minFeeFilter,
                    peer.sendMempool,
                    peer.toSend.size(),
                    machine.deadline(peer));
        }

        static View of(Ear ear, TxRelayModel model) {
            return new View(
                    ear.hears,
                    ear.wants,
                    ear.leastRate,
                    ear.asked,
                    ear.waiting.size(),
                    model.deadline(ear));
        }
    }

    /// The machine and the model side by side.
    private static final class World {
        final SplittableRandom random;
        final TestPeers table = new TestPeers();
        final TxOptions options;
        final TxContext context;
        final TxRelay machine;
        final TxRelayModel model;
        final Outbox out = new Outbox();

        /// So much of the pool is played with.
        final int few;

        long nanos;
        long lastId;

        World(SplittableRandom random) {
            this.random = random;
            boolean bloom = random.nextBoolean();
            long services = TestPeers.FULL | (bloom ? ServiceFlags.BLOOM : 0);
            Spreading spreading =
                    random.nextInt(4) == 0
                            ? Spreading.values()[random.nextInt(3)]
                            : Spreading.DIFFUSION;
            options = TxOptions.of(services).with(spreading);
            long seed = random.nextLong();
            context = new TxContext(options, table, new SplittableRandom(seed), Log.NONE);
            machine = new TxRelay(context);
            model = new TxRelayModel(options, bloom, new SplittableRandom(seed));
            few = random.nextInt(10) == 0 ? POOL.size() : random.nextInt(60, 600);
            nanos = random.nextLong(100 * SECOND);
            for (int i = random.nextInt(1, 6); i > 0; i--) {
                join();
            }
            if (few == POOL.size()) {
                look(2);
                flood();
            }
        }

        <T> T any(List<T> list) {
            return list.get(random.nextInt(list.size()));
        }

        Now now() {
            return new Now(nanos, Instant.EPOCH);
        }

        private void join() {
            ConnectionType type =
                    random.nextInt(5) == 0
                            ? any(List.of(ConnectionType.values()))
                            : any(
                                    List.of(
                                            ConnectionType.INBOUND,
                                            ConnectionType.OUTBOUND_FULL_RELAY));
            int may = 0;
            if (random.nextInt(3) == 0) {
                may =
                        any(
                                List.of(
                                        PeerPermissions.NO_BAN,
                                        PeerPermissions.MEMPOOL,
                                        PeerPermissions.BLOOM_FILTER,
                                        PeerPermissions.FORCE_RELAY,
                                        PeerPermissions.DOWNLOAD));
            }
            boolean relay = random.nextInt(5) > 0;
            var spec = new TestPeers.Spec(type, TestPeers.FULL, 0, relay, may);
            boolean byWtxid = random.nextInt(3) > 0;
            lastId++;
            Peer peer = byWtxid ? table.add(lastId, spec) : table.addOld(lastId, spec);
            var state = new TxPeer(peer, options, random.split());
            context.add(state);
            boolean bloom = (options.ourServices() & ServiceFlags.BLOOM) != 0;
            model.ears.add(new Ear(state, spec, byWtxid, bloom));
        }

        private void leave(Ear ear) {
            context.remove(ear.id());
            table.remove(ear.id());
            model.ears.remove(ear);
        }

        void step() {
            Ear ear = any(model.ears);
            switch (random.nextInt(24)) {
                case 0, 1, 2, 3, 4 -> come(1);
                case 5 -> come(random.nextInt(random.nextInt(3) == 0 ? 250 : 60));
                case 6 -> go(random.nextInt(6) == 0 ? 18 : 1);
                case 7 -> block();
                case 8 -> comeBack();
                case 9 -> sendAgain();
                case 10, 11, 12, 13 -> getData(ear);
                case 14 -> {
                    Transaction tx = tx();
                    Hash256 hash = random.nextBoolean() ? tx.txid() : tx.wtxid();
                    ear.peer.known.add(hash);
                    ear.known.add(MempoolMirror.plain(hash));
                }
                case 15 -> feeFilter(ear);
                case 16, 17 -> filter(ear);
                case 18 -> {
                    machine.onMempool(ear.peer, now(), out);
                    model.askMempool(ear, nanos);
                }
                case 19 -> {
                    context.uploadLimited ^= random.nextInt(4) == 0;
                    model.uploadLimited = context.uploadLimited;
                }
                case 20 -> {
                    if (model.ears.size() < 8) {
                        join();
                    }
                }
                case 21 -> {
                    if (model.ears.size() > 1 && random.nextInt(3) == 0) {
                        leave(ear);
                    }
                }
                case 22 -> {
                    machine.letPass(now());
                    model.passQuietly(nanos);
                }
                default -> flood();
            }
            pass();
            look(random.nextInt(5));
            compare();
        }

        private void pass() {
            List<Long> limits = model.limits().stream().filter(each -> each > nanos).toList();
            if (!limits.isEmpty() && random.nextInt(3) == 0) {
                nanos = Math.max(nanos, any(limits) + random.nextInt(-1, 2));
                return;
            }
            nanos +=
                    switch (random.nextInt(8)) {
                        case 0, 1, 2 -> 0;
                        case 3 -> random.nextLong((random.nextInt(4) == 0 ? 60 : 5) * SECOND);
                        case 4 -> random.nextInt(3) == 0 ? 30 * SECOND : 0;
                        default -> random.nextLong(2 * SECOND);
                    };
        }

        /// @param how at nobody (0), at one (1), or at all
        private void look(int how) {
            List<Ear> some =
                    switch (how) {
                        case 0 -> List.of();
                        case 1 -> List.of(any(model.ears));
                        default -> model.ears;
                    };
            for (Ear each : some) {
                machine.announce(each.peer, now(), out);
                model.announce(each, nanos);
            }
        }

        private Transaction tx() {
            return POOL.get(random.nextInt(few));
        }

        private void add(Transaction tx, Origin origin, boolean mayBeSilent) {
            if (model.mempool.stream().anyMatch(each -> each.tx.txid().equals(tx.txid()))) {
                return;
            }
            machine.letPass(now());
            model.passQuietly(nanos);
            MempoolMirror.Entry entry = context.mempool.add(tx, fee(tx), origin);
            if (origin.equals(Origin.SELF)) {
                context.mempool.setOwn(tx.txid());
            }
            Stay stay = model.add(tx, fee(tx), origin);
            if (!mayBeSilent || random.nextInt(8) > 0) {
                queue(entry, stay);
            }
        }

        private void queue(MempoolMirror.Entry entry, Stay stay) {
            machine.enqueue(entry, now());
            model.queue(stay, nanos);
        }

        private void come(int count) {
            for (int i = 0; i < count; i++) {
                add(tx(), random.nextInt(4) == 0 ? Origin.SELF : new Origin(1), true);
            }
        }

        /// More than is told at once, if few is much even of what has waited too long.
        private void flood() {
            for (Transaction each : POOL.subList(random.nextInt(few / 8), few)) {
                add(each, new Origin(1), false);
            }
            switch (random.nextInt(3)) {
                case 0 -> nanos += 30 * SECOND;
                case 1 -> go(14);
                default -> {}
            }
        }

        private void remove(Txid txid) {
            context.mempool.remove(txid);
            model.remove(txid);
        }

        /// So many of twenty leave.
        private void go(int inTwenty) {
            for (Stay each : List.copyOf(model.mempool)) {
                if (random.nextInt(20) < inTwenty) {
                    remove(each.tx.txid());
                }
            }
        }

        private void block() {
            var txs = new ArrayList<Transaction>();
            var ids = new HashSet<Txid>();
            int share = random.nextInt(1, 8);
            model.mempool.forEach(
                    each -> {
                        if (random.nextInt(share) == 0 && ids.add(each.tx.txid())) {
                            txs.add(each.tx);
                        }
                    });
            Transaction foreign = tx();
            if (ids.add(foreign.txid())) {
                txs.add(foreign);
            }
            var header = new BlockHeader(1, BlockHash.ZERO, Digest256.ZERO, nanos >>> 32, 0, 0);
            machine.onConnected(Block.of(header, txs));
            model.lastBlock = txs;
            if (random.nextInt(4) > 0) {
                ids.forEach(this::remove);
            }
        }

        /// A block is taken back.
        private void comeBack() {
            for (Transaction each : model.lastBlock) {
                if (random.nextInt(3) > 0) {
                    add(each, Origin.CHAIN, true);
                }
            }
        }

        private void sendAgain() {
            if (!model.mempool.isEmpty()) {
                Stay stay = any(model.mempool);
                queue(Check.present(context.mempool.entry(stay.tx.wtxid()), "it is there"), stay);
            }
        }

        private void getData(Ear from) {
            var items = new ArrayList<InvItem>();
            for (int i = random.nextInt(8); i > 0; i--) {
                Transaction tx =
                        switch (random.nextInt(5)) {
                            case 0 -> tx();
                            case 1 -> model.lastBlock.isEmpty() ? tx() : any(model.lastBlock);
                            default -> model.mempool.isEmpty() ? tx() : lately();
                        };
                items.add(InvItem.of(type(), random.nextBoolean() ? tx.txid() : tx.wtxid()));
            }
            if (random.nextInt(300) == 0) {
                var item = InvItem.tx(tx().txid());
                items.addAll(Collections.nCopies(50_000 + random.nextInt(2) - items.size(), item));
            }
            if (items.size() > 50_000) {
                hear(
                        "getdata message size = 50001",
                        () -> machine.onGetData(from.peer, items, out));
                return;
            }
            assertThat(machine.onGetData(from.peer, items, out))
                    .isEqualTo(model.getData(from, items));
        }

        private Transaction lately() {
            int size = model.mempool.size();
            return model.mempool.get(random.nextInt(Math.max(0, size - 6), size)).tx;
        }

        private int type() {
            return random.nextInt(8) == 0
                    ? any(List.of(InvType.BLOCK, 0, InvType.WTX | InvType.WITNESS_FLAG))
                    : any(List.of(InvType.TX, InvType.WTX, InvType.WITNESS_TX));
        }

        private void feeFilter(Ear from) {
            Transaction tx = tx();
            long exact = fee(tx) * 1_000 / tx.vsize();
            long rate =
                    switch (random.nextInt(6)) {
                        case 0 -> any(List.of(-1L, Long.MIN_VALUE, Long.MAX_VALUE));
                        case 1 -> Amount.MAX_SATOSHIS + random.nextInt(2);
                        case 2 -> 0;
                        default -> exact + random.nextInt(2);
                    };
            assertThat(machine.onFeeFilter(from.peer, new FeeFilter(rate))).isTrue();
            model.feeFilter(from, rate);
        }

        private void filter(Ear from) {
            int what = random.nextInt(5);
            if (what == 0) {
                assertThat(machine.onFilterClear(from.peer)).isTrue();
                model.filterClear(from);
            } else if (what == 1) {
                Bytes element =
                        random.nextInt(3) > 0
                                ? element()
                                : Bytes.wrap(new byte[520 + random.nextInt(2)]);
                hear(
                        model.filterAdd(from, element),
                        () -> machine.onFilterAdd(from.peer, new FilterAdd(element)));
            } else if (what == 2) {
                extremeFilter(from);
            } else {
                var wish = new Wish(false, random.nextInt(3) == 0, new HashSet<>());
                // Others than the wanted are taken for wanted once in a billion times.
                int flags = wish.follows() ? 1 : 2 * random.nextInt(2);
                var filter = BloomFilter.sized(3_000, 1e-9, random.nextInt(), flags);
                for (int i = random.nextInt(5); i > 0; i--) {
                    Bytes element = element();
                    filter.insert(element);
                    wish.elements().add(element);
                }
                load(from, filter.message(), wish);
            }
        }

        private Bytes element() {
            Transaction tx = tx();
            return switch (random.nextInt(3)) {
                case 0 -> Bytes.wrap(tx.txid().toByteArray());
                case 1 -> Wish.element(new OutPoint(tx.txid(), 0));
                default -> tag(random.nextInt(TAGS));
            };
        }

        /// As large as can be, larger, or so small that everything is in it.
        private void extremeFilter(Ear from) {
            int bytes = any(List.of(0, 1, 36_000, 36_001));
            int functions = any(List.of(0, 50, 51));
            boolean tooLarge = bytes == 36_001 || functions == 51;
            var wish = new Wish(bytes == 0 || functions == 0, false, new HashSet<>());
            var message = new FilterLoad(Bytes.wrap(new byte[bytes]), functions, 0, 0);
            if (bytes != 1 || functions == 0 || tooLarge) {
                load(from, message, tooLarge ? null : wish);
            }
        }

        private void load(Ear from, FilterLoad message, @Nullable Wish wish) {
            hear(model.filterLoad(from, wish), () -> machine.onFilterLoad(from.peer, message));
        }

        /// It is the peer's fault, or nobody's.
        private void hear(String fault, Runnable what) {
            String found = "";
            try {
                what.run();
            } catch (PeerFault e) {
                found = Check.present(e.getMessage(), "faults have a text");
            }
            assertThat(found).isEqualTo(fault);
        }

        private void compare() {
            var sent = new ArrayList<PeerOutput>();
            while (!out.isEmpty()) {
                sent.add(out.poll());
            }
            assertThat(sent).isEqualTo(model.out);
            assertThat(table.actions).isEqualTo(model.actions);
            model.out.clear();
            model.actions.clear();
            table.actions.clear();
            List<View> seen = model.ears.stream().map(each -> View.of(each.peer, machine)).toList();
            assertThat(seen)
                    .isEqualTo(model.ears.stream().map(each -> View.of(each, model)).toList());
            for (Ear each : List.copyOf(model.ears)) {
                assertThat(each.peer.byAge.size())
                        .as("what is kept for nothing, too")
                        .isLessThanOrEqualTo(100 + 2 * each.peer.toSend.size());
                if (each.dropped) {
                    leave(each);
                }
            }
            if (model.ears.isEmpty()) {
                join();
            }
        }
    }

    @Test
    @DisplayName("Which transaction is told and given to whom, and when, is as a model says")
    @Sabotage(type = "weft.p2p.tx.TxRelay", method = "letPass", returns = "void")
    @Sabotage(
            type = "weft.p2p.tx.TxRelay",
            method = "enqueue",
            call = "contains",
            returns = "false")
    @Sabotage(type = "weft.p2p.tx.TxRelay", method = "addOne", call = "contains", returns = "false")
    @Sabotage(type = "weft.p2p.tx.TxRelay", method = "addOne", call = "pays", returns = "true")
    @Sabotage(
            type = "weft.p2p.tx.TxRelay",
            method = "addMempool",
            call = "matches",
            returns = "true")
    @Sabotage(type = "weft.p2p.tx.TxRelay", method = "addWaiting", constant = "35>36")
    @Sabotage(type = "weft.p2p.tx.TxRelay", method = "addWaiting", constant = "5>6")
    @Sabotage(
            type = "weft.p2p.tx.TxRelay",
            method = "addWaiting",
            call = "removeIf",
            returns = "false")
    @Sabotage(
            type = "weft.p2p.tx.TxRelay",
            method = "addOverdue",
            constant = "30000000000>30000000001")
    @Sabotage(type = "weft.p2p.tx.TxRelay", method = "addOverdue", constant = "1000>1001")
    @Sabotage(type = "weft.p2p.tx.TxRelay", method = "addOverdue", constant = "100>200")
    @Sabotage(type = "weft.p2p.tx.TxPeer$Waiting", method = "isIn", flips = 2)
    @Sabotage(
            type = "weft.p2p.tx.TxRelay",
            method = "enqueue",
            call = "putIfAbsent",
            returns = "null")
    @Sabotage(type = "weft.p2p.tx.TxRelay", method = "announce", call = "may", returns = "false")
    @Sabotage(
            type = "weft.p2p.tx.TxRelay",
            method = "nextMoment",
            call = "isInbound",
            returns = "false")
    @Sabotage(type = "weft.p2p.tx.TxRelay", method = "served", call = "sequence", returns = "0")
    @Sabotage(
            type = "weft.p2p.tx.TxRelay",
            method = "itemOf",
            call = "wtxidRelay",
            returns = "true")
    @Sabotage(type = "weft.p2p.tx.TxRelay", method = "onFilterAdd", constant = "520>521")
    @Sabotage(type = "weft.p2p.tx.TxRelay", method = "onMempool", call = "letPass")
    @Sabotage(type = "weft.p2p.tx.MempoolMirror", method = "isFirstServed", returns = "false")
    @Sabotage(type = "weft.p2p.tx.MempoolMirror", method = "ancestors", returns = "0")
    void shouldRelayAsTheModel() {
        Property.holds(
                40,
                random -> {
                    var world = new World(random);
                    int steps = world.few == POOL.size() ? 40 : 120;
                    for (int i = 0; i < steps; i++) {
                        world.step();
                    }
                });
    }
}
