package weft.p2p;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import weft.p2p.addr.AsMap;
import weft.p2p.addr.NetGroups;
import weft.primitives.Bytes;
import weft.testkit.Property;
import weft.wire.Addr;
import weft.wire.AddressEntry;
import weft.wire.GetAddr;
import weft.wire.NetAddress;

/// Ways to other nodes, in virtual time.
class DiscoveryTest {
    private static final int SEEDS = 20;

    private static P2pOptions with(UnaryOperator<P2pOptions.Sources> change) {
        P2pOptions standard = EngineWorld.standard();
        return standard.with(change.apply(standard.sources()));
    }

    private static List<String> names() {
        return IntStream.range(0, 9).mapToObj(each -> "seed" + each + ".example").toList();
    }

    private static P2pOptions.Dns dns(boolean forced) {
        return new P2pOptions.Dns(names(), true, forced);
    }

    private static List<NetAddress> addresses(int first, int count) {
        var all = new ArrayList<NetAddress>();
        for (int i = 0; i < count; i++) {
            all.add(NetAddress.parse(first + i + ".5.1.1:8333", 8333));
        }
        return all;
    }

    private static List<AddressEntry> entries(List<NetAddress> addresses) {
        return addresses.stream().map(each -> new AddressEntry(1, EngineWorld.FULL, each)).toList();
    }

    private static AddressEntry entry(EngineWorld world, NetAddress address) {
        return new AddressEntry(world.now().unixSeconds(), EngineWorld.FULL, address);
    }

    @Test
    @DisplayName("S-26 seeds are asked by the sub-domain of the services that we need, x9")
    void shouldAskForServices() {
        Property.holds(
                SEEDS,
                random -> {
                    var world =
                            new EngineWorld(
                                    random.nextLong(), with(each -> each.withDns(dns(false))));
                    world.advance(Duration.ofSeconds(1));
                    assertThat(world.resolved.subList(0, 9))
                            .containsExactlyInAnyOrderElementsOf(
                                    names().stream().map(each -> "x9." + each).toList());
                    // A seed that does not know the sub-domain is asked itself, as a node.
                    world.advance(Duration.ofMinutes(1));
                    assertThat(world.resolved).contains(names().toArray(String[]::new));
                });
    }

    @Test
    @DisplayName(
            "S-25 S-44 with addresses at hand, seeds are asked three at a time, and only in need")
    void shouldAskThreeAtATime() {
        Property.holds(
                SEEDS,
                random -> {
                    var world =
                            new EngineWorld(
                                    random.nextLong(), with(each -> each.withDns(dns(false))));
                    world.fillBook(20);
                    world.alive = any -> false;
                    for (int round = 1; round <= 3; round++) {
                        world.advance(Duration.ofMillis(11_100));
                        assertThat(
                                        world.resolved.stream()
                                                .filter(each -> each.startsWith("x9."))
                                                .distinct())
                                .hasSize(3 * round);
                    }
                    var forced =
                            new EngineWorld(
                                    random.nextLong(), with(each -> each.withDns(dns(true))));
                    forced.fillBook(20);
                    forced.advance(Duration.ofMillis(1));
                    assertThat(forced.resolved).as("-forcednsseed").hasSize(9);
                });
    }

    @Test
    @DisplayName("S-25 a seed node comes before DNS: whoever finds peers through it asks no seed")
    void shouldPreferSeedNodes() {
        Property.holds(
                SEEDS,
                random -> {
                    UnaryOperator<P2pOptions.Sources> sources =
                            each ->
                                    each.withDns(dns(false))
                                            .withSeedNodes(List.of("77.7.7.7:8333"));
                    var world = new EngineWorld(random.nextLong(), with(sources));
                    world.advance(Duration.ofSeconds(2));
                    assertThat(world.dials.getFirst().type()).isEqualTo(ConnectionType.ADDR_FETCH);
                    EngineWorld.FakePeer node = world.peers.values().iterator().next();
                    assertThat(node.got(GetAddr.class)).isTrue();
                    var told = new ArrayList<AddressEntry>();
                    addresses(20, 30).forEach(each -> told.add(entry(world, each)));
                    node.sends(new Addr(told));
                    assertThat(node.closed).as("it has told us all we wanted").isTrue();
                    world.advance(Duration.ofMinutes(2));
                    assertThat(world.open(ConnectionType.OUTBOUND_FULL_RELAY)).isEqualTo(8);
                    assertThat(world.resolved).isEmpty();

                    var dead = new EngineWorld(random.nextLong(), with(sources));
                    dead.alive = any -> false;
                    dead.advance(Duration.ofSeconds(29));
                    assertThat(dead.resolved).isEmpty();
                    dead.advance(Duration.ofSeconds(3));
                    assertThat(dead.resolved).as("after half a minute").hasSizeGreaterThan(8);
                });
    }

    @Test
    @DisplayName("S-30 with -connect nobody else is dialled, whatever the book and others say")
    void shouldDialNobodyElse() {
        Property.holds(
                SEEDS,
                random -> {
                    var world =
                            new EngineWorld(
                                    random.nextLong(),
                                    with(
                                            each ->
                                                    each.withSeedNodes(List.of("78.1.1.1"))
                                                            .withConnect(
                                                                    List.of("77.7.7.7:8333"))));
                    world.fillBook(50);
                    world.advance(Duration.ofHours(1));
                    assertThat(world.dials).isNotEmpty();
                    assertThat(world.dials)
                            .allMatch(each -> each.address().toString().equals("77.7.7.7:8333"));
                });
    }

