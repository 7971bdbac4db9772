package weft.p2p.sync;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import weft.chain.api.HeaderNode;
import weft.p2p.ConnectionType;
import weft.p2p.Outbox;
import weft.p2p.PeerOutput;
import weft.p2p.TestPeers;
import weft.primitives.BlockHash;
import weft.primitives.BlockHeader;
import weft.primitives.Check;
import weft.primitives.Digest256;
import weft.primitives.Now;
import weft.primitives.log.Log;
import weft.testkit.Property;
import weft.testkit.Sabotage;
import weft.testkit.SeenRed;
import weft.wire.GetData;
import weft.wire.InvItem;
import weft.wire.InvType;
import weft.wire.ServiceFlags;

/// [BlockDownload] and [BlocksInFlight] against a model that keeps one list of what was asked of whom, and
/// looks through the whole branch of a peer each time.
class BlockDownloadModelTest implements SeenRed {
    private static final long START = 1_700_000_000;
    private static final int SPACING = BlockDownloadRules.SPACING;

    /// The machine and the model side by side.
    private static final class World {
        final SplittableRandom random;
        final BlockDownloadRules rules;
        final TestPeers table = new TestPeers();
        final SyncContext context;
        final BlockDownload machine;
        final BlockDownloadModel model;
        final Outbox out = new Outbox();
        final List<HeaderNode> tips = new ArrayList<>();
        final List<HeaderNode> all = new ArrayList<>();
        final long wallStart;
        long nanos = 1_000_000_000;
        long nextPeer;
        @Nullable SyncPeer lazy;

        World(SplittableRandom random) {
            this.random = random;
            boolean deep = random.nextBoolean();
            int length = deep ? random.nextInt(1_030, 1_400) : random.nextInt(20, 700);
            rules =
                    new BlockDownloadRules(
                            BigInteger.valueOf(random.nextInt(60)),
                            random.nextInt(random.nextInt(4) > 0 ? 10 : length));
            context =
                    new SyncContext(
                            rules, SyncOptions.of(TestPeers.FULL), table, random.split(), Log.NONE);
            machine = new BlockDownload(context);
            model = new BlockDownloadModel(rules);
            grow(length);
            int height = random.nextInt(random.nextInt(3) == 0 ? 2 : Math.min(length, 50));
            HeaderNode tip =
                    Check.present(tips.getFirst().ancestor(height), "the branch is that long");
            boolean snapshot = random.nextInt(4) == 0;
            List<HeaderNode> blocks =
                    snapshot ? List.of(all.getFirst()) : BlockDownloadModel.branch(tip);
            context.chain.load(List.copyOf(all), blocks, tip, random.nextBoolean());
            model.stored.addAll(blocks);
            model.initialDownload = context.chain.initialBlockDownload();
            model.active = BlockDownloadModel.branch(tip);
            if (snapshot && height > 0) {
                model.historyBase = tip;
                moveHistory();
            }
            wallStart = START + (long) SPACING * (height + random.nextInt(-5, 40));
            for (int i = 0; i < 5; i++) {
                join();
            }
            if (deep) {
                scatter(height + 1);
            }
        }

        /// Most of the blocks from a height on came before: the end of the window is near.
        private void scatter(int from) {
            int gap = random.nextInt(1, 20);
            all.subList(from + gap, Math.min(from + 1_024, all.size())).stream()
                    .filter(_ -> random.nextInt(30) > 0)
                    .forEach(this::store);
        }

        /// A long branch and some short ones beside it.
        private void grow(int length) {
            var header = new BlockHeader(4, BlockHash.ZERO, Digest256.ZERO, START, 1, 0);
            all.add(HeaderNode.genesis(header, BigInteger.TWO));
            tips.add(extend(all.getFirst(), length, 1));
            for (int i = 2; i < 5; i++) {
                HeaderNode from = all.get(random.nextInt(Math.min(all.size(), 80)));
                tips.add(extend(from, random.nextInt(1, 40), i));
            }
        }

        private HeaderNode extend(HeaderNode from, int count, int salt) {
            HeaderNode last = from;
            for (int i = 0; i < count; i++) {
                var header =
                        new BlockHeader(
                                4, last.hash(), Digest256.ZERO, last.time() + SPACING, 1, salt);
                last = HeaderNode.of(header, header.hash(), last, BigInteger.TWO);
                all.add(last);
            }
            return last;
        }

        void join() {
            ConnectionType type =
                    random.nextBoolean()
                            ? ConnectionType.OUTBOUND_FULL_RELAY
                            : ConnectionType.INBOUND;
            long services =
                    switch (random.nextInt(8)) {
                        case 0 -> ServiceFlags.NETWORK;
                        case 1 -> ServiceFlags.WITNESS;
                        case 2, 3 -> ServiceFlags.NETWORK_LIMITED | ServiceFlags.WITNESS;
                        default -> TestPeers.FULL;
                    };
            var peer =
                    new SyncPeer(table.add(nextPeer++, TestPeers.Spec.of(type).services(services)));
            peer.providesCompact = random.nextBoolean();
            peer.bestKnown = random.nextInt(4) == 0 ? any(all) : tips.getFirst();
            context.add(peer);
            model.peers.add(peer);
            lazy = random.nextBoolean() ? peer : lazy;
        }

