package weft.p2p.sync;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigInteger;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import weft.chain.api.ChainEvent;
import weft.chain.api.HeaderNode;
import weft.chain.api.Origin;
import weft.p2p.ConnectionType;
import weft.p2p.Outbox;
import weft.p2p.PeerFault;
import weft.p2p.PeerOutput;
import weft.p2p.PeerPermissions;
import weft.p2p.TestPeers;
import weft.p2p.bloom.BloomFilter;
import weft.p2p.sync.BlockServerModel.Caller;
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
import weft.primitives.log.Log;
import weft.testkit.Property;
import weft.testkit.Sabotage;
import weft.testkit.SeenRed;
import weft.wire.BlockLocator;
import weft.wire.GetBlockTxn;
import weft.wire.GetBlocks;
import weft.wire.GetHeaders;
import weft.wire.InvItem;
import weft.wire.InvType;
import weft.wire.ServiceFlags;

/// [BlockServer] against a model that keeps the whole chain in lists.
class BlockServerModelTest implements SeenRed {
    private static final long START = 1_500_000_000;
    private static final BigInteger WORK = BigInteger.valueOf(6);

    /// The last two are large: one with its witness only, the other without any.
    private static final List<Transaction> POOL =
            List.of(
                    tx(1, 0, 0),
                    tx(2, 40, 0),
                    tx(3, 0, 30),
                    tx(4, 0, 0),
                    tx(5, 1_010_000, 0),
                    tx(6, 0, 600_000));

    private static Transaction tx(int number, int witness, int script) {
        return Transaction.of(
                2,
                List.of(new TxIn(new OutPoint(new Txid(number, 0, 0, 1), 0), Bytes.EMPTY, 0)),
                List.of(new TxOut(1, Bytes.wrap(new byte[script]))),
                witness == 0 ? List.of() : List.of(Witness.of(Bytes.wrap(new byte[witness]))),
                0);
    }

    private record Rules(long targetSpacingSeconds, BigInteger minimumChainWork)
            implements SyncRules {
        @Override
        public BigInteger work(BlockHeader header) {
            return BigInteger.valueOf(header.bits());
        }

        @Override
        public boolean hasValidWork(BlockHeader header, BlockHash hash) {
            return true;
        }

        @Override
        public boolean isPermittedTransition(long height, long bitsBefore, long bits) {
            return true;
        }

        @Override
        public boolean isSegwitActive(int height) {
            return true;
        }
    }

    /// The machine and the model side by side.
    private static final class World {
        final SplittableRandom random;
        final Rules rules;
        final TestPeers table = new TestPeers();
        final SyncContext context;
        final BlockServer machine;
        final BlockServerModel model;
        final Outbox out = new Outbox();
        final Map<BlockHash, Block> blocks = new HashMap<>();
        final List<HeaderNode> stale = new ArrayList<>();
        final List<Caller> callers = new ArrayList<>();

        /// Seconds between blocks, whatever the rules want.
        final int pace;

        final boolean changesWork;
        @Nullable HeaderNode aged;
        long nextPeer;
        long nowSeconds;

        World(SplittableRandom random) {
            this.random = random;
            pace = any(List.of(600, 3_600, 43_200));
            changesWork = random.nextBoolean();
            int length = random.nextInt(6) == 0 ? 2_010 : random.nextInt(20, 800);
            rules =
                    new Rules(
                            any(List.of(600L, 1_200L, 43_200L)),
                            WORK.multiply(
                                    BigInteger.valueOf(random.nextInt(4) == 0 ? length + 9 : 9)));
            long services = random.nextBoolean() ? TestPeers.FULL : ServiceFlags.NETWORK_LIMITED;
            long more = random.nextBoolean() ? ServiceFlags.NETWORK_LIMITED : 0;
            var options = new SyncOptions(services | more, false, random.nextBoolean(), 0, false);
            long seed = random.nextLong();
            context = new SyncContext(rules, options, table, new SplittableRandom(seed), Log.NONE);
            machine = new BlockServer(context);
            model = new BlockServerModel(rules, options, new SplittableRandom(seed));
            HeaderNode genesis = HeaderNode.genesis(header(null, START), WORK);
            body(genesis);
            HeaderNode tip = genesis;
            for (int i = 1; i < length; i++) {
                tip = extend(tip);
            }
            context.chain.load(List.copyOf(model.all), List.copyOf(model.all), tip, false);
            model.stored.addAll(model.all);
            model.active = new ArrayList<>(model.all);
            if (random.nextInt(4) == 0) {
                context.chain.moveHistory(genesis, tip);
                model.historyMissing = true;
            }
            nowSeconds = tip.time();
            for (int i = 0; i < 4; i++) {
                join();
            }
        }

