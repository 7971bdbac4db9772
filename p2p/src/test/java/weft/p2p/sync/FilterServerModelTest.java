package weft.p2p.sync;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import weft.chain.api.HeaderNode;
import weft.p2p.ConnectionType;
import weft.p2p.NoRules;
import weft.p2p.Outbox;
import weft.p2p.PeerId;
import weft.p2p.PeerOutput;
import weft.p2p.TestPeers;
import weft.primitives.BlockHash;
import weft.primitives.BlockHeader;
import weft.primitives.Bytes;
import weft.primitives.Check;
import weft.primitives.Digest256;
import weft.primitives.log.Log;
import weft.testkit.Property;
import weft.testkit.Sabotage;
import weft.testkit.SeenRed;
import weft.wire.CFCheckpt;
import weft.wire.CFHeaders;
import weft.wire.CFilter;
import weft.wire.GetCFCheckpt;
import weft.wire.GetCFHeaders;
import weft.wire.GetCFilters;
import weft.wire.Message;
import weft.wire.Ping;

/// [FilterServer] against a model that writes down each filter that it owes.
class FilterServerModelTest implements SeenRed {
    private static final List<HeaderNode> MAIN = grow(null, 3_050, 1);
    private static final List<HeaderNode> EARLY = grow(MAIN.get(20), 30, 2);
    private static final List<HeaderNode> LATE = grow(MAIN.get(985), 40, 3);

    /// Alone it is exactly as much as is sent at once.
    private static final int LARGE = 500_000 - 32;

    private static final byte[] ZEROS = new byte[LARGE];

    private static List<HeaderNode> grow(@Nullable HeaderNode from, int count, int nonce) {
        var nodes = new ArrayList<HeaderNode>();
        HeaderNode before = from;
        for (int i = 0; i < count; i++) {
            BlockHash parent = before == null ? BlockHash.ZERO : before.hash();
            var header = new BlockHeader(1, parent, Digest256.ZERO, 1_700_000_000, 0, nonce);
            before =
                    before == null
                            ? HeaderNode.genesis(header, BigInteger.TWO)
                            : HeaderNode.of(header, header.hash(), before, BigInteger.TWO);
            nodes.add(before);
        }
        return nodes;
    }

    /// One who asks.
    private static final class Caller {
        final SyncPeer peer;

        /// For each request the blocks whose filters are still owed.
        final List<List<HeaderNode>> owed = new ArrayList<>();

        boolean dropped;

        Caller(SyncPeer peer) {
            this.peer = peer;
        }

        PeerId id() {
            return peer.id();
        }
    }

    /// The rules of BIP-0157, with the limits of Bitcoin Core.
    private static final class Model {
        final Map<BlockHash, HeaderNode> known = new HashMap<>();
        final Set<HeaderNode> hidden = new HashSet<>();
        final Set<HeaderNode> missing = new HashSet<>();
        boolean works;
        final List<PeerOutput> out = new ArrayList<>();
        final List<String> actions = new ArrayList<>();

        static Bytes filter(HeaderNode node) {
            int height = node.height();
            int size =
                    switch (height % 23) {
                        case 7 -> LARGE - height % 2;
                        case 13 -> 249_968;
                        case 14 -> 100_000;
                        default -> 20 + height % 9;
                    };
            return Bytes.wrap(ZEROS, 0, size);
        }

        static FilterSource.Hashes hashes(HeaderNode node) {
            return new FilterSource.Hashes(
                    new Digest256(node.hash().w0(), 0, 0, 1),
                    new Digest256(node.hash().w0(), 0, 0, 2));
        }

        private void drop(Caller caller, String why) {
            actions.add("disconnect " + caller.id() + ": " + why);
            caller.dropped = true;
        }

        private void send(Caller to, Message message) {
            out.add(new PeerOutput.Send(to.id(), message));
        }

        /// The branch from one height to its end, both included; empty if the peer goes for its question.
        private List<HeaderNode> range(Caller from, long start, BlockHash hash, int most) {
            HeaderNode stop = known.get(hash);
            String why = "";
            if (stop == null || hidden.contains(stop)) {
                why = "requested invalid block hash: " + hash;
            } else if (start > stop.height()) {
                why =
                        "sent invalid getcfilters/getcfheaders with start height "
                                + start
                                + " and stop height "
                                + stop.height();
            } else if (stop.height() - start + 1 > most) {
                long count = stop.height() - start + 1;
                why = "requested too many cfilters/cfheaders: " + count + " / " + most;
            }
            var nodes = new ArrayList<HeaderNode>();
            if (!why.isEmpty()) {
                drop(from, "peer " + from.id() + " " + why);
                return nodes;
            }
            for (HeaderNode node = stop;
                    node != null && node.height() >= start;
                    node = node.parent()) {
                nodes.addFirst(node);
            }
            return nodes;
        }