        private void leave(SyncPeer peer) {
            context.inFlight.removePeer(peer, nanos);
            model.askedOf(peer).forEach(each -> model.forget(peer, each, nanos));
            context.remove(peer.id());
            table.remove(peer.id());
            model.peers.remove(peer);
            join();
        }

        private <T> T any(List<T> of) {
            return of.get(random.nextInt(of.size()));
        }

        Now now() {
            return new Now(nanos, Instant.ofEpochSecond(wallStart).plusNanos(nanos));
        }

        void step() {
            nanos += random.nextLong(random.nextInt(60) == 0 ? 400_000_000_000L : 100_000_000L);
            SyncPeer peer = any(model.peers);
            switch (random.nextInt(24)) {
                case 0, 1, 2, 3, 4, 5, 6 -> request(peer);
                case 7, 8, 9, 10, 11 -> deliver(peer);
                case 12, 13 -> moveTip(tips.getFirst());
                case 14 -> moveTip(any(tips));
                case 15 -> peer.bestKnown = any(random.nextBoolean() ? all : tips);
                case 16, 17 -> direct(peer);
                case 18 -> fetch(peer);
                case 19, 20, 21 -> checkTimeouts(peer);
                case 22 -> forgetOne(peer);
                default -> rare(peer);
            }
            compare();
        }

        private void request(SyncPeer peer) {
            boolean useful = random.nextInt(10) > 0;
            machine.request(peer, useful, now(), out);
            assertSent(peer, items(peer, model.request(peer, useful, nanos)));
        }

        private static List<InvItem> items(SyncPeer peer, List<HeaderNode> blocks) {
            boolean witness = peer.peer.hasServices(ServiceFlags.WITNESS);
            int type = witness ? InvType.WITNESS_BLOCK : InvType.BLOCK;
            return blocks.stream().map(each -> InvItem.of(type, each.hash())).toList();
        }

        private void assertSent(SyncPeer to, List<InvItem> items) {
            var expected = new ArrayList<PeerOutput>();
            if (!items.isEmpty()) {
                expected.add(new PeerOutput.Send(to.id(), new GetData(items)));
            }
            var sent = new ArrayList<PeerOutput>();
            while (!out.isEmpty()) {
                sent.add(out.poll());
            }
            assertThat(sent).isEqualTo(expected);
        }

        /// Some blocks come; most are stored at once, some are still being looked at.
        private void deliver(SyncPeer peer) {
            int most = random.nextInt(1, 17);
            for (HeaderNode block : model.askedOf(peer)) {
                if (peer != lazy && most-- > 0) {
                    context.inFlight.removeAll(block.hash(), nanos);
                    model.askedFor(block).forEach(each -> model.forget(each, block, nanos));
                    if (random.nextInt(40) == 0) {
                        context.submitted.add(block.hash());
                        model.submitted.add(block);
                    } else {
                        store(block);
                    }
                }
            }
        }

        private void store(HeaderNode block) {
            context.submitted.remove(block.hash());
            model.submitted.remove(block);
            context.chain.store(block);
            model.stored.add(block);
        }

        /// The active chain follows a branch as far as its blocks are here, if that is more work.
        private void moveTip(HeaderNode towards) {
            HeaderNode best = model.tip();
            for (HeaderNode each : BlockDownloadModel.branch(towards)) {
                if ((!model.stored.contains(each) && !model.isActive(each))
                        || model.invalid.contains(each)) {
                    break;
                }
                best = each.height() > best.height() ? each : best;
            }
            if (!best.equals(model.tip())) {
                context.chain.moveTip(best, model.initialDownload);
                model.active = BlockDownloadModel.branch(best);
                machine.onConnected();
                model.patienceSeconds = Math.max(2, model.patienceSeconds * 85 / 100);
            }
            moveHistory();
        }

        private void moveHistory() {
            HeaderNode base = model.historyBase;
            if (base != null) {
                List<HeaderNode> branch = BlockDownloadModel.branch(base);
                int height = 0;
                while (height < base.height() && model.stored.contains(branch.get(height + 1))) {
                    height++;
                }
                context.chain.moveHistory(branch.get(height), base);
                model.historyTip = branch.get(height);
                model.historyBase = height == base.height() ? null : base;
            }
        }

