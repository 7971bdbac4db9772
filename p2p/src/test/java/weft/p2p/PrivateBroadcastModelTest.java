package weft.p2p;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SplittableRandom;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import weft.chain.api.ChainEvent;
import weft.chain.api.Origin;
import weft.chain.api.TxFailure;
import weft.p2p.PrivateBroadcastModel.Item;
import weft.p2p.PrivateBroadcastModel.Offer;
import weft.p2p.PrivateBroadcastModel.One;
import weft.p2p.addr.AddrManEntry;
import weft.p2p.addr.LocalAddresses;
import weft.p2p.sync.BlockSyncStats;
import weft.p2p.tx.PrivateQueue;
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
import weft.wire.AddressEntry;
import weft.wire.GetAddr;
import weft.wire.GetData;
import weft.wire.Inv;
import weft.wire.InvItem;
import weft.wire.Message;
import weft.wire.NetAddress;
import weft.wire.NetworkId;
import weft.wire.Ping;
import weft.wire.Pong;
import weft.wire.SendAddrV2;
import weft.wire.SendHeaders;
import weft.wire.ServiceFlags;
import weft.wire.Subnet;
import weft.wire.TxMessage;
import weft.wire.Verack;
import weft.wire.VersionAddress;
import weft.wire.VersionMessage;
import weft.wire.WtxidRelay;

/// [PrivateBroadcast] and [PrivateTalks] against a model that keeps diaries.
class PrivateBroadcastModelTest implements SeenRed {
    private static final String TALKS = "weft.p2p.PrivateTalks";
    private static final String BROADCAST = "weft.p2p.PrivateBroadcast";
    private static final int PORT = 8333;
    private static final long SECOND = 1_000_000_000L;
    private static final long START = 1_700_000_000;
    private static final long FULL = ServiceFlags.NETWORK | ServiceFlags.WITNESS;

    private static final VersionAddress NOWHERE = new VersionAddress(0, NetAddress.UNSPECIFIED);

    private static final List<NetworkId> NETWORKS =
            List.of(
                    NetworkId.IPV4,
                    NetworkId.IPV6,
                    NetworkId.TORV3,
                    NetworkId.I2P,
                    NetworkId.CJDNS);

    private static Transaction tx(int number) {
        return Transaction.of(
                2,
                List.of(new TxIn(new OutPoint(new Txid(number, 0, 0, 1), 0), Bytes.EMPTY, 0)),
                List.of(new TxOut(number, Bytes.EMPTY)),
                List.of(),
                0);
    }

    /// The first byte tells networks apart, and the next two hosts.
    private static NetAddress address(NetworkId network, int host, int port) {
        byte[] bytes = new byte[network.addressBytes()];
        bytes[0] =
                switch (network) {
                    case IPV4 -> 9;
                    case IPV6 -> 0x2a;
                    case TORV3 -> 1;
                    case I2P -> 2;
                    case CJDNS -> (byte) 0xfc;
                    case INTERNAL -> 0;
                };
        bytes[1] = (byte) host;
        bytes[2] = 7;
        bytes[3] = 1;
        return new NetAddress(network, Bytes.wrap(bytes), port);
    }

    /// The machines and the model side by side.
    private static final class World {
        final SplittableRandom random;
        final OpenDice dice;
        final EngineParts parts;
        final Dialler dialler;
        final PrivateBroadcast machine;
        final PrivateBroadcastModel model;
        final PrivateQueue queue;
        final Outbox out = new Outbox();
        final List<Transaction> pool = new ArrayList<>();
        final Map<NetAddress, PeerId> others = new HashMap<>();
        long nextPeer;

