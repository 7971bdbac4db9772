package weft.p2p;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import weft.p2p.addr.NetGroups;
import weft.testkit.Property;
import weft.testkit.Sabotage;
import weft.testkit.SeenRed;
import weft.wire.Addr;
import weft.wire.AddrV2;
import weft.wire.AddressEntry;
import weft.wire.GetAddr;
import weft.wire.NetAddress;
import weft.wire.NetworkId;
import weft.wire.Subnet;

class OutboundPlanTest implements SeenRed {
    private static List<String> seeds() {
        return java.util.stream.IntStream.range(0, 9)
                .mapToObj(each -> "seed" + each + ".example")
                .toList();
    }

    private static P2pOptions withSources(
            java.util.function.UnaryOperator<P2pOptions.Sources> change) {
        P2pOptions standard = EngineWorld.standard();
        return standard.with(change.apply(standard.sources()));
    }

    private static List<NetAddress> addresses(int first, int count) {
        var all = new ArrayList<NetAddress>();
        for (int i = 0; i < count; i++) {
            all.add(NetAddress.parse((20 + first + i) + ".5.1.1:8333", 8333));
        }
        return all;
    }

    @Test
    @DisplayName(
            "S-60 exactly eight full-relay connections in steady state, and two for blocks only")
    void shouldKeepEightAndTwo() {
        Property.holds(
                20,
                random -> {
                    var world = new EngineWorld(random.nextLong(), EngineWorld.standard());
                    world.fillBook(60);
                    world.advance(Duration.ofMinutes(30));
                    assertThat(world.open(ConnectionType.OUTBOUND_FULL_RELAY)).isEqualTo(8);
                    assertThat(world.open(ConnectionType.BLOCK_RELAY_ONLY)).isEqualTo(2);
                    assertThat(world.logged("feeler connection completed")).isTrue();
                    Set<String> groups = new HashSet<>();
                    for (PeerSnapshot each : world.engine.peersSnapshot(world.now())) {
                        assertThat(groups.add(each.address().netGroup().toHex()))
                                .as("one of each group")
                                .isTrue();
                    }
                });
    }

    @Test
    @DisplayName("Onion services are kept and dialled as soon as Tor is found, and not before")
    @Sabotage(type = "weft.p2p.EngineParts", method = "isReachable", returns = "false")
    void shouldDialANetworkThatComesLater() {
        var world = new EngineWorld(7, EngineWorld.standard());
        NetAddress onion =
                NetAddress.parse(
                        "pg6mmjiyjmcrsslvykfwnntlaru7p5svn6y2ymmju6nubxndf4pscryd.onion:8333", 1);
        EngineWorld.FakePeer source = world.accept("1.2.3.4:5000").handshake();
        List<AddressEntry> news =
                List.of(new AddressEntry(world.now().unixSeconds(), EngineWorld.FULL, onion));
        source.sends(new AddrV2(news));
        world.advance(Duration.ofMinutes(1));
        assertThat(world.engine.addrMan().find(onion)).isNull();
        assertThat(world.engine.isReachable(NetworkId.TORV3)).isFalse();
        world.command(new PeerCommand.Reach(NetworkId.TORV3));
        assertThat(world.engine.isReachable(NetworkId.TORV3)).isTrue();
        source.sends(new AddrV2(news));
        assertThat(world.engine.addrMan().find(onion)).isNotNull();
        world.advance(Duration.ofMinutes(1));
        assertThat(world.dials).extracting(PeerOutput.Connect::address).contains(onion);
    }

