package weft.p2p;

import static weft.p2p.Deadlines.Kind.EXACT;
import static weft.p2p.Deadlines.Kind.LOOSE;
import static weft.p2p.Deadlines.Kind.OUTSIDE;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import weft.chain.api.ChainEvent;
import weft.p2p.addr.Acquaintances;
import weft.p2p.addr.AddrMan;
import weft.p2p.addr.LocalAddresses;
import weft.p2p.defence.Cost;
import weft.p2p.defence.CostLedger;
import weft.p2p.defence.Warning;
import weft.p2p.defence.WorkQuota;
import weft.p2p.peers.BanList;
import weft.p2p.sync.BlockSync;
import weft.p2p.sync.SyncRules;
import weft.p2p.tx.TxSync;
import weft.primitives.Now;
import weft.primitives.log.Log;
import weft.primitives.log.LogCategory;
import weft.wire.AddressEntry;
import weft.wire.Feature;
import weft.wire.NetAddress;
import weft.wire.NetworkId;
import weft.wire.ServiceFlags;
import weft.wire.Subnet;
import weft.wire.TxMessage;

/// The half of a node that knows peers: connections, handshake, addresses; blocks and transactions through
/// [BlockSync] and [TxSync]. It does no I/O: what happens comes in as [PeerInput], what it wants goes out
/// through the [Outbox].
///
/// Deterministic for a seeded generator that can be split. Owned by one thread; the queries are for that
/// thread too.
///
/// Handled by the driver: `net` with sockets, `sim` with links. Answered by the chain engine through
/// [PeerInput.Chain].
public final class PeerEngine implements PeerTable {
    /// Place of the pings among what is ticked.
    private static final int PINGS = 1;

    private final EngineParts parts;
    private final Log log;
    private final Handshake handshake;
    private final Messages messages;
    private final Admission admission;
    private final Inactivity inactivity;
    private final Dialler dialler;
    private final OutboundPlan plan;
    private final PrivateBroadcast privately;
    private final Snapshots snapshots;
    private final Defence defence;
    private final WorkMeter meter;
    private final Traffic sent = new Traffic();
    private final Traffic received = new Traffic();
    private final Deadlines deadlines;
    private LongSupplier cpuNanos = () -> 0;
    private final Operator operator;
    private @Nullable EngineWatch watch;

    /// What the engine remembers from one run to the next.
    ///
    /// @param book addresses; see [weft.p2p.addr.AddrManFile]
    /// @param bans of the operator
    /// @param met what was seen of nodes that were dialled; see [weft.p2p.addr.AcquaintancesFile]
    public record Memory(AddrMan book, BanList bans, Acquaintances met) {
        /// Nothing yet.
        public static Memory empty(P2pOptions options, RandomGenerator random, Log log) {
            RandomGenerator own = EngineParts.split(random);
            var book = new AddrMan(AddrMan.newKey(own), options.sources().groups(), own, log);
            var bans = new BanList(java.time.Duration.ofDays(1), own);
            return new Memory(book, bans, new Acquaintances());
        }
    }

    /// @param random in production a secure one; in tests a seeded one that can be split
    public PeerEngine(
            P2pOptions options, Memory memory, SyncRules rules, RandomGenerator random, Log log) {
        this.log = log;
        this.parts = new EngineParts(options, memory, rules, random, log);
        this.handshake = new Handshake(parts);
        this.messages = new Messages(parts, handshake);
        this.admission = new Admission(parts);
        this.inactivity = new Inactivity(parts);
        this.dialler = new Dialler(parts);
        this.plan = new OutboundPlan(parts, dialler);
        this.privately = new PrivateBroadcast(parts, dialler);
        this.defence = new Defence(parts, dialler::isActive);
        this.meter = new WorkMeter(parts);
        this.snapshots = new Snapshots(parts, meter.quota());
        this.operator = new Operator(parts, dialler, plan, admission, privately);
        this.deadlines = new Deadlines(tickedParts());
        options.self().addresses().forEach(each -> parts.locals.add(each, LocalAddresses.MANUAL));
    }

