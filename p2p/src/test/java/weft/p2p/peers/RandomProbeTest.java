package weft.p2p.peers;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import weft.primitives.Check;
import weft.testkit.Property;
import weft.testkit.Sabotage;
import weft.testkit.SeenRed;
import weft.wire.NetAddress;
import weft.wire.Subnet;

class RandomProbeTest implements SeenRed {
    private static final int PORT = 18_333;

    /// What no host ever has.
    private static final List<Subnet> MULTICAST =
            List.of(Subnet.parse("224.0.0.0/4"), Subnet.parse("ff00::/8"));

    /// What no stranger has: this machine's, private, shared, local, documentation and measuring ranges, and
    /// what is kept for later.
    private static final List<Subnet> RESERVED =
            List.of(
                    Subnet.parse("0.0.0.0/8"),
                    Subnet.parse("10.0.0.0/8"),
                    Subnet.parse("100.64.0.0/10"),
                    Subnet.parse("127.0.0.0/8"),
                    Subnet.parse("169.254.0.0/16"),
                    Subnet.parse("172.16.0.0/12"),
                    Subnet.parse("192.0.2.0/24"),
                    Subnet.parse("192.168.0.0/16"),
                    Subnet.parse("198.18.0.0/15"),
                    Subnet.parse("198.51.100.0/24"),
                    Subnet.parse("203.0.113.0/24"),
                    Subnet.parse("240.0.0.0/4"),
                    Subnet.parse("fc00::/7"),
                    Subnet.parse("fe80::/64"),
                    Subnet.parse("2001:db8::/32"));

    private static boolean isReserved(NetAddress address) {
        return Stream.concat(RESERVED.stream(), MULTICAST.stream())
                .anyMatch(each -> each.contains(address));
    }

    @Test
    @DisplayName("S-20 random addresses are of the ranges that were given, and of no reserved one")
    @Sabotage(
            type = "weft.p2p.peers.RandomProbe",
            method = "mayBeHost",
            call = "isIn",
            returns = "false")
    @Sabotage(
            type = "weft.p2p.peers.RandomProbe",
            method = "isOfTheWorld",
            call = "isIn",
            returns = "false")
    void shouldSkipReservedRanges() {
        // Each begins or ends amid a reserved range, or has one within.
        var ranges =
                List.of(
                        Subnet.parse("9.0.0.0/7"),
                        Subnet.parse("10.0.0.0/7"),
                        Subnet.parse("100.0.0.0/8"),
                        Subnet.parse("126.0.0.0/7"),
                        Subnet.parse("169.254.0.0/15"),
                        Subnet.parse("172.0.0.0/8"),
                        Subnet.parse("192.0.0.0/16"),
                        Subnet.parse("192.168.0.0/15"),
                        Subnet.parse("198.0.0.0/8"),
                        Subnet.parse("203.0.112.0/22"),
                        Subnet.parse("222.0.0.0/6"),
                        Subnet.parse("128.0.0.0/1"),
                        Subnet.parse("8000::/1"),
                        Subnet.parse("0.0.0.0/0"),
                        Subnet.parse("2001:d00::/24"));
        Property.holds(
                100,
                random -> {
                    Subnet range = ranges.get(random.nextInt(ranges.size()));
                    var probe = new RandomProbe(List.of(range), false, PORT, random);
                    for (int i = 0; i < 500; i++) {
                        NetAddress found = Check.present(probe.next(), "one of many");
                        assertThat(found).matches(range::contains);
                        assertThat(isReserved(found)).as("%s is reserved", found).isFalse();
                        assertThat(found.port()).isEqualTo(PORT);
                    }
                });
    }

    @Test
    @DisplayName(
            "S-20 of reserved ranges alone there is nothing to dial, unless all is on one machine")
    void shouldFindNothingInReservedRanges() {
        Property.holds(
                20,
                random -> {
                    for (Subnet each : RESERVED) {
                        assertThat(new RandomProbe(List.of(each), false, PORT, random).next())
                                .as("%s", each)
                                .isNull();
                    }
                    for (String each : List.of("127.0.0.0/8", "240.0.0.0/5")) {
                        Subnet local = Subnet.parse(each);
                        assertThat(new RandomProbe(List.of(local), true, PORT, random).next())
                                .isNotNull()
                                .matches(local::contains);
                    }
                    assertThat(new RandomProbe(MULTICAST, true, PORT, random).next()).isNull();
                });
    }

    @Test
    @DisplayName("S-20 every address of the ranges has its turn")
    void shouldReachAll() {
        Property.holds(
                20,
                random -> {
                    var ranges = List.of(Subnet.parse("44.1.2.0/28"), Subnet.parse("45.1.2.8/30"));
                    var probe = new RandomProbe(ranges, false, PORT, random);
                    Set<NetAddress> seen = new HashSet<>();
                    for (int i = 0; i < 1_000; i++) {
                        seen.add(Check.present(probe.next(), "one of twenty"));
                    }
                    assertThat(seen).hasSize(16 + 4);
                });
    }
}