        /// A hundred requests may wait.
        void getFilters(Caller from, long start, BlockHash hash) {
            List<HeaderNode> range = works ? range(from, start, hash, 1_000) : List.of();
            if (range.isEmpty()) {
                return;
            }
            if (from.owed.size() == 100) {
                drop(from, "too many filter requests");
                return;
            }
            from.owed.add(range);
            turn(from);
        }

        /// Half a million bytes at once, or a little more. A request ends with the first that is not there.
        void turn(Caller to) {
            long bytes = 0;
            while (works && !to.owed.isEmpty() && !to.dropped && !to.peer.sendingPaused) {
                List<HeaderNode> first = to.owed.getFirst();
                HeaderNode node = first.removeFirst();
                if (first.isEmpty() || missing.contains(node)) {
                    to.owed.removeFirst();
                }
                if (!missing.contains(node)) {
                    send(to, new CFilter(0, node.hash(), filter(node)));
                    bytes += filter(node).length() + 32;
                }
                if (bytes >= 500_000) {
                    return;
                }
            }
        }

        /// All or nothing.
        void getHeaders(Caller from, long start, BlockHash hash) {
            List<HeaderNode> range = works ? range(from, start, hash, 2_000) : List.of();
            HeaderNode before = range.isEmpty() ? null : range.getFirst().parent();
            if (range.isEmpty()
                    || (before != null && missing.contains(before))
                    || range.stream().anyMatch(missing::contains)) {
                return;
            }
            Digest256 previous = before == null ? Digest256.ZERO : hashes(before).header();
            List<Digest256> all = range.stream().map(each -> hashes(each).filterHash()).toList();
            send(from, new CFHeaders(0, hash, previous, all));
        }

        /// Each thousandth.
        void getCheckpoints(Caller from, BlockHash hash) {
            List<HeaderNode> range = works ? range(from, 0, hash, Integer.MAX_VALUE) : List.of();
            List<HeaderNode> some =
                    range.stream()
                            .filter(each -> each.height() > 0 && each.height() % 1_000 == 0)
                            .toList();
            if (!range.isEmpty() && some.stream().noneMatch(missing::contains)) {
                List<Digest256> all = some.stream().map(each -> hashes(each).header()).toList();
                send(from, new CFCheckpt(0, hash, all));
            }
        }
    }

    /// The machine and the model side by side.
    private static final class World {
        final SplittableRandom random;
        final TestPeers table = new TestPeers();
        final SyncContext context;
        final FilterServer machine;
        final Model model = new Model();
        final Outbox out = new Outbox();
        final List<Caller> callers = new ArrayList<>();
        final List<HeaderNode> all = new ArrayList<>();
        boolean loaded;
        boolean hasSource;
        long lastId;

        World(SplittableRandom random, SyncRules rules) {
            this.random = random;
            int length = any(List.of(25, 60, 60, 1_001, 2_030, MAIN.size()));
            all.addAll(MAIN.subList(0, length));
            all.addAll(EARLY);
            if (length > 985) {
                all.addAll(LATE);
            }
            context =
                    new SyncContext(
                            rules,
                            SyncOptions.of(TestPeers.FULL),
                            table,
                            new SplittableRandom(1),
                            Log.NONE);
            machine = new FilterServer(context, node -> !model.hidden.contains(node));
            int late = random.nextInt(6);
            if (late != 1) {
                load();
            }
            if (late != 2) {
                serve();
            }
            for (HeaderNode each : all) {
                if (random.nextInt(20) == 0) {
                    model.hidden.add(each);
                }
            }
            for (int i = 0; i < 3; i++) {
                join();
            }
        }

        private void load() {
            loaded = true;
            context.chain.load(List.copyOf(all), List.copyOf(all), all.getFirst(), false);
            all.forEach(each -> model.known.put(each.hash(), each));
            model.works = hasSource;
        }

        private void serve() {
            hasSource = true;
            machine.serveFrom(
                    new FilterSource() {
                        @Override
                        public Optional<Bytes> filter(HeaderNode node) {
                            return Optional.of(node)
                                    .filter(each -> !model.missing.contains(each))
                                    .map(Model::filter);
                        }

                        @Override
                        public Optional<Hashes> hashes(HeaderNode node) {
                            return Optional.of(node)
                                    .filter(each -> !model.missing.contains(each))
                                    .map(Model::hashes);
                        }
                    });
            model.works = loaded;
        }

        private void join() {
            var spec = TestPeers.Spec.of(ConnectionType.INBOUND);
            var peer = new SyncPeer(table.add(++lastId, spec));
            context.add(peer);
            callers.add(new Caller(peer));
        }

        private <T> T any(List<T> of) {
            return of.get(random.nextInt(of.size()));
        }

        private HeaderNode node() {
            int size = all.size();
            return all.get(
                    random.nextBoolean() ? random.nextInt(size) : size - 1 - random.nextInt(9));
        }