    @Test
    @DisplayName("S-43 a lost neighbour is replaced from the book without asking anybody")
    void shouldReplaceFromTheBook() {
        Property.holds(
                20,
                random -> {
                    var world = new EngineWorld(random.nextLong(), EngineWorld.standard());
                    world.fillBook(60);
                    world.advance(Duration.ofSeconds(20));
                    assertThat(world.open(ConnectionType.OUTBOUND_FULL_RELAY)).isEqualTo(8);
                    EngineWorld.FakePeer lost = world.peers.values().iterator().next();
                    List<EngineWorld.FakePeer> others =
                            world.peers.values().stream().filter(each -> each != lost).toList();
                    int dialled = world.dials.size();
                    int asked = others.stream().mapToInt(each -> each.count(GetAddr.class)).sum();
                    lost.hangUp();
                    world.alive = each -> !each.equals(lost.address);
                    world.advance(Duration.ofSeconds(10));
                    assertThat(world.dials).hasSizeGreaterThan(dialled);
                    assertThat(others.stream().mapToInt(each -> each.count(GetAddr.class)).sum())
                            .as("nobody was asked for addresses again")
                            .isEqualTo(asked);
                    assertThat(
                                    world.open(ConnectionType.OUTBOUND_FULL_RELAY)
                                            + world.open(ConnectionType.BLOCK_RELAY_ONLY))
                            .isEqualTo(10);
                    assertThat(world.resolved).isEmpty();
                });
    }

    @Test
    @DisplayName(
            "S-43 in a network of nine who lost all dials them again, though all were tried lately")
    void shouldFindOthersRatherThanItself() {
        Property.holds(
                20,
                random -> {
                    NetAddress own = NetAddress.parse("20.0.3.4:8333", 8333);
                    var world = new EngineWorld(random.nextLong(), knowingItself(own));
                    assertThat(world.fillBook(9)).contains(own);
                    world.advance(Duration.ofSeconds(60));
                    assertThat(lasting(world)).isEqualTo(8);
                    List.copyOf(world.peers.values()).forEach(EngineWorld.FakePeer::hangUp);
                    world.advance(Duration.ofSeconds(60));
                    assertThat(lasting(world)).as("a minute later").isEqualTo(8);
                    assertThat(world.dials)
                            .extracting(PeerOutput.Connect::address)
                            .doesNotContain(own);
                });
    }

    private static P2pOptions knowingItself(NetAddress own) {
        P2pOptions standard = EngineWorld.standard();
        P2pOptions.Self us = standard.self();
        return standard.with(
                new P2pOptions.Self(
                        us.port(),
                        us.services(),
                        us.userAgent(),
                        us.listen(),
                        us.discover(),
                        List.of(own),
                        us.txReconciliation()));
    }

    private static long lasting(EngineWorld world) {
        return world.open(ConnectionType.OUTBOUND_FULL_RELAY)
                + world.open(ConnectionType.BLOCK_RELAY_ONLY);
    }

    @Test
    @DisplayName(
            "S-22 S-23 nine seeds are asked at the first start; at most 32 addresses of each count")
    void shouldAskSeedsAtFirst() {
        var world =
                new EngineWorld(
                        3,
                        withSources(
                                each -> each.withDns(new P2pOptions.Dns(seeds(), true, false))));
        var names = new HashMap<String, List<NetAddress>>();
        for (int i = 0; i < 9; i++) {
            names.put("x9.seed" + i + ".example", addresses(10 * i, i == 0 ? 90 : 5));
        }
        world.names = names;
        world.alive = any -> false;
        world.advance(Duration.ofSeconds(1));
        assertThat(world.resolved).hasSize(9).allMatch(each -> each.startsWith("x9.seed"));
        assertThat(world.logged("72 addresses found from DNS seeds")).isTrue();
        assertThat(world.engine.addrMan().size(null, false))
                .as("none is trusted before a handshake")
                .isZero();
    }