        World(SplittableRandom random, boolean crowd) {
            this.random = random;
            dice = new OpenDice(random.split());
            var reachable = EnumSet.noneOf(NetworkId.class);
            NETWORKS.stream()
                    .filter(each -> crowd || random.nextInt(4) > 0)
                    .forEach(reachable::add);
            long services = random.nextBoolean() ? FULL : FULL | ServiceFlags.P2P_V2;
            P2pOptions usual = EngineWorld.quiet();
            P2pOptions options =
                    usual.with(
                                    new P2pOptions.Self(
                                            PORT, services, "/x/", true, true, List.of(), false))
                            .with(new P2pOptions.Access(List.of(), List.copyOf(reachable), true));
            parts =
                    new EngineParts(
                            options,
                            PeerEngine.Memory.empty(options, random.split(), Log.NONE),
                            new NoRules(),
                            dice,
                            Log.NONE);
            dialler = new Dialler(parts);
            machine = new PrivateBroadcast(parts, dialler);
            queue = parts.txs.privateQueue();
            var luck = new PrivateBroadcastModel.Luck(dice::number, dice::takeBelow);
            boolean encrypts = ServiceFlags.has(services, ServiceFlags.P2P_V2);
            model = new PrivateBroadcastModel(reachable, encrypts, luck);
            model.nanos = 3_600 * SECOND;
            model.seconds = START;
            for (int i = 0; i < (crowd ? 30 : 5); i++) {
                pool.add(tx(i));
            }
            fillBook(crowd ? 100 : random.nextInt(1, 24), crowd);
        }

        private void fillBook(int count, boolean crowd) {
            boolean allGood = crowd || random.nextInt(3) == 0;
            for (int i = 0; i < count; i++) {
                NetworkId network = any(NETWORKS);
                int port = network == NetworkId.I2P ? 0 : PORT + random.nextInt(2);
                NetAddress address = address(network, crowd ? i : random.nextInt(16), port);
                long offered =
                        allGood
                                ? FULL
                                : any(
                                        List.of(
                                                FULL,
                                                FULL | ServiceFlags.P2P_V2,
                                                ServiceFlags.NETWORK_LIMITED | ServiceFlags.WITNESS,
                                                ServiceFlags.NETWORK,
                                                ServiceFlags.WITNESS));
                var entry = new AddressEntry(START, offered, address);
                if (parts.book.find(address) == null) {
                    parts.book.add(List.of(entry), address, 0, START);
                    model.book.add(entry);
                }
                if (!crowd && random.nextInt(12) == 0) {
                    parts.locals.add(address, LocalAddresses.MANUAL);
                    model.ours.add(address);
                }
            }
            model.book.removeIf(each -> parts.book.find(each.address()) == null);
        }

        private <T> T any(List<T> of) {
            return of.get(random.nextInt(of.size()));
        }

        Now now() {
            long part = model.nanos % SECOND;
            Now now = new Now(model.nanos, Instant.ofEpochSecond(model.seconds, part));
            parts.tellTime(now);
            return now;
        }

        // ---- connections

        private void connect(DialId id) {
            NetAddress address = Check.present(model.dials.remove(id), "it is under way");
            Dial dial = Check.present(dialler.take(id), "it is under way");
            Connection connection = add(address, dial);
            var one = new One(connection.id(), address, connection.nonce);
            model.open(one);
            new Handshake(parts).sendVersion(connection, now(), out);
        }

        private Connection add(NetAddress address, Dial dial) {
            var builder =
                    new Peer.Builder(
                            new PeerId(nextPeer++),
                            dial.type(),
                            address,
                            NetAddress.UNSPECIFIED,
                            false,
                            PeerPermissions.NONE,
                            model.nanos);
            var opening = new Connection.Opening(dial, random.nextLong(), 0, false, model.seconds);
            var connection = new Connection(builder.build(), opening);
            parts.connections.add(connection);
            return connection;
        }

        private void endDial() {
            if (!model.dials.isEmpty()) {
                DialId id = model.dials.keySet().iterator().next();
                if (random.nextInt(5) == 0) {
                    dialler.take(id);
                    model.dials.remove(id);
                } else {
                    connect(id);
                }
            }
        }

        private List<One> present() {
            return model.all.stream().filter(each -> !each.gone).toList();
        }

        private void leave(One one) {
            parts.connections.remove(one.id);
            parts.talks.onGone(one.id);
            one.gone = true;
        }