        private <T> T any(List<T> of) {
            return of.get(random.nextInt(of.size()));
        }

        private BlockHeader header(@Nullable HeaderNode before, long time) {
            BlockHash parent = before == null ? BlockHash.ZERO : before.hash();
            int work = changesWork ? random.nextInt(1, 60) : WORK.intValueExact();
            return new BlockHeader(4, parent, Digest256.ZERO, time, work, random.nextInt(1 << 30));
        }

        private HeaderNode extend(HeaderNode before) {
            return extend(before, before.time() + pace);
        }

        private HeaderNode extend(HeaderNode before, long time) {
            BlockHeader header = header(before, time);
            HeaderNode node =
                    HeaderNode.of(header, header.hash(), before, BigInteger.valueOf(header.bits()));
            body(node);
            return node;
        }

        private void body(HeaderNode node) {
            int large = random.nextInt(12) == 0 ? POOL.size() : POOL.size() - 2;
            int from = random.nextInt(large);
            Block block = Block.of(node.header(), POOL.subList(from, large));
            blocks.put(node.hash(), block);
            model.all.add(node);
            model.byHash.put(node.hash(), node);
        }

        private Block block(HeaderNode node) {
            return Check.present(blocks.get(node.hash()), "each has one");
        }

        private void join() {
            int permissions = any(List.of(0, 0, PeerPermissions.DOWNLOAD, PeerPermissions.NO_BAN));
            var spec = TestPeers.Spec.of(ConnectionType.INBOUND).permissions(permissions);
            var caller = new Caller(new SyncPeer(table.add(nextPeer++, spec)));
            if (random.nextBoolean()) {
                caller.filter = any(POOL).txid();
                BloomFilter filter = BloomFilter.sized(1, 1e-9, 0, BloomFilter.UPDATE_NONE);
                filter.insert(Bytes.wrap(caller.filter.toByteArray()));
                caller.peer.peer.setBloomFilter(filter);
            }
            context.add(caller.peer);
            callers.add(caller);
        }

        /// Most often near one of the depths that count, also beside the active chain.
        private HeaderNode node() {
            if (random.nextInt(3) == 0 && !stale.isEmpty()) {
                return any(stale);
            }
            if (random.nextInt(6) == 0 && aged != null) {
                return aged;
            }
            int depth =
                    random.nextInt(2) == 0
                            ? any(List.of(0, 1, 5, 6, 10, 11, 14, 15, 281, 282, 285, 290, 291))
                            : random.nextInt(random.nextBoolean() ? 13 : model.active.size());
            return model.active.get(Math.max(0, model.tip().height() - depth));
        }

        private BlockHash hash() {
            return random.nextInt(20) == 0 ? new BlockHash(1, 2, 3, 4) : node().hash();
        }

        Now now() {
            return new Now(1, Instant.ofEpochSecond(nowSeconds));
        }

        void step() {
            Caller caller = any(callers);
            switch (random.nextInt(20)) {
                case 0, 1 -> getHeaders(caller);
                case 2 -> getBlocks(caller);
                case 3, 4, 5, 6 -> getData(caller);
                case 7, 8 -> getTransactions(caller);
                case 9, 10, 11, 12 -> fetched(caller);
                case 13, 14 -> sendQueue(caller);
                case 15 -> {
                    HeaderNode node = random.nextBoolean() ? model.tip() : node();
                    machine.announceCompact(caller.peer, node, out);
                    model.announce(caller, node);
                }
                case 16 -> grow();
                case 17 -> branchOff();
                case 18 -> justIn();
                default -> rare();
            }
            machine.serve(caller.peer, now(), out);
            model.turn(caller, nowSeconds);
            compare();
        }

