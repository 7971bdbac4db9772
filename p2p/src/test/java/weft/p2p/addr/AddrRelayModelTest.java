package weft.p2p.addr;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import weft.p2p.ConnectionType;
import weft.p2p.Outbox;
import weft.p2p.Peer;
import weft.p2p.PeerFault;
import weft.p2p.PeerId;
import weft.p2p.PeerOutput;
import weft.p2p.PeerPermissions;
import weft.p2p.TestPeers;
import weft.p2p.addr.AddrRelayModel.Answer;
import weft.p2p.addr.AddrRelayModel.Door;
import weft.p2p.addr.AddrRelayModel.Friend;
import weft.primitives.Bytes;
import weft.primitives.Check;
import weft.primitives.Now;
import weft.primitives.log.Log;
import weft.testkit.Property;
import weft.testkit.Sabotage;
import weft.testkit.SeenRed;
import weft.wire.AddressEntry;
import weft.wire.NetAddress;
import weft.wire.NetworkId;
import weft.wire.ServiceFlags;

/// [AddrRelay] against [AddrRelayModel], with the same luck and twins of an address book.
class AddrRelayModelTest implements SeenRed {
    private static final List<ConnectionType> TYPES =
            List.of(
                    ConnectionType.OUTBOUND_FULL_RELAY,
                    ConnectionType.BLOCK_RELAY_ONLY,
                    ConnectionType.MANUAL,
                    ConnectionType.ADDR_FETCH,
                    ConnectionType.FEELER);

    /// So many of the addresses are those of peers: of each network, one of IPv4 inside of IPv6, and one of
    /// this machine.
    private static final int PEERS = 22;

    /// The machine and the model side by side.
    private static final class World {
        final SplittableRandom random;
        final TestPeers table = new TestPeers();
        final LineLog lines = new LineLog();
        final Outbox out = new Outbox();
        final TestAddrPolicy policy;
        final AddrMan book;
        final AddrMan twin;
        final AddrRelay machine;
        final AddrRelayModel model;
        final List<Peer> peers = new ArrayList<>();
        final List<NetAddress> pool = new ArrayList<>();
        final Set<NetAddress> touched = new HashSet<>();

        /// Those who pass by are many.
        final boolean isSeed;

        /// One answer is as long as a message can be.
        final boolean isRich;

        long nanos;
        long wallAhead;
        long nextPeer;
        int nextAddress;

        World(SplittableRandom random) {
            this.random = random;
            boolean laboratory = random.nextInt(5) == 0;
            policy = new TestAddrPolicy(random, laboratory);
            fillPool();
            policy.locals.add(NetAddress.UNSPECIFIED);
            policy.locals.add(pool.get(random.nextInt(pool.size())));
            policy.locals.add(fresh());
            var groups = new NetGroups(laboratory);
            long seed = random.nextLong();
            book = book(groups, seed);
            twin = book(groups, seed);
            machine = new AddrRelay(book, policy, table, new SplittableRandom(seed), lines);
            model = new AddrRelayModel(policy, twin, new SplittableRandom(seed));
            nanos = 1 + random.nextLong(AddrRelayModel.HOUR);
            isSeed = !laboratory && random.nextInt(3) == 0;
            isRich = laboratory && random.nextInt(3) == 0;
            learn(
                    isRich
                            ? 1_400
                            : random.nextBoolean() ? random.nextInt(31, 39) : random.nextInt(90));
            tick();
            if (!isSeed && !isRich) {
                askTwice();
            }
        }

        /// A newcomer knows next to nothing, and a quarter of an hour later twice as much, or one more.
        private void askTwice() {
            int known = book.size();
            for (int i = 0; i < 6; i++) {
                if (i == 3) {
                    nanos += 15 * AddrRelayModel.MINUTE + random.nextInt(-1, 2);
                    learn(known + random.nextInt(2));
                }
                NetAddress door = NetAddress.parse("99.1.1." + i % 3 + ":8333", 0);
                getAddr(join(true, door, false));
            }
            compare();
        }

        private static AddrMan book(NetGroups groups, long seed) {
            var luck = new SplittableRandom(seed);
            return new AddrMan(AddrMan.DETERMINISTIC_KEY, groups, luck, Log.NONE);
        }

