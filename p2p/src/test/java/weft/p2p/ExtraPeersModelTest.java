package weft.p2p;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalLong;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import weft.chain.api.ChainEvent;
import weft.chain.api.HeaderNode;
import weft.chain.api.Origin;
import weft.consensus.ChainParams;
import weft.consensus.Network;
import weft.p2p.defence.Countermeasures;
import weft.p2p.defence.DefenceOptions;
import weft.p2p.sync.BlockSyncStats;
import weft.p2p.sync.SyncRules;
import weft.primitives.BlockHash;
import weft.primitives.BlockHeader;
import weft.primitives.Digest256;
import weft.primitives.Now;
import weft.primitives.log.Log;
import weft.testkit.Property;
import weft.testkit.Sabotage;
import weft.testkit.SeenRed;
import weft.wire.Headers;
import weft.wire.Negotiated;
import weft.wire.NetAddress;
import weft.wire.NetworkId;
import weft.wire.VersionAddress;
import weft.wire.VersionMessage;

/// [ExtraPeers] against a model that keeps a diary. What it is told of blocks comes from a real
/// [weft.p2p.sync.BlockSync];
/// [BestPeers] is off.
class ExtraPeersModelTest implements SeenRed {
    private static final long SECOND = 1_000_000_000;
    private static final long HOUR = 3_600 * SECOND;
    private static final int SPACING_SECONDS = 600;

    /// A call of the machine, and how things stood.
    ///
    /// @param synced our tip is at most twenty block intervals old
    /// @param idle no block is under way
    private record Tick(long nanos, boolean synced, boolean idle) {}

    /// Reads everything out of the diary.
    private static final class Model {
        final EngineParts parts;

        /// Who is there, the oldest first.
        final List<Connection> there = new ArrayList<>();

        final List<Tick> ticks = new ArrayList<>();

        /// When a block was connected.
        final List<Long> connects = new ArrayList<>();

        /// When a full-relay peer was dropped for being one too many.
        final List<Long> drops = new ArrayList<>();

        Model(EngineParts parts) {
            this.parts = parts;
        }

        // ---- when

        /// Of the calls the first, and each that comes so long after the one before in this list.
        private List<Tick> each(long seconds) {
            var found = new ArrayList<Tick>();
            for (Tick each : ticks) {
                if (found.isEmpty() || each.nanos - found.getLast().nanos >= seconds * SECOND) {
                    found.add(each);
                }
            }
            return found;
        }

        private List<Tick> checks() {
            return each(45);
        }

        /// Looks at the tip: more than ten minutes after the first check, or the last such look.
        private List<Tick> looks() {
            var found = new ArrayList<Tick>();
            long last = Long.MAX_VALUE;
            for (Tick each : checks()) {
                if (last == Long.MAX_VALUE) {
                    last = each.nanos;
                } else if (each.nanos - last > 600 * SECOND) {
                    found.add(each);
                    last = each.nanos;
                }
            }
            return found;
        }

        /// The last look, or else the first check.
        OptionalLong lastLook() {
            return Stream.concat(checks().stream().limit(1), looks().stream())
                    .mapToLong(Tick::nanos)
                    .max();
        }

        OptionalLong deadline() {
            return OptionalLong.of(
                    ticks.isEmpty()
                            ? Long.MIN_VALUE
                            : Math.min(
                                    checks().getLast().nanos + 45 * SECOND,
                                    each(600).getLast().nanos + 600 * SECOND));
        }

        // ---- what is wanted

        /// Half an hour without a block; from the first look on, if there was none before it.
        private boolean isStale(Tick look) {
            long since =
                    connects.stream()
                            .filter(each -> each <= look.nanos)
                            .mapToLong(each -> each)
                            .max()
                            .orElse(looks().getFirst().nanos);
            return parts.options.sources().automatic()
                    && look.idle
                    && look.nanos - since > 3 * SPACING_SECONDS * SECOND;
        }

        /// As the last look before a moment found, until somebody is dropped.
        private boolean wantsFullRelay(long before) {
            List<Tick> looks = looks().stream().filter(each -> each.nanos < before).toList();
            return !looks.isEmpty()
                    && isStale(looks.getLast())
                    && drops.stream()
                            .noneMatch(each -> each > looks.getLast().nanos && each < before);
        }