    @Test
    @DisplayName(
            "S-23 answers of 5 to 25 addresses are all kept, and none trusted before a handshake")
    void shouldTakeAllThatSeedsSay() {
        Property.holds(
                20,
                random -> {
                    var world =
                            new EngineWorld(
                                    random.nextLong(),
                                    withSources(
                                            each ->
                                                    each.withDns(
                                                            new P2pOptions.Dns(
                                                                    seeds(), true, false))));
                    var names = new HashMap<String, List<NetAddress>>();
                    int sum = 0;
                    for (int i = 0; i < 9; i++) {
                        var answer = new ArrayList<NetAddress>();
                        int count = i == 8 ? 25 : 5 + 2 * i;
                        sum += count;
                        for (int k = 0; k < count; k++) {
                            // Every third one is IPv6.
                            answer.add(
                                    NetAddress.parse(
                                            k % 3 == 0
                                                    ? "[2a01:" + (i + 1) + ":" + k + "::1]:8333"
                                                    : (20 + i) + "." + k + ".1.1:8333",
                                            8333));
                        }
                        names.put("x9.seed" + i + ".example", answer);
                    }
                    world.names = names;
                    world.alive = any -> false;
                    world.advance(Duration.ofSeconds(1));
                    assertThat(world.logged(sum + " addresses found from DNS seeds")).isTrue();
                    assertThat(world.engine.addrMan().size())
                            .as("a few fall on places in the book that are taken")
                            .isBetween(sum * 95 / 100, sum);
                    assertThat(world.engine.addrMan().size(null, false)).isZero();

                    world.alive = any -> true;
                    world.advance(Duration.ofMinutes(2));
                    assertThat(world.engine.addrMan().size(null, false)).isPositive();
                });
    }

    @Test
    @DisplayName("S-41 old friends first: at least 9 of 10 starts dial a trusted address first")
    void shouldDialOldFriendsFirst() {
        int friends = 0;
        int starts = 100 * Integer.getInteger("weft.times", 1);
        for (int seed = 1; seed <= starts; seed++) {
            var world = new EngineWorld(seed, EngineWorld.standard());
            List<NetAddress> all = world.fillBook(60);
            List<NetAddress> trusted = all.subList(0, 6);
            trusted.forEach(
                    each -> world.engine.addrMan().good(each, world.now().unixSeconds() - 86_400));
            world.alive = any -> false;
            world.advance(Duration.ofSeconds(5));
            friends += trusted.contains(world.dials.getFirst().address()) ? 1 : 0;
        }
        assertThat(friends).isGreaterThanOrEqualTo(starts * 9 / 10);
    }

    @Test
    @DisplayName("S-24 eight seeds are dead, one is enough: a handshake within 30 seconds")
    void shouldNeedOneSeedOnly() {
        Property.holds(
                20,
                random -> {
                    var world =
                            new EngineWorld(
                                    random.nextLong(),
                                    withSources(
                                            each ->
                                                    each.withDns(
                                                            new P2pOptions.Dns(
                                                                    seeds(), true, false))));
                    world.names =
                            new HashMap<>(
                                    java.util.Map.of(
                                            "x9.seed" + random.nextInt(9) + ".example",
                                            addresses(0, 20)));
                    world.advance(Duration.ofSeconds(30));
                    assertThat(world.open(ConnectionType.OUTBOUND_FULL_RELAY)).isPositive();
                });
    }

    @Test
    @DisplayName(
            "S-25 S-44 with a filled book nobody is asked in the first 11 seconds, then by need")
    void shouldNotAskSeedsWithoutNeed() {
        Property.holds(
                20,
                random -> {
                    var world =
                            new EngineWorld(
                                    random.nextLong(),
                                    withSources(
                                            each ->
                                                    each.withDns(
                                                            new P2pOptions.Dns(
                                                                    seeds(), true, false))));
                    world.fillBook(60);
                    world.advance(Duration.ofHours(1));
                    assertThat(world.resolved).isEmpty();
                    assertThat(world.lines)
                            .contains(
                                    "Waiting 11 seconds before querying DNS seeds.",
                                    "P2P peers available. Skipped DNS seeding.");

                    var lonely =
                            new EngineWorld(
                                    random.nextLong(),
                                    withSources(
                                            each ->
                                                    each.withDns(
                                                            new P2pOptions.Dns(
                                                                    seeds(), true, false))));
                    lonely.fillBook(60);
                    lonely.alive = any -> false;
                    lonely.advance(Duration.ofMillis(10_900));
                    assertThat(lonely.resolved).isEmpty();
                    lonely.advance(Duration.ofSeconds(1));
                    assertThat(lonely.resolved.stream().filter(each -> each.startsWith("x9.")))
                            .hasSize(3);
                });
    }