        private NetAddress random(NetworkId network, int port) {
            Bytes bytes = Bytes.wrap(Property.bytes(random, network.addressBytes()));
            return new NetAddress(network, bytes, port);
        }

        private void fillPool() {
            for (int i = 0; i < 4; i++) {
                pool.add(fresh());
                pool.add(NetAddress.parse("2a00:" + i + "::1", 8333));
                pool.add(random(NetworkId.TORV3, 8333));
                pool.add(random(NetworkId.I2P, 0));
                pool.add(NetAddress.parse("fc00::" + i, 8333).flipToCjdns());
            }
            pool.add(NetAddress.parse("2002:1402:304::1", 8333));
            pool.add(NetAddress.parse("127.0.0.1:18333", 0));
            pool.add(pool.getFirst().withPort(8334));
            pool.add(NetAddress.parse("192.168.1.2:0", 0));
            pool.add(NetAddress.parse("10.1.2.3:8333", 0));
            pool.add(NetAddress.UNSPECIFIED.withPort(8333));
            pool.add(NetAddress.parse("255.255.255.255:8333", 0));
            pool.add(NetAddress.internal("x9.seed.example"));
        }

        /// One that nobody heard of yet.
        private NetAddress fresh() {
            int i = nextAddress++;
            return NetAddress.parse(20 + i % 60 + "." + i / 60 + ".1.1:8333", 0);
        }

        Now now() {
            return new Now(nanos, Instant.ofEpochSecond(wall()));
        }

        private long wall() {
            return 1_700_000_000 + wallAhead + nanos / AddrRelayModel.SECOND;
        }

        /// Both books hear of so many more addresses elsewhere.
        private void learn(int count) {
            for (int i = 0; i < count; i++) {
                NetAddress source = NetAddress.parse("90." + i % 50 + ".1.1:8333", 0);
                var heard =
                        List.of(new AddressEntry(wall() - random.nextInt(3_000_000), 9, fresh()));
                book.add(heard, source, 0, wall());
                twin.add(heard, source, 0, wall());
            }
        }

        /// By any network.
        private Peer join(boolean inbound, NetAddress local, boolean onion) {
            return join(inbound, pool.get(random.nextInt(PEERS)), local, onion);
        }

        private Peer join(Door door) {
            List<NetAddress> from =
                    pool.subList(0, PEERS).stream()
                            .filter(each -> Door.networkOf(each).equals(door.network()))
                            .toList();
            boolean onion = door.network().equals("TORV3") && random.nextBoolean();
            return join(
                    true,
                    (onion ? pool : from).get(random.nextInt(from.size())),
                    door.local(),
                    onion);
        }

        private Peer join(boolean inbound, NetAddress from, NetAddress local, boolean onion) {
            ConnectionType type =
                    inbound ? ConnectionType.INBOUND : TYPES.get(random.nextInt(TYPES.size()));
            int permissions =
                    random.nextInt(5) == 0
                            ? PeerPermissions.ADDR
                            : random.nextInt(4) == 0 ? PeerPermissions.NO_BAN : 0;
            Peer peer =
                    table.add(
                            new Peer.Builder(
                                    new PeerId(nextPeer++),
                                    type,
                                    from,
                                    local,
                                    onion,
                                    new PeerPermissions(permissions),
                                    nanos));
            peers.add(peer);
            if (!inbound && random.nextInt(10) > 0) {
                machine.onOutboundVersion(peer, out);
                model.outboundVersion(peer);
            }
            if (random.nextBoolean()) {
                TestPeers.wantAddrV2(peer);
            }
            if (random.nextInt(10) > 0) {
                peer.becomeReady();
            }
            return peer;
        }

        private Peer join(boolean inbound) {
            NetAddress local = NetAddress.parse("99.1.1." + random.nextInt(3) + ":8333", 0);
            return join(inbound, local, inbound && random.nextInt(4) == 0);
        }

        private void leave(Peer peer) {
            machine.onGone(peer.id());
            model.gone(peer.id());
            peers.remove(peer);
            table.remove(peer.id());
        }

        private Peer peer() {
            return peers.isEmpty() ? join(true) : peers.get(random.nextInt(peers.size()));
        }

        private void tick() {
            machine.onTick(now(), out);
            model.tick(now());
        }

        private void getAddr(Peer peer) {
            machine.onGetAddr(peer, now());
            model.getAddr(peer, now());
        }

