package weft.p2p;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import weft.chain.api.ChainEvent;
import weft.chain.api.HeaderNode;
import weft.chain.api.Origin;
import weft.p2p.addr.Acquaintances;
import weft.p2p.addr.AddrMan;
import weft.p2p.addr.NetGroups;
import weft.p2p.bloom.BloomFilter;
import weft.p2p.peers.BanList;
import weft.p2p.peers.Eviction;
import weft.p2p.peers.EvictionCandidate;
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
import weft.wire.NetAddress;
import weft.wire.NetworkId;
import weft.wire.Ping;
import weft.wire.Pong;
import weft.wire.Subnet;
import weft.wire.TxMessage;

/// [Admission] against a model with a list of all connections and what they did for us. Who of them goes is
/// for [Eviction] to say, which has a model of its own.
class AdmissionModelTest implements SeenRed {
    private static final long SECOND = 1_000_000_000L;
    private static final long WALL = 1_700_000_000;

    /// A connection, with all that happened on it.
    private static final class Guest {
        final Peer peer;
        final boolean isDiscouraged;
        boolean isClosing;
        long lastBlock;
        long lastTx;
        final List<Long> trips = new ArrayList<>();
        boolean offersAll;
        boolean relays;
        boolean hasFilter;

        Guest(Peer peer, boolean isDiscouraged) {
            this.peer = peer;
            this.isDiscouraged = isDiscouraged;
        }

        boolean mayStay() {
            return peer.permissions().has(PeerPermissions.NO_BAN);
        }
    }

    /// Bitcoin Core's rules.
    private static final class Model {
        final List<Guest> guests = new ArrayList<>();
        final List<P2pOptions.Whitelisted> whitelist;
        final Map<Bytes, Long> groupNumbers = new HashMap<>();
        final Set<NetAddress> banned = new HashSet<>();
        final Set<NetAddress> discouraged = new HashSet<>();
        final List<PeerOutput> out = new ArrayList<>();
        int inbound;

        Model(List<P2pOptions.Whitelisted> whitelist) {
            this.whitelist = whitelist;
        }

        List<Guest> open() {
            return guests.stream().filter(each -> !each.isClosing).toList();
        }

        List<Guest> open(ConnectionType type) {
            return open().stream().filter(each -> each.peer.type() == type).toList();
        }

        /// All that any range gives.
        int permissions(NetAddress address, boolean incoming) {
            return whitelist.stream()
                    .filter(each -> incoming ? each.incoming() : each.outgoing())
                    .filter(each -> each.subnet().contains(address))
                    .mapToInt(each -> each.permissions().bits())
                    .reduce(0, (a, b) -> a | b);
        }

        String refusal(NetAddress address, PeerPermissions permissions, boolean active) {
            String who = "connection from " + address + " dropped";
            NetAddress host = address.withPort(0);
            boolean mayStay = permissions.has(PeerPermissions.NO_BAN);
            int count = open(ConnectionType.INBOUND).size();
            if (!active) {
                return who + ": not accepting new connections";
            }
            if (!mayStay && banned.contains(host)) {
                return who + " (banned)";
            }
            // The last place is not for them.
            if (!mayStay && discouraged.contains(host) && count >= inbound - 1) {
                return who + " (discouraged)";
            }
            boolean isFull = count >= inbound && !evict();
            return isFull ? "failed to find an eviction candidate - connection dropped (full)" : "";
        }

        boolean evict() {
            Optional<PeerId> chosen =
                    Eviction.select(open().stream().map(this::candidate).toList());
            chosen.ifPresent(id -> close(id, "evicted"));
            return chosen.isPresent();
        }

        private void close(PeerId id, String why) {
            guests.stream()
                    .filter(each -> each.peer.id().equals(id))
                    .forEach(each -> each.isClosing = true);
            out.add(new PeerOutput.Disconnect(id, why));
        }

        private EvictionCandidate candidate(Guest guest) {
            Peer peer = guest.peer;
            NetAddress address = peer.address();
            long trip = guest.trips.stream().mapToLong(each -> each).min().orElse(Long.MAX_VALUE);
            // All onion peers have the address of the Tor daemon.
            NetworkId network = peer.onionBind() ? NetworkId.TORV3 : address.network();
            return new EvictionCandidate(
                    peer.id(),
                    peer.connectedAtNanos(),
                    new EvictionCandidate.Merits(
                            trip,
                            guest.lastBlock,
                            guest.lastTx,
                            guest.offersAll,
                            guest.relays,
                            guest.hasFilter),
                    groupNumbers.getOrDefault(address.netGroup(), 0L),
                    guest.isDiscouraged,
                    address.toString().startsWith("127."),
                    network,
                    peer.isInbound(),
                    guest.mayStay());
        }