        /// A connection of another kind begins or ends.
        private void meet() {
            NetAddress address = any(model.book).address();
            PeerId before = others.remove(address);
            if (before == null) {
                Dial dial = Dial.of(address, 0, ConnectionType.OUTBOUND_FULL_RELAY);
                others.put(address, add(address, dial).id());
                model.others.add(address);
            } else {
                parts.connections.remove(before);
                model.others.remove(address);
            }
        }

        // ---- messages

        private VersionMessage version() {
            boolean odd = random.nextInt(5) == 0;
            return new VersionMessage(
                    any(odd ? List.of(31_799, 31_800, 70_015) : List.of(70_016, 70_017)),
                    odd && random.nextBoolean()
                            ? any(List.of(0L, ServiceFlags.NETWORK, ServiceFlags.WITNESS, -1L))
                            : any(List.of(FULL, ServiceFlags.NETWORK_LIMITED | FULL)),
                    random.nextLong(),
                    NOWHERE,
                    new VersionAddress(9, any(model.book).address()),
                    random.nextLong(),
                    any(List.of("", "/a<b\u0001/")),
                    random.nextInt(),
                    random.nextInt(10) > 0);
        }

        /// What an honest peer says next.
        private Message polite(One one) {
            if (PrivateBroadcastModel.theirs(one) == null) {
                return version();
            }
            if (!PrivateBroadcastModel.isReady(one)) {
                return new Verack();
            }
            Offer offer = model.offerTo(one);
            if (one.pings.isEmpty() || random.nextInt(4) == 0) {
                return GetData.of(InvItem.tx((offer == null ? tx(0) : offer.item.tx).txid()));
            }
            return Pong.of(one.pings.getLast());
        }

        private Message odd(One one) {
            Transaction tx = any(pool);
            InvItem item = InvItem.tx(tx.txid());
            List<Message> all =
                    List.of(
                            version(),
                            new Verack(),
                            GetData.of(),
                            GetData.of(item),
                            GetData.of(item, item),
                            GetData.of(InvItem.wtx(tx.wtxid())),
                            new Pong(OptionalLong.empty()),
                            Pong.of(0),
                            Pong.of(one.pings.isEmpty() ? 7 : one.pings.getFirst()),
                            new WtxidRelay(),
                            new SendAddrV2(),
                            new SendHeaders(),
                            new GetAddr(),
                            Ping.of(4),
                            Inv.of(item),
                            TxMessage.of(tx));
            return any(all);
        }

        private void talk() {
            List<One> open = model.open();
            if (!open.isEmpty()) {
                One one = any(open);
                say(one, random.nextInt(6) == 0 ? odd(one) : polite(one));
            }
        }

        private void say(One one, Message message) {
            Connection connection = Check.present(parts.connections.get(one.id), "it is there");
            parts.talks.onMessage(connection, message, now(), out);
            model.hear(one, message);
        }

        // ---- transactions

        private void begin(Transaction tx) {
            machine.begin(tx, now(), out);
            model.begin(tx);
        }

        private void end(Transaction tx) {
            switch (random.nextInt(5)) {
                case 0 -> {
                    machine.abort(tx.wtxid(), out);
                    model.abort(tx.wtxid());
                }
                case 1 ->
                        // It came back to us.
                        assertThat(queue.remove(tx.wtxid())).isEqualTo(model.remove(tx.wtxid()));
                case 2 -> {
                    if (random.nextInt(4) == 0 && model.mempool.add(tx.wtxid())) {
                        parts.txs.onChainEvent(
                                new ChainEvent.TxAccepted(new Origin(9), tx, 500), now(), out);
                    }
                }
                default -> judge(tx);
            }
        }

        /// The answer to our question, or to somebody else's.
        private void judge(Transaction tx) {
            Origin origin = random.nextInt(4) == 0 ? new Origin(4) : Origin.SELF;
            var spent = new TxFailure(TxFailure.Kind.CONFLICT, "spent", "");
            Optional<TxFailure> failure =
                    random.nextInt(6) == 0 ? Optional.of(spent) : Optional.empty();
            machine.onChainEvent(new ChainEvent.TxTested(origin, tx, failure));
            if (origin.equals(Origin.SELF)) {
                model.tested(tx.wtxid(), failure.isEmpty());
            }
        }