        boolean wantsFullRelay() {
            return wantsFullRelay(Long.MAX_VALUE);
        }

        /// Once our tip was recent.
        boolean wantsBlockRelay() {
            return checks().stream().anyMatch(Tick::synced);
        }

        /// Whether one more may be looked for who is unlike the others: at once six were dropped for such
        /// ones, and one more each hour.
        boolean isVarietyDue(long nanos) {
            List<Long> exchanges = drops.stream().filter(each -> !wantsFullRelay(each)).toList();
            boolean may = true;
            for (int i = 0; i < exchanges.size(); i++) {
                int since = exchanges.size() - i;
                may &= exchanges.get(i) + since * HOUR <= nanos + 5 * HOUR;
            }
            return parts.measures().variety()
                    && !ticks.isEmpty()
                    && nanos - ticks.getFirst().nanos > 300 * SECOND
                    && fullRelay().size() >= 8
                    && may;
        }

        // ---- who goes

        private Stream<Connection> open(ConnectionType... types) {
            return there.stream()
                    .filter(each -> !each.peer.isDisconnecting())
                    .filter(each -> List.of(types).contains(each.peer.type()));
        }

        private List<Connection> fullRelay() {
            return open(ConnectionType.OUTBOUND_FULL_RELAY)
                    .filter(each -> each.peer.isReady())
                    .toList();
        }

        private BlockSyncStats stats(Connection of) {
            return parts.blocks.stats(of.id());
        }

        private boolean isLeft(Connection one, long nanos) {
            return nanos - one.peer.connectedAtNanos() < 30 * SECOND
                    || !stats(one).inflight().isEmpty();
        }

        /// Of the two youngest the one whose last block is older, of equals the youngest. Those whose
        /// handshake is not complete count too, other than with Bitcoin Core.
        @Nullable Connection extraBlockRelay(long nanos) {
            List<Connection> all = open(ConnectionType.BLOCK_RELAY_ONLY).toList();
            if (all.size() <= parts.limits.blockRelay()) {
                return null;
            }
            Connection worst =
                    all.reversed().stream()
                            .limit(2)
                            .min(Comparator.comparingLong(each -> stats(each).lastBlockSeconds()))
                            .orElseThrow();
            return isLeft(worst, nanos) ? null : worst;
        }

        /// Who announced a block least recently, of equals the youngest; not who is protected, nor the only
        /// one of its network, nor the only one whose program differs.
        @Nullable Connection extraFullRelay(long nanos) {
            List<Connection> all = fullRelay();
            if (all.size() <= parts.limits.fullRelay()) {
                return null;
            }
            Connection worst =
                    all.reversed().stream()
                            .filter(each -> !stats(each).protectedFromEviction())
                            .filter(each -> !isAloneInItsNetwork(each) && !isAloneInItsKind(each))
                            .min(
                                    Comparator.comparingLong(
                                            each -> stats(each).lastBlockAnnouncementSeconds()))
                            .orElse(null);
            return worst == null || isLeft(worst, nanos) ? null : worst;
        }

        private boolean isAloneInItsNetwork(Connection one) {
            return open(ConnectionType.OUTBOUND_FULL_RELAY, ConnectionType.MANUAL)
                    .filter(each -> !each.equals(one))
                    .noneMatch(each -> network(each) == network(one));
        }

        private static NetworkId network(Connection one) {
            return one.peer.address().network();
        }

        /// Whether without it all others run one program. Comments in parentheses are no other program.
        private boolean isAloneInItsKind(Connection one) {
            List<Connection> others =
                    fullRelay().stream().filter(each -> !each.equals(one)).toList();
            return parts.measures().variety() && programs(fullRelay()) > 1 && programs(others) < 2;
        }

        private static long programs(List<Connection> of) {
            return of.stream()
                    .map(each -> each.userAgent.replaceAll("\\(.*\\)", ""))
                    .filter(each -> !each.isEmpty())
                    .distinct()
                    .count();
        }

