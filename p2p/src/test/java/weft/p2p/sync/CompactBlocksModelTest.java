package weft.p2p.sync;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import weft.chain.api.BlockFailure;
import weft.chain.api.ChainEvent;
import weft.chain.api.HeaderNode;
import weft.chain.api.Origin;
import weft.p2p.ConnectionType;
import weft.p2p.Outbox;
import weft.p2p.PeerFault;
import weft.p2p.PeerOutput;
import weft.p2p.TestPeers;
import weft.p2p.sync.CompactBlocksModel.Ask;
import weft.p2p.sync.CompactBlocksModel.Make;
import weft.p2p.sync.CompactBlocksModel.Told;
import weft.primitives.Block;
import weft.primitives.BlockHash;
import weft.primitives.Bytes;
import weft.primitives.Check;
import weft.primitives.Now;
import weft.primitives.OutPoint;
import weft.primitives.Transaction;
import weft.primitives.TxIn;
import weft.primitives.TxOut;
import weft.primitives.Txid;
import weft.primitives.log.Log;
import weft.testkit.Property;
import weft.testkit.Sabotage;
import weft.testkit.SeenRed;
import weft.wire.BlockTxn;
import weft.wire.CmpctBlock;
import weft.wire.PrefilledTransaction;
import weft.wire.SendCmpct;

/// The messages of [CompactBlocks] against a model that keeps one list of what was asked of whom.
class CompactBlocksModelTest implements SeenRed {
    private static final long START = 1_700_000_000;
    private static final int SPACING = BlockDownloadRules.SPACING;
    private static final List<Transaction> POOL = pool();

    private static List<Transaction> pool() {
        var all = new ArrayList<Transaction>();
        for (int i = 0; i < 12; i++) {
            var input = new TxIn(new OutPoint(new Txid(i, 0, 0, 1), 0), Bytes.EMPTY, 0);
            var output = new TxOut(1, Bytes.EMPTY);
            all.add(Transaction.of(2, List.of(input), List.of(output), List.of(), 0));
        }
        return all;
    }

    /// The machine and the model side by side.
    private static final class World {
        /// A header that the chain engine is about to accept.
        private record Coming(SyncPeer from, HeaderNode block, Told told) {}

        final SplittableRandom random;
        final TestPeers table = new TestPeers();
        final SyncContext context;
        final BlockReceipt receipt;
        final CompactBlocks machine;
        final CompactBlocksModel model;
        final Outbox out = new Outbox();
        final List<SyncPeer> peers = new ArrayList<>();

        /// In the order in which the machine heard of them.
        final List<HeaderNode> known = new ArrayList<>();

        /// Blocks that nobody needs, high above.
        final List<HeaderNode> far = new ArrayList<>();

        final List<HeaderNode> fresh = new ArrayList<>();
        final ArrayDeque<Coming> coming = new ArrayDeque<>();
        int blocks;
        long nextPeer;
        long nanos = 1_000_000_000;
        long wallStart;

        World(SplittableRandom random) {
            this.random = random;
            Block genesis = FakeChain.genesis(START);
            HeaderNode tip = HeaderNode.genesis(genesis.header(), BigInteger.TWO);
            int length = random.nextInt(3) == 0 ? 160 : 5;
            int least = random.nextInt(3) == 0 ? 2 * length + random.nextInt(6) : 0;
            var rules = new BlockDownloadRules(BigInteger.valueOf(least), 0);
            int extra = random.nextInt(3);
            var options =
                    new SyncOptions(TestPeers.FULL, random.nextInt(8) == 0, false, extra, false);
            context = new SyncContext(rules, options, table, random.split(), Log.NONE);
            receipt = new BlockReceipt(context);
            machine = new CompactBlocks(context, new HeadersSync(context), receipt);
            model = new CompactBlocksModel(rules, options, tip);
            know(tip, genesis);
            for (int i = 0; i < length; i++) {
                tip = block(tip);
                known.add(tip);
                model.headers.put(tip.hash(), tip);
                model.stored.add(tip);
            }
            model.stored.addAll(known);
            model.tip = tip;
            context.chain.load(List.copyOf(known), List.copyOf(known), tip, false);
            HeaderNode above = tip;
            for (int i = 0; i < 24; i++) {
                above = block(above);
                far.add(above);
            }
            wallStart = tip.time();
            for (int i = 0; i < 6; i++) {
                join();
            }
        }