    @Test
    @DisplayName(
            "S-29 silent DNS: after 60 seconds the addresses that came with the program are tried")
    void shouldFallBackOnFixedSeeds() {
        Property.holds(
                20,
                random -> {
                    var fixed = new ArrayList<AddressEntry>();
                    addresses(0, 30)
                            .forEach(each -> fixed.add(new AddressEntry(1_700_000_000, 9, each)));
                    var world =
                            new EngineWorld(
                                    random.nextLong(),
                                    withSources(
                                            each ->
                                                    each.withDns(
                                                                    new P2pOptions.Dns(
                                                                            seeds(), true, false))
                                                            .withFixed(fixed)));
                    world.alive = each -> each.toString().contains(".5.1.1");
                    world.advance(Duration.ofSeconds(59));
                    assertThat(world.dials).isEmpty();
                    world.advance(Duration.ofSeconds(30));
                    assertThat(world.logged("Adding fixed seeds as 60 seconds have passed"))
                            .isTrue();
                    assertThat(world.open(ConnectionType.OUTBOUND_FULL_RELAY)).isEqualTo(8);
                });
    }

    @Test
    @DisplayName(
            "S-40 who does not answer, or hangs up first, stays potential, with the reason why")
    void shouldSayWhyAnAddressIsNotTrusted() {
        var world = new EngineWorld(15, EngineWorld.standard());
        List<NetAddress> all = world.fillBook(3);
        world.alive = each -> !each.equals(all.get(0));
        world.politeDials = false;
        world.advance(Duration.ofSeconds(30));
        for (EngineWorld.FakePeer each : List.copyOf(world.peers.values())) {
            if (each.address.equals(all.get(1))) {
                each.hangUp();
            } else {
                each.handshake();
            }
        }
        assertThat(reason(world, all.get(0))).isEqualTo("dial failed: nobody there");
        assertThat(reason(world, all.get(1))).isEqualTo("no handshake: hung up");
        assertThat(reason(world, all.get(2))).isEqualTo("handshake completed");
        assertThat(world.engine.addrMan().entries(true))
                .extracting(each -> each.entry().address())
                .containsExactly(all.get(2));
    }

    private static String reason(EngineWorld world, NetAddress address) {
        return Objects.requireNonNull(world.engine.addrMan().find(address))
                .reason(world.now().unixSeconds());
    }

    @Test
    @DisplayName("S-42 all trusted addresses are dead: potential ones are tried at once")
    void shouldLookFurtherWhenTheTrustedAreDead() {
        Property.holds(
                20,
                random -> {
                    var world = new EngineWorld(random.nextLong(), EngineWorld.standard());
                    List<NetAddress> all = world.fillBook(40);
                    List<NetAddress> trusted = all.subList(0, 10);
                    trusted.forEach(
                            each ->
                                    world.engine
                                            .addrMan()
                                            .good(each, world.now().unixSeconds() - 86_400));
                    world.alive = each -> !trusted.contains(each);
                    world.advance(Duration.ofSeconds(30));
                    assertThat(world.open(ConnectionType.OUTBOUND_FULL_RELAY)).isEqualTo(8);
                    int firstPotential = 0;
                    while (trusted.contains(world.dials.get(firstPotential).address())) {
                        firstPotential++;
                    }
                    // One round dials every trusted address once.
                    assertThat(firstPotential).isLessThan(2 * trusted.size());
                });
    }