        /// What comes of a call.
        List<PeerOutput> tick(Tick tick) {
            var out = new ArrayList<PeerOutput>();
            int before = checks().size();
            ticks.add(tick);
            if (checks().size() == before) {
                return out;
            }
            Connection block = extraBlockRelay(tick.nanos);
            if (block != null) {
                out.add(new PeerOutput.Disconnect(block.id(), "extra block-relay-only peer"));
            }
            Connection full = extraFullRelay(tick.nanos);
            if (full != null) {
                out.add(new PeerOutput.Disconnect(full.id(), "extra outbound peer"));
                drops.add(tick.nanos);
            }
            return out;
        }
    }

    /// The machine and the model side by side.
    private static final class World {
        private static final long START_SECONDS = 1_600_000_000;

        final SplittableRandom random;
        final SyncRules rules = SyncRules.of(ChainParams.of(Network.REGTEST));
        final EngineParts parts;
        final ExtraPeers machine;
        final Model model;
        final Outbox out = new Outbox();

        /// What the rest of the engine does.
        final Outbox rest = new Outbox();

        final List<HeaderNode> announced = new ArrayList<>();
        HeaderNode tip;
        long nanos;
        long wallSeconds;
        long nextPeer;
        int nextNonce;

        World(SplittableRandom random) {
            this.random = random;
            Countermeasures measures = Countermeasures.ALL.varied(random.nextInt(4) > 0);
            P2pOptions options = EngineWorld.standard().with(DefenceOptions.DEFAULT.with(measures));
            if (random.nextInt(6) == 0) {
                options = options.with(options.sources().quiet());
            }
            int full = any(List.of(0, 1, 3, 8, 8, 8, 9));
            options = options.with(options.limits().withCounts(full, random.nextInt(4), 100));
            parts =
                    new EngineParts(
                            options,
                            PeerEngine.Memory.empty(options, random.split(), Log.NONE),
                            rules,
                            random.split(),
                            Log.NONE);
            machine = new ExtraPeers(parts);
            model = new Model(parts);
            nanos = random.nextLong(10_000 * SECOND) - 5_000 * SECOND;
            BlockHeader header = header(BlockHash.ZERO, START_SECONDS);
            tip = HeaderNode.genesis(header, rules.work(header));
            wallSeconds = START_SECONDS + 20 * SPACING_SECONDS + any(List.of(-900, -1, 0, 1, 900));
            var nodes = List.of(tip);
            tell(new ChainEvent.Loaded(nodes, nodes, tip, false));
        }

        private <T> T any(List<T> of) {
            return of.get(random.nextInt(of.size()));
        }

        private Now now() {
            return new Now(nanos, Instant.ofEpochSecond(wallSeconds));
        }

        private void tell(ChainEvent event) {
            parts.blocks.onChainEvent(event, now(), rest);
        }

        private BlockHeader header(BlockHash before, long time) {
            while (true) {
                var header =
                        new BlockHeader(4, before, Digest256.ZERO, time, 0x207f_ffffL, nextNonce++);
                if (rules.hasValidWork(header, header.hash())) {
                    return header;
                }
            }
        }

        // ---- peers

        private NetAddress address() {
            String text =
                    switch (random.nextInt(12)) {
                        case 0 -> "pg6mmjiyjmcrsslvykfwnntlaru7p5svn6y2ymmju6nubxndf4pscryd.onion";
                        case 1, 2 -> "[2a00::" + nextPeer + "]";
                        default -> "60.1.1." + nextPeer % 250;
                    };
            return NetAddress.parse(text, EngineWorld.PORT);
        }

        private void join() {
            ConnectionType full = ConnectionType.OUTBOUND_FULL_RELAY;
            ConnectionType block = ConnectionType.BLOCK_RELAY_ONLY;
            ConnectionType type =
                    any(
                            List.of(
                                    full,
                                    full,
                                    full,
                                    full,
                                    block,
                                    any(List.of(ConnectionType.values()))));
            var peer =
                    new Peer.Builder(
                                    new PeerId(nextPeer++),
                                    type,
                                    address(),
                                    NetAddress.UNSPECIFIED,
                                    false,
                                    new PeerPermissions(0),
                                    nanos)
                            .build();
            var connection =
                    new Connection(peer, new Connection.Opening(Dial.NONE, 0, 0, false, 1));
            parts.connections.add(connection);
            model.there.add(connection);
            if (random.nextInt(6) > 0) {
                shakeHands(connection);
            }
        }