        // ---- time

        private void pass() {
            long around = random.nextInt(3) - 1L;
            long to =
                    switch (random.nextInt(20)) {
                        case 0, 1, 2, 6, 7, 8, 9, 10, 11 -> Math.max(0, model.nextDial) + around;
                        case 3 -> model.nextTest + around;
                        case 4 -> model.nanos + 60 * SECOND + around;
                        case 5 -> staleAt() + around;
                        default -> model.nanos + random.nextLong(2 * SECOND);
                    };
            long before = model.nanos;
            model.nanos = Math.max(before, to);
            model.seconds += (model.nanos - before) / SECOND;
            if (random.nextInt(20) == 0) {
                model.seconds += any(List.of(-900L, 599L, 600L, -1L));
            }
        }

        /// When something may be asked for again.
        private long staleAt() {
            Item item = model.live().isEmpty() ? null : any(model.live());
            return item == null ? 0 : Math.max(item.taken + 300 * SECOND, item.looked);
        }

        void tick() {
            compare();
            Now now = now();
            machine.onTick(now, out);
            List<PeerOutput> said = drain();
            model.tick(said);
            assertThat(said).isEqualTo(model.out);
            model.out.clear();
        }

        void step() {
            switch (random.nextInt(24)) {
                case 0 -> begin(any(pool));
                case 1, 2 -> end(any(pool));
                case 3 -> {
                    if (!present().isEmpty()) {
                        leave(any(present()));
                    }
                }
                case 4 -> {
                    if (random.nextBoolean()) {
                        rare();
                    }
                }
                case 5, 6, 7 -> endDial();
                case 8, 9, 10, 11, 12, 13, 14 -> talk();
                default -> {
                    pass();
                    tick();
                }
            }
            compare();
        }

        private void rare() {
            switch (random.nextInt(6)) {
                case 0 -> {
                    model.active ^= true;
                    dialler.setActive(model.active);
                }
                case 1 -> {
                    parts.torWorks = true;
                    model.torAnswered = true;
                }
                case 2 -> {
                    NetAddress address = any(model.book).address();
                    if (random.nextBoolean()) {
                        parts.bans.discourage(address);
                    } else {
                        parts.bans.ban(Subnet.of(address), 1_000_000, false, model.seconds);
                    }
                    model.book.stream()
                            .map(AddressEntry::address)
                            .filter(each -> each.withPort(0).equals(address.withPort(0)))
                            .forEach(model.unwanted::add);
                }
                case 3 -> {
                    NetworkId network = any(NETWORKS);
                    parts.reachable.add(network);
                    model.reachable.add(network);
                }
                default -> meet();
            }
        }

        // ---- what came of it

        private List<PeerOutput> drain() {
            var said = new ArrayList<PeerOutput>();
            for (PeerOutput each = out.poll(); each != null; each = out.poll()) {
                said.add(each);
            }
            return said;
        }

        private void compare() {
            assertThat(drain()).isEqualTo(model.out);
            model.out.clear();
            assertThat(machine.nextDeadlineNanos()).isEqualTo(model.deadline());
            assertThat(parts.torWorks).isEqualTo(model.torWorks());
            present().forEach(this::compare);
            List<Item> live = model.live();
            assertThat(queue.statuses()).hasSameSizeAs(live);
            for (int i = 0; i < live.size(); i++) {
                compare(queue.statuses().get(i), live.get(i));
            }
        }

        private void compare(PrivateQueue.Status status, Item item) {
            assertThat(status.tx()).isEqualTo(item.tx);
            assertThat(status.tries()).isEqualTo(model.offers(item).size());
            assertThat(status.handovers().stream().map(PrivateQueue.Handover::address))
                    .isEqualTo(model.offers(item).stream().map(each -> each.to.address).toList());
            assertThat(
                            status.handovers().stream()
                                    .filter(each -> each.receivedSeconds().isPresent()))
                    .hasSize(model.confirmed(item));
        }