        private List<BlockHash> locator() {
            var hashes = new ArrayList<BlockHash>();
            int size = random.nextInt(15) == 0 ? random.nextInt(101, 103) : random.nextInt(4);
            for (int i = 0; i < size; i++) {
                hashes.add(hash());
            }
            if (random.nextInt(4) == 0) {
                // As if they knew nothing but genesis.
                hashes.clear();
                hashes.add(model.all.getFirst().hash());
            }
            return hashes;
        }

        /// Near where a node that deletes blocks begins to keep them.
        private List<BlockHash> prunedLocator() {
            int height = model.tip().height() - random.nextInt(280, 291);
            return List.of(model.active.get(Math.max(0, height)).hash());
        }

        private void getHeaders(Caller caller) {
            List<BlockHash> locator = locator();
            BlockHash stop = random.nextInt(3) == 0 ? BlockHash.ZERO : hash();
            var message = new GetHeaders(BlockLocator.of(locator), stop);
            machine.onGetHeaders(caller.peer, message, now(), out);
            model.getHeaders(caller, locator, stop);
        }

        private void getBlocks(Caller caller) {
            List<BlockHash> locator = random.nextInt(4) == 0 ? prunedLocator() : locator();
            BlockHash stop = random.nextInt(3) == 0 ? BlockHash.ZERO : hash();
            machine.onGetBlocks(caller.peer, new GetBlocks(BlockLocator.of(locator), stop), out);
            model.getBlocks(caller, locator, stop);
        }

        private void getData(Caller caller) {
            var items = new ArrayList<InvItem>();
            int size = random.nextInt(random.nextInt(5) == 0 ? 25 : 4);
            for (int i = 0; i < size; i++) {
                items.add(InvItem.of(type(), hash()));
            }
            if (random.nextInt(10) == 0 && !model.recent.isEmpty()) {
                items.addAll(
                        Collections.nCopies(
                                random.nextInt(40), InvItem.of(type(), any(model.recent).hash())));
            }
            if (random.nextInt(10) == 0 && caller.continuation != null) {
                items.add(InvItem.block(caller.continuation));
            }
            if (random.nextInt(100) == 0) {
                int more = 50_000 + random.nextInt(2) - items.size();
                items.addAll(Collections.nCopies(more, InvItem.of(type(), hash())));
            }
            if (items.size() > 50_000) {
                assertThatThrownBy(() -> machine.onGetData(caller.peer, items, now(), out))
                        .isInstanceOf(PeerFault.class)
                        .hasMessage("getdata message size = 50001");
                return;
            }
            assertThat(machine.onGetData(caller.peer, items, now(), out))
                    .isEqualTo(model.getData(caller, items));
        }

        private int type() {
            return any(
                    List.of(
                            InvType.BLOCK,
                            InvType.WITNESS_BLOCK,
                            InvType.FILTERED_BLOCK,
                            InvType.CMPCT_BLOCK,
                            InvType.WTX));
        }

        private void getTransactions(Caller caller) {
            BlockHash hash = hash();
            var some = new TreeSet<Integer>();
            for (int i = random.nextInt(4); i > 0; i--) {
                some.add(random.nextInt(random.nextInt(4) == 0 ? 7 : 3));
            }
            var message = new GetBlockTxn(hash, List.copyOf(some));
            String fault = "";
            try {
                machine.onGetBlockTxn(caller.peer, message, now(), out);
            } catch (PeerFault e) {
                fault = Check.present(e.getMessage(), "faults have a text");
            }
            assertThat(fault)
                    .isEqualTo(
                            model.getTransactions(caller, hash, message.indexes())
                                    ? "getblocktxn with out-of-bounds tx indices"
                                    : "");
        }

        /// The store answers what was asked, or, rarely, something else.
        private void fetched(Caller caller) {
            BlockServerModel.Want reading = caller.reading;
            if (reading == null && random.nextInt(10) > 0) {
                return;
            }
            BlockHash hash =
                    reading == null || random.nextInt(20) == 0 ? node().hash() : reading.hash();
            HeaderNode node = Check.present(model.byHash.get(hash), "what is read is known");
            boolean isThere = model.stored.contains(node) && random.nextInt(20) > 0;
            Block block = isThere ? block(node) : null;
            machine.onFetched(
                    new ChainEvent.BlockFetched(
                            new Origin(caller.id().value()), hash, Optional.ofNullable(block)),
                    now(),
                    out);
            model.fetched(caller, hash, block, nowSeconds);
        }