        private void shakeHands(Connection connection) {
            Peer peer = connection.peer;
            if (peer.isReady() || peer.isDisconnecting()) {
                return;
            }
            connection.userAgent =
                    any(List.of("/a:1/", "/a:1/", "/a:1/", "/a:1(x)/", "/a:1/", "/b:2/", ""));
            var nowhere = new VersionAddress(0, NetAddress.UNSPECIFIED);
            peer.versionReceived(
                    new VersionMessage(
                            Negotiated.PROTOCOL_VERSION,
                            TestPeers.FULL,
                            0,
                            nowhere,
                            nowhere,
                            1,
                            connection.userAgent,
                            0,
                            true),
                    Negotiated.PROTOCOL_VERSION);
            peer.becomeReady();
            parts.blocks.onReady(peer, now(), rest);
        }

        private void leave(Connection connection) {
            if (random.nextBoolean()) {
                parts.connections.disconnect(connection.id(), "any reason", rest);
                return;
            }
            parts.connections.remove(connection.id());
            parts.blocks.onGone(connection.id(), now(), rest);
            model.there.remove(connection);
        }

        // ---- blocks

        /// A block is announced by a peer, who is asked for it.
        private void announce(Connection by) {
            if (!by.peer.isReady()) {
                return;
            }
            BlockHeader header = header(tip.hash(), wallSeconds - random.nextInt(300));
            parts.blocks.onMessage(by.peer, new Headers(List.of(header)), now(), rest);
            HeaderNode node = HeaderNode.of(header, header.hash(), tip, rules.work(header));
            var nodes = List.of(node);
            tell(new ChainEvent.HeadersAccepted(new Origin(by.id().value()), nodes, nodes));
            announced.add(node);
            if (random.nextInt(3) > 0) {
                deliver(node, by);
            }
        }

        /// The operator wants a block of it.
        private void fetch(Connection from) {
            if (from.peer.isReady()) {
                parts.blocks.fetchBlock(from.id(), tip, now(), rest);
            }
        }

        private void deliver(HeaderNode node, Connection by) {
            announced.remove(node);
            tell(new ChainEvent.BlockStored(new Origin(by.id().value()), node, true));
            if (tip.equals(node.parent()) && random.nextInt(4) > 0) {
                tell(new ChainEvent.BlockConnected(node, null));
                tell(new ChainEvent.TipChanged(tip, node, tip, false));
                tip = node;
                model.connects.add(nanos);
            }
        }

        // ---- time

        /// Often to the nanosecond of a limit.
        private void pass() {
            long before = nanos;
            long check = Math.max(nanos, machine.nextDeadlineNanos().orElseThrow());
            int count = model.there.size();
            switch (random.nextInt(10)) {
                case 0, 1, 2, 3 -> nanos = check + random.nextInt(-1, 2);
                case 4, 5, 6 -> {
                    Connection young = any(model.there.subList(Math.max(0, count - 3), count));
                    nanos = young.peer.connectedAtNanos() + 30 * SECOND + random.nextInt(-1, 2);
                }
                case 7 -> {
                    long look = model.lastLook().orElse(nanos);
                    nanos = look + 600 * SECOND + random.nextInt(2);
                }
                case 8 -> {
                    long last = model.connects.isEmpty() ? nanos : model.connects.getLast();
                    nanos = last + 1_800 * SECOND + random.nextInt(2);
                }
                default -> nanos += random.nextLong((random.nextInt(8) == 0 ? 2_500 : 40) * SECOND);
            }
            nanos = Math.max(nanos, before);
            if (random.nextInt(3) > 0) {
                wallSeconds += (nanos - before) / SECOND;
            }
        }

