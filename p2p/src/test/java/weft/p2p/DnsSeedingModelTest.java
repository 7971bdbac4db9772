package weft.p2p;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import weft.consensus.ChainParams;
import weft.consensus.Network;
import weft.p2p.addr.AddrManEntry;
import weft.p2p.addr.NetGroups;
import weft.p2p.sync.SyncRules;
import weft.primitives.Now;
import weft.primitives.log.Log;
import weft.primitives.log.LogCategory;
import weft.testkit.Property;
import weft.testkit.Sabotage;
import weft.testkit.SeenRed;
import weft.wire.AddressEntry;
import weft.wire.NetAddress;

/// [DnsSeeding] against [DnsSeedingModel], with the same luck and twins of an address book.
class DnsSeedingModelTest implements SeenRed {
    private static final long SECOND = 1_000_000_000L;
    private static final int PORT = 8333;

    /// The machine and the model side by side.
    private static final class World {
        final SplittableRandom random;
        final P2pOptions options;
        final EngineParts parts;
        final EngineParts twin;
        final Dialler dialler;
        final DnsSeeding machine;
        final DnsSeedingModel model;
        final Outbox out = new Outbox();

        /// Friends come soon.
        final boolean isSociable;

        /// What the machine did: its lines, and seeds that it dials.
        final List<String> deeds = new ArrayList<>();

        final List<PeerOutput> lookups = new ArrayList<>();
        final Set<NetAddress> touched = new HashSet<>();
        long nanos;
        long nextPeer;
        int nextAddress;

        World(SplittableRandom random) {
            this.random = random;
            options = options();
            isSociable = random.nextBoolean();
            long seed = random.nextLong();
            parts = parts(seed);
            twin = parts(seed);
            dialler = new Dialler(parts);
            dialler.setActive(random.nextInt(5) > 0);
            machine = new DnsSeeding(parts, dialler, each -> deeds.add("dial " + each));
            model = new DnsSeedingModel(options, twin);
            nanos = random.nextLong(100 * SECOND);
            switch (random.nextInt(12)) {
                case 0, 1, 2 -> fillTo(999 + random.nextInt(2));
                case 3, 4, 5 -> {}
                default -> learn(random.nextInt(1, 5));
            }
            deeds.clear();
            for (int i = isSociable ? random.nextInt(4) : 0; i > 0; i--) {
                meet();
            }
            compare();
        }

        private P2pOptions options() {
            P2pOptions standard = P2pOptions.of(PORT, NetGroups.PUBLIC);
            List<String> seeds =
                    IntStream.range(0, random.nextInt(16))
                            .mapToObj(
                                    i ->
                                            switch (random.nextInt(20)) {
                                                case 0 -> "77.1.1." + i;
                                                case 1 -> "seed" + i + ".example:8444";
                                                case 2 -> "2a00::" + i;
                                                default -> "seed" + i + ".example";
                                            })
                            .toList();
            var dns =
                    new P2pOptions.Dns(
                            seeds,
                            random.nextInt(12) > 0,
                            random.nextInt(6) == 0,
                            random.nextInt(6) == 0);
            List<String> nodes =
                    random.nextBoolean() ? List.of("77.7.7.7:8333") : List.<String>of();
            return standard.with(standard.sources().withDns(dns).withSeedNodes(nodes));
        }

        private EngineParts parts(long seed) {
            var luck = new SplittableRandom(seed);
            return new EngineParts(
                    options,
                    PeerEngine.Memory.empty(options, luck.split(), Log.NONE),
                    SyncRules.of(ChainParams.of(Network.REGTEST), BigInteger.ZERO),
                    luck,
                    new Log() {
                        @Override
                        public boolean isOn(LogCategory category, Level level) {
                            return false;
                        }

                        @Override
                        public void write(LogCategory category, Level level, String message) {
                            if (!message.startsWith("SetNetworkActive")) {
                                deeds.add(message);
                            }
                        }
                    });
        }

        Now now() {
            return new Now(nanos, Instant.ofEpochSecond(1_700_000_000).plusNanos(nanos));
        }

        private NetAddress address() {
            int i = nextAddress++;
            return NetAddress.parse(20 + i % 60 + "." + i / 60 + ".1.1:8333", PORT);
        }

        /// Both books hear of so many addresses elsewhere.
        private void learn(int count) {
            for (int i = 0; i < count; i++) {
                long seconds = now().unixSeconds();
                var heard = List.of(new AddressEntry(seconds, 9, address()));
                NetAddress source = NetAddress.parse(90 + i % 30 + ".1.1.1:8333", PORT);
                parts.book.add(heard, source, 0, seconds);
                twin.book.add(heard, source, 0, seconds);
            }
        }

        private void fillTo(int size) {
            while (parts.book.size() < size) {
                learn(1);
            }
        }

        void step() {
            switch (random.nextInt(12)) {
                case 0, 1, 2 -> answer();
                case 3 -> {
                    for (int i = isSociable ? 2 : random.nextInt(2); i > 0; i--) {
                        meet();
                    }
                }
                case 4 -> part();
                case 5 -> {
                    if (random.nextInt(3) == 0) {
                        dialler.setActive(!dialler.isActive());
                    }
                }
                case 6 -> learn(random.nextInt(8) == 0 ? 1 : 0);
                default -> look();
            }
            compare();
            long wake = model.wake.orElse(0);
            if (wake > nanos && random.nextInt(isSociable ? 9 : 3) == 0) {
                nanos = Math.max(nanos, wake + random.nextInt(-1, 2));
            } else {
                nanos +=
                        random.nextLong(
                                (random.nextInt(isSociable ? 30 : 6) == 0 ? 60 : 3) * SECOND);
            }
        }