        /// News come while the answer waits.
        private void getAddrAndMore() {
            getAddr(join(true));
            if (isRich || random.nextInt(3) == 0) {
                addr(peer(), 3);
            }
        }

        private long time() {
            long near = random.nextInt(-1, 2);
            return switch (random.nextInt(8)) {
                case 0 -> random.nextLong(1L << 32);
                case 1 -> 100_000_000 + near;
                case 2, 3 -> wall() - 600 + near;
                case 4 -> wall() + 600 + near;
                default -> wall() - random.nextInt(600);
            };
        }

        private long services() {
            return switch (random.nextInt(10)) {
                case 0 -> ServiceFlags.NONE;
                case 1 -> ServiceFlags.WITNESS;
                case 2 -> ServiceFlags.WITNESS | ServiceFlags.COMPACT_FILTERS;
                case 3 -> ServiceFlags.NETWORK_LIMITED;
                default -> ServiceFlags.NETWORK | ServiceFlags.WITNESS;
            };
        }

        /// Long lists hold hardly anything of use: they cost tokens only.
        private List<AddressEntry> entries(int size) {
            var all = new ArrayList<AddressEntry>();
            for (int i = 0; i < size; i++) {
                boolean old = random.nextInt(3) > 0;
                boolean empty = i > 20 && random.nextInt(40) > 0;
                NetAddress address = empty || old ? pool.get(random.nextInt(pool.size())) : fresh();
                if (!old && random.nextInt(4) == 0) {
                    pool.add(address);
                }
                touched.add(address);
                all.add(new AddressEntry(time(), empty ? 0 : services(), address));
            }
            return all;
        }

        private int size() {
            return switch (random.nextInt(12)) {
                case 0 -> 10 + random.nextInt(2);
                case 1 -> random.nextInt(60);
                case 2 -> random.nextInt(3) > 0 ? 0 : 999 + random.nextInt(3);
                default -> 1 + random.nextInt(4);
            };
        }

        /// Where a token is just complete, of parts that came at several times, the machine, which counts in
        /// fractions, may see that a nanosecond late.
        private void addr(Peer peer, int size) {
            Friend friend = model.friends.get(peer.id());
            nanos += friend != null && friend.isJustComplete(nanos) ? 1 : 0;
            String command = random.nextBoolean() ? "addr" : "addrv2";
            List<AddressEntry> entries = entries(size);
            String fault = "";
            try {
                machine.onAddr(peer, command, entries, now(), out);
            } catch (PeerFault e) {
                fault = Check.present(e.getMessage(), "faults have a text");
            }
            assertThat(fault).isEqualTo(model.addr(peer, command, entries, now()));
        }

        void step() {
            if (random.nextInt(3) == 0) {
                aim();
            } else {
                switch (random.nextInt(16)) {
                    case 0, 1 -> join(random.nextBoolean());
                    case 2 -> leave(peer());
                    case 3 -> getAddr(peer());
                    case 4 -> getAddrAndMore();
                    case 5, 6, 7, 8, 9 -> addr(peer(), size());
                    case 10 -> later();
                    case 11 -> rare();
                    default -> tick();
                }
            }
            compare();
            if (random.nextInt(4) > 0) {
                int bits = random.nextInt(random.nextInt(6) == 0 ? 47 : 38);
                nanos += random.nextLong(1L << bits);
            }
        }

        /// What a handshake does in the middle, or too late.
        private void later() {
            Peer peer = peer();
            peer.becomeReady();
            if (peer.type() == ConnectionType.OUTBOUND_FULL_RELAY && random.nextBoolean()) {
                machine.onOutboundVersion(peer, out);
                model.outboundVersion(peer);
            }
        }

        private void rare() {
            switch (random.nextInt(6)) {
                case 0 -> policy.announces = !policy.announces;
                case 1 -> {
                    NetAddress address = pool.get(random.nextInt(pool.size()));
                    if (!policy.unwanted.remove(address)) {
                        policy.unwanted.add(address);
                    }
                }
                case 2 -> wallAhead += random.nextInt(200_000) - 100_000;
                case 3 -> policy.locals.set(2, fresh());
                case 4 -> learn(random.nextInt(random.nextBoolean() ? 10 : 80));
                default -> {
                    if (isSeed) {
                        crowd();
                    }
                }
            }
        }

