package weft.p2p;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import weft.primitives.Bytes;
import weft.primitives.codec.ByteWriter;
import weft.primitives.codec.MalformedBytes;
import weft.testkit.Sabotage;
import weft.testkit.SeenRed;
import weft.wire.Addr;
import weft.wire.AddrV2;
import weft.wire.AddressEntry;
import weft.wire.Message;
import weft.wire.MessageCodec;
import weft.wire.Negotiated;
import weft.wire.NetAddress;
import weft.wire.Ping;
import weft.wire.Pong;

/// Addresses of networks that nobody knows, of lengths that none has, and one dressed as another.
class OddAddressAttackTest implements SeenRed {
    private static final int NETWORKS = 256;
    private static final int LONGEST = 512;

    /// How many bytes an address of a network has; -1 where nobody knows, or the network is gone.
    private static final int[] LENGTHS = {-1, 4, 16, -1, 32, 32, 16};

    private final EngineWorld world = new EngineWorld(1, EngineWorld.quiet());
    private final EngineWorld.FakePeer honest =
            world.dial("8.8.8.8:8333", ConnectionType.OUTBOUND_FULL_RELAY);

    /// Was asked for addresses, so that it may say a thousand.
    private final EngineWorld.FakePeer attacker =
            world.dial("9.9.9.9:8333", ConnectionType.OUTBOUND_FULL_RELAY);

    private final Set<NetAddress> said = new TreeSet<>();

    private void entry(ByteWriter out, int network, Bytes address, int port) {
        out.u32(world.now().unixSeconds() - 60).compactSize(EngineWorld.FULL);
        out.u8(network).varBytes(address).u16BigEndian(port);
    }

    /// An address that is as it should be, of a group of its own.
    private void good(ByteWriter out) {
        int i = said.size();
        NetAddress address = NetAddress.parse(20 + i % 90 + "." + i / 90 + ".3.4:8333", 8333);
        said.add(address);
        entry(out, 1, address.address(), address.port());
    }

    private static Bytes junk(int length) {
        byte[] bytes = new byte[length];
        Arrays.fill(bytes, (byte) 0x5a);
        return Bytes.wrap(bytes);
    }

    private static boolean isKnown(int network, int length) {
        return network < LENGTHS.length && LENGTHS[network] == length;
    }

    private static Message decode(Bytes payload) {
        return MessageCodec.decode(AddrV2.COMMAND, payload, Negotiated.CURRENT);
    }

    /// Sends bytes as a transport hands them over.
    ///
    /// @return whether they are a message
    private boolean send(ByteWriter written) {
        Bytes payload = written.toBytes();
        int length = payload.length();
        int wire = length + 24;
        try {
            Message message = decode(payload);
            world.input(new PeerInput.Received(attacker.id, message, length, wire));
            return true;
        } catch (MalformedBytes e) {
            String why = e.toString();
            world.input(new PeerInput.Malformed(attacker.id, AddrV2.COMMAND, length, wire, why));
            return false;
        }
    }

    private Set<NetAddress> book() {
        var all = new TreeSet<NetAddress>();
        world.engine.addrMan().entries(false).forEach(each -> all.add(each.entry().address()));
        return all;
    }

    private void assertServed() {
        assertThat(attacker.closed).isFalse();
        honest.received.clear();
        honest.sends(Ping.of(7));
        assertThat(honest.got(Pong.class)).isTrue();
    }

    @Test
    @DisplayName("B07 addresses of all networks that nobody knows, between some of ours")
    @Sabotage(type = "weft.wire.NetAddress", method = "readV2", call = "skip", returns = "void")
    @Sabotage(type = "weft.wire.NetAddress", method = "readV2", constant = "512>511")
    void shouldSkipNetworksThatNobodyKnows() {
        var out = new ByteWriter(200_000);
        var odd = new ByteWriter(200_000);
        int count = 0;
        int[] lengths = {0, 1, 16, 511, LONGEST};
        for (int network = 0; network < NETWORKS; network++) {
            if (network >= LENGTHS.length || LENGTHS[network] < 0) {
                entry(odd, network, junk(lengths[network % lengths.length]), 8333);
                good(odd);
                count += 2;
            }
        }
        out.compactSize(count).bytes(odd.toBytes());
        assertThat(send(out)).isTrue();
        assertThat(said).hasSize(NETWORKS - 5);
        // Some fall on the same place, and the first stays.
        assertThat(book()).isSubsetOf(said).hasSizeGreaterThan(240);
        assertServed();
    }

    @Test
    @DisplayName("B07 addresses of a length that their network has not, and of more than 512 bytes")
    @Sabotage(type = "weft.wire.NetAddress", method = "readV2", constant = "512>513")
    @Sabotage(type = "weft.wire.NetAddress", method = "readV2Known", flips = 1)
    void shouldRefuseLengthsThatCannotBe() {
        int refused = 0;
        for (int network = 0; network < NETWORKS; network++) {
            for (int length : new int[] {0, 1, 4, 10, 16, 32, LONGEST, LONGEST + 1, 5_000}) {
                boolean isUnknown = network >= LENGTHS.length || LENGTHS[network] < 0;
                boolean isFine = isKnown(network, length) || (isUnknown && length <= LONGEST);
                var out = new ByteWriter(6_000);
                if (isFine) {
                    out.compactSize(1);
                    entry(out, network, junk(length), 8333);
                    assertThat(decode(out.toBytes())).isInstanceOf(AddrV2.class);
                } else {
                    out.compactSize(3);
                    good(out);
                    entry(out, network, junk(length), 8333);
                    good(out);
                    assertThat(send(out)).as("%d of network %d", length, network).isFalse();
                    refused++;
                }
            }
        }
        assertThat(refused).isEqualTo(5 * 8 + 2 * (NETWORKS - 5));
        assertThat(book()).as("nothing of a message that is none").isEmpty();
        assertServed();
    }

    @Test
    @DisplayName("B07 IPv4, onion and other addresses dressed as IPv6, port 0, and all services")
    @Sabotage(
            type = "weft.wire.NetAddress",
            method = "readV2Known",
            call = "startsWith",
            returns = "false")
    @Sabotage(type = "weft.wire.NetAddress", method = "ofLegacyIpv6", flips = 2)
    void shouldNotTakeOneNetworkForAnother() {
        var out = new ByteWriter(1_000);
        String[] dressed = {
            "00000000000000000000ffff08080404", // IPv4
            "fd87d87eeb4300112233445566778899", // onion, version 2
            "fd6b88c0872400112233445566778899", // a name of ours
            "00000000000000000000000000000000",
        };
        out.compactSize(dressed.length + 3);
        for (String each : dressed) {
            entry(out, 2, Bytes.parse(each), 8333);
        }
        NetAddress portless = NetAddress.parse("30.1.1.1:0", 0);
        entry(out, 1, portless.address(), 0);
        NetAddress plain = NetAddress.parse("[2a01:4f8::7]:8333", 0);
        entry(out, 2, plain.address(), 8333);
        NetAddress able = NetAddress.parse("31.1.1.1:8333", 0);
        out.u32(world.now().unixSeconds() - 60).compactSize(-1L);
        out.u8(1).varBytes(able.address()).u16BigEndian(8333);
        assertThat(send(out)).isTrue();
        assertThat(book()).containsExactlyInAnyOrder(portless, plain, able);
        world.advance(Duration.ofMinutes(10));
        for (Message each : honest.received) {
            if (each instanceof Addr(List<AddressEntry> entries)) {
                assertThat(entries)
                        .extracting(AddressEntry::address)
                        .isSubsetOf(portless, plain, able);
            }
        }
        assertServed();
    }
}