        /// The operator wants fewer: the youngest go, but of those who dialled us first those of least use.
        void limit(PeerCommand.SetLimits to) {
            inbound = to.inbound();
            closeYoungest(ConnectionType.OUTBOUND_FULL_RELAY, to.fullRelay());
            closeYoungest(ConnectionType.BLOCK_RELAY_ONLY, to.blockRelay());
            boolean found = true;
            while (found && open(ConnectionType.INBOUND).size() > inbound) {
                found = evict();
            }
            closeYoungest(ConnectionType.INBOUND, inbound);
        }

        private void closeYoungest(ConnectionType type, int max) {
            int excess = Math.max(0, open(type).size() - max);
            open(type).reversed().stream()
                    .filter(each -> !each.mayStay())
                    .limit(excess)
                    .forEach(each -> close(each.peer.id(), "fewer connections wanted"));
        }
    }

    /// The machine and the model side by side.
    private static final class World {
        final SplittableRandom random;
        final EngineParts parts;
        final Admission machine;
        final Model model;
        final Outbox out = new Outbox();

        /// What other parts say.
        private final Outbox others = new Outbox();

        HeaderNode tip;
        private long nanos = 1;
        private long nextPeer;

        World(SplittableRandom random) {
            this.random = random;
            var whitelist = new ArrayList<P2pOptions.Whitelisted>();
            for (int i = random.nextInt(4); i > 0; i--) {
                Subnet range =
                        Subnet.parse(any(List.of("20.0.0.0/8", "20.3.0.0/16", "20.4.1.1", "::/0")));
                whitelist.add(
                        new P2pOptions.Whitelisted(
                                range, permissions(), random.nextBoolean(), random.nextBoolean()));
            }
            P2pOptions usual = P2pOptions.of(8333, NetGroups.PUBLIC);
            int inbound = random.nextInt(4) == 0 ? random.nextInt(8) : random.nextInt(20, 45);
            P2pOptions options =
                    usual.with(usual.limits().withInbound(inbound))
                            .with(new P2pOptions.Access(whitelist, List.of(NetworkId.IPV4), true));
            var book =
                    new AddrMan(AddrMan.newKey(random), NetGroups.PUBLIC, random.split(), Log.NONE);
            var bans = new BanList(Duration.ofDays(1), random.split());
            parts =
                    new EngineParts(
                            options,
                            new PeerEngine.Memory(book, bans, new Acquaintances()),
                            new NoRules(),
                            random.split(),
                            Log.NONE);
            machine = new Admission(parts);
            model = new Model(whitelist);
            model.inbound = inbound;
            tip = HeaderNode.genesis(header(BlockHash.ZERO), BigInteger.ONE);
            chain(new ChainEvent.Loaded(List.of(tip), List.of(tip), tip, false));
        }

        private <T> T any(List<T> of) {
            return of.get(random.nextInt(of.size()));
        }

        private boolean rarely(int times) {
            return random.nextInt(times) == 0;
        }

        private PeerPermissions permissions() {
            int all = PeerPermissions.NO_BAN;
            return new PeerPermissions(
                    any(List.of(0, all, all, PeerPermissions.DOWNLOAD, PeerPermissions.RELAY)));
        }

        Now now() {
            return new Now(nanos, Instant.ofEpochSecond(WALL, nanos));
        }

        private BlockHeader header(BlockHash before) {
            return new BlockHeader(4, before, Digest256.ZERO, WALL, 1, random.nextInt(1 << 30));
        }

        private void chain(ChainEvent event) {
            parts.blocks.onChainEvent(event, now(), others);
            parts.txs.onChainEvent(event, now(), others);
        }

        /// Other parts give up connections for reasons of their own.
        private void noteGivenUp() {
            for (PeerOutput each = others.poll(); each != null; each = others.poll()) {
                if (each instanceof PeerOutput.Disconnect(PeerId id, String _)) {
                    model.guests.stream()
                            .filter(any -> any.peer.id().equals(id))
                            .forEach(any -> any.isClosing = true);
                }
            }
        }