        void step() {
            int count = model.there.size();
            switch (random.nextInt(20)) {
                case 0, 1, 2, 3, 4 -> {
                    if (count < 20) {
                        join();
                    }
                }
                case 5 -> {
                    if (count > 1) {
                        leave(any(model.there));
                    }
                }
                case 6 -> fetch(any(model.there));
                case 7 -> model.there.forEach(this::shakeHands);
                case 8, 9, 10 -> announce(any(model.there));
                case 11, 12 -> {
                    Connection by = any(model.there);
                    if (announced.isEmpty() || random.nextInt(3) == 0) {
                        // What the operator wanted.
                        deliver(tip, by);
                    } else {
                        deliver(any(announced), by);
                    }
                }
                case 13 -> {
                    if (random.nextInt(6) == 0) {
                        parts.limits =
                                parts.limits.withCounts(random.nextInt(10), random.nextInt(3), 9);
                    }
                }
                default -> {
                    pass();
                    tick();
                    if (random.nextInt(10) == 0) {
                        tick();
                    }
                    // So that the diary tells before from after.
                    nanos++;
                }
            }
            compare();
        }

        private void tick() {
            boolean synced = tip.time() > wallSeconds - 20 * SPACING_SECONDS;
            boolean idle =
                    model.there.stream()
                            .allMatch(each -> parts.blocks.stats(each.id()).inflight().isEmpty());
            List<PeerOutput> expected = model.tick(new Tick(nanos, synced, idle));
            machine.onTick(now(), out);
            var done = new ArrayList<PeerOutput>();
            for (PeerOutput each = out.poll(); each != null; each = out.poll()) {
                done.add(each);
            }
            assertThat(done).isEqualTo(expected);
        }

        private void compare() {
            assertThat(machine.nextDeadlineNanos()).isEqualTo(model.deadline());
            assertThat(machine.wantsFullRelay()).isEqualTo(model.wantsFullRelay());
            assertThat(machine.wantsBlockRelay()).isEqualTo(model.wantsBlockRelay());
            assertThat(parts.variety.isDue(now())).isEqualTo(model.isVarietyDue(nanos));
        }
    }

    @Test
    @DisplayName("When one more peer is wanted, and who goes of too many, is as a diary says")
    @Sabotage(type = "weft.p2p.ExtraPeers", method = "onTick", constant = "45000000000>45000000001")
    @Sabotage(
            type = "weft.p2p.ExtraPeers",
            method = "onTick",
            constant = "600000000000>600000000001")
    @Sabotage(type = "weft.p2p.ExtraPeers", method = "onTick", call = "automatic", returns = "true")
    @Sabotage(
            type = "weft.p2p.ExtraPeers",
            method = "onTick",
            call = "isTipStale",
            returns = "false")
    @Sabotage(
            type = "weft.p2p.ExtraPeers",
            method = "onTick",
            call = "isNearlySynced",
            returns = "true")
    @Sabotage(type = "weft.p2p.ExtraPeers", method = "open", call = "isReady", returns = "true")
    @Sabotage(type = "weft.p2p.ExtraPeers", method = "mayGo", constant = "30000000000>30000000001")
    @Sabotage(type = "weft.p2p.ExtraPeers", method = "mayGo", call = "isEmpty", returns = "true")
    @Sabotage(type = "weft.p2p.ExtraPeers", method = "lastBlock", returns = "0")
    @Sabotage(
            type = "weft.p2p.ExtraPeers",
            method = "worstOf",
            call = "protectedFromEviction",
            returns = "false")
    @Sabotage(
            type = "weft.p2p.ExtraPeers",
            method = "worstOf",
            call = "isNeeded",
            returns = "false")
    @Sabotage(type = "weft.p2p.ExtraPeers", method = "worstOf", call = "countOf", returns = "2")
    @Sabotage(
            type = "weft.p2p.ExtraPeers",
            method = "worstOf",
            call = "lastBlockAnnouncementSeconds",
            returns = "0")
    @Sabotage(type = "weft.p2p.ExtraPeers", method = "dropExtraFullRelay", call = "onExchanged")
    void shouldChooseAsTheModel() {
        Property.holds(
                80,
                random -> {
                    var world = new World(random);
                    for (int i = 0; i < 5; i++) {
                        world.join();
                    }
                    for (int i = 0; i < 200; i++) {
                        world.step();
                    }
                });
    }
}