        private void know(HeaderNode node, Block block) {
            known.add(node);
            model.headers.put(node.hash(), node);
            model.blocks.put(node.hash(), block);
        }

        private <T> T any(List<T> of) {
            return of.get(random.nextInt(of.size()));
        }

        /// A block that only the model can look into yet.
        private HeaderNode block(HeaderNode before) {
            var transactions = new ArrayList<Transaction>();
            for (int i = random.nextInt(4); i > 0; i--) {
                Transaction tx = any(POOL);
                if (!transactions.contains(tx)) {
                    transactions.add(tx);
                }
            }
            Block block =
                    FakeChain.block(before.hash(), before.time() + SPACING, ++blocks, transactions);
            HeaderNode node = HeaderNode.of(block.header(), block.hash(), before, BigInteger.TWO);
            model.blocks.put(node.hash(), block);
            return node;
        }

        private void join() {
            ConnectionType type =
                    random.nextInt(3) == 0
                            ? ConnectionType.OUTBOUND_FULL_RELAY
                            : ConnectionType.INBOUND;
            var peer = new SyncPeer(table.add(nextPeer++, TestPeers.Spec.of(type)));
            context.add(peer);
            peers.add(peer);
            machine.onReady(peer, out);
            model.ready(peer);
            if (random.nextInt(4) > 0) {
                sendCmpct(peer);
            }
        }

        private void sendCmpct(SyncPeer peer) {
            long version = random.nextInt(8) == 0 ? 1 : 2;
            boolean unasked = random.nextBoolean();
            machine.onSendCmpct(peer, new SendCmpct(unasked, version));
            model.sendCmpct(peer, unasked, version);
        }

        private void leave(SyncPeer peer) {
            machine.onGone(peer);
            receipt.onGone(peer);
            context.inFlight.removePeer(peer, nanos);
            context.remove(peer.id());
            table.remove(peer.id());
            model.gone(peer);
            peers.remove(peer);
            coming.removeIf(each -> each.from == peer);
            join();
        }

        Now now() {
            return new Now(nanos, Instant.ofEpochSecond(nowSeconds()));
        }

        private long nowSeconds() {
            return wallStart + nanos / 1_000_000_000;
        }

        void step() {
            nanos += random.nextLong(random.nextInt(20) == 0 ? 130_000_000_000L : 1_000_000_000L);
            SyncPeer peer = any(peers);
            switch (random.nextInt(30)) {
                case 0, 28 -> find();
                case 27 -> race();
                case 1, 2, 3, 4, 5, 6 -> announce(peer);
                case 7, 8, 9, 10, 11, 12 -> accept();
                case 13, 14, 15, 16 -> transactions(peer);
                case 17, 18 -> settle();
                case 19 -> askOtherwise(peer);
                case 20, 21 -> changeMempool();
                case 22 -> sendCmpct(peer);
                case 23, 24, 25, 26 -> give(peer);
                default -> rare(peer);
            }
            compare();
        }

        /// Somebody mines a block, most often on the tip.
        private void find() {
            HeaderNode before = model.tip;
            if (random.nextInt(3) == 0 && !fresh.isEmpty()) {
                before = random.nextBoolean() ? fresh.getLast() : any(fresh);
            } else if (random.nextInt(6) == 0) {
                before = any(known.subList(Math.max(0, known.size() - 5), known.size()));
            } else if (random.nextInt(6) == 0) {
                // About as much work as our tip had a day ago.
                int height = Math.max(0, model.tip.height() - 144 + random.nextInt(-3, 3));
                before = Check.present(model.tip.ancestor(height), "it is that high");
            }
            fresh.add(block(before));
            if (fresh.size() > 6) {
                fresh.removeFirst();
            }
        }

        /// Nobody is asked for anything, and a peer gives the next tip.
        private void give(SyncPeer peer) {
            if (random.nextInt(4) > 0) {
                List.copyOf(model.asks)
                        .forEach(each -> context.inFlight.removeAll(each.block.hash(), nanos));
                model.asks.clear();
            }
            HeaderNode node = block(model.tip);
            fresh.add(node);
            setInitialDownload(random.nextInt(10) == 0);
            while (!coming.isEmpty()) {
                accept();
            }
            Block block = blockOf(node);
            CmpctBlock message = ShortIds.compact(block, random.nextLong());
            announce(peer, node, new Told(message, Make.FINE, block.transactions()));
            accept();
            model.asks.stream()
                    .filter(each -> each.of == peer && each.block.equals(node))
                    .filter(each -> each.told != null)
                    .findFirst()
                    .ifPresent(
                            ask ->
                                    answer(
                                            peer,
                                            node,
                                            ask.missing.stream()
                                                    .map(block.transactions()::get)
                                                    .toList()));
            if (model.submitted.remove(node.hash())) {
                store(node);
            }
        }