        private void compare(One one) {
            Connection connection = Check.present(parts.connections.get(one.id), "it is there");
            Peer peer = connection.peer;
            VersionMessage theirs = PrivateBroadcastModel.theirs(one);
            assertThat(peer.version()).isEqualTo(theirs);
            assertThat(peer.commonVersion())
                    .isEqualTo(theirs == null ? 0 : Math.min(theirs.version(), 70_016));
            assertThat(connection.relaysTxs).isEqualTo(theirs != null && theirs.relay());
            assertThat(peer.hasBeenReady()).isEqualTo(PrivateBroadcastModel.isReady(one));
            assertThat(peer.isDisconnecting()).isEqualTo(one.dropped);
            assertThat(peer.wtxidRelay() || peer.addrV2()).isFalse();
        }

        /// Nothing else in the node has heard of anybody.
        void compareTheRest() {
            for (AddressEntry each : model.book) {
                AddrManEntry entry = Check.present(parts.book.find(each.address()), "it stays");
                assertThat(entry.services()).isEqualTo(each.services());
                assertThat(entry.lastSuccessSeconds()).isZero();
                assertThat(entry.lastTrySeconds())
                        .isEqualTo(model.tried.getOrDefault(each.address(), 0L));
            }
            assertThat(parts.variety.known().size()).isZero();
            assertThat(parts.clock.medianSeconds()).isZero();
            for (One each : model.all) {
                assertThat(parts.blocks.stats(each.id)).isEqualTo(BlockSyncStats.UNKNOWN);
            }
        }
    }

    @Test
    @DisplayName(
            "private broadcast: who is dialled when, and what is said, is as a model with diaries says")
    @Sabotage(type = TALKS, method = "mayRelay", returns = "true")
    @Sabotage(type = TALKS, method = "onVersion", constant = "31800>31801")
    @Sabotage(type = TALKS, method = "onVersion", call = "relay", returns = "true")
    @Sabotage(type = TALKS, method = "onGetData", call = "equals", returns = "true")
    @Sabotage(type = TALKS, method = "onGetData", flips = 3)
    @Sabotage(type = TALKS, method = "onPong", call = "confirm")
    @Sabotage(type = TALKS, method = "onGone", returns = "void")
    @Sabotage(type = BROADCAST, method = "networks", flips = 2)
    @Sabotage(type = BROADCAST, method = "isFit", call = "mayRelay", returns = "true")
    @Sabotage(type = BROADCAST, method = "isFit", call = "isUnwanted", returns = "false")
    @Sabotage(type = BROADCAST, method = "isFit", call = "isConnected", returns = "false")
    @Sabotage(type = BROADCAST, method = "isFit", call = "contains", returns = "false")
    @Sabotage(type = BROADCAST, method = "onChainEvent", call = "again", returns = "false")
    @Sabotage(type = BROADCAST, method = "test", call = "isInMempool", returns = "false")
    @Sabotage(type = BROADCAST, method = "wantsDial", call = "isActive", returns = "true")
    @Sabotage(type = BROADCAST, method = "dial", constant = "5000000000>4999999999")
    @Sabotage(type = BROADCAST, method = "dial", constant = "200000000>200000001")
    void shouldHandOverAsTheModel() {
        Property.holds(
                100,
                random -> {
                    var world = new World(random, false);
                    for (int i = 0; i < 250; i++) {
                        world.step();
                    }
                    world.compareTheRest();
                });
    }

    @Test
    @DisplayName(
            "private broadcast: many transactions at once share 64 connections, as the model says")
    @Sabotage(type = BROADCAST, method = "wantsDial", constant = "64>65")
    void shouldBoundConnectionsAsTheModel() {
        Property.holds(
                2,
                random -> {
                    var world = new World(random, true);
                    world.pool.forEach(world::begin);
                    int most = 0;
                    for (int i = 0; i < 200; i++) {
                        world.model.nanos = Math.max(world.model.nanos, world.model.nextDial);
                        world.tick();
                        List.copyOf(world.model.dials.keySet()).forEach(world::connect);
                        world.talk();
                        most = Math.max(most, world.model.open().size());
                    }
                    assertThat(most).isEqualTo(64);
                });
    }
}