        private void sendQueue(Caller caller) {
            long bytes = random.nextInt(4) > 0 ? 0 : 1_000_000 + random.nextInt(-1, 2);
            machine.onSendQueue(caller.peer, bytes, now(), out);
            model.queueIs(caller, bytes, nowSeconds);
        }

        private void moveTip(HeaderNode tip) {
            if (model.tip().equals(tip.parent())) {
                model.active.add(tip);
            } else {
                model.active.stream()
                        .filter(each -> !tip.hasAncestor(each))
                        .forEach(model.left::add);
                model.active = new ArrayList<>(BlockDownloadModel.branch(tip));
            }
            context.chain.moveTip(tip, false);
        }

        private void store(HeaderNode node) {
            context.chain.store(node);
            model.stored.add(node);
        }

        private void came(HeaderNode node) {
            context.recent.add(block(node));
            model.came(block(node));
        }

        private void grow() {
            HeaderNode tip = model.tip();
            if (random.nextInt(3) == 0) {
                tip = age(random.nextBoolean() && !stale.isEmpty() ? stale.getLast() : node());
            }
            for (int i = random.nextInt(random.nextInt(3) == 0 ? 70 : 3); i > 0; i--) {
                tip = extend(tip);
                connect(tip);
            }
            nowSeconds = model.tip().time();
        }

        private void connect(HeaderNode tip) {
            store(tip);
            if (random.nextBoolean()) {
                came(tip);
            }
            moveTip(tip);
        }

        /// A block becomes a week or a month old, nearly so, or just a little more.
        private HeaderNode age(HeaderNode node) {
            aged = node;
            int days = random.nextBoolean() ? 7 : 30;
            long limit = days * 86_400L;
            long time = node.time() + limit + random.nextInt(-1, 2);
            HeaderNode tip = model.tip();
            long missing = node.height() + limit / rules.targetSpacingSeconds() - tip.height();
            if (random.nextBoolean() && time > tip.time()) {
                tip = extend(tip, time);
                connect(tip);
            } else if (missing < 80) {
                for (long i = missing + random.nextInt(-1, 2); i > 0; i--) {
                    tip = extend(tip);
                    connect(tip);
                }
            }
            return tip;
        }

        /// A branch was active for a while, or a few blocks were taken back.
        private void branchOff() {
            HeaderNode old = model.tip();
            HeaderNode tip = model.active.get(Math.max(0, old.height() - random.nextInt(1, 4)));
            for (int i = random.nextInt(4); i > 0; i--) {
                tip = extend(tip);
                store(tip);
                stale.add(tip);
                if (random.nextBoolean()) {
                    came(tip);
                }
            }
            if (random.nextInt(3) > 0) {
                moveTip(tip);
            }
            if (random.nextInt(3) > 0) {
                moveTip(old);
            } else {
                stale.add(old);
            }
        }

        /// A block came, but is not connected yet; perhaps it never will.
        private void justIn() {
            HeaderNode tip = model.tip();
            HeaderNode node =
                    extend(random.nextInt(4) == 0 && tip.parent() != null ? tip.parent() : tip);
            stale.add(node);
            context.chain.add(node);
            if (random.nextInt(5) > 0) {
                store(node);
            }
            if (random.nextInt(5) > 0) {
                came(node);
            }
        }

        private void rare() {
            switch (random.nextInt(5)) {
                case 0 -> {
                    model.targetReached = !model.targetReached;
                    assertThat(machine.limitHistorical(model.targetReached)).isTrue();
                    assertThat(machine.limitHistorical(model.targetReached)).isFalse();
                }
                case 1 -> {
                    HeaderNode gone = node();
                    context.chain.forget(gone);
                    model.stored.remove(gone);
                }
                case 2 -> {
                    HeaderNode bad = node();
                    if (!model.isActive(bad)) {
                        context.chain.setValidity(bad, false);
                        model.all.stream()
                                .filter(each -> each.hasAncestor(bad))
                                .forEach(model.invalid::add);
                    }
                }
                default -> {
                    // Just recent, or just not any more.
                    long since = random.nextInt(21) * rules.targetSpacingSeconds();
                    nowSeconds = model.tip().time() + since + random.nextInt(-1, 2);
                }
            }
        }