        /// All announce one block, and none is quick to send the rest.
        private void race() {
            find();
            if (random.nextInt(3) == 0) {
                burden(any(peers));
            }
            for (SyncPeer each : peers) {
                if (random.nextInt(3) > 0) {
                    announce(each, fresh.getLast(), tell(blockOf(fresh.getLast())));
                }
            }
            while (!coming.isEmpty() && random.nextInt(20) > 0) {
                accept();
            }
        }

        /// Of the blocks between our tip and this one only headers came, one or two.
        private void climb(SyncPeer peer) {
            HeaderNode before = model.tip;
            for (int i = random.nextInt(1, 3); i > 0; i--) {
                before = block(before);
                context.chain.add(before);
                known.add(before);
                model.headers.put(before.hash(), before);
            }
            fresh.add(block(before));
            announce(peer, fresh.getLast(), tell(blockOf(fresh.getLast())));
            while (!coming.isEmpty()) {
                accept();
            }
        }

        private Block blockOf(HeaderNode node) {
            return Check.present(model.blocks.get(node.hash()), "each has one");
        }

        private void forgetFar() {
            for (HeaderNode each : far) {
                context.inFlight.removeAll(each.hash(), nanos);
                model.asks.removeIf(ask -> ask.block.equals(each));
            }
        }

        private Told tell(Block block) {
            List<Transaction> named = block.transactions();
            if (random.nextInt(8) == 0) {
                named = new ArrayList<>(named);
                named.add(any(POOL));
            }
            CmpctBlock honest =
                    ShortIds.compact(Block.of(block.header(), named), random.nextLong());
            List<PrefilledTransaction> prefilled = honest.prefilled();
            List<Long> ids = honest.shortIds();
            Make make = Make.FINE;
            int kind = random.nextInt(50);
            if (kind == 0) {
                make = Make.BROKEN;
                prefilled = List.of(new PrefilledTransaction(ids.size() + 1, named.getFirst()));
            } else if (kind < 4) {
                make = Make.COLLIDING;
                ids = List.of(5L, 5L);
            }
            boolean twice = named.stream().distinct().count() < named.size();
            var message = new CmpctBlock(block.header(), honest.nonce(), ids, prefilled);
            return new Told(message, twice && make == Make.FINE ? Make.COLLIDING : make, named);
        }

        private void announce(SyncPeer peer) {
            if (fresh.isEmpty()) {
                return;
            }
            HeaderNode node = random.nextInt(10) == 0 ? any(known) : fresh.getLast();
            node = random.nextInt(3) == 0 ? any(fresh) : node;
            node = random.nextInt(12) == 0 ? far.getLast() : node;
            announce(peer, node, tell(blockOf(node)));
        }

        private void announce(SyncPeer peer, HeaderNode node, Told say) {
            int before = out.size();
            machine.onCmpctBlock(peer, say.message(), now(), out);
            int chain = model.out.size();
            model.compactBlock(peer, say, CompactBlocksModel.best(known), nanos);
            boolean asked =
                    model.out.size() > chain && model.out.getLast() instanceof PeerOutput.Chain;
            if (asked) {
                coming.add(new Coming(peer, node, say));
            }
            assertThat(out.size() - before).isEqualTo(model.out.size() - chain);
        }

        /// The chain engine takes a header, and says so.
        private void accept() {
            Coming next = coming.poll();
            if (next == null) {
                return;
            }
            boolean isNew = !model.headers.containsKey(next.block.hash());
            if (isNew) {
                context.chain.add(next.block);
                known.add(next.block);
                model.headers.put(next.block.hash(), next.block);
            }
            next.from.pendingHeaders.remove();
            assertThat(
                            machine.onHeader(
                                    next.from, next.block, isNew, next.told.message(), now(), out))
                    .isEqualTo(model.header(next.from, next.block, isNew, next.told, nowSeconds()));
        }