    /// In the order in which they are ticked.
    private List<Deadlines.Part> tickedParts() {
        return List.of(
                new Deadlines.Part(inactivity::onTick, inactivity::nextDeadlineNanos, EXACT),
                new Deadlines.Part(parts.pings::onTick, parts.pings::nextDeadlineNanos, EXACT),
                new Deadlines.Part(parts.addrs::onTick, parts.addrs::nextDeadlineNanos, LOOSE),
                new Deadlines.Part(
                        (now, out) -> parts.mapHealth.onTick(now),
                        parts.mapHealth::nextDeadlineNanos,
                        LOOSE),
                new Deadlines.Part(parts.blocks::onTick, parts.blocks::nextDeadlineNanos, LOOSE),
                new Deadlines.Part(parts.txs::onTick, parts.txs::nextDeadlineNanos, LOOSE),
                new Deadlines.Part(plan::onTick, plan::nextDeadlineNanos, LOOSE),
                new Deadlines.Part(privately::onTick, privately::nextDeadlineNanos, LOOSE),
                new Deadlines.Part(
                        (now, out) -> parts.more.forEach(each -> each.onTick(now, out)),
                        () -> Deadlines.earliest(parts.more),
                        OUTSIDE),
                new Deadlines.Part(
                        defence::onTick,
                        () -> OptionalLong.of(defence.nextDeadlineNanos()),
                        EXACT));
    }

    /// Adds a sub-protocol; only before the first input.
    public void add(SubProtocol protocol) {
        parts.more.add(protocol);
    }

    /// Measures what messages cost; only before the first input. *Rationale:* an engine has no clock.
    ///
    /// @param nanos time that the processor spent on this thread so far
    public void measureCostsBy(LongSupplier nanos) {
        cpuNanos = nanos;
    }

    // ---- inputs

    /// Lets somebody see every input with what came of it; only before the first input.
    public void watch(EngineWatch watcher) {
        watch = watcher;
    }

    /// Something happened.
    public void handle(PeerInput input, Now now, Outbox out) {
        EngineWatch watcher = watch;
        if (watcher == null) {
            decide(input, now, out);
            return;
        }
        boolean asked = deadlines.isKnown();
        int before = out.size();
        try {
            decide(input, now, out);
        } catch (RuntimeException | Error e) {
            watcher.failed(input, now, asked, e);
            throw e;
        }
        watcher.handled(input, now, asked, out.since(before));
    }

    private void decide(PeerInput input, Now now, Outbox out) {
        parts.tellTime(now);
        PeerId slight = parts.slightFor(input);
        if (slight == null && !(input instanceof PeerInput.Tick)) {
            deadlines.forget();
        }
        switch (input) {
            case PeerInput.Accepted each -> onAccepted(each, now, out);
            case PeerInput.Connected each -> onConnected(each, now, out);
            case PeerInput.DialFailed each -> onDialFailed(each, now);
            case PeerInput.TransportReady each -> onTransport(each, now);
            case PeerInput.Received each -> onReceived(each, now, out);
            case PeerInput.Malformed each -> onMalformed(each, now, out);
            case PeerInput.Dropped(PeerId peer, int bytes) -> {
                account(peer, KnownCommands.OTHER, bytes, now);
                meter.onNoise(peer, bytes);
            }
            case PeerInput.Decoy(PeerId peer, int bytes) -> meter.onNoise(peer, bytes);
            case PeerInput.Heard each -> onHeard(each, now);
            case PeerInput.Queued(PeerId peer, int bytes) -> onQueued(peer, bytes, now);
            case PeerInput.Sent each -> onSent(each, now, out);
            case PeerInput.Disconnected each -> onDisconnected(each, now, out);
            case PeerInput.Resolved each -> onResolved(each, now, out);
            case PeerInput.Chain(ChainEvent event) -> onChain(event, now, out);
            case PeerInput.Command(PeerCommand command) -> operator.handle(command, now, out);
            case PeerInput.Tick _ -> deadlines.tick(now, out);
        }
        for (Connection each : parts.connections.takeNewlyShadowed()) {
            forget(each, now, out);
        }
        if (parts.bans.takeChanged()) {
            out.emit(new PeerEvent.BansChanged());
        }
        if (slight != null) {
            deadlines.lower(PINGS, parts.pings.deadlineOf(slight));
        }
    }

