package weft.sim;

import java.time.Duration;
import java.util.List;
import weft.p2p.PeerInput;
import weft.wire.AddressEntry;
import weft.wire.ServiceFlags;

/// Networks of full nodes that were on yesterday.
final class Citizens {
    private static final long SERVICES =
            ServiceFlags.NETWORK | ServiceFlags.WITNESS | ServiceFlags.NETWORK_LIMITED;

    /// From one known address to the next, where not all are known.
    private static final int STEP = 7;

    private Citizens() {}

    /// Fills a world with nodes that all know each other's addresses, and gives them a minute to connect.
    static void settle(World world, FullNodes factory, int size) {
        for (int i = 0; i < size; i++) {
            world.add(factory);
        }
        connect(world, factory, size);
    }

    /// Writes into everybody's book where the others can be reached through Tor.
    static void tellOnions(World world, FullNodes factory) {
        long now = world.scheduler().now().unixSeconds();
        int size = world.nodes().size();
        for (SimNode each : world.nodes()) {
            for (int i = 0; i < size; i++) {
                var entry = new AddressEntry(now, SERVICES, World.onion(i));
                if (i != each.index()) {
                    factory.book(each).add(List.of(entry), World.address(i), 0, now);
                }
            }
        }
    }

    /// Starts the nodes of a world, and gives them a minute to connect.
    ///
    /// @param known addresses that each has
    static void connect(World world, FullNodes factory, int known) {
        long now = world.scheduler().now().unixSeconds();
        List<AddressEntry> all =
                world.nodes().stream()
                        .map(each -> new AddressEntry(now, SERVICES, each.address()))
                        .toList();
        int size = all.size();
        for (SimNode each : world.nodes()) {
            each.start();
            for (int i = 0; i < known; i++) {
                AddressEntry entry =
                        all.get(known == size ? i : (each.index() + 1 + i * STEP) % size);
                if (!entry.address().equals(each.address())) {
                    factory.book(each).add(List.of(entry), entry.address(), 0, now);
                }
            }
            each.input(new PeerInput.Tick());
        }
        world.run(Duration.ofMinutes(1));
    }
}