    @Test
    @DisplayName(
            "S-33 friends introduce friends: from one address to eight connections within a minute")
    void shouldGrowFromOneFriend() {
        Property.holds(
                20,
                random -> {
                    var world =
                            new EngineWorld(
                                    random.nextLong(),
                                    withSources(
                                            each -> each.withSeedNodes(List.of("20.5.1.1:8333"))));
                    world.advance(Duration.ofSeconds(1));
                    EngineWorld.FakePeer friend = world.peers.values().iterator().next();
                    var known = new ArrayList<AddressEntry>();
                    addresses(1, 40)
                            .forEach(
                                    each ->
                                            known.add(
                                                    new AddressEntry(
                                                            world.now().unixSeconds(), 9, each)));
                    friend.sends(new Addr(known));
                    assertThat(friend.closed).as("it was only asked for addresses").isTrue();
                    world.advance(Duration.ofSeconds(59));
                    assertThat(world.open(ConnectionType.OUTBOUND_FULL_RELAY)).isEqualTo(8);
                });
    }

    @Test
    @DisplayName("S-20 probing at random needs as many tries as addresses to a node")
    void shouldProbeAtRandomWhenAskedTo() {
        double sum = 0;
        int runs = 40;
        int nodes = 16;
        for (int run = 0; run < runs; run++) {
            var world =
                    new EngineWorld(
                            100 + run,
                            withSources(
                                    each ->
                                            each.withProbe(
                                                    new P2pOptions.Probe(
                                                            List.of(Subnet.parse("44.1.0.0/20")),
                                                            Duration.ofSeconds(1)))));
            world.alive = each -> each.address().at(3) == 7;
            for (int i = 0; i < 200 && world.peers.isEmpty(); i++) {
                world.advance(Duration.ofSeconds(20));
            }
            sum += world.dials.size();
        }
        double expected = 4096.0 / nodes;
        double sigmaOfMean = expected / Math.sqrt(runs);
        assertThat(sum / runs).isBetween(expected - 3 * sigmaOfMean, expected + 3 * sigmaOfMean);
    }

    @Test
    @DisplayName("S-20 probing dials one address in each interval, and none once a node is there")
    void shouldProbeNoFasterThanTold() {
        Property.holds(
                20,
                random -> {
                    var interval = Duration.ofMillis(1_000 + random.nextInt(4_000));
                    var ranges = List.of(Subnet.parse("44.1.0.0/20"));
                    var world =
                            new EngineWorld(
                                    random.nextLong(),
                                    withSources(
                                            each ->
                                                    each.withProbe(
                                                            new P2pOptions.Probe(
                                                                    ranges, interval))));
                    world.alive = any -> false;
                    world.advance(interval.multipliedBy(100));
                    assertThat(world.dials).hasSizeBetween(98, 101);
                    assertThat(world.dials)
                            .allMatch(each -> ranges.getFirst().contains(each.address()));
                    for (int i = 1; i < world.dialNanos.size(); i++) {
                        long gap = world.dialNanos.get(i) - world.dialNanos.get(i - 1);
                        assertThat(gap).isGreaterThanOrEqualTo(interval.toNanos());
                    }
                    world.alive = any -> true;
                    world.advance(interval.multipliedBy(3));
                    assertThat(world.open(ConnectionType.MANUAL)).isEqualTo(1);
                    int dials = world.dials.size();
                    NetAddress found = world.peers.values().iterator().next().address;
                    world.advance(interval.multipliedBy(100));
                    // It is asked for addresses, by connections of their own.
                    assertThat(world.dials.subList(dials, world.dials.size()))
                            .allMatch(each -> each.type() == ConnectionType.ADDR_FETCH)
                            .allMatch(each -> each.address().equals(found));
                });
    }