        /// Some come, ask, and go; now and then at many doors.
        private void crowd() {
            boolean many = random.nextInt(3) == 0;
            for (int i = 0; i < (many ? 150 : 4); i++) {
                int number = random.nextInt(many ? 100 : 3);
                NetAddress door = NetAddress.parse("99.1.1." + number + ":8333", 0);
                Peer peer = join(true, door, false);
                if (random.nextInt(4) > 0) {
                    getAddr(peer);
                }
                if (!many && random.nextBoolean()) {
                    nanos += AddrRelayModel.MINUTE + random.nextInt(-1, 2);
                    tick();
                }
                leave(peer);
                assertThat(machine.stats(peer.id())).isEqualTo(AddrRelayStats.UNKNOWN);
                if (!many && model.passersBy < 5) {
                    askTwiceAsMany(Door.of(peer));
                }
            }
            for (int i = many ? random.nextInt(8) : 0; i > 0; i--) {
                askForTheOldest();
            }
        }

        /// Where the answer was forgotten last, or is the next to be forgotten.
        private void askForTheOldest() {
            Door forgotten = model.forgotten;
            Peer peer =
                    forgotten == null || random.nextBoolean()
                            ? join(model.answers.getFirst().door())
                            : join(forgotten);
            getAddr(peer);
            leave(peer);
        }

        /// Somebody asks when we know twice as many as at the last answer, or one more.
        private void askTwiceAsMany(Door door) {
            Answer last = model.lastAt(door);
            if (last != null && last.known() < 500) {
                learn(Math.max(0, 2 * last.known() - book.size() + random.nextInt(2)));
            }
            getAddr(join(door));
        }

        /// To the nanosecond of a limit, the one before, or the one after.
        private void aim() {
            switch (random.nextInt(4)) {
                case 0 -> aimAtTokens();
                case 1 -> aimAtAnswer();
                default -> {
                    List<Long> moments =
                            model.friends.values().stream()
                                    .flatMap(each -> Stream.of(each.moments, each.days))
                                    .filter(each -> !each.isEmpty())
                                    .map(List::getLast)
                                    .toList();
                    if (!moments.isEmpty()) {
                        until(moments.get(random.nextInt(moments.size())) + random.nextInt(3));
                        tick();
                    }
                }
            }
        }

        private void until(long moment) {
            nanos = Math.max(nanos, moment);
        }

        private void aimAtTokens() {
            if (model.friends.isEmpty()) {
                return;
            }
            var all = List.copyOf(model.friends.values());
            Friend friend = all.get(random.nextInt(all.size()));
            long have = friend.tokens(nanos);
            long most = 1_000 - have / AddrRelayModel.TOKEN;
            if (most > 0) {
                long more = random.nextInt(3) == 0 ? most : 1 + random.nextLong(Math.min(5, most));
                long missing = more * AddrRelayModel.TOKEN - have % AddrRelayModel.TOKEN;
                nanos += Math.max(0, missing + random.nextInt(-1, 2));
                addr(friend.peer, (int) Math.min(1_000, have / AddrRelayModel.TOKEN + more + 1));
            }
        }

        private void aimAtAnswer() {
            if (model.answers.isEmpty()) {
                return;
            }
            int count = model.answers.size();
            Answer answer = model.answers.get(count - 1 - random.nextInt(Math.min(3, count)));
            Door door = answer.door();
            if (random.nextBoolean()) {
                until(answer.expires() + random.nextInt(-1, 2));
                getAddr(join(door));
            } else {
                until(answer.made() + 15 * AddrRelayModel.MINUTE + random.nextInt(-1, 2));
                askTwiceAsMany(door);
            }
        }

        private void compare() {
            var sent = new ArrayList<PeerOutput>();
            while (!out.isEmpty()) {
                sent.add(out.poll());
            }
            assertThat(sent).isEqualTo(model.out);
            assertThat(table.actions).isEqualTo(model.actions);
            assertThat(lines.all).isEqualTo(model.lines);
            model.out.clear();
            table.actions.clear();
            model.actions.clear();
            lines.all.clear();
            model.lines.clear();
            assertThat(machine.nextDeadlineNanos()).isEqualTo(model.deadline());
            for (Peer each : peers) {
                Friend friend = model.friends.get(each.id());
                assertThat(machine.stats(each.id()))
                        .isEqualTo(friend == null ? AddrRelayStats.UNKNOWN : friend.stats());
            }
            assertThat(book.size()).isEqualTo(twin.size());
            for (NetAddress each : touched) {
                assertThat(facts(book, each)).isEqualTo(facts(twin, each));
            }
            touched.clear();
        }

