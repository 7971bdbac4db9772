package weft.p2p;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import weft.chain.api.ChainEvent;
import weft.chain.api.HeaderNode;
import weft.p2p.addr.AddrMan;
import weft.p2p.addr.LocalAddresses;
import weft.p2p.peers.BanList;
import weft.p2p.sync.BlockSync;
import weft.p2p.sync.SyncRules;
import weft.p2p.tx.TxSync;
import weft.primitives.Now;
import weft.primitives.log.Log;
import weft.primitives.log.LogCategory;
import weft.wire.AddressEntry;
import weft.wire.NetAddress;
import weft.wire.ServiceFlags;
import weft.wire.Subnet;

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
    private final EngineParts parts;
    private final Log log;
    private final Handshake handshake;
    private final Messages messages;
    private final Admission admission;
    private final Inactivity inactivity;
    private final Dialler dialler;
    private final OutboundPlan plan;
    private final Traffic sent = new Traffic();
    private final Traffic received = new Traffic();

    /// What the engine remembers from one run to the next.
    ///
    /// @param book addresses; see [weft.p2p.addr.AddrManFile]
    /// @param bans of the operator
    public record Memory(AddrMan book, BanList bans) {
        /// Nothing yet.
        public static Memory empty(P2pOptions options, RandomGenerator random, Log log) {
            RandomGenerator own = EngineParts.split(random);
            var book = new AddrMan(AddrMan.newKey(own), options.sources().groups(), own, log);
            return new Memory(book, new BanList(java.time.Duration.ofDays(1), own));
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
        options.self().addresses().forEach(each -> parts.locals.add(each, LocalAddresses.MANUAL));
    }

    /// Adds a sub-protocol; only before the first input.
    public void add(SubProtocol protocol) {
        parts.more.add(protocol);
    }

    // ---- inputs

    /// Something happened.
    public void handle(PeerInput input, Now now, Outbox out) {
        parts.tellTime(now);
        switch (input) {
            case PeerInput.Accepted each -> onAccepted(each, now, out);
            case PeerInput.Connected each -> onConnected(each, now, out);
            case PeerInput.DialFailed each -> onDialFailed(each, now);
            case PeerInput.TransportReady each -> onTransport(each, now);
            case PeerInput.Received each -> onReceived(each, now, out);
            case PeerInput.Malformed each -> onMalformed(each, now);
            case PeerInput.Dropped(PeerId peer, int bytes) ->
                    account(peer, KnownCommands.OTHER, bytes, now);
            case PeerInput.Heard each -> onHeard(each, now);
            case PeerInput.Sent each -> onSent(each, now, out);
            case PeerInput.Disconnected each -> onDisconnected(each, now, out);
            case PeerInput.Resolved each -> onResolved(each, now, out);
            case PeerInput.Chain(ChainEvent event) -> onChain(event, now, out);
            case PeerInput.Command(PeerCommand command) -> onCommand(command, now, out);
            case PeerInput.Tick _ -> onTick(now, out);
        }
        if (parts.bans.takeChanged()) {
            out.emit(new PeerEvent.BansChanged());
        }
    }

    private void onAccepted(PeerInput.Accepted input, Now now, Outbox out) {
        PeerPermissions permissions =
                input.permissions().with(admission.permissionsOf(input.address(), true));
        String refusal =
                admission.refusal(input.address(), permissions, dialler.isActive(), now, out);
        if (!refusal.isEmpty()) {
            log.debug(LogCategory.NET, () -> refusal);
            out.disconnect(input.peer(), refusal);
            return;
        }
        var builder =
                new Peer.Builder(
                        input.peer(),
                        ConnectionType.INBOUND,
                        input.address(),
                        input.local(),
                        input.onionBind(),
                        permissions,
                        now.monotonicNanos());
        Connection connection = open(builder, Dial.NONE, now);
        if (!ServiceFlags.has(parts.options.self().services(), ServiceFlags.P2P_V2)) {
            connection.transport = TransportVersion.V1;
        }
        log.debug(LogCategory.NET, () -> "connection from " + input.address() + " accepted");
    }

    private void onConnected(PeerInput.Connected input, Now now, Outbox out) {
        Dial dial = dialler.take(input.dial());
        if (dial == null || !dialler.isActive()) {
            out.disconnect(input.peer(), "not wanted any more");
            return;
        }
        boolean manual = dial.type() == ConnectionType.MANUAL;
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
                heard(connection, now);
            }
        }
    }

    private static void heard(Connection connection, Now now) {
        connection.lastReceivedNanos = now.monotonicNanos();
        connection.lastReceivedSeconds = now.unixSeconds();
    }

    private @Nullable Connection account(PeerId id, String command, int wireBytes, Now now) {
        Connection connection = parts.connections.get(id);
        received.add(command, wireBytes);
        if (connection != null) {
            connection.received.add(command, wireBytes);
            heard(connection, now);
        }
        return connection;
    }

    private void onHeard(PeerInput.Heard input, Now now) {
        Connection connection = parts.connections.get(input.peer());
        received.addRaw(input.wireBytes());
        if (connection != null) {
            connection.received.addRaw(input.wireBytes());
            heard(connection, now);
        }
    }

    private void onReceived(PeerInput.Received input, Now now, Outbox out) {
        String command = input.message().command();
        Connection connection = account(input.peer(), command, input.wireBytes(), now);
        if (connection == null || connection.peer.isDisconnecting()) {
            return;
        }
        logReceived(input.peer(), command, input.payloadBytes());
        messages.onMessage(connection, input.message(), input.payloadBytes(), now, out);
    }

    private void logReceived(PeerId peer, String command, int payloadBytes) {
        log.debug(
                LogCategory.NET,
                () ->
                        "received: "
                                + LogText.sanitize(command)
                                + " ("
                                + payloadBytes
                                + " bytes) peer="
                                + peer);
    }

    private void onMalformed(PeerInput.Malformed input, Now now) {
        Connection connection = account(input.peer(), input.command(), input.wireBytes(), now);
        if (connection == null || connection.peer.isDisconnecting()) {
            return;
        }
        logReceived(input.peer(), input.command(), input.payloadBytes());
        log.debug(
                LogCategory.NET,
                () ->
                        "ProcessMessages("
                                + LogText.sanitize(input.command())
                                + ", "
                                + input.payloadBytes()
                                + " bytes): Exception '"
                                + input.why()
                                + "' caught");
    }

    private void onSent(PeerInput.Sent input, Now now, Outbox out) {
        sent.add(input.command(), input.wireBytes());
        parts.upload.add(input.wireBytes(), now.unixSeconds());
        Connection connection = parts.connections.get(input.peer());
        if (connection == null) {
            return;
        }
        connection.sent.add(input.command(), input.wireBytes());
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
        parts.connections.remove(peer.id());
        handshake.forgetReconciliation(connection);
        parts.blocks.onGone(peer.id(), now, out);
        parts.txs.onGone(peer.id(), now, out);
        parts.addrs.onGone(peer.id());
        parts.pings.onGone(peer.id());
        parts.more.forEach(each -> each.onGone(peer.id(), now, out));
        boolean visible =
                peer.type() != ConnectionType.BLOCK_RELAY_ONLY
                        && peer.type() != ConnectionType.FEELER;
        if (wasReady && visible && !peer.isInbound()) {
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

    private void onResolved(PeerInput.Resolved input, Now now, Outbox out) {
        if (!plan.onResolved(input.name(), input.addresses(), now)) {
            dialler.onResolved(input.name(), input.addresses(), now, out);
        }
    }

    private void onChain(ChainEvent event, Now now, Outbox out) {
        parts.blocks.onChainEvent(event, now, out);
        parts.txs.onChainEvent(event, now, out);
    }

    private void onTick(Now now, Outbox out) {
        inactivity.onTick(now, out);
        parts.pings.onTick(now, out);
        parts.addrs.onTick(now, out);
        parts.mapHealth.onTick(now);
        parts.blocks.onTick(now, out);
        parts.txs.onTick(now, out);
        parts.more.forEach(each -> each.onTick(now, out));
        plan.onTick(now, out);
    }

    /// When a [PeerInput.Tick] is wanted, on the monotonic clock; never empty once there is anything to do.
    public OptionalLong nextDeadlineNanos() {
        long earliest = Long.MAX_VALUE;
        var all =
                new ArrayList<>(
                        List.of(
                                inactivity.nextDeadlineNanos(),
                                parts.pings.nextDeadlineNanos(),
                                parts.addrs.nextDeadlineNanos(),
                                parts.mapHealth.nextDeadlineNanos(),
                                parts.blocks.nextDeadlineNanos(),
                                parts.txs.nextDeadlineNanos(),
                                plan.nextDeadlineNanos()));
        parts.more.forEach(each -> all.add(each.nextDeadlineNanos()));
        for (OptionalLong each : all) {
            earliest = Math.min(earliest, each.orElse(Long.MAX_VALUE));
        }
        return earliest == Long.MAX_VALUE ? OptionalLong.empty() : OptionalLong.of(earliest);
    }

    /// Whether an input must wait: it is a message of a peer that sent a transaction before which the chain
    /// engine judges now. The driver holds it and all that comes from that peer, and asks again after the
    /// next [PeerInput.Chain].
    ///
    /// *Rationale:* messages of one peer are answered in their order, and nobody else waits for it.
    public boolean mustWait(PeerInput input) {
        return input instanceof PeerInput.Received each
                && parts.txs.mustWait(each.peer(), each.message());
    }

    // ---- commands

    private void onCommand(PeerCommand command, Now now, Outbox out) {
        switch (command) {
            case PeerCommand.AddNode(String node, boolean v2) -> plan.added().add(node, v2);
            case PeerCommand.RemoveNode(String node) -> plan.added().remove(node);
            case PeerCommand.TryNode(String node, boolean v2) ->
                    dialler.dial(Dial.named(node, ConnectionType.MANUAL, v2), now, out);
            case PeerCommand.OpenConnection(String address, ConnectionType type, boolean v2) ->
                    dialler.dial(Dial.named(address, type, v2), now, out);
            case PeerCommand.DisconnectPeer(PeerId peer) -> disconnectByOperator(peer, out);
            case PeerCommand.SetNetworkActive(boolean active) -> setNetworkActive(active, now, out);
            case PeerCommand.PingAll() -> parts.pings.pingAll(now, out);
            case PeerCommand.AnnounceTx(var wtxid) -> parts.txs.relay(wtxid, now, out);
            case PeerCommand.Ban each -> ban(each, now, out);
            case PeerCommand.Unban(Subnet subnet) -> parts.bans.unban(subnet);
            case PeerCommand.SendMessage(PeerId peer, var message) -> out.send(peer, message);
            case PeerCommand.FetchBlock(PeerId peer, HeaderNode node) ->
                    parts.blocks.fetchBlock(peer, node, now, out);
            case PeerCommand.ClearBans() -> parts.bans.clear();
        }
        plan.onTick(now, out);
    }

    private void disconnectByOperator(PeerId peer, Outbox out) {
        log.debug(LogCategory.NET, () -> "disconnect by id peer=" + peer + "; disconnecting");
        disconnect(peer, "by the operator", out);
    }

    private void setNetworkActive(boolean active, Now now, Outbox out) {
        log.info("SetNetworkActive: " + active);
        dialler.setActive(active);
        if (!active) {
            for (Connection each : parts.connections.open()) {
                log.debug(LogCategory.NET, () -> "Network not active, dropping peer=" + each.id());
                disconnect(each.id(), "network not active", out);
            }
        }
        plan.wake(now);
    }

    private void ban(PeerCommand.Ban command, Now now, Outbox out) {
        parts.bans.ban(command.subnet(), command.seconds(), command.absolute(), now.unixSeconds());
        for (Connection each : parts.connections.open()) {
            if (command.subnet().contains(each.peer.address())) {
                disconnect(each.id(), "banned", out);
            }
        }
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
        return parts.connections.open().stream().map(each -> snapshot(each, now)).toList();
    }

    private PeerSnapshot snapshot(Connection each, Now now) {
        Peer peer = each.peer;
        var version = peer.version();
        return new PeerSnapshot(
                peer.id(),
                new PeerSnapshot.Place(
                        each.dial.name(),
                        peer.address(),
                        peer.local(),
                        each.addrLocal,
                        peer.onionBind() ? "onion" : peer.address().networkLabel()),
                peer.type(),
                peer.services(),
                version == null ? 0 : version.version(),
                new PeerSnapshot.Handshaken(
                        each.userAgent,
                        peer.isReady(),
                        each.connectedSeconds,
                        each.timeOffsetSeconds,
                        each.transport,
                        each.sessionId),
                new PeerSnapshot.TrafficCount(
                        each.sent.total(),
                        each.received.total(),
                        each.lastSentSeconds,
                        each.lastReceivedSeconds,
                        each.sent.byCommand(),
                        each.received.byCommand()),
                peer.permissions(),
                new PeerSnapshot.Stats(
                        parts.pings.stats(peer.id(), now),
                        parts.blocks.stats(peer.id()),
                        parts.txs.stats(peer.id()),
                        parts.addrs.stats(peer.id())));
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

    /// Adds a peer to keep; it is dialled at the next tick.
    ///
    /// @return false if it is one already
    public boolean addNode(String node, boolean v2) {
        return plan.added().add(node, v2);
    }

    /// Does not keep a peer any more; its connection stays.
    ///
    /// @return false if it was none
    public boolean removeNode(String node) {
        return plan.added().remove(node);
    }

    /// Whether a connection of a kind may still be opened by hand (`addconnection`).
    public boolean mayOpen(ConnectionType type) {
        P2pOptions.Limits limits = parts.options.limits();
        return switch (type) {
            case INBOUND, MANUAL -> false;
            case OUTBOUND_FULL_RELAY -> dialler.count(type) < limits.fullRelay();
            case BLOCK_RELAY_ONLY -> dialler.count(type) < limits.blockRelay();
            case ADDR_FETCH, FEELER -> true;
        };
    }

    /// Whether networking is on.
    public boolean isNetworkActive() {
        return dialler.isActive();
    }

    /// Bans and discouraged addresses.
    public BanList bans() {
        return parts.bans;
    }

    /// The address book.
    public AddrMan addrMan() {
        return parts.book;
    }

    /// A sample of the address book without banned addresses (`getnodeaddresses`).
    ///
    /// @param count most addresses; 0 for all
    public List<AddressEntry> addresses(int count, weft.wire.@Nullable NetworkId network, Now now) {
        parts.tellTime(now);
        return parts.book.sample(count, 0, network, true, now.unixSeconds()).stream()
                .filter(each -> !parts.isUnwanted(each.address()))
                .toList();
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
        var found = new ArrayList<AddressEntry>();
        for (Connection each : parts.connections.open()) {
            if (each.peer.type() == ConnectionType.BLOCK_RELAY_ONLY && found.size() < 2) {
                found.add(
                        new AddressEntry(
                                now.unixSeconds() & 0xffff_ffffL,
                                each.peer.services(),
                                each.peer.address()));
            }
        }
        return found;
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