    private void onAccepted(PeerInput.Accepted input, Now now, Outbox out) {
        NetAddress address = parts.meant(input.address());
        PeerPermissions permissions =
                input.permissions().with(admission.permissionsOf(address, true));
        String refusal = admission.refusal(address, permissions, dialler.isActive(), now, out);
        if (!refusal.isEmpty()) {
            log.debug(LogCategory.NET, () -> refusal);
            out.disconnect(input.peer(), refusal);
            return;
        }
        var builder =
                new Peer.Builder(
                        input.peer(),
                        ConnectionType.INBOUND,
                        address,
                        parts.meant(input.local()),
                        input.onionBind(),
                        permissions,
                        now.monotonicNanos());
        Connection connection = open(builder, Dial.NONE, now);
        connection.shadowed = parts.bans.isShadowed(address, now.unixSeconds());
        if (!ServiceFlags.has(parts.options.self().services(), ServiceFlags.P2P_V2)) {
            connection.transport = TransportVersion.V1;
        }
        log.debug(LogCategory.NET, () -> "connection from " + address + " accepted");
    }

    private void onConnected(PeerInput.Connected input, Now now, Outbox out) {
        Dial dial = dialler.take(input.dial());
        if (dial == null || !dialler.isActive()) {
            out.disconnect(input.peer(), "not wanted any more");
            return;
        }
        boolean manual = dial.type() == ConnectionType.MANUAL;
        if (dial.type() == ConnectionType.ADDR_FETCH) {
            plan.onAsked(input.address());
        }
        var builder =
                new Peer.Builder(
                        input.peer(),
                        dial.type(),
                        input.address(),
                        input.local(),
                        false,
                        manual
                                ? admission.permissionsOf(input.address(), false)
                                : PeerPermissions.NONE,
                        now.monotonicNanos());
        Connection connection = open(builder, dial, now);
        if (!dial.v2()) {
            connection.transport = TransportVersion.V1;
        }
        handshake.sendVersion(connection, now, out);
    }

    private Connection open(Peer.Builder builder, Dial dial, Now now) {
        Peer peer = builder.build();
        var connection =
                new Connection(
                        peer,
                        new Connection.Opening(
                                dial,
                                parts.random.nextLong(),
                                parts.keyedNetGroup(peer.address()),
                                parts.bans.isDiscouraged(peer.address()),
                                now.unixSeconds()));
        parts.connections.add(connection);
        meter.onOpen(peer);
        log.debug(LogCategory.NET, () -> "Added connection peer=" + peer.id());
        return connection;
    }

    private void onDialFailed(PeerInput.DialFailed input, Now now) {
        Dial dial = dialler.take(input.dial());
        if (dial != null) {
            log.debug(
                    LogCategory.NET,
                    () -> "connection attempt to " + dial.address() + " failed: " + input.why());
            parts.book.failed(dial.address(), "dial failed: " + LogText.sanitize(input.why()));
            plan.wake(now);
        }
    }

    private void onTransport(PeerInput.TransportReady input, Now now) {
        Connection connection = parts.connections.get(input.peer());
        if (connection != null) {
            connection.transport = input.version();
            connection.sessionId = input.sessionId();
            if (input.version() == TransportVersion.V2) {
                connection.heard(now);
            }
        }
    }

    private @Nullable Connection account(PeerId id, String command, int wireBytes, Now now) {
        Connection connection = parts.connections.get(id);
        int place = KnownCommands.placeOf(command);
        received.add(place, wireBytes);
        if (connection != null) {
            connection.received.add(place, wireBytes);
            connection.heard(now);
        }
        return connection;
    }

    private void onHeard(PeerInput.Heard input, Now now) {
        Connection connection = parts.connections.get(input.peer());
        received.addRaw(input.wireBytes());
        if (connection != null) {
            connection.received.addRaw(input.wireBytes());
            connection.heard(now);
        }
    }

    private void onReceived(PeerInput.Received input, Now now, Outbox out) {
        String command = input.message().command();
        Connection connection = account(input.peer(), command, input.wireBytes(), now);
        if (connection == null || connection.peer.isDisconnecting()) {
            return;
        }
        logReceived(input.peer(), command, input.payloadBytes());
        boolean free = meter.isFree(input.peer(), input.message());
        int before = out.size();
        long begun = cpuNanos.getAsLong();
        boolean heard = defence.hears(connection, input.message(), now);
        if (heard) {
            messages.onMessage(connection, input.message(), input.payloadBytes(), now, out);
        }
        long spent = cpuNanos.getAsLong() - begun;
        var cost = new Cost(1, input.wireBytes(), spent, heard ? 0 : 1);
        parts.costs.add(input.peer(), KnownCommands.nameOf(command), cost);
        if (!free) {
            boolean judged = input.message() instanceof TxMessage;
            meter.onHandled(input, spent, judged ? out.since(before) : List.of());
        }
    }

