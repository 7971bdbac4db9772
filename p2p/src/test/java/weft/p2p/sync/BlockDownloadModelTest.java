package weft.p2p.sync;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import weft.chain.api.HeaderNode;
import weft.p2p.ConnectionType;
import weft.p2p.Outbox;
import weft.p2p.PeerId;
import weft.p2p.PeerOutput;
import weft.p2p.TestPeers;
import weft.primitives.BlockHash;
import weft.primitives.BlockHeader;
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
    private static final int SPACING = 600;

    /// Rules of a small network.
    ///
    /// @param segwit height from which blocks have witnesses
    private record Rules(BigInteger minimumChainWork, int segwit) implements SyncRules {
        @Override
        public long targetSpacingSeconds() {
            return SPACING;
        }

        @Override
        public BigInteger work(BlockHeader header) {
            return BigInteger.TWO;
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
            return height >= segwit;
        }
    }

    /// One block asked of one peer.
    private record Ask(SyncPeer of, HeaderNode block) {}

    /// The rules, with everything worked out anew from lists at each question.
    private static final class Model {
        final Rules rules;
        final List<SyncPeer> peers = new ArrayList<>();

        /// Oldest first.
        final List<Ask> asked = new ArrayList<>();

        final Map<PeerId, Long> waitingSince = new HashMap<>();
        final Map<PeerId, Long> stallingSince = new HashMap<>();

        /// The blocks that a peer and we shared when it was last looked at, from genesis on.
        final Map<PeerId, List<HeaderNode>> shared = new HashMap<>();

        final Set<HeaderNode> stored = new HashSet<>();
        final Set<HeaderNode> submitted = new HashSet<>();
        final Set<HeaderNode> invalid = new HashSet<>();
        List<HeaderNode> active = List.of();
        boolean initialDownload;
        @Nullable HeaderNode historyTip;
        @Nullable HeaderNode historyBase;
        long patienceSeconds = 2;

        Model(Rules rules) {
            this.rules = rules;
        }

        /// From genesis on.
        static List<HeaderNode> branch(HeaderNode tip) {
            var nodes = new ArrayList<HeaderNode>();
            for (HeaderNode node = tip; node != null; node = node.parent()) {
                nodes.add(node);
            }
            return nodes.reversed();
        }

        HeaderNode tip() {
            return active.getLast();
        }

        boolean isActive(HeaderNode node) {
            return node.height() < active.size() && active.get(node.height()).equals(node);
        }

        List<HeaderNode> askedOf(SyncPeer peer) {
            return asked.stream().filter(ask -> ask.of == peer).map(Ask::block).toList();
        }

        List<SyncPeer> askedFor(HeaderNode block) {
            return asked.stream().filter(ask -> ask.block.equals(block)).map(Ask::of).toList();
        }

        long downloadingFrom() {
            return peers.stream().filter(each -> !askedOf(each).isEmpty()).count();
        }

        void ask(SyncPeer peer, HeaderNode block, long nanos) {
            if (askedOf(peer).isEmpty()) {
                waitingSince.put(peer.id(), nanos);
            }
            asked.add(new Ask(peer, block));
        }

        void forget(SyncPeer peer, HeaderNode block, long nanos) {
            if (askedOf(peer).contains(block)) {
                if (askedOf(peer).getFirst().equals(block)) {
                    waitingSince.merge(peer.id(), nanos, Math::max);
                }
                asked.remove(new Ask(peer, block));
                stallingSince.remove(peer.id());
            }
        }

        /// Nobody is asked for more than 1024 blocks above the last that we shared at the last look, nor for
        /// more than 16 at a time. Who cannot be asked for anything, but could for one block further up, shows
        /// that the one we wait for holds up everybody.
        List<HeaderNode> request(SyncPeer peer, boolean useful, long nanos) {
            boolean limited = isLimited(peer);
            if (!hasBlocks(peer) || (initialDownload && (!useful || limited))) {
                return List.of();
            }
            var found = new ArrayList<HeaderNode>();
            int most = 16 - askedOf(peer).size();
            SyncPeer staller = peer.bestKnown == null ? null : search(peer, most, found);
            if (historyBase != null && !limited && most > 0) {
                searchHistory(peer, most, found);
            }
            found.forEach(each -> ask(peer, each, nanos));
            if (staller != null && most > 0 && askedOf(peer).isEmpty()) {
                stallingSince.putIfAbsent(staller.id(), nanos);
            }
            return found;
        }

        /// @return who is to blame that nothing was found
        private @Nullable SyncPeer search(SyncPeer peer, int most, List<HeaderNode> found) {
            HeaderNode known = peer.bestKnown;
            if (known.chainWork().compareTo(tip().chainWork()) < 0
                    || known.chainWork().compareTo(rules.minimumChainWork) < 0) {
                return null;
            }
            List<HeaderNode> branch = branch(known);
            List<HeaderNode> before = shared.getOrDefault(peer.id(), active);
            int start = 0;
            while (start + 1 < Math.min(branch.size(), before.size())
                    && branch.get(start + 1).equals(before.get(start + 1))) {
                start++;
            }
            shared.put(peer.id(), branch.subList(0, start + 1));
            SyncPeer firstAsked = null;
            for (int i = start + 1; i < Math.min(branch.size(), start + 1026); i++) {
                HeaderNode block = branch.get(i);
                if (lacksWitness(peer, block) || invalid.contains(block)) {
                    return null;
                }
                if (stored.contains(block) || isActive(block)) {
                    if (shared.get(peer.id()).size() == i) {
                        shared.put(peer.id(), branch.subList(0, i + 1));
                    }
                } else if (!askedFor(block).isEmpty() && !submitted.contains(block)) {
                    firstAsked = firstAsked == null ? askedFor(block).getFirst() : firstAsked;
                } else if (!submitted.contains(block) && i == start + 1025) {
                    return found.isEmpty() && firstAsked != peer ? firstAsked : null;
                } else if (!submitted.contains(block)
                        && found.size() < most
                        && (!isLimited(peer) || known.height() - i < 286)) {
                    found.add(block);
                }
            }
            return null;
        }

        private void searchHistory(SyncPeer peer, int most, List<HeaderNode> found) {
            if (peer.bestKnown == null || !branch(peer.bestKnown).contains(historyBase)) {
                return;
            }
            List<HeaderNode> branch = branch(historyBase);
            int from = historyTip.height() + 1;
            for (int i = from; i < branch.size() && i < from + 1024 && found.size() < most; i++) {
                HeaderNode block = branch.get(i);
                if (lacksWitness(peer, block)) {
                    return;
                }
                if (!stored.contains(block)
                        && !submitted.contains(block)
                        && askedFor(block).isEmpty()) {
                    found.add(block);
                }
            }
        }

        /// Up to seventeen blocks from a new header down to the active chain, lowest first.
        List<HeaderNode> direct(SyncPeer peer, HeaderNode last, Now now) {
            boolean recent = tip().time() > now.unixSeconds() - 20 * SPACING;
            if (!recent
                    || invalid.contains(last)
                    || last.chainWork().compareTo(tip().chainWork()) < 0) {
                return List.of();
            }
            var wanted = new ArrayList<HeaderNode>();
            HeaderNode node = last;
            for (; node != null && !isActive(node) && wanted.size() < 17; node = node.parent()) {
                boolean free =
                        askedFor(node).isEmpty() || (node.equals(last) && mayRace(peer, node));
                if (free
                        && !stored.contains(node)
                        && !submitted.contains(node)
                        && !lacksWitness(peer, node)) {
                    wanted.addFirst(node);
                }
            }
            if (node == null || !isActive(node)) {
                return List.of();
            }
            int most = Math.clamp(16 - askedOf(peer).size(), 0, wanted.size());
            List<HeaderNode> found = List.copyOf(wanted.subList(0, most));
            found.forEach(each -> ask(peer, each, now.monotonicNanos()));
            return found;
        }

        /// One outbound peer is asked too where inbound ones, two at most, were asked.
        boolean mayRace(SyncPeer peer, HeaderNode block) {
            return peer.isOutbound()
                    && askedFor(block).size() < 3
                    && askedFor(block).stream().noneMatch(SyncPeer::isOutbound);
        }

        /// Alone under way, on top of a block that is here.
        boolean asCompact(SyncPeer peer, List<HeaderNode> found, HeaderNode last) {
            return found.equals(List.of(last))
                    && peer.providesCompact
                    && asked.stream().allMatch(ask -> ask.block.equals(last))
                    && stored.contains(last.parent());
        }

        boolean lacksWitness(SyncPeer peer, HeaderNode block) {
            return !peer.peer.hasServices(ServiceFlags.WITNESS) && block.height() >= rules.segwit;
        }

        static boolean isLimited(SyncPeer peer) {
            return !peer.peer.hasServices(ServiceFlags.NETWORK)
                    && peer.peer.hasServices(ServiceFlags.NETWORK_LIMITED);
        }

        static boolean hasBlocks(SyncPeer peer) {
            return peer.peer.hasServices(ServiceFlags.NETWORK) || isLimited(peer);
        }

        boolean mayDownloadFrom(SyncPeer peer) {
            boolean others = peers.stream().anyMatch(each -> each.preferred);
            return peer.preferred || (hasBlocks(peer) && (asked.isEmpty() || !others));
        }

        long stallDeadline(SyncPeer peer) {
            Long since = stallingSince.get(peer.id());
            return since == null ? Long.MAX_VALUE : since + patienceSeconds * 1_000_000_000;
        }

        /// An interval, and half of one for each other peer that is asked.
        long blockDeadline(SyncPeer peer) {
            return askedOf(peer).isEmpty()
                    ? Long.MAX_VALUE
                    : waitingSince.get(peer.id())
                            + (SPACING + SPACING / 2 * (downloadingFrom() - 1)) * 1_000_000_000;
        }

        boolean timesOut(SyncPeer peer, long nanos) {
            boolean stalls = nanos > stallDeadline(peer);
            boolean late = nanos > blockDeadline(peer);
            if (stalls) {
                patienceSeconds = Math.min(64, 2 * patienceSeconds);
            }
            return stalls || late;
        }
    }

    /// The machine and the model side by side.
    private static final class World {
        final SplittableRandom random;
        final Rules rules;
        final TestPeers table = new TestPeers();
        final SyncContext context;
        final BlockDownload machine;
        final Model model;
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
                    new Rules(
                            BigInteger.valueOf(random.nextInt(60)),
                            random.nextInt(random.nextInt(4) > 0 ? 10 : length));
            context =
                    new SyncContext(
                            rules, SyncOptions.of(TestPeers.FULL), table, random.split(), Log.NONE);
            machine = new BlockDownload(context);
            model = new Model(rules);
            grow(length);
            int height = random.nextInt(random.nextInt(3) == 0 ? 2 : Math.min(length, 50));
            HeaderNode tip = tips.getFirst().ancestor(height);
            boolean snapshot = random.nextInt(4) == 0;
            List<HeaderNode> blocks = snapshot ? List.of(all.getFirst()) : Model.branch(tip);
            context.chain.load(List.copyOf(all), blocks, tip, random.nextBoolean());
            model.stored.addAll(blocks);
            model.initialDownload = context.chain.initialBlockDownload();
            model.active = Model.branch(tip);
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
            for (HeaderNode each : Model.branch(towards)) {
                if ((!model.stored.contains(each) && !model.isActive(each))
                        || model.invalid.contains(each)) {
                    break;
                }
                best = each.height() > best.height() ? each : best;
            }
            if (!best.equals(model.tip())) {
                context.chain.moveTip(best, model.initialDownload);
                model.active = Model.branch(best);
                machine.onConnected();
                model.patienceSeconds = Math.max(2, model.patienceSeconds * 85 / 100);
            }
            moveHistory();
        }

        private void moveHistory() {
            HeaderNode base = model.historyBase;
            if (base != null) {
                List<HeaderNode> branch = Model.branch(base);
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
                        all.stream().filter(each -> each.hasAncestor(bad)).forEach(model.invalid::add);
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
            assertThat(context.inFlight.peersDownloadingFrom()).isEqualTo((int) model.downloadingFrom());
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
    @DisplayName("Which block is asked of whom, and who is dropped, is as a plain list of requests tells")
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