        private void look() {
            machine.onTick(now(), out);
            long friends =
                    parts.connections.connections().stream()
                            .map(each -> each.peer)
                            .filter(each -> each.type() == ConnectionType.OUTBOUND_FULL_RELAY)
                            .filter(Peer::isReady)
                            .count();
            model.look(
                    new DnsSeedingModel.Look(
                            nanos, friends >= 2, twin.book.size(), dialler.isActive()));
        }

        /// A connection opens; its handshake may be complete, or will be.
        private void meet() {
            ConnectionType type =
                    random.nextInt(3) > 0
                            ? ConnectionType.OUTBOUND_FULL_RELAY
                            : ConnectionType.values()[random.nextInt(7)];
            Peer peer =
                    new Peer.Builder(
                                    new PeerId(nextPeer++),
                                    type,
                                    address(),
                                    NetAddress.UNSPECIFIED,
                                    false,
                                    PeerPermissions.NONE,
                                    nanos)
                            .build();
            parts.connections.add(
                    new Connection(peer, new Connection.Opening(Dial.NONE, 1, 1, false, 1)));
            if (random.nextInt(3) > 0) {
                peer.becomeReady();
            }
        }

        private void part() {
            List<Connection> all = List.copyOf(parts.connections.connections());
            if (all.isEmpty()) {
                return;
            }
            Connection some = all.get(random.nextInt(all.size()));
            switch (random.nextInt(3)) {
                case 0 -> parts.connections.disconnect(some.id(), "", new Outbox());
                case 1 -> some.peer.becomeReady();
                default -> parts.connections.remove(some.id());
            }
        }

        private void answer() {
            List<String> hosts = List.copyOf(model.asked.keySet());
            String host =
                    hosts.isEmpty() || random.nextInt(10) == 0
                            ? "seed0.example"
                            : hosts.get(random.nextInt(hosts.size()));
            int count = random.nextInt(4) == 0 ? 31 + random.nextInt(3) : random.nextInt(4);
            List<NetAddress> addresses =
                    IntStream.range(0, count).mapToObj(_ -> address()).toList();
            touched.addAll(addresses);
            assertThat(machine.onResolved(host, addresses, now()))
                    .isEqualTo(model.answer(host, addresses, now()));
        }

        private void compare() {
            while (!out.isEmpty()) {
                lookups.add(out.poll());
            }
            assertThat(deeds).isEqualTo(model.deeds);
            assertThat(lookups)
                    .isEqualTo(
                            model.asked.keySet().stream()
                                    .map(each -> new PeerOutput.Resolve(each, PORT))
                                    .toList());
            assertThat(machine.nextDeadlineNanos()).isEqualTo(model.wake);
            assertThat(parts.book.size()).isEqualTo(twin.book.size());
            for (NetAddress each : touched) {
                assertThat(facts(parts, each)).isEqualTo(facts(twin, each));
            }
            touched.clear();
        }

        private static String facts(EngineParts parts, NetAddress address) {
            AddrManEntry entry = parts.book.find(address);
            return entry == null ? "" : entry.toEntry() + " " + entry.source();
        }
    }

    @Test
    @DisplayName("S-25 which DNS seeds are asked, how, and when, is as a thread would do it")
    @Sabotage(type = "weft.p2p.DnsSeeding", method = "hasEnoughPeers", constant = "2>3")
    @Sabotage(
            type = "weft.p2p.DnsSeeding",
            method = "hasEnoughPeers",
            call = "isReady",
            returns = "true")
    @Sabotage(type = "weft.p2p.DnsSeeding", method = "begin", constant = "30000000000>29999999999")
    @Sabotage(type = "weft.p2p.DnsSeeding", method = "enterQuestions", constant = "1000>1001")
    @Sabotage(type = "weft.p2p.DnsSeeding", method = "enterQuestions", constant = "300>299")
    @Sabotage(
            type = "weft.p2p.DnsSeeding",
            method = "enterQuestions",
            call = "forced",
            returns = "false")
    @Sabotage(type = "weft.p2p.DnsSeeding", method = "choose", constant = "3>4")
    @Sabotage(type = "weft.p2p.DnsSeeding", method = "await", constant = "11000000000>12000000000")
    @Sabotage(type = "weft.p2p.DnsSeeding", method = "ask", call = "isActive", returns = "true")
    @Sabotage(type = "weft.p2p.DnsSeeding", method = "ask", call = "byProxy", returns = "false")
    @Sabotage(type = "weft.p2p.DnsSeeding", method = "isNoName", returns = "false")
    @Sabotage(type = "weft.p2p.DnsSeeding", method = "onResolved", constant = "32>33")
    @Sabotage(type = "weft.p2p.DnsSeeding", method = "onResolved", constant = "259200>259201")
    @Sabotage(type = "weft.p2p.DnsSeeding", method = "nextDeadlineNanos", constant = "1>0")
    void shouldAskSeedsAsTheModel() {
        Property.holds(
                100,
                random -> {
                    var world = new World(random);
                    for (int i = 0; i < 100; i++) {
                        world.step();
                    }
                });
    }
}
