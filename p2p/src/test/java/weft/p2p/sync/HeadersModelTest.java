package weft.p2p.sync;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import weft.chain.api.BlockFailure;
import weft.chain.api.ChainCommand;
import weft.chain.api.ChainEvent;
import weft.chain.api.HeaderNode;
import weft.p2p.ConnectionType;
import weft.p2p.Outbox;
import weft.p2p.PeerFault;
import weft.p2p.PeerOutput;
import weft.p2p.PeerPermissions;
import weft.p2p.TestPeers;
import weft.p2p.sync.HeadersModel.Sender;
import weft.primitives.BlockHash;
import weft.primitives.BlockHeader;
import weft.primitives.Check;
import weft.primitives.Digest256;
import weft.primitives.Now;
import weft.primitives.log.Log;
import weft.testkit.Property;
import weft.testkit.Sabotage;
import weft.testkit.SeenRed;
import weft.wire.GetHeaders;
import weft.wire.Headers;
import weft.wire.InvItem;
import weft.wire.ServiceFlags;

/// The messages of [HeadersSync] against a model with plain lists.
class HeadersModelTest implements SeenRed {
    private static final long START = 1_700_000_000;
    private static final int SPACING = 600;
    private static final int BITS_WITHOUT_WORK = 7;
    private static final Map<BlockHash, HeaderNode> NODES = new HashMap<>();
    private static final List<HeaderNode> MAIN = branch(null, 2_400, 100, 1);
    private static final List<HeaderNode> SIDE = branch(MAIN.get(140), 30, 100, 2);
    private static final List<HeaderNode> LOW = branch(MAIN.get(20), 4_600, 1, 3);
    private static final List<HeaderNode> INVALID = branch(MAIN.get(160), 3, 100, 13);
    private static final List<HeaderNode> FUTURE = branch(MAIN.get(161), 3, 100, 14);
    private static final List<HeaderNode> CACHED = branch(MAIN.get(162), 3, 100, 15);
    private static final List<List<HeaderNode>> BRANCHES =
            List.of(MAIN, MAIN, MAIN, SIDE, LOW, LOW, LOW, INVALID, FUTURE, CACHED);

    /// A branch from genesis on; all headers from some height on have one version.
    private static List<HeaderNode> branch(
            @Nullable HeaderNode from, int count, int bits, int version) {
        List<HeaderNode> nodes = new ArrayList<>();
        HeaderNode last = from;
        if (from != null) {
            nodes.addAll(BlockDownloadModel.branch(from));
        }
        for (int i = 0; i < count; i++) {
            BlockHash parent = last == null ? BlockHash.ZERO : last.hash();
            long time = last == null ? START : last.time() + SPACING;
            var header = new BlockHeader(version, parent, Digest256.ZERO, time, bits, 0);
            BigInteger work = BigInteger.valueOf(bits);
            last =
                    last == null
                            ? HeaderNode.genesis(header, work)
                            : HeaderNode.of(header, header.hash(), last, work);
            NODES.put(last.hash(), last);
            nodes.add(last);
        }
        return List.copyOf(nodes);
    }

    private record Rules(BigInteger minimumChainWork) implements SyncRules {
        @Override
        public long targetSpacingSeconds() {
            return SPACING;
        }

        @Override
        public BigInteger work(BlockHeader header) {
            return BigInteger.valueOf(header.bits());
        }