    private void logReceived(PeerId peer, String command, int payloadBytes) {
        log.debug(LogCategory.NET, () -> LogText.received(command, payloadBytes, peer));
    }

    private void onMalformed(PeerInput.Malformed input, Now now, Outbox out) {
        Connection connection = account(input.peer(), input.command(), input.wireBytes(), now);
        if (connection == null || connection.peer.isDisconnecting()) {
            return;
        }
        logReceived(input.peer(), input.command(), input.payloadBytes());
        meter.onNoise(input.peer(), input.wireBytes());
        log.debug(LogCategory.NET, () -> LogText.malformed(input));
        if (input.command().equals(Feature.COMMAND) && !PrivateTalks.isOn(connection)) {
            handshake.onMalformedFeature(connection.peer, out);
        }
    }

    private void onQueued(PeerId peer, int bytes, Now now) {
        Connection connection = parts.connections.get(peer);
        if (connection != null) {
            meter.onQueued(peer, bytes);
            connection.uploadAhead += bytes;
            parts.upload.add(bytes, now.unixSeconds());
        }
    }

    private void onSent(PeerInput.Sent input, Now now, Outbox out) {
        int place = KnownCommands.placeOf(input.command());
        sent.add(place, input.wireBytes());
        Connection connection = parts.connections.get(input.peer());
        if (connection == null) {
            parts.upload.add(input.wireBytes(), now.unixSeconds());
            return;
        }
        long known = Math.min(connection.uploadAhead, input.wireBytes());
        connection.uploadAhead -= known;
        parts.upload.add(input.wireBytes() - known, now.unixSeconds());
        connection.sent.add(place, input.wireBytes());
        connection.lastSentNanos = now.monotonicNanos();
        connection.lastSentSeconds = now.unixSeconds();
        parts.pings.onSent(input.peer(), now);
        parts.blocks.onSendQueue(input.peer(), input.queuedBytes(), now, out);
    }

    private void onDisconnected(PeerInput.Disconnected input, Now now, Outbox out) {
        Connection connection = parts.connections.get(input.peer());
        if (connection == null) {
            return;
        }
        Peer peer = connection.peer;
        boolean wasReady = peer.hasBeenReady();
        peer.disconnect();
        parts.upload.add(-connection.uploadAhead, now.unixSeconds());
        parts.connections.remove(peer.id());
        forget(connection, now, out);
        parts.pings.onGone(peer.id());
        parts.talks.onGone(peer.id());
        defence.onGone(peer.id());
        meter.onGone(peer.id());
        parts.costs.onGone(peer.id());
        if (wasReady && peer.type().isNoted()) {
            parts.book.connected(peer.address(), now.unixSeconds());
        } else if (!wasReady && !peer.isInbound()) {
            String why = LogText.sanitize(input.why());
            parts.book.failed(peer.address(), "no handshake: " + why);
        }
        log.debug(LogCategory.NET, () -> "Cleared nodestate for peer=" + peer.id());
        if (input.retryAsV1() && !peer.isInbound() && connection.dial.v2() && dialler.isActive()) {
            dialler.retryAsV1(connection);
        }
        plan.wake(now);
        out.emit(new PeerEvent.PeerGone(peer.id(), peer.address(), input.why()));
    }

    /// For the sub-protocols the peer is gone, whether or not the connection is.
    private void forget(Connection connection, Now now, Outbox out) {
        PeerId id = connection.id();
        handshake.forgetReconciliation(connection);
        parts.blocks.onGone(id, now, out);
        parts.txs.onGone(id, now, out);
        parts.addrs.onGone(id);
        parts.more.forEach(each -> each.onGone(id, now, out));
    }

    private void onResolved(PeerInput.Resolved input, Now now, Outbox out) {
        if (!plan.onResolved(input.name(), input.addresses(), now)) {
            dialler.onResolved(input.name(), input.addresses(), now, out);
        }
    }

    private void onChain(ChainEvent event, Now now, Outbox out) {
        parts.blocks.onChainEvent(event, now, out);
        parts.txs.onChainEvent(event, now, out);
        privately.onChainEvent(event);
        meter.onChain(event);
    }

    /// When a [PeerInput.Tick] is wanted, on the monotonic clock; never empty once there is anything to do.
    public OptionalLong nextDeadlineNanos() {
        return deadlines.earliest();
    }