    @Test
    void shouldKeepAddedNodes() {
        P2pOptions quiet = EngineWorld.quiet();
        var world =
                new EngineWorld(
                        10, quiet.with(quiet.sources().withAddNodes(List.of("1.2.3.4:8333"))));
        world.advance(Duration.ofSeconds(1));
        assertThat(world.open(ConnectionType.MANUAL)).isEqualTo(1);
        world.peers.values().iterator().next().hangUp();
        assertThat(world.engine.addedNodes().getFirst().connected()).isFalse();
        world.alive = any -> false;
        world.advance(Duration.ofMinutes(10));
        assertThat(world.dials).as("longer and longer pauses").hasSizeBetween(8, 20);
        world.alive = any -> true;
        world.advance(Duration.ofSeconds(61));
        assertThat(world.engine.addedNodes().getFirst().connected()).isTrue();
        assertThat(world.answer(new PeerCommand.AddNode("1.2.3.4", false)))
                .as("the same address")
                .isFalse();
        assertThat(world.answer(new PeerCommand.RemoveNode("1.2.3.4:8333"))).isTrue();
        assertThat(world.answer(new PeerCommand.RemoveNode("1.2.3.4:8333"))).isFalse();
    }

    @Test
    void shouldDialNamesOnceTheyAreKnown() {
        var world = new EngineWorld(11, EngineWorld.quiet());
        world.names = new LinkedHashMap<>(java.util.Map.of("node.example", addresses(0, 1)));
        world.command(new PeerCommand.TryNode("node.example:8333", false));
        assertThat(world.open(ConnectionType.MANUAL)).isEqualTo(1);
        assertThat(world.engine.peersSnapshot(world.now()).getFirst().name())
                .isEqualTo("node.example:8333");
        world.command(new PeerCommand.TryNode("unknown.example", false));
        assertThat(world.dials).hasSize(1);
    }

    @Test
    void shouldTryAgainWithoutEncryption() {
        var world = new EngineWorld(12, EngineWorld.quiet());
        world.politeDials = false;
        world.command(new PeerCommand.TryNode("1.2.3.4:8333", true));
        assertThat(world.dials.getFirst().v2()).isTrue();
        PeerId first = world.peers.keySet().iterator().next();
        world.input(new PeerInput.Disconnected(first, "closed", true));
        world.advance(Duration.ofSeconds(1));
        assertThat(world.dials).hasSize(2);
        assertThat(world.dials.getLast().v2()).isFalse();
        assertThat(world.logged("retrying with v1 transport protocol for peer=0")).isTrue();
    }

    @Test
    void shouldDialAnchorsFirst() {
        NetAddress anchor = NetAddress.parse("77.1.1.1:8333", 8333);
        var world =
                new EngineWorld(
                        13,
                        withSources(
                                each ->
                                        each.withAnchors(
                                                List.of(
                                                        new AddressEntry(
                                                                1_700_000_000, 9, anchor)))));
        world.fillBook(20);
        world.advance(Duration.ofSeconds(2));
        assertThat(world.dials.getFirst().address()).isEqualTo(anchor);
        assertThat(world.dials.getFirst().type()).isEqualTo(ConnectionType.BLOCK_RELAY_ONLY);
        assertThat(world.engine.anchors(world.now()))
                .extracting(AddressEntry::address)
                .contains(anchor);
    }

    @Test
    void shouldMeshOnOneMachineWhenAllowed() {
        P2pOptions village = P2pOptions.of(8333, new NetGroups(true));
        var world = new EngineWorld(14, village);
        for (int i = 0; i < 20; i++) {
            NetAddress address = NetAddress.parse("127.0.0.1:" + (20_000 + i), 8333);
            world.engine
                    .addrMan()
                    .add(
                            List.of(new AddressEntry(world.now().unixSeconds(), 9, address)),
                            address,
                            0,
                            world.now().unixSeconds());
        }
        world.advance(Duration.ofMinutes(1));
        assertThat(world.open(ConnectionType.OUTBOUND_FULL_RELAY)).isEqualTo(8);
    }
}