        private void compare() {
            var sent = new ArrayList<PeerOutput>();
            while (!out.isEmpty()) {
                sent.add(out.poll());
            }
            assertThat(sent).isEqualTo(model.out);
            assertThat(table.actions).isEqualTo(model.actions);
            var looked =
                    new ArrayList<>(stale.subList(Math.max(0, stale.size() - 9), stale.size()));
            looked.add(node());
            for (HeaderNode node : looked) {
                assertThat(machine.mayServe(node)).isEqualTo(model.mayShow(node));
            }
            model.out.clear();
            table.actions.clear();
            model.actions.clear();
            for (Caller each : List.copyOf(callers)) {
                SyncPeer peer = each.peer;
                assertThat(peer.toInv).isEqualTo(each.inv);
                peer.toInv.clear();
                each.inv.clear();
                assertThat(peer.bestHeaderSent).isEqualTo(each.headerSent);
                assertThat(peer.continuation).isEqualTo(each.continuation);
                assertThat(peer.requests).hasSameSizeAs(each.waiting);
                assertThat(peer.fetching == null).isEqualTo(each.reading == null);
                assertThat(peer.unsentBytes).isEqualTo(each.unsent);
                assertThat(peer.sendingPaused).isEqualTo(each.full);
                assertThat(BlockServer.isAwaitedBy(peer)).isEqualTo(model.isAwaited(each));
                assertThat(machine.hasMore(peer))
                        .isEqualTo(!each.waiting.isEmpty() && each.reading == null && !each.full);
                if (each.dropped) {
                    context.remove(each.id());
                    table.remove(each.id());
                    callers.remove(each);
                    join();
                }
            }
        }
    }

    @Test
    @DisplayName("What is served of which block to whom is as a model with lists says")
    @Sabotage(type = "weft.p2p.sync.BlockServer", method = "mayServe", constant = "2592000>2592001")
    @Sabotage(type = "weft.p2p.sync.BlockServer", method = "mayServeTransactions", returns = "true")
    @Sabotage(
            type = "weft.p2p.sync.BlockServer",
            method = "isAboutToConnect",
            call = "isStored",
            returns = "true")
    @Sabotage(type = "weft.p2p.sync.BlockServer", method = "isAllowed", constant = "604800>604799")
    @Sabotage(type = "weft.p2p.sync.BlockServer", method = "isAllowed", constant = "290>291")
    @Sabotage(type = "weft.p2p.sync.BlockServer", method = "onGetBlocks", constant = "500>501")
    @Sabotage(type = "weft.p2p.sync.BlockServer", method = "onGetBlocks", constant = "288>287")
    @Sabotage(type = "weft.p2p.sync.BlockServer", method = "onGetHeaders", constant = "2000>2001")
    @Sabotage(type = "weft.p2p.sync.BlockServer", method = "onGetBlockTxn", constant = "10>11")
    @Sabotage(type = "weft.p2p.sync.BlockServer", method = "answer", constant = "5>6")
    @Sabotage(type = "weft.p2p.sync.BlockServer", method = "serve", constant = "16>17")
    @Sabotage(type = "weft.p2p.sync.BlockServer", method = "send", constant = "1000000>1100000")
    @Sabotage(type = "weft.p2p.sync.BlockServer", method = "enqueue", constant = "50000>50001")
    @Sabotage(type = "weft.p2p.sync.BlockServer", method = "isTooLong", constant = "101>102")
    @Sabotage(type = "weft.p2p.sync.BlockServer", method = "takesATurn", returns = "false")
    @Sabotage(
            type = "weft.p2p.sync.BlockServer",
            method = "onFetched",
            call = "isAllowed",
            returns = "true")
    void shouldServeAsTheModel() {
        Property.holds(
                25,
                random -> {
                    var world = new World(random);
                    for (int i = 0; i < 300; i++) {
                        world.step();
                    }
                });
    }
}