    /// Whether an input must wait: it is a message of a peer that sent a transaction before which the chain
    /// engine judges now, or that asked for blocks before which it has not been sent yet, or that has a debt
    /// with the [#quota]. The driver holds it and all that comes from that peer, and asks again after the
    /// next [PeerInput.Chain], the peer's next [PeerInput.Sent] and the next [PeerInput.Tick], and when the
    /// debt is paid.
    ///
    /// *Rationale:* messages of one peer are answered in their order, and nobody else waits for it.
    public boolean mustWait(PeerInput input) {
        return meter.mustWait(input)
                || (input instanceof PeerInput.Received each
                        && (parts.txs.mustWait(each.peer(), each.message())
                                || parts.blocks.mustWait(each.peer())));
    }

    /// How much work inbound peers may make us. The driver tells it that time passes; *rationale:* a mock
    /// clock may stand still.
    public WorkQuota quota() {
        return meter.quota();
    }

    // ---- the table of peers

    @Override
    public @Nullable Peer find(PeerId peer) {
        return parts.connections.find(peer);
    }

    @Override
    public Collection<Peer> all() {
        return parts.connections.all();
    }

    @Override
    public void misbehaving(PeerId peer, String why, Outbox out) {
        parts.connections.misbehaving(peer, why, out);
    }

    @Override
    public void disconnect(PeerId peer, String why, Outbox out) {
        parts.connections.disconnect(peer, why, out);
    }

    // ---- queries, on the owner's thread

    /// All connections that we have not decided to close, in the order of their numbers.
    public List<PeerSnapshot> peersSnapshot(Now now) {
        return snapshots.all(now);
    }

    /// Bytes of all connections since the start.
    public NetTotals netTotals() {
        return new NetTotals(
                sent.total(), received.total(), sent.byCommand(), received.byCommand());
    }

    /// What we may still send today.
    public UploadState uploadState(Now now) {
        return parts.upload.state(now.unixSeconds());
    }

    /// Peers that the operator added.
    public List<AddedNode> addedNodes() {
        return plan.added().snapshot();
    }

    /// Whether a connection of a kind may still be opened by hand (`addconnection`).
    public boolean mayOpen(ConnectionType type) {
        return dialler.mayOpen(type);
    }

    /// Whether a network can be dialled as things are.
    public boolean isReachable(NetworkId network) {
        return parts.reachable.contains(network);
    }

    /// Whether networking is on.
    public boolean isNetworkActive() {
        return dialler.isActive();
    }

    /// Bans and discouraged addresses.
    public BanList bans() {
        return parts.bans;
    }

    /// What may be attacks, as things look now.
    public List<Warning> warnings() {
        return defence.warnings();
    }

    /// What messages cost us.
    public CostLedger costs() {
        return parts.costs;
    }

    /// How many connections there may be now.
    public P2pOptions.Limits limits() {
        return parts.limits;
    }

    /// What was seen of nodes that were dialled.
    public Acquaintances acquaintances() {
        return parts.variety.known();
    }

    /// The address book.
    public AddrMan addrMan() {
        return parts.book;
    }

    /// A range as it is meant here: one address that begins with fc is one of CJDNS for who has that network,
    /// and there are no ranges of those. Empty for such a range.
    public Optional<Subnet> meant(Subnet range) {
        Subnet meant = parts.meant(range);
        boolean none = meant.equals(range) && !parts.meant(range.base()).equals(range.base());
        return none ? Optional.empty() : Optional.of(meant);
    }

    /// Our own addresses and their scores.
    public Map<NetAddress, Integer> localAddresses() {
        return parts.locals.all();
    }

    /// Where we learn of our own addresses: from interfaces, port mapping, Tor.
    public LocalAddresses locals() {
        return parts.locals;
    }

    /// Block-relay-only peers of now, to be dialled first after the next start.
    public List<AddressEntry> anchors(Now now) {
        return parts.connections.anchors(now);
    }

    /// Whether a dial by that name is under way (`addnode`, `addconnection`): not connected, not failed yet.
    public boolean isDialling(String name) {
        return dialler.isUnderWay(name);
    }

    /// The service bits that we offer now.
    public long services() {
        return parts.services();
    }

    /// Blocks and headers.
    public BlockSync blocks() {
        return parts.blocks;
    }

    /// Transactions.
    public TxSync transactions() {
        return parts.txs;
    }

    /// The settings.
    public P2pOptions options() {
        return parts.options;
    }
}