        private NetAddress address() {
            int port = 1_024 + random.nextInt(3);
            byte[] key = new byte[32];
            key[0] = (byte) random.nextInt(80);
            return switch (random.nextInt(10)) {
                case 0 -> NetAddress.parse("127.0.0.1:" + port, port);
                case 1 -> new NetAddress(NetworkId.I2P, Bytes.wrap(key), 0);
                case 2 -> NetAddress.parse("[2a01:" + random.nextInt(1, 4) + "::1]:" + port, port);
                default -> {
                    String host = random.nextInt(8) + ".1." + random.nextInt(1, 4);
                    yield NetAddress.parse("20." + host + ":" + port, port);
                }
            };
        }

        /// Somebody dials us.
        private void knock() {
            NetAddress address = address();
            boolean active = !rarely(20);
            PeerPermissions listed = machine.permissionsOf(address, true);
            assertThat(listed.bits()).isEqualTo(model.permissions(address, true));
            PeerPermissions all = rarely(8) ? listed.with(permissions()) : listed;
            String refusal = machine.refusal(address, all, active, now(), out);
            assertThat(refusal).isEqualTo(model.refusal(address, all, active));
            compare();
            if (refusal.isEmpty()) {
                boolean onion = address.isLocal() && random.nextBoolean();
                add(ConnectionType.INBOUND, address, onion, all);
            }
        }

        private void dial() {
            NetAddress address = address();
            PeerPermissions listed = machine.permissionsOf(address, false);
            assertThat(listed.bits()).isEqualTo(model.permissions(address, false));
            ConnectionType type =
                    any(
                            List.of(
                                    ConnectionType.OUTBOUND_FULL_RELAY,
                                    ConnectionType.OUTBOUND_FULL_RELAY,
                                    ConnectionType.BLOCK_RELAY_ONLY,
                                    ConnectionType.MANUAL));
            boolean manual = type == ConnectionType.MANUAL;
            add(type, address, false, manual ? listed : PeerPermissions.NONE);
        }

        private void add(
                ConnectionType type, NetAddress address, boolean onion, PeerPermissions allowed) {
            Peer peer =
                    new Peer.Builder(
                                    new PeerId(nextPeer++),
                                    type,
                                    address,
                                    NetAddress.UNSPECIFIED,
                                    onion,
                                    allowed,
                                    nanos)
                            .build();
            boolean bad = model.discouraged.contains(address.withPort(0));
            long group = parts.keyedNetGroup(address);
            parts.connections.add(
                    new Connection(peer, new Connection.Opening(Dial.NONE, 0, group, bad, WALL)));
            model.groupNumbers.put(address.netGroup(), group);
            model.guests.add(new Guest(peer, bad));
        }

        private Connection connection(Guest guest) {
            return Check.present(parts.connections.get(guest.peer.id()), "it is there");
        }

        /// It does something for us.
        private void serve(Guest guest) {
            Peer peer = guest.peer;
            if (!peer.isReady()) {
                peer.versionReceived(EngineWorld.version(1, EngineWorld.FULL), 70_016);
                peer.becomeReady();
                parts.blocks.onReady(peer, now(), others);
                parts.txs.onReady(peer, now(), others);
                answerPing(guest);
            }
            guest.offersAll = random.nextBoolean();
            guest.relays = random.nextBoolean();
            guest.hasFilter = rarely(4);
            connection(guest).hasWantedServices = guest.offersAll;
            connection(guest).relaysTxs = guest.relays;
            peer.setBloomFilter(guest.hasFilter ? BloomFilter.sized(1, 0.1, 0, 0) : null);
            if (rarely(3)) {
                giveBlock(guest);
            } else if (peer.type() != ConnectionType.BLOCK_RELAY_ONLY && rarely(2)) {
                giveTransaction(guest);
            }
        }

        private void answerPing(Guest guest) {
            var sent = new Outbox();
            parts.pings.onReady(guest.peer, now(), sent);
            var ping = (Ping) ((PeerOutput.Send) Check.present(sent.poll(), "a ping")).message();
            if (rarely(4)) {
                return;
            }
            long trip = random.nextLong(SECOND);
            nanos += trip;
            parts.pings.onPong(guest.peer, new Pong(ping.nonce()), 8, now());
            guest.trips.add(trip);
        }

        private void giveBlock(Guest guest) {
            BlockHeader header = header(tip.hash());
            tip = HeaderNode.of(header, header.hash(), tip, BigInteger.ONE);
            var origin = new Origin(guest.peer.id().value());
            chain(new ChainEvent.HeadersAccepted(origin, List.of(tip), List.of(tip)));
            chain(new ChainEvent.BlockStored(origin, tip, true));
            guest.lastBlock = now().unixSeconds();
        }