        @Override
        public boolean hasValidWork(BlockHeader header, BlockHash hash) {
            return header.bits() != BITS_WITHOUT_WORK;
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
        final TestPeers table = new TestPeers();
        final SyncContext context;
        final HeadersSync machine;
        final HeadersModel model;
        final Outbox out = new Outbox();

        /// What each one follows, and where it was last asked to go on.
        final Map<Sender, List<HeaderNode>> follows = new HashMap<>();

        final Map<Sender, List<BlockHash>> asked = new HashMap<>();
        final ArrayDeque<ChainCommand.SubmitHeaders> engine = new ArrayDeque<>();
        final List<BlockHash> inFlight = new ArrayList<>();

        /// 0 if all came to us, 1 if we dialled all.
        final int crowd;

        long nextPeer;
        long nanos = 1_000_000_000;
        long wallStart;

        World(SplittableRandom random) {
            this.random = random;
            int least = any(List.of(0, 4_000, 5_000, 14_000, 15_500, 17_000));
            var rules = new Rules(BigInteger.valueOf(least + random.nextInt(200)));
            long seed = random.nextLong();
            context = context(rules, seed);
            machine = new HeadersSync(context);
            HeaderNode tip = MAIN.get(random.nextInt(150, 158));
            model = new HeadersModel(rules, context(rules, seed), tip);
            List<HeaderNode> active = MAIN.subList(0, tip.height() + 1);
            model.initialDownload = random.nextBoolean();
            context.chain.load(active, active, tip, model.initialDownload);
            setClock();
            crowd = random.nextInt(4);
            for (int i = random.nextInt(6, 11); i > 0; i--) {
                join();
            }
        }

        private SyncContext context(SyncRules rules, long seed) {
            return new SyncContext(
                    rules,
                    SyncOptions.of(TestPeers.FULL),
                    table,
                    new SplittableRandom(seed),
                    Log.NONE);
        }

        private <T> T any(List<T> of) {
            return of.get(random.nextInt(of.size()));
        }

        private void setClock() {
            long age = any(List.of(0L, 86_399L, 86_400L, 900_000L));
            wallStart = model.best.time() + age - nanos / 1_000_000_000;
        }

        private void join() {
            ConnectionType type = ConnectionType.INBOUND;
            if (crowd > 0) {
                type = ConnectionType.OUTBOUND_FULL_RELAY;
            }
            if (crowd > 1) {
                type =
                        any(
                                List.of(
                                        ConnectionType.OUTBOUND_FULL_RELAY,
                                        ConnectionType.OUTBOUND_FULL_RELAY,
                                        ConnectionType.BLOCK_RELAY_ONLY,
                                        ConnectionType.INBOUND));
            }
            var spec =
                    TestPeers.Spec.of(type)
                            .services(random.nextInt(8) == 0 ? 0 : TestPeers.FULL)
                            .permissions(random.nextInt(6) == 0 ? PeerPermissions.NO_BAN : 0);
            spec = random.nextInt(8) == 0 ? spec.services(ServiceFlags.NETWORK_LIMITED) : spec;
            var sender = new Sender(new SyncPeer(table.add(nextPeer++, spec)));
            context.add(sender.peer);
            model.senders.add(sender);
            follows.put(sender, any(BRANCHES));
        }

        private void leave(Sender sender) {
            machine.onGone(sender.peer);
            context.remove(sender.peer.id());
            table.remove(sender.peer.id());
            model.senders.remove(sender);
            join();
        }

        Now now() {
            return new Now(nanos, Instant.ofEpochSecond(wallStart + nanos / 1_000_000_000));
        }

        void step() {
            nanos += random.nextLong(random.nextInt(20) == 0 ? 125_000_000_000L : 1_000_000_000L);
            Sender sender = any(model.senders);
            if (random.nextInt(8) == 0 && sender.askedAt != null) {
                // The last moment in which the answer is waited for, or the first after.
                nanos = Math.max(nanos, sender.askedAt + 120_000_000_000L + random.nextInt(2));
            }
            switch (random.nextInt(28)) {
                case 0, 1, 2, 3, 4 -> reply(sender);
                case 5, 6, 7, 8 -> announce(sender);
                case 9, 10, 11, 12, 13, 14 -> answer();
                case 15, 16 -> inv(sender);
                case 17, 18 -> start(sender);
                case 19, 20 -> timeout(sender);
                case 21 -> {
                    machine.maybeSendSendHeaders(sender.peer, out);
                    model.maybeSaySendHeaders(sender);
                }
                case 22 -> spoil(sender);
                case 23 -> {
                    sender.peer.blocksUnderWay = true;
                    sender.blocksUnderWay = true;
                }
                case 24 -> moveTip();
                case 25 -> {
                    setClock();
                    start(sender);
                }
                case 26 -> follows.put(sender, any(BRANCHES));
                default -> rare(sender);
            }
            compare();
        }

        private void start(Sender sender) {
            boolean useful = random.nextBoolean();
            machine.maybeStart(sender.peer, useful, now(), out);
            model.maybeStart(sender, useful, now());
        }

        private void send(Sender from, List<BlockHeader> headers) {
            String fault = "";
            try {
                machine.onHeaders(from.peer, new Headers(headers), now(), out);
            } catch (PeerFault e) {
                fault = Check.present(e.getMessage(), "faults have a text");
            }
            String expected = model.headers(from, headers, now());
            assertThat(fault).isEqualTo(expected);
            if (!expected.isEmpty()) {
                from.dropped = true;
            }
        }

        private static List<BlockHeader> headers(List<HeaderNode> branch, int from, int count) {
            int start = Math.clamp(from, 0, branch.size());
            int end = Math.clamp((long) from + count, start, branch.size());
            return branch.subList(start, end).stream().map(HeaderNode::header).toList();
        }

        /// What was asked for last, or, now and then, somewhat less.
        private void reply(Sender from) {
            List<BlockHash> locator = asked.remove(from);
            if (locator == null) {
                return;
            }
            List<HeaderNode> branch = follows.getOrDefault(from, MAIN);
            int at = 0;
            for (BlockHash hash : locator.reversed()) {
                HeaderNode node = NODES.get(hash);
                if (node != null
                        && node.height() < branch.size()
                        && branch.get(node.height()).equals(node)) {
                    at = Math.max(at, node.height());
                }
            }
            int count = random.nextInt(6) == 0 ? random.nextInt(2_000) : 2_000;
            send(from, headers(branch, at + 1, count));
        }

        /// A few headers near the end of what we know, connecting or not.
        private void announce(Sender from) {
            List<HeaderNode> branch = follows.getOrDefault(from, MAIN);
            int end = 0;
            for (HeaderNode each : branch) {
                end = model.known.containsKey(each.hash()) ? each.height() : end;
            }
            int at = end + (random.nextBoolean() ? 1 : random.nextInt(-3, 6));
            BlockHash last = from.end;
            HeaderNode ended = last == null ? null : NODES.get(last);
            if (ended != null && random.nextInt(4) == 0) {
                at = ended.height() + 1;
            }
            send(from, headers(branch, at, random.nextInt(1, 4)));
        }

        private void spoil(Sender from) {
            List<BlockHeader> some = new ArrayList<>(headers(MAIN, random.nextInt(200), 5));
            switch (random.nextInt(5)) {
                case 0 -> Collections.swap(some, 0, random.nextInt(1, 5));
                case 1 ->
                        some.add(
                                new BlockHeader(
                                        1,
                                        some.getLast().hash(),
                                        Digest256.ZERO,
                                        START,
                                        BITS_WITHOUT_WORK,
                                        0));
                case 2 -> some = List.of();
                case 3 -> some = headers(MAIN, 1, random.nextInt(2_000, 2_002));
                default -> some = List.of(orphan());
            }
            send(from, some);
        }

        private BlockHeader orphan() {
            var parent = new BlockHash(1, 2, 3, random.nextInt());
            return new BlockHeader(1, parent, Digest256.ZERO, START, 1, 0);
        }

        /// More messages than may wait for the engine.
        private void flood(Sender from) {
            send(from, headers(MAIN, model.tip.height() + 1, 1));
            for (int i = 0; i < 20; i++) {
                send(from, List.of(orphan()));
            }
        }

        /// The chain engine comes to what it was given first.
        private void answer() {
            ChainCommand.SubmitHeaders command = engine.poll();
            if (command == null) {
                return;
            }
            var all = new ArrayList<HeaderNode>();
            var added = new ArrayList<HeaderNode>();
            BlockFailure.Kind kind = null;
            for (BlockHeader header : command.headers()) {
                HeaderNode node = NODES.get(header.hash());
                if (kind != null) {
                    break;
                }
                if (node == null || !model.known.containsKey(header.parent())) {
                    kind = BlockFailure.Kind.MISSING_PREV;
                } else if (header.version() > 12) {
                    kind = kind(header);
                } else if (!model.known.containsKey(node.hash())) {
                    added.add(node);
                    context.chain.add(node);
                    model.add(node);
                }
                all.add(node);
            }
            Sender from =
                    model.senders.stream()
                            .filter(each -> each.peer.id().value() == command.origin().id())
                            .findFirst()
                            .orElse(null);
            if (from == null) {
                return;
            }
            if (kind == null) {
                accepted(from, all, added);
            } else {
                BlockHash hash = command.headers().getFirst().hash();
                var failure = new BlockFailure(kind, "bad", "");
                machine.onRejected(
                        from.peer,
                        new ChainEvent.HeadersRejected(command.origin(), hash, failure, added),
                        out);
                model.rejected(from, kind);
            }
        }

        private static BlockFailure.Kind kind(BlockHeader header) {
            return switch (header.version()) {
                case 13 -> BlockFailure.Kind.INVALID_HEADER;
                case 14 -> BlockFailure.Kind.TIME_FUTURE;
                default -> BlockFailure.Kind.CACHED_INVALID;
            };
        }

        private void accepted(Sender from, List<HeaderNode> all, List<HeaderNode> added) {
            PendingHeaders pending = from.peer.pendingHeaders.remove();
            if (all.isEmpty()) {
                machine.onAwaited(from.peer, pending, now(), out);
                model.accepted(from, null, false, now());
                return;
            }
            HeaderNode last = all.getLast();
            boolean isNew = !added.isEmpty() && added.getLast().equals(last);
            machine.onAccepted(from.peer, last, isNew, pending, now(), out);
            model.accepted(from, last, isNew, now());
        }

        private void inv(Sender from) {
            List<HeaderNode> branch = follows.getOrDefault(from, MAIN);
            var hashes = new ArrayList<BlockHash>();
            for (int i = random.nextInt(1, 4); i > 0; i--) {
                int at = model.tip.height() + random.nextInt(12);
                hashes.add(branch.get(Math.min(at, branch.size() - 1)).hash());
            }
            List<InvItem> items = hashes.stream().map(InvItem::block).toList();
            machine.onInv(from.peer, items, now(), out);
            model.inv(from, hashes, inFlight, now());
        }

        private void timeout(Sender sender) {
            if (sender.timeoutAt != null && random.nextInt(4) == 0) {
                nanos = Math.max(nanos, sender.timeoutAt + random.nextInt(2));
            }
            assertThat(machine.checkTimeout(sender.peer, now(), out))
                    .isEqualTo(model.timesOut(sender, now()));
        }

        private void moveTip() {
            int height = model.tip.height() + random.nextInt(-2, 6);
            HeaderNode tip = MAIN.get(Math.clamp(height, 145, 200));
            if (model.known.containsKey(tip.hash())) {
                model.tip = tip;
                model.initialDownload = random.nextInt(3) == 0;
                context.chain.moveTip(tip, model.initialDownload);
            }
        }

        private void rare(Sender sender) {
            HeaderNode node = any(MAIN.subList(150, 170));
            if (random.nextInt(4) == 0) {
                leave(sender);
            } else if (random.nextInt(4) == 0) {
                flood(sender);
            } else if (inFlight.isEmpty()) {
                inFlight.add(node.hash());
                context.inFlight.add(sender.peer, node, nanos);
            } else {
                context.inFlight.removeAll(inFlight.removeFirst(), nanos);
            }
        }

        private void compare() {
            var sent = new ArrayList<PeerOutput>();
            while (!out.isEmpty()) {
                sent.add(out.poll());
            }
            assertThat(sent).isEqualTo(model.out);
            assertThat(table.actions).isEqualTo(model.actions);
            model.out.clear();
            table.actions.clear();
            model.actions.clear();
            for (PeerOutput each : sent) {
                if (each instanceof PeerOutput.Chain(ChainCommand.SubmitHeaders command)) {
                    engine.add(command);
                } else if (each instanceof PeerOutput.Send(var to, GetHeaders message)) {
                    model.senders.stream()
                            .filter(sender -> sender.peer.id().equals(to))
                            .forEach(sender -> asked.put(sender, message.locator().hashes()));
                }
            }
            model.senders.forEach(this::compare);
            model.senders.stream().filter(each -> each.dropped).toList().forEach(this::leave);
        }

        private void compare(Sender each) {
            SyncPeer peer = each.peer;
            assertThat(peer.getHeadersNanos).isEqualTo(each.askedAt);
            assertThat(peer.headersTimeoutNanos).isEqualTo(each.timeoutAt);
            assertThat(peer.syncStarted).isEqualTo(each.started);
            assertThat(peer.askedForInvBeforeSync).isEqualTo(each.askedForInv);
            assertThat(peer.bestKnown).isEqualTo(each.claim);
            assertThat(peer.lastUnknown).isEqualTo(each.unknown);
            assertThat(peer.protectedFromEviction).isEqualTo(each.isProtected);
            assertThat(peer.lastAnnouncementSeconds).isEqualTo(each.announcedAt);
            assertThat(peer.blocksUnderWay).isEqualTo(each.blocksUnderWay);
            assertThat(peer.sentSendHeaders).isEqualTo(each.saidSendHeaders);
            assertThat(peer.pendingHeaders).hasSameSizeAs(each.given);
            HeadersTail tail = peer.headersTail;
            assertThat(tail == null ? null : tail.hash()).isEqualTo(each.end);
            HeadersSyncState low = peer.lowWork;
            HeadersSyncState expected = each.lowWork;
            assertThat(low == null ? -2 : low.presyncHeight())
                    .isEqualTo(expected == null ? -2 : expected.presyncHeight());
            if (!each.dropped) {
                assertThat(machine.deadline(peer, machine.preferred()))
                        .isEqualTo(model.deadline(each));
            }
        }
    }

