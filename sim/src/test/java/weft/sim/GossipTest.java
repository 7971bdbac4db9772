package weft.sim;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import weft.p2p.ConnectionType;
import weft.p2p.P2pOptions;
import weft.p2p.PeerId;
import weft.p2p.addr.AddrMan;

/// Addresses on their way through networks of real nodes, in virtual time. `-Dweft.times=N` plays each story
/// with N times as many seeds.
class GossipTest {
    private static final int TIMES = Integer.getInteger("weft.times", 1);

    private static P2pOptions newcomerAsksTheFirst(int size, SimNode self, P2pOptions options) {
        return self.index() < size ? options : Towns.keepTheFirst(self, options);
    }

    @Test
    @DisplayName("S-32 within a minute of joining, strangers know the newcomer's address")
    void shouldTellStrangersOfTheNewcomer() {
        int size = 24;
        for (long seed = 1; seed <= 20L * TIMES; seed++) {
            var factory =
                    new FullNodes((self, options) -> newcomerAsksTheFirst(size, self, options));
            World world = Towns.oldFriends(seed, size, 1, factory);
            SimNode newcomer = world.nodes().get(size);
            newcomer.start();
            Set<SimNode> spokeTo = new HashSet<>();
            long begun = world.scheduler().nowNanos();
            // Its chain is old at first; who is years behind does not tell its address.
            for (int second = 0; second < 60; second++) {
                world.run(Duration.ofSeconds(1));
                spokeTo.addAll(newcomer.neighbours());
            }
            List<SimNode> know =
                    world.nodes().subList(0, size).stream()
                            .filter(each -> !spokeTo.contains(each))
                            .filter(each -> factory.book(each).find(newcomer.address()) != null)
                            .toList();
            assertThat(know)
                    .as("seed %d, %d spoken to", seed, spokeTo.size())
                    .hasSizeGreaterThanOrEqualTo(2);
            assertThat(world.scheduler().nowNanos() - begun)
                    .isEqualTo(Duration.ofSeconds(60).toNanos());
        }
    }

    @Test
    @DisplayName(
            "S-33 in a network of 200, one friend leads each of 20 newcomers to eight in a minute")
    void shouldGrowFromOneFriend() {
        for (long seed = 1; seed <= TIMES; seed++) {
            growFromOneFriend(seed);
        }
    }

    private static void growFromOneFriend(long seed) {
        int size = 200;
        int newcomers = 20;
        var factory = new FullNodes((self, options) -> newcomerAsksTheFirst(size, self, options));
        World world = Towns.oldFriends(seed, size, newcomers, factory);
        List<SimNode> late = world.nodes().subList(size, size + newcomers);
        late.forEach(SimNode::start);
        world.run(Duration.ofSeconds(60));
        for (SimNode each : late) {
            assertThat(Towns.outbound(world, each)).as("node %d", each.index()).isEqualTo(8);
        }
    }

    @Test
    @DisplayName("S-34 for an hour the book grows, never shrinks, and no new connection is needed")
    void shouldHearOfMoreAndMore() {
        for (long seed = 1; seed <= 3L * TIMES; seed++) {
            hearOfMoreAndMore(seed);
        }
    }

    private static void hearOfMoreAndMore(long seed) {
        int size = 16;
        int newcomers = 20;
        var factory = new FullNodes((self, options) -> newcomerAsksTheFirst(size, self, options));
        World world = Towns.oldFriends(seed, size, newcomers, factory);
        SimNode watched = world.nodes().get(3);
        watched.setReachable(false);
        AddrMan book = factory.book(watched);
        Set<PeerId> before = lasting(world, watched);
        int atFirst = book.size();
        int last = atFirst;
        for (int minute = 0; minute < 60; minute++) {
            if (minute % 3 == 0) {
                world.nodes().get(size + minute / 3).start();
                Towns.mine(world.nodes().getFirst(), 1);
            }
            world.run(Duration.ofMinutes(1));
            assertThat(book.size()).isGreaterThanOrEqualTo(last);
            last = book.size();
        }
        assertThat(last).isGreaterThan(atFirst + newcomers / 2);
        // It had fewer than eight where all whom it knew had dialled it; of newcomers it may dial
        // one.
        assertThat(lasting(world, watched)).containsAll(before).hasSizeLessThanOrEqualTo(8);
    }

    /// Connections that are more than a short look at an address.
    private static Set<PeerId> lasting(World world, SimNode node) {
        return Towns.peers(world, node).stream()
                .filter(each -> each.type() == ConnectionType.OUTBOUND_FULL_RELAY)
                .map(each -> each.id())
                .collect(Collectors.toSet());
    }

    @Test
    @DisplayName("S-25 S-44 all DNS seeds are down for 24 hours: no change in connectivity")
    void shouldLiveWithoutDns() {
        for (long seed = 1; seed <= TIMES; seed++) {
            liveWithoutDns(seed);
        }
    }

    private static void liveWithoutDns(long seed) {
        int size = 12;
        var names = new P2pOptions.Dns(List.of("seed.example"), true, false);
        var factory =
                new FullNodes((self, options) -> options.with(options.sources().withDns(names)));
        World world = Towns.of(seed, size, factory);
        // DNS is there for the first start only.
        var addresses = new ArrayList<weft.wire.NetAddress>();
        world.nodes().forEach(each -> addresses.add(each.address()));
        world.name("x9.seed.example", addresses);
        world.nodes().getFirst().start();
        Towns.mine(world.nodes().getFirst(), 1);
        world.nodes().stream().skip(1).forEach(SimNode::start);
        world.run(Duration.ofMinutes(10));
        assertThat(world.lookups()).isNotEmpty();
        assertThat(world.nodes()).allMatch(each -> Towns.outbound(world, each) >= 4);

        world.name("x9.seed.example", List.of());
        int asked = world.lookups().size();
        for (int hour = 0; hour < 24; hour++) {
            for (int third = 0; third < 3; third++) {
                Towns.mine(world.nodes().get(hour % size), 1);
                world.run(Duration.ofMinutes(20));
            }
            assertThat(Towns.isConnected(world.nodes())).isTrue();
            assertThat(world.nodes()).allMatch(each -> each.connections().size() >= 8);
            assertThat(world.allTipsEqual()).isTrue();
        }
        assertThat(world.lookups()).as("nobody asked again").hasSize(asked);

        // Who restarts now finds its old friends without a question.
        SimNode again = world.nodes().get(5);
        again.kill();
        world.run(Duration.ofSeconds(5));
        again.start();
        world.run(Duration.ofSeconds(11));
        assertThat(world.lookups()).hasSize(asked);
        assertThat(Towns.outbound(world, again)).isGreaterThanOrEqualTo(2);
        world.run(Duration.ofMinutes(10));
        assertThat(world.lookups()).hasSize(asked);
    }
}