        private static String facts(AddrMan book, NetAddress address) {
            AddrManEntry entry = book.find(address);
            return entry == null ? "" : entry.toEntry() + " " + entry.source();
        }
    }

    @Test
    @DisplayName("Which addresses go to whom and when, and which are kept, is as a model says")
    @Sabotage(type = "weft.p2p.addr.AddrRelay", method = "setUp", returns = "true")
    @Sabotage(type = "weft.p2p.addr.AddrRelay", method = "onAddr", constant = "1000>1001")
    @Sabotage(type = "weft.p2p.addr.AddrRelay", method = "onAddr", call = "has", returns = "true")
    @Sabotage(type = "weft.p2p.addr.AddrRelay", method = "refill", flips = 1)
    @Sabotage(
            type = "weft.p2p.addr.AddrRelay",
            method = "hear",
            call = "isUnwanted",
            returns = "false")
    @Sabotage(type = "weft.p2p.addr.AddrRelay", method = "hear", constant = "600>601")
    @Sabotage(type = "weft.p2p.addr.AddrRelay", method = "hear", constant = "10>11")
    @Sabotage(type = "weft.p2p.addr.AddrRelay", method = "hear", constant = "432000>431999")
    @Sabotage(
            type = "weft.p2p.addr.AddrRelay",
            method = "relay",
            call = "isReady",
            returns = "true")
    @Sabotage(type = "weft.p2p.addr.AddrRelay", method = "relay", constant = "86400>43200")
    @Sabotage(
            type = "weft.p2p.addr.AddrRelay",
            method = "push",
            call = "contains",
            returns = "false")
    @Sabotage(type = "weft.p2p.addr.AddrRelay", method = "push", constant = "1000>1001")
    @Sabotage(
            type = "weft.p2p.addr.AddrRelay",
            method = "onGetAddr",
            call = "isInbound",
            returns = "true")
    @Sabotage(type = "weft.p2p.addr.AddrRelay", method = "onGetAddr", call = "clear")
    @Sabotage(type = "weft.p2p.addr.AddrRelay", method = "answer", call = "has", returns = "true")
    @Sabotage(
            type = "weft.p2p.addr.AddrRelay",
            method = "onGone",
            constant = "60000000000>60000000001")
    @Sabotage(type = "weft.p2p.addr.AddrRelay", method = "announceSelf", call = "clear")
    @Sabotage(
            type = "weft.p2p.addr.AddrRelay",
            method = "nextDeadlineNanos",
            call = "isReady",
            returns = "true")
    void shouldGossipAsTheModel() {
        play();
    }

    @Test
    @DisplayName("Which answers to getaddr are kept, for whom and how long, is as a model says")
    @Sabotage(
            type = "weft.p2p.addr.AddrRelay",
            method = "cached",
            constant = "75600000000000>75000000000000")
    @Sabotage(type = "weft.p2p.addr.AddrRelay", method = "cached", constant = "64>65")
    @Sabotage(
            type = "weft.p2p.addr.AddrRelay",
            method = "cached",
            call = "putLast",
            returns = "null")
    @Sabotage(
            type = "weft.p2p.addr.AddrRelay$Door",
            method = "of",
            call = "onionBind",
            returns = "false")
    @Sabotage(
            type = "weft.p2p.addr.AddrRelay$Door",
            method = "of",
            call = "isPresent",
            returns = "false")
    @Sabotage(type = "weft.p2p.addr.AddrRelay", method = "isYoung", constant = "8>9")
    @Sabotage(type = "weft.p2p.addr.AddrRelay", method = "isYoung", constant = "3>4")
    @Sabotage(
            type = "weft.p2p.addr.AddrRelay",
            method = "isYoung",
            constant = "900000000000>900000000001")
    void shouldAnswerAsTheModel() {
        play();
    }

    private static void play() {
        Property.holds(
                50,
                random -> {
                    var world = new World(random);
                    for (int i = 0; i < 150; i++) {
                        world.step();
                    }
                    assertThat(world.model.errors()).isLessThan(5);
                });
    }
}