    @Test
    @DisplayName(
            "Which headers are asked for, walked, kept or held against a peer is as a model says")
    @Sabotage(
            type = "weft.p2p.sync.HeadersSync",
            method = "sendGetHeaders",
            constant = "120000000000>119000000000")
    @Sabotage(type = "weft.p2p.sync.HeadersSync", method = "maybeStart", constant = "86400>86399")
    @Sabotage(
            type = "weft.p2p.sync.HeadersSync",
            method = "maybeStart",
            constant = "900000000000>900000000001")
    @Sabotage(type = "weft.p2p.sync.HeadersSync", method = "onAccepted", constant = "4>5")
    @Sabotage(type = "weft.p2p.sync.HeadersSync", method = "mayBeUnderWay", constant = "16>17")
    @Sabotage(type = "weft.p2p.sync.HeadersSync", method = "connectsToTail", returns = "false")
    @Sabotage(type = "weft.p2p.sync.HeadersSync", method = "startsLowWork", constant = "2000>1999")
    @Sabotage(type = "weft.p2p.sync.HeadersSync", method = "checkWorkAndOrder", flips = 3)
    @Sabotage(type = "weft.p2p.sync.HeadersSync", method = "onInv", flips = 6)
    @Sabotage(type = "weft.p2p.sync.HeadersSync", method = "onUnconnecting", call = "noteAvailable")
    @Sabotage(type = "weft.p2p.sync.HeadersSync", method = "onRejected", flips = 2)
    @Sabotage(type = "weft.p2p.sync.HeadersSync", method = "isEvictable", returns = "false")
    @Sabotage(type = "weft.p2p.sync.HeadersSync", method = "maybeSendSendHeaders", flips = 4)
    void shouldAskAndTakeAsTheModel() {
        Property.holds(
                8,
                random -> {
                    var world = new World(random);
                    for (int i = 0; i < 300; i++) {
                        world.step();
                    }
                });
    }
}
