package weft.p2p.sync;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.assertj.core.groups.Tuple;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import weft.chain.api.ChainEvent;
import weft.chain.api.HeaderNode;
import weft.chain.api.Origin;
import weft.p2p.ConnectionType;
import weft.p2p.Outbox;
import weft.p2p.PeerOutput;
import weft.p2p.PeerPermissions;
import weft.p2p.TestPeers;
import weft.p2p.sync.BlockRelayModel.Listener;
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
import weft.primitives.log.Log;
import weft.testkit.Property;
import weft.testkit.Sabotage;
import weft.testkit.SeenRed;

/// [BlockRelay] against a model that keeps diaries.
class BlockRelayModelTest implements SeenRed {
    private static final Now NOW = new Now(1, Instant.ofEpochSecond(1_500_000_000));

    private static final List<Transaction> POOL = List.of(tx(1), tx(2), tx(3), tx(4), tx(5), tx(6));

    private static Transaction tx(int number) {
        return Transaction.of(
                2,
                List.of(new TxIn(new OutPoint(new Txid(number, 0, 0, 1), 0), Bytes.EMPTY, 0)),
                List.of(new TxOut(1, Bytes.EMPTY)),
                List.of(),
                0);
    }

    private record Rules(int segwitHeight) implements SyncRules {
        @Override
        public BigInteger minimumChainWork() {
            return BigInteger.ZERO;
        }