    @Test
    @DisplayName("S-42 feelers try addresses out, every two minutes or so, and hang up")
    void shouldTryAddressesOut() {
        Property.holds(
                SEEDS,
                random -> {
                    var world = new EngineWorld(random.nextLong(), EngineWorld.standard());
                    world.fillBook(200);
                    world.advance(Duration.ofMinutes(1));
                    int trusted = world.engine.addrMan().size(null, false);
                    world.advance(Duration.ofHours(2));
                    List<PeerOutput.Connect> feelers =
                            world.dials.stream()
                                    .filter(each -> each.type() == ConnectionType.FEELER)
                                    .toList();
                    // Sixty are expected; each span is drawn from an exponential distribution.
                    assertThat(feelers).hasSizeBetween(60 - 4 * 8, 60 + 4 * 8);
                    assertThat(world.open(ConnectionType.FEELER)).isZero();
                    assertThat(world.engine.addrMan().size(null, false))
                            .isGreaterThan(trusted + feelers.size() / 2);
                });
    }

    @Test
    @DisplayName("S-35 anchors of the last run come first, whatever an attacker put into the book")
    void shouldDialAnchorsBeforeTheBook() {
        Property.holds(
                SEEDS,
                random -> {
                    List<NetAddress> friends = addresses(70 + random.nextInt(20), 2);
                    var world =
                            new EngineWorld(
                                    random.nextLong(),
                                    with(each -> each.withAnchors(entries(friends))));
                    world.fillBook(300);
                    world.advance(Duration.ofSeconds(3));
                    assertThat(world.dials.subList(0, 2))
                            .allMatch(each -> each.type() == ConnectionType.BLOCK_RELAY_ONLY)
                            .extracting(PeerOutput.Connect::address)
                            .containsExactlyInAnyOrderElementsOf(friends);
                    assertThat(world.engine.anchors(world.now()))
                            .extracting(AddressEntry::address)
                            .containsExactlyInAnyOrderElementsOf(friends);
                });
    }

    @Test
    @DisplayName(
            "S-35 one seed that lies: the single source is reported, and an honest node reached")
    void shouldLookForASecondSource() {
        Property.holds(
                SEEDS,
                random -> {
                    List<NetAddress> honest = addresses(100, 20);
                    var world =
                            new EngineWorld(
                                    random.nextLong(),
                                    with(
                                            each ->
                                                    each.withDns(dns(false))
                                                            .withFixed(entries(honest))));
                    var lies = new ArrayList<>(addresses(20, 31));
                    lies.add(NetAddress.parse("[2a01:5::1]:8333", 8333));
                    var names = new HashMap<String, List<NetAddress>>();
                    names.put("x9.seed" + random.nextInt(9) + ".example", lies);
                    world.names = names;
                    world.advance(Duration.ofSeconds(59));
                    assertThat(world.dials).allMatch(each -> lies.contains(each.address()));
                    world.advance(Duration.ofSeconds(10));
                    assertThat(world.logged("Single-source address book")).isTrue();
                    assertThat(world.dials).anyMatch(each -> honest.contains(each.address()));
                    assertThat(
                                    world.engine.peersSnapshot(world.now()).stream()
                                            .filter(each -> each.type().isOutbound())
                                            .filter(each -> each.handshake().complete())
                                            .anyMatch(each -> honest.contains(each.address())))
                            .as("an honest peer is connected")
                            .isTrue();
                });
    }

    @Test
    @DisplayName(
            "S-64 with a map, no two outbound peers are of one operator, whatever their ranges")
    void shouldSpreadOverOperators() {
        Property.holds(
                SEEDS,
                random -> {
                    // Seventeen bits that say: everybody is of operator 1.
                    AsMap map = AsMap.parse(Bytes.parse("000000")).orElse(null);
                    P2pOptions standard = EngineWorld.standard();
                    P2pOptions options =
                            standard.with(standard.sources().withGroups(new NetGroups(false, map)));
                    var world = new EngineWorld(random.nextLong(), options);
                    world.fillBook(100);
                    world.advance(Duration.ofMinutes(2));
                    var groups = new HashSet<Bytes>();
                    world.engine.peersSnapshot(world.now()).stream()
                            .filter(each -> each.type().isOutbound())
                            .forEach(
                                    each ->
                                            groups.add(
                                                    options.sources()
                                                            .groups()
                                                            .groupOf(each.address())));
                    assertThat(map).isNotNull();
                    assertThat(groups).hasSize(1);
                    assertThat(
                                    world.open(ConnectionType.OUTBOUND_FULL_RELAY)
                                            + world.open(ConnectionType.BLOCK_RELAY_ONLY))
                            .isEqualTo(1);
                });
    }

    @Test
    @DisplayName(
            "S-31 all who come in by one door get the same answer for a day, others another one")
    void shouldAnswerAlikeForADay() {
        Property.holds(
                SEEDS,
                random -> {
                    var world = new EngineWorld(random.nextLong(), EngineWorld.quiet());
                    world.fillBook(300);
                    List<NetAddress> first = ask(world, "1.2.3.4:5000");
                    world.fillBook(400);
                    assertThat(ask(world, "4.5.6.7:5000"))
                            .containsExactlyInAnyOrderElementsOf(first);
                    world.advance(Duration.ofHours(28));
                    assertThat(ask(world, "7.8.9.1:5000")).isNotEqualTo(first);
                });
    }

    private static List<NetAddress> ask(EngineWorld world, String from) {
        EngineWorld.FakePeer peer = world.accept(from).handshake();
        peer.sends(new GetAddr());
        world.advance(Duration.ofMinutes(10));
        List<NetAddress> answer =
                peer.last(Addr.class).entries().stream().map(AddressEntry::address).toList();
        peer.hangUp();
        return answer;
    }
}
