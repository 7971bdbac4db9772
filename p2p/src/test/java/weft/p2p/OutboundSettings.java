package weft.p2p;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import weft.p2p.addr.NetGroups;
import weft.p2p.defence.Countermeasures;
import weft.p2p.defence.DefenceOptions;
import weft.primitives.Bytes;
import weft.wire.AddressEntry;
import weft.wire.NetAddress;
import weft.wire.NetworkId;
import weft.wire.ServiceFlags;
import weft.wire.Subnet;

/// Addresses, names and settings by chance, for tests of what is dialled.
final class OutboundSettings {
    static final int PORT = 8333;

    /// What the clock on the wall shows at first.
    static final long WALL = 1_700_000_000;

    final SplittableRandom random;
    final boolean local;
    final int ranges;

    /// Nobody is known, and addresses are probed.
    final boolean isProbing;

    OutboundSettings(SplittableRandom random) {
        this.random = random;
        this.local = random.nextInt(10) == 0;
        this.ranges = random.nextInt(5) == 0 ? 4 : 40;
        this.isProbing = random.nextInt(10) == 0;
    }

    boolean rarely(int times) {
        return random.nextInt(times) == 0;
    }

    <T> T any(List<T> of) {
        return of.get(random.nextInt(of.size()));
    }

    NetAddress address() {
        int port = rarely(8) ? any(List.of(22, 25, 6667, 8334)) : PORT;
        if (local && !rarely(4)) {
            return NetAddress.parse("127.0.0.1:" + (8000 + random.nextInt(40)), PORT);
        }
        int range = random.nextInt(ranges);
        return switch (random.nextInt(12)) {
            case 0 -> NetAddress.parse("[2a01:" + (1 + range % 9) + "::1]:" + port, PORT);
            case 1 -> hidden(NetworkId.TORV3, range);
            case 2 -> hidden(NetworkId.I2P, range);
            default -> NetAddress.parse("20." + range + "." + host() + ":" + port, PORT);
        };
    }

    private String host() {
        return "1." + random.nextInt(1, 5);
    }

    private NetAddress hidden(NetworkId network, int number) {
        byte[] key = new byte[32];
        key[0] = (byte) (37 * number);
        key[1] = (byte) random.nextInt(3);
        // Who is discouraged is known by these bytes alone, as in Bitcoin Core.
        key[2] = (byte) network.number();
        return new NetAddress(network, Bytes.wrap(key), network == NetworkId.I2P ? 0 : PORT);
    }

    long services() {
        long full = ServiceFlags.NETWORK | ServiceFlags.WITNESS;
        return switch (random.nextInt(12)) {
            case 0 -> ServiceFlags.NETWORK_LIMITED | ServiceFlags.WITNESS;
            case 1 -> ServiceFlags.WITNESS;
            case 2 -> ServiceFlags.NETWORK;
            case 3, 4, 5 -> full | ServiceFlags.P2P_V2;
            default -> full;
        };
    }

    AddressEntry entry(long time) {
        return new AddressEntry(time, services(), address());
    }

    List<AddressEntry> entries(int most) {
        var all = new ArrayList<AddressEntry>();
        for (int i = random.nextInt(most + 1); i > 0; i--) {
            all.add(entry(WALL));
        }
        return all;
    }

    /// An address, or a name that must be looked up.
    String name() {
        return switch (random.nextInt(3)) {
            case 0 -> "node" + random.nextInt(4) + ".example";
            case 1 -> "node" + random.nextInt(4) + ".example:" + (8333 + random.nextInt(2));
            default -> "20." + random.nextInt(ranges) + ".1." + random.nextInt(1, 5) + ":8333";
        };
    }

    List<String> names(int most) {
        var all = new ArrayList<String>();
        for (int i = random.nextInt(most + 1); i > 0; i--) {
            String name = name();
            if (!all.contains(name)) {
                all.add(name);
            }
        }
        return all;
    }

    P2pOptions options() {
        var groups = new NetGroups(local);
        P2pOptions usual = P2pOptions.of(PORT, groups);
        P2pOptions.Self self = usual.self();
        long services = rarely(4) ? EngineWorld.FULL : self.services();
        var measures =
                new Countermeasures(!rarely(8), !rarely(8), !rarely(8), true, !rarely(3), false);
        return usual.with(sources(groups))
                .with(limits())
                .with(new P2pOptions.Access(List.of(), reachable(), !rarely(20)))
                .with(DefenceOptions.DEFAULT.with(measures))
                .with(new P2pOptions.Self(PORT, services, "/x/", true, true, List.of(), false));
    }

    P2pOptions.Limits limits() {
        P2pOptions.Limits usual = P2pOptions.Limits.DEFAULT;
        return switch (random.nextInt(8)) {
            case 0 -> P2pOptions.Limits.ofTotal(random.nextInt(14));
            case 1 -> usual.withCounts(random.nextInt(11), random.nextInt(4), 20);
            default -> usual;
        };
    }

    private List<NetworkId> reachable() {
        return switch (random.nextInt(4)) {
            case 0 -> List.of(NetworkId.IPV4);
            case 1 -> List.of(NetworkId.IPV4, NetworkId.IPV6, NetworkId.TORV3);
            case 2 -> List.of(NetworkId.IPV4, NetworkId.IPV6, NetworkId.I2P, NetworkId.TORV3);
            default -> List.of(NetworkId.IPV4, NetworkId.IPV6);
        };
    }

    private P2pOptions.Sources sources(NetGroups groups) {
        boolean automatic = !rarely(10);
        var probed = List.of(Subnet.parse("44.1.0.0/28"), Subnet.parse("20.0.0.0/12"));
        Duration interval = Duration.ofMillis(random.nextInt(1, 3_000));
        return new P2pOptions.Sources(
                automatic,
                automatic ? List.of() : names(3),
                rarely(3) ? names(12) : List.of(),
                rarely(3) ? names(4) : List.of(),
                dns(),
                entries(12),
                !isProbing && random.nextBoolean(),
                random.nextBoolean() ? anchors() : List.of(),
                groups,
                isProbing ? new P2pOptions.Probe(probed, interval) : P2pOptions.Probe.OFF);
    }

    private List<AddressEntry> anchors() {
        List<AddressEntry> all = entries(4);
        all.replaceAll(
                each -> {
                    var nobody = NetAddress.parse("0.0.0.0:8333", PORT);
                    return rarely(10) ? new AddressEntry(WALL, 9, nobody) : each;
                });
        return all;
    }

    private P2pOptions.Dns dns() {
        if (isProbing || rarely(3)) {
            return P2pOptions.Dns.NONE;
        }
        var seeds = new ArrayList<String>();
        for (int i = random.nextInt(10); i > 0; i--) {
            seeds.add(rarely(6) ? "20.3.1." + i : "seed" + i + ".example");
        }
        return new P2pOptions.Dns(seeds, !rarely(6), rarely(8), rarely(8));
    }
}