        @Override
        public long targetSpacingSeconds() {
            return 600;
        }

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
            return height >= segwitHeight;
        }
    }

    /// The machine and the model side by side.
    private static final class World {
        final SplittableRandom random;
        final TestPeers table = new TestPeers();
        final SyncContext context;
        final HeadersSync headers;
        final BlockRelay machine;
        final BlockRelayModel model;
        final Outbox out = new Outbox();
        final Map<BlockHash, Block> blocks = new HashMap<>();

        /// All that anybody ever mined, also what we have not heard of.
        final List<HeaderNode> all = new ArrayList<>();

        boolean initialDownload;
        long nextPeer;

        World(SplittableRandom random) {
            this.random = random;
            int length = random.nextInt(1, 14);
            int segwit = random.nextInt(3) == 0 ? random.nextInt(2 * length + 4) : 0;
            long seed = random.nextLong();
            context =
                    new SyncContext(
                            new Rules(segwit),
                            SyncOptions.of(TestPeers.FULL),
                            table,
                            new SplittableRandom(seed),
                            Log.NONE);
            headers = new HeadersSync(context);
            machine = new BlockRelay(context, new BlockServer(context));
            model = new BlockRelayModel(new SplittableRandom(seed), segwit);
            HeaderNode tip = HeaderNode.genesis(header(BlockHash.ZERO), BigInteger.ONE);
            note(tip);
            for (int i = 1; i < length; i++) {
                tip = mine(tip);
            }
            for (int i = 0; i < 5; i++) {
                join();
            }
            // Nothing is told before the chain is loaded.
            came(tip);
            store(tip, true);
            context.chain.load(List.copyOf(all), List.copyOf(all), tip, false);
            all.forEach(model::learn);
            model.active = BlockRelayModel.branch(tip);
            model.initialDownload = false;
        }

        private <T> T any(List<T> of) {
            return of.get(random.nextInt(of.size()));
        }

        private boolean rarely(int times) {
            return random.nextInt(times) == 0;
        }

        private BlockHeader header(BlockHash before) {
            int work = random.nextInt(1, 4);
            return new BlockHeader(4, before, Digest256.ZERO, 1, work, random.nextInt(1 << 30));
        }

        private void note(HeaderNode node) {
            blocks.put(
                    node.hash(),
                    Block.of(node.header(), POOL.subList(random.nextInt(POOL.size()), 6)));
            all.add(node);
        }

        /// Nobody told us of it yet.
        private HeaderNode mine(HeaderNode before) {
            BlockHeader header = header(before.hash());
            HeaderNode node =
                    HeaderNode.of(header, header.hash(), before, BigInteger.valueOf(header.bits()));
            note(node);
            return node;
        }

        private void learn(HeaderNode node) {
            HeaderNode before = node.parent();
            if (before != null && !model.isKnown(before)) {
                learn(before);
            }
            context.chain.add(node);
            model.learn(node);
        }

        private void came(HeaderNode node) {
            Block block = Check.present(blocks.get(node.hash()), "each has one");
            context.recent.add(block);
            model.recent.removeIf(each -> each.hash().equals(node.hash()));
            model.recent.add(block);
            if (model.recent.size() > 12) {
                model.recent.removeFirst();
            }
        }

        private void store(HeaderNode node, boolean isNew) {
            machine.onStored(
                    new ChainEvent.BlockStored(new Origin(nextPeer), node, isNew), NOW, out);
            model.stored(node, isNew);
        }

        private void arrive(HeaderNode node) {
            learn(node);
            context.chain.store(node);
            if (!rarely(8)) {
                came(node);
            }
            store(node, !rarely(15));
            compare();
        }

        private void moveTip(HeaderNode to) {
            HeaderNode from = model.tip();
            HeaderNode fork = HeaderNode.fork(from, to);
            learn(to);
            context.chain.moveTip(to, initialDownload);
            machine.onTip(new ChainEvent.TipChanged(from, to, fork, initialDownload));
            model.moved(to, fork, initialDownload);
        }

        // ---- peers

        private void join() {
            ConnectionType type =
                    any(
                            List.of(
                                    ConnectionType.INBOUND,
                                    ConnectionType.OUTBOUND_FULL_RELAY,
                                    ConnectionType.BLOCK_RELAY_ONLY,
                                    ConnectionType.MANUAL));
            int permissions = any(List.of(0, PeerPermissions.NO_BAN, PeerPermissions.DOWNLOAD));
            TestPeers.Spec spec = TestPeers.Spec.of(type).permissions(permissions);
            var peer = new SyncPeer(table.add(nextPeer++, spec));
            context.add(peer);
            Listener one = model.join(peer);
            wish(one);
            if (!model.active.isEmpty() && random.nextBoolean()) {
                claim(one, model.tip().hash());
            }
        }

        /// `sendheaders`, `sendcmpct`.
        private void wish(Listener one) {
            one.wantsHeaders |= random.nextBoolean();
            one.wantsCompact = random.nextBoolean();
            one.peer.prefersHeaders = one.wantsHeaders;
            one.peer.wantsCompactUnasked = one.wantsCompact;
        }

        private void leave(Listener one) {
            if (random.nextBoolean() && !one.gone) {
                // It is given up, and still in the table.
                table.disconnect(one.peer.id(), "any reason", out);
                one.gone = true;
                return;
            }
            context.remove(one.peer.id());
            table.remove(one.peer.id());
            model.listeners.remove(one);
            join();
        }

        /// Most often near the tip; perhaps a block that we never heard of.
        private HeaderNode node() {
            return rarely(3) ? any(all) : any(all.subList(Math.max(0, all.size() - 6), all.size()));
        }

        private HeaderNode onTheChain() {
            int depth = rarely(4) ? random.nextInt(12) : random.nextInt(3);
            return model.active.get(Math.max(0, model.tip().height() - depth));
        }

        private void claim(Listener one, BlockHash hash) {
            headers.noteAvailable(one.peer, hash);
            model.claims(one, hash);
        }

        private void claim(Listener one) {
            BlockHash strange = new BlockHash(1, 2, 3, random.nextInt());
            HeaderNode node = random.nextBoolean() ? onTheChain() : node();
            claim(one, rarely(20) ? strange : node.hash());
        }

        /// Its `getheaders` was answered.
        private void show(Listener one) {
            HeaderNode last = onTheChain();
            one.peer.bestHeaderSent = last;
            model.shows(one, last);
        }

        private void turn(Listener one) {
            if (one.gone) {
                return;
            }
            while (rarely(6)) {
                // An answer to `getblocks`.
                BlockHash hash = any(model.active).hash();
                one.peer.toInv.add(hash);
                model.asks(one, hash);
            }
            machine.announce(one.peer, out);
            model.turn(one);
            compare();
        }

        // ---- the chain

        /// The chain grows by some blocks, which come and connect one by one, or come first and connect
        /// together.
        private void grow(HeaderNode from) {
            int count = rarely(3) ? any(List.of(2, 3, 7, 8, 9, 10)) : 1;
            boolean together = random.nextBoolean();
            HeaderNode tip = from;
            for (int i = 0; i < count; i++) {
                tip = mine(tip);
                if (rarely(3)) {
                    // A peer has it already; its claim comes before the header or after it.
                    if (random.nextBoolean()) {
                        learn(tip);
                    }
                    claim(any(model.listeners), tip.hash());
                }
                arrive(tip);
                if (!together) {
                    moveTip(tip);
                }
            }
            if (rarely(12)) {
                // It is found invalid, and another takes its place.
                HeaderNode before = Check.present(tip.parent(), "it was mined on one");
                context.recent.remove(tip.hash());
                BlockHash bad = tip.hash();
                model.recent.removeIf(each -> each.hash().equals(bad));
                moveTip(before);
                tip = mine(before);
                arrive(tip);
            }
            moveTip(tip);
        }

        /// Some mine blocks that a peer knows of before we do.
        private void hide() {
            Listener one = any(model.listeners);
            HeaderNode tip = onTheChain();
            for (int i = random.nextInt(1, 4); i > 0; i--) {
                tip = mine(tip);
                if (random.nextBoolean()) {
                    claim(one, tip.hash());
                }
            }
        }

        /// To any header that is known, or back by some blocks, and perhaps there again.
        private void jump() {
            HeaderNode old = model.tip();
            List<HeaderNode> known = all.stream().filter(model::isKnown).toList();
            moveTip(random.nextBoolean() ? any(known) : onTheChain());
            if (random.nextBoolean()) {
                moveTip(old);
            }
        }

        void step() {
            switch (random.nextInt(20)) {
                case 0, 1, 2, 3 -> grow(model.tip());
                case 4 -> grow(onTheChain());
                case 5 -> jump();
                case 6 -> hide();
                case 7 -> arrive(node());
                case 8 -> learn(node());
                case 9, 10 -> claim(any(model.listeners));
                case 11 -> show(any(model.listeners));
                case 12 -> wish(any(model.listeners));
                case 13 -> rare();
                case 14, 15, 16 -> List.copyOf(model.listeners).forEach(this::turn);
                default -> turn(any(model.listeners));
            }
            compare();
        }

        private void rare() {
            if (random.nextBoolean()) {
                leave(any(model.listeners));
            } else if (initialDownload || rarely(3)) {
                initialDownload ^= true;
                moveTip(model.tip());
            }
        }

        private void compare() {
            var sent = new ArrayList<PeerOutput>();
            for (PeerOutput each = out.poll(); each != null; each = out.poll()) {
                sent.add(each);
            }
            assertThat(sent).isEqualTo(model.out);
            model.out.clear();
            for (Listener each : model.listeners) {
                assertThat(each.peer.requests)
                        .extracting(ServeRequest::kind, ServeRequest::hash)
                        .isEqualTo(each.toRead.stream().map(World::announcement).toList());
                each.peer.requests.clear();
                each.toRead.clear();
                assertThat(each.peer.bestHeaderSent).isEqualTo(lastShown(each));
            }
        }

        private static Tuple announcement(BlockHash hash) {
            return Tuple.tuple(ServeRequest.Kind.ANNOUNCEMENT, hash);
        }

        private static @Nullable HeaderNode lastShown(Listener one) {
            return one.shown.isEmpty() ? null : one.shown.getLast();
        }
    }

    @Test
    @DisplayName(
            "BIP-0130 BIP-0152 who hears of which new block, and how, is as a model with diaries says")
    @Sabotage(
            type = "weft.p2p.sync.BlockRelay",
            method = "onStored",
            call = "isNew",
            returns = "true")
    @Sabotage(
            type = "weft.p2p.sync.BlockRelay",
            method = "onStored",
            call = "initialBlockDownload",
            returns = "false")
    @Sabotage(
            type = "weft.p2p.sync.BlockRelay",
            method = "onStored",
            call = "isSegwitActive",
            returns = "true")
    @Sabotage(
            type = "weft.p2p.sync.BlockRelay",
            method = "onStored",
            call = "isReady",
            returns = "true")
    @Sabotage(type = "weft.p2p.sync.BlockRelay", method = "onStored", call = "resolveUnknown")
    @Sabotage(type = "weft.p2p.sync.BlockRelay", method = "onStored", flips = 7)
    @Sabotage(
            type = "weft.p2p.sync.BlockRelay",
            method = "onTip",
            call = "initialBlockDownload",
            returns = "false")
    @Sabotage(type = "weft.p2p.sync.BlockRelay", method = "onTip", constant = "8>9")
    @Sabotage(type = "weft.p2p.sync.BlockRelay", method = "announce", call = "resolveUnknown")
    @Sabotage(type = "weft.p2p.sync.BlockRelay", method = "connecting", constant = "8>9")
    @Sabotage(type = "weft.p2p.sync.BlockRelay", method = "connecting", constant = "8>7")
    @Sabotage(
            type = "weft.p2p.sync.BlockRelay",
            method = "connecting",
            call = "contains",
            returns = "true")
    @Sabotage(
            type = "weft.p2p.sync.BlockRelay",
            method = "connecting",
            call = "equals",
            returns = "true")
    @Sabotage(
            type = "weft.p2p.sync.BlockRelay",
            method = "queueInv",
            call = "hasHeader",
            returns = "false")
    void shouldAnnounceAsTheModel() {
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