        /// Mostly of a range that makes sense, and often just of the largest.
        private long start(HeaderNode stop) {
            int height = stop.height();
            return switch (random.nextInt(12)) {
                case 0 -> height + 1L;
                case 1 -> random.nextBoolean() ? 0xffff_ffffL : 0;
                case 2, 3 -> Math.max(0, height - 999 + random.nextInt(-1, 2));
                case 4, 5 -> Math.max(0, height - 1_999 + random.nextInt(-1, 2));
                case 6 -> height;
                default -> Math.max(0, height - random.nextInt(60));
            };
        }

        void step() {
            Caller caller = any(callers);
            switch (random.nextInt(16)) {
                case 0, 1, 2, 3 -> getFilters(caller, node());
                case 4, 5 -> {
                    HeaderNode stop = node();
                    long start = start(stop);
                    hear(caller, new GetCFHeaders(0, start, stop.hash()));
                    model.getHeaders(caller, start, stop.hash());
                }
                case 6 -> {
                    BlockHash stop =
                            random.nextInt(6) == 0 ? new BlockHash(1, 2, 3, 4) : node().hash();
                    hear(caller, new GetCFCheckpt(0, stop));
                    model.getCheckpoints(caller, stop);
                }
                case 7, 8 -> caller.peer.sendingPaused = !caller.peer.sendingPaused;
                case 9 -> lose();
                case 10 -> model.missing.clear();
                case 11 -> many(caller);
                case 12 -> {
                    if (!loaded) {
                        load();
                    } else if (!hasSource) {
                        serve();
                    }
                    hear(caller, new Ping(OptionalLong.of(1)));
                }
                default -> {
                    machine.serve(caller.peer, out);
                    model.turn(caller);
                }
            }
            compare();
        }

        private void hear(Caller from, Message message) {
            machine.onMessage(from.peer, message, out);
        }

        private void getFilters(Caller from, HeaderNode stop) {
            long start = start(stop);
            hear(from, new GetCFilters(0, start, stop.hash()));
            model.getFilters(from, start, stop.hash());
        }

        /// The index loses some, or is not as far as the chain.
        private void lose() {
            if (random.nextBoolean()) {
                int height = node().height();
                all.stream().filter(each -> each.height() > height).forEach(model.missing::add);
            } else {
                IntStream.range(0, random.nextInt(3)).forEach(_ -> model.missing.add(node()));
            }
        }

        /// So many requests that they may be too many.
        private void many(Caller from) {
            HeaderNode stop = node();
            if (random.nextInt(3) > 0 || model.hidden.contains(stop)) {
                return;
            }
            from.peer.sendingPaused = true;
            int count = 99 + random.nextInt(3) - from.owed.size();
            for (int i = 0; i < count && !from.dropped; i++) {
                hear(from, new GetCFilters(0, stop.height(), stop.hash()));
                model.getFilters(from, stop.height(), stop.hash());
            }
            if (random.nextBoolean()) {
                from.peer.sendingPaused = false;
            }
        }

        private void compare() {
            // Nothing more for one who has to go.
            callers.stream()
                    .filter(each -> each.dropped)
                    .forEach(each -> machine.serve(each.peer, out));
            var sent = new ArrayList<PeerOutput>();
            while (!out.isEmpty()) {
                sent.add(Check.present(out.poll(), "an output"));
            }
            assertThat(sent.equals(model.out)).as("%s", model.actions).isTrue();
            assertThat(table.actions).isEqualTo(model.actions);
            model.out.clear();
            table.actions.clear();
            model.actions.clear();
            for (Caller each : List.copyOf(callers)) {
                assertThat(each.peer.filters).hasSameSizeAs(each.owed);
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
    @DisplayName("BIP157 which filters are served to whom, and when, is as a model says")
    @Sabotage(type = "weft.p2p.sync.FilterServer", method = "onMessage", constant = "1000>999")
    @Sabotage(type = "weft.p2p.sync.FilterServer", method = "onMessage", constant = "2000>2001")
    @Sabotage(type = "weft.p2p.sync.FilterServer", method = "onMessage", constant = "100>101")
    @Sabotage(
            type = "weft.p2p.sync.FilterServer",
            method = "onMessage",
            call = "isLoaded",
            returns = "true")
    @Sabotage(
            type = "weft.p2p.sync.FilterServer",
            method = "checked",
            call = "test",
            returns = "true")
    @Sabotage(type = "weft.p2p.sync.FilterServer", method = "serve", constant = "500000>500001")
    @Sabotage(type = "weft.p2p.sync.FilterServer", method = "serve", constant = "32>31")
    @Sabotage(
            type = "weft.p2p.sync.FilterServer",
            method = "serve",
            call = "isReady",
            returns = "true")
    @Sabotage(
            type = "weft.p2p.sync.FilterServer",
            method = "sendCheckpoints",
            constant = "1000>1001")
    void shouldServeFiltersAsTheModel() {
        SyncRules rules = new NoRules();
        Property.holds(
                60,
                random -> {
                    var world = new World(random, rules);
                    for (int i = 0; i < 100; i++) {
                        world.step();
                    }
                });
    }
}