        private void transactions(SyncPeer any) {
            SyncPeer peer = any;
            HeaderNode block = fresh.isEmpty() ? model.tip : any(fresh);
            var rest = new ArrayList<Transaction>();
            List<Ask> open = model.asks.stream().filter(each -> each.told != null).toList();
            if (!open.isEmpty() && random.nextInt(5) > 0) {
                Ask ask = any(open);
                peer = ask.of;
                block = ask.block;
                List<Transaction> named = Check.present(ask.told, "chosen so").named();
                ask.missing.forEach(each -> rest.add(named.get(each)));
            }
            switch (random.nextInt(20)) {
                case 0 -> rest.add(any(POOL));
                case 1 -> rest.subList(0, Math.min(1, rest.size())).clear();
                case 2, 3, 4 -> rest.replaceAll(_ -> any(POOL));
                default -> {}
            }
            answer(peer, block, rest);
        }

        private void answer(SyncPeer peer, HeaderNode block, List<Transaction> rest) {
            String fault = "";
            try {
                machine.onBlockTxn(peer, new BlockTxn(block.hash(), rest), now(), out);
            } catch (PeerFault e) {
                fault = Check.present(e.getMessage(), "faults have a text");
            }
            boolean guilty = model.transactions(peer, block, rest);
            assertThat(fault)
                    .isEqualTo(
                            guilty ? "invalid compact block/non-matching block transactions" : "");
            if (guilty) {
                leave(peer);
            }
        }

        /// The chain engine is through with a block.
        private void settle() {
            if (model.submitted.isEmpty()) {
                return;
            }
            List<HeaderNode> waiting =
                    known.stream().filter(each -> model.submitted.contains(each.hash())).toList();
            HeaderNode node = any(waiting);
            model.submitted.remove(node.hash());
            if (random.nextInt(6) == 0) {
                var failure = new BlockFailure(BlockFailure.Kind.CONSENSUS, "bad", "");
                SyncPeer giver = model.givers.remove(node.hash());
                receipt.onRejected(
                        new ChainEvent.BlockRejected(Origin.SELF, node.hash(), failure),
                        now(),
                        out);
                model.asks.removeIf(each -> each.of == giver && each.block.equals(node));
                return;
            }
            store(node);
        }

        private void store(HeaderNode node) {
            context.chain.store(node);
            model.stored.add(node);
            receipt.onStored(new ChainEvent.BlockStored(Origin.SELF, node, true), now());
            model.asks.removeIf(each -> each.block.equals(node));
            if (node.chainWork().compareTo(model.tip.chainWork()) > 0) {
                connect(node);
            }
        }

        private void connect(HeaderNode node) {
            machine.onConnected(node, receipt.sourceOf(node.hash()), out);
            receipt.onConnected(node);
            model.connected(node);
            model.tip = node;
            context.chain.moveTip(node, model.initialDownload);
        }

        /// A whole block, or a compact one, is asked for because of a header.
        private void askOtherwise(SyncPeer peer) {
            HeaderNode node = any(known.subList(Math.max(0, known.size() - 4), known.size()));
            if (model.asksFor(node).stream().noneMatch(each -> each.of == peer)) {
                ask(peer, node);
            }
        }

        private void ask(SyncPeer peer, HeaderNode node) {
            context.inFlight.add(peer, node, nanos);
            model.asks.add(new Ask(peer, node));
        }

        private void changeMempool() {
            Transaction tx = any(POOL);
            if (!model.mempool.contains(tx) && random.nextInt(4) > 0) {
                machine.mempool().add(tx);
                model.mempool.add(tx);
                return;
            }
            switch (random.nextInt(4)) {
                case 0 -> {
                    machine.mempool().hide(tx.txid());
                    model.mempool.remove(tx);
                }
                case 1 -> {
                    machine.mempool().addExtra(tx);
                    model.rejected(tx);
                }
                default -> {
                    boolean replaced = random.nextBoolean();
                    machine.mempool()
                            .remove(
                                    tx.txid(),
                                    replaced
                                            ? ChainEvent.RemovalReason.REPLACED
                                            : ChainEvent.RemovalReason.EXPIRY);
                    model.removed(tx, replaced);
                }
            }
        }

        private void rare(SyncPeer peer) {
            switch (random.nextInt(8)) {
                case 0 -> leave(peer);
                case 1, 2 -> burden(peer);
                case 3, 4 -> forgetFar();
                case 5 -> setInitialDownload(random.nextInt(4) == 0);
                case 6 -> climb(peer);
                default ->
                        // Close to where our tip is recent no more, or back.
                        wallStart =
                                model.tip.time()
                                        - nanos / 1_000_000_000
                                        + (random.nextInt(3) > 0 ? 0 : 20 * SPACING - 1)
                                        + random.nextInt(2);
            }
        }