        private void direct(SyncPeer peer) {
            int height = Math.min(all.size() - 1, model.active.size() + random.nextInt(-1, 24));
            HeaderNode last = random.nextInt(4) == 0 ? any(tips) : all.get(height);
            machine.direct(peer, last, now(), out);
            List<HeaderNode> found = model.direct(peer, last, now());
            assertSent(
                    peer,
                    model.asCompact(peer, found, last)
                            ? List.of(InvItem.of(InvType.CMPCT_BLOCK, last.hash()))
                            : items(peer, found));
        }

        private void fetch(SyncPeer peer) {
            HeaderNode block = random.nextBoolean() ? any(all) : all.get(model.active.size() - 1);
            String refused = machine.fetch(peer, block, now(), out);
            boolean may = peer.peer.hasServices(ServiceFlags.WITNESS);
            assertThat(refused == null).isEqualTo(may);
            if (may) {
                model.askedFor(block).forEach(each -> model.forget(each, block, nanos));
                model.ask(peer, block, nanos);
            }
            assertSent(peer, may ? items(peer, List.of(block)) : List.of());
        }

        private void checkTimeouts(SyncPeer peer) {
            boolean dropped = model.timesOut(peer, nanos);
            assertThat(machine.checkTimeouts(peer, now(), out)).isEqualTo(dropped);
            assertThat(table.actions).hasSize(dropped ? 1 : 0);
            table.actions.clear();
            if (dropped) {
                leave(peer);
            }
        }

        private void forgetOne(SyncPeer peer) {
            if (!model.askedOf(peer).isEmpty()) {
                HeaderNode block = any(model.askedOf(peer));
                context.inFlight.remove(block.hash(), peer, nanos);
                model.forget(peer, block, nanos);
            }
        }

        private void rare(SyncPeer peer) {
            switch (random.nextInt(8)) {
                case 0 -> leave(peer);
                case 1 -> {
                    HeaderNode bad = any(all);
                    if (!model.isActive(bad) && bad.header().nonce() > 1) {
                        context.chain.setValidity(bad, false);
                        all.stream()
                                .filter(each -> each.hasAncestor(bad))
                                .forEach(model.invalid::add);
                    }
                }
                case 2 -> List.copyOf(model.submitted).forEach(this::store);
                case 3, 4 -> {
                    // As if others had come to the end of the window.
                    peer.stallingNanos = nanos;
                    model.stallingSince.put(peer.id(), nanos);
                }
                case 5 -> {
                    model.initialDownload = !model.initialDownload;
                    context.chain.moveTip(model.tip(), model.initialDownload);
                }
                default -> request(peer);
            }
        }

        private void compare() {
            assertThat(context.inFlight.size()).isEqualTo(model.asked.size());
            assertThat(context.inFlight.isEmpty()).isEqualTo(model.asked.isEmpty());
            assertThat(context.inFlight.peersDownloadingFrom())
                    .isEqualTo((int) model.downloadingFrom());
            for (SyncPeer peer : model.peers) {
                List<HeaderNode> expected = model.askedOf(peer);
                assertThat(peer.inFlight.values().stream().map(each -> each.node).toList())
                        .isEqualTo(expected);
                for (HeaderNode block : expected) {
                    assertThat(
                                    context.inFlight.of(block.hash()).stream()
                                            .map(each -> each.from)
                                            .toList())
                            .isEqualTo(model.askedFor(block));
                }
                assertThat(peer.stallingNanos).isEqualTo(model.stallingSince.get(peer.id()));
                long deadline = Math.min(model.stallDeadline(peer), model.blockDeadline(peer));
                assertThat(machine.deadline(peer))
                        .isEqualTo(deadline == Long.MAX_VALUE ? deadline : deadline + 1);
                assertThat(machine.mayDownloadFrom(peer)).isEqualTo(model.mayDownloadFrom(peer));
            }
        }
    }

    @Test
    @DisplayName(
            "Which block is asked of whom, and who is dropped, is as a plain list of requests"
                    + " tells")
    @Sabotage(type = "weft.p2p.sync.BlockDownload", method = "request", constant = "16>17")
    @Sabotage(type = "weft.p2p.sync.BlockDownload", method = "walk", constant = "1024>1023")
    @Sabotage(type = "weft.p2p.sync.BlockDownload", method = "walk", constant = "1024>1025")
    @Sabotage(type = "weft.p2p.sync.BlockDownload", method = "walk", constant = "286>287")
    @Sabotage(type = "weft.p2p.sync.BlockDownload", method = "onConnected", returns = "void")
    @Sabotage(type = "weft.p2p.sync.BlocksInFlight", method = "mayAskToo", constant = "3>1")
    @Sabotage(type = "weft.p2p.sync.BlocksInFlight", method = "remove", call = "max", returns = "1")
    void shouldAskAsTheModel() {
        Property.holds(
                10,
                random -> {
                    var world = new World(random);
                    for (int i = 0; i < 300; i++) {
                        world.step();
                    }
                });
    }
}