        private void giveTransaction(Guest guest) {
            PeerId id = guest.peer.id();
            var before = new OutPoint(new Txid(random.nextInt(), 0, 0, 1), 0);
            Transaction tx =
                    Transaction.of(
                            2,
                            List.of(new TxIn(before, Bytes.EMPTY, 0)),
                            List.of(new TxOut(1, Bytes.EMPTY)),
                            List.of(),
                            0);
            parts.txs.onMessage(guest.peer, TxMessage.of(tx), now(), others);
            chain(new ChainEvent.TxAccepted(new Origin(id.value()), tx, 1_000));
            guest.lastTx = now().unixSeconds();
            assertThat(parts.txs.stats(id).lastTransactionSeconds()).isEqualTo(guest.lastTx);
        }

        private void leave(Guest guest) {
            PeerId id = guest.peer.id();
            parts.connections.remove(id);
            parts.blocks.onGone(id, now(), others);
            parts.txs.onGone(id, now(), others);
            parts.pings.onGone(id);
            model.guests.remove(guest);
        }

        private void judge() {
            NetAddress host = address().withPort(0);
            if (rarely(3)) {
                parts.bans.discourage(host);
                model.discouraged.add(host);
            } else if (model.banned.remove(host)) {
                parts.bans.unban(Subnet.of(host));
            } else {
                parts.bans.ban(Subnet.of(host), 1L << 28, false, now().unixSeconds());
                model.banned.add(host);
            }
        }

        private void limit() {
            var wanted =
                    new PeerCommand.SetLimits(
                            random.nextInt(6), random.nextInt(3), random.nextInt(45));
            machine.setLimits(wanted, now(), out);
            model.limit(wanted);
            assertThat(parts.limits.fullRelay()).isEqualTo(wanted.fullRelay());
            assertThat(parts.limits.blockRelay()).isEqualTo(wanted.blockRelay());
            assertThat(parts.limits.inbound()).isEqualTo(wanted.inbound());
        }

        void step() {
            nanos += random.nextLong(rarely(4) ? 1 : 90 * SECOND);
            noteGivenUp();
            List<Guest> open = model.open();
            Guest one = open.isEmpty() ? null : any(open);
            switch (random.nextInt(24)) {
                case 0, 1, 2, 3 -> {
                    if (one != null) {
                        serve(one);
                    }
                }
                case 4, 5 -> dial();
                case 6 -> {
                    if (one != null) {
                        leave(one);
                    }
                }
                case 7 ->
                        List.copyOf(model.guests).stream()
                                .filter(each -> each.isClosing)
                                .forEach(this::leave);
                case 8 -> judge();
                case 9 -> {
                    if (rarely(4)) {
                        limit();
                    }
                }
                default -> knock();
            }
            compare();
        }

        private void compare() {
            var happened = new ArrayList<PeerOutput>();
            for (PeerOutput each = out.poll(); each != null; each = out.poll()) {
                happened.add(each);
            }
            assertThat(happened).isEqualTo(model.out);
            model.out.clear();
        }
    }

    @Test
    @DisplayName(
            "Who is let in, refused or evicted is as a model with a list of all connections says")
    @Sabotage(type = "weft.p2p.Admission", method = "refusal", call = "isBanned", returns = "false")
    @Sabotage(
            type = "weft.p2p.Admission",
            method = "refusal",
            call = "isDiscouraged",
            returns = "false")
    @Sabotage(type = "weft.p2p.Admission", method = "refusal", call = "has", returns = "false")
    @Sabotage(
            type = "weft.p2p.Admission",
            method = "candidate",
            call = "onionBind",
            returns = "false")
    @Sabotage(type = "weft.p2p.Admission", method = "candidate", call = "has", returns = "false")
    @Sabotage(
            type = "weft.p2p.Admission",
            method = "candidate",
            call = "lastBlockSeconds",
            returns = "0")
    @Sabotage(
            type = "weft.p2p.Admission",
            method = "candidate",
            call = "lastTransactionSeconds",
            returns = "0")
    @Sabotage(
            type = "weft.p2p.Admission",
            method = "closeYoungest",
            call = "has",
            returns = "false")
    @Sabotage(
            type = "weft.p2p.Admission",
            method = "permissionsOf",
            call = "incoming",
            returns = "true")
    void shouldAdmitAsTheModel() {
        Property.holds(
                40,
                random -> {
                    var world = new World(random);
                    for (int i = 0; i < 250; i++) {
                        world.step();
                    }
                });
    }
}