        private void setInitialDownload(boolean on) {
            model.initialDownload = on;
            context.chain.moveTip(model.tip, on);
        }

        /// As much is asked of a peer as may be, or almost.
        private void burden(SyncPeer peer) {
            int most = 16 - model.asksOf(peer).size() - random.nextInt(2);
            List<HeaderNode> free =
                    far.stream()
                            .filter(each -> model.asksFor(each).isEmpty())
                            .limit(Math.max(0, most))
                            .toList();
            free.forEach(each -> ask(peer, each));
        }

        private void compare() {
            var sent = new ArrayList<PeerOutput>();
            while (!out.isEmpty()) {
                sent.add(out.poll());
            }
            assertThat(sent).isEqualTo(model.out);
            assertThat(table.actions).isEqualTo(model.actions);
            assertThat(context.submitted).isEqualTo(model.submitted);
            assertThat(context.inFlight.size()).isEqualTo(model.asks.size());
            for (SyncPeer peer : peers) {
                assertThat(peer.inFlight.values().stream().map(each -> each.node).toList())
                        .isEqualTo(model.asksOf(peer).stream().map(each -> each.block).toList());
                for (Ask ask : model.asksOf(peer)) {
                    BlockHash hash = ask.block.hash();
                    BlockRequest request = Check.present(peer.inFlight.get(hash), "asked");
                    assertThat(request.partial == null).isEqualTo(ask.told == null);
                }
                assertThat(peer.sendsCompactUnasked).isEqualTo(model.chosen.contains(peer));
                assertThat(peer.providesCompact).isEqualTo(model.provides.contains(peer));
                assertThat(peer.wantsCompactUnasked).isEqualTo(model.wants.contains(peer));
                assertThat(peer.bestKnown).isEqualTo(model.claims.get(peer));
                assertThat(peer.lastAnnouncementSeconds)
                        .isEqualTo(model.announcedAt.getOrDefault(peer, 0L));
                assertThat(peer.getHeadersNanos).isEqualTo(model.headersAskedAt.get(peer));
            }
            model.out.clear();
            if (!table.actions.isEmpty()) {
                table.actions.clear();
                model.actions.clear();
                peers.stream().filter(each -> !each.peer.isReady()).toList().forEach(this::leave);
            }
        }
    }

    @Test
    @DisplayName(
            "BIP-0152 who is asked for which transactions, and who sends blocks unasked, is as a"
                    + " list of requests tells")
    @Sabotage(type = "weft.p2p.sync.CompactBlocks", method = "onHeader", constant = "3>4")
    @Sabotage(type = "weft.p2p.sync.CompactBlocks", method = "onHeader", constant = "16>17")
    @Sabotage(type = "weft.p2p.sync.CompactBlocks", method = "onHeader", constant = "2>3")
    @Sabotage(type = "weft.p2p.sync.CompactBlocks", method = "choose", constant = "3>4")
    @Sabotage(type = "weft.p2p.sync.CompactBlocks", method = "keepLastOutbound", returns = "void")
    @Sabotage(type = "weft.p2p.sync.CompactBlocks", method = "mayAskInParallel", constant = "2>3")
    @Sabotage(type = "weft.p2p.sync.CompactBlocks", method = "tryAnyway", returns = "void")
    @Sabotage(type = "weft.p2p.sync.CompactBlocks", method = "isWhole", returns = "true")
    @Sabotage(type = "weft.p2p.sync.CompactBlocks", method = "onGone", returns = "void")
    @Sabotage(
            type = "weft.p2p.sync.CompactBlocks",
            method = "onConnected",
            call = "initialBlockDownload",
            returns = "false")
    @Sabotage(type = "weft.p2p.sync.SyncContext", method = "antiDosWork", constant = "144>143")
    @Sabotage(
            type = "weft.p2p.sync.HeadersSync",
            method = "sendGetHeaders",
            constant = "120000000000>110000000000")
    @Sabotage(type = "weft.p2p.sync.CompactBlocks", method = "finish", flips = 3)
    @Sabotage(type = "weft.p2p.sync.CompactBlocks", method = "start", flips = 11)
    @Sabotage(type = "weft.p2p.sync.BlockRequest", method = "takeCompact", returns = "true")
    void shouldAskAsTheModel() {
        Property.holds(
                40,
                random -> {
                    var world = new World(random);
                    for (int i = 0; i < 400; i++) {
                        world.step();
                    }
                });
    }
}
