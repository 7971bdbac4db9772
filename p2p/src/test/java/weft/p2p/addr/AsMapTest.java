package weft.p2p.addr;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import weft.primitives.Bytes;
import weft.primitives.Digest256;
import weft.testkit.Property;
import weft.wire.NetAddress;

/// Maps from addresses to operators.
class AsMapTest {
    private static final int SEEDS = 20;

    /// Where a tree divides by the next bit of the address, or the operator of all that is below.
    private record Node(int operator, List<Node> children) {
        static Node random(SplittableRandom random, int depth) {
            if (depth == 0 || random.nextInt(8) == 0) {
                return new Node(1 + random.nextInt(1 << (1 + random.nextInt(23))), List.of());
            }
            return new Node(0, List.of(random(random, depth - 1), random(random, depth - 1)));
        }

        /// The plain way to look up.
        int find(byte[] address) {
            Node node = this;
            for (int i = 0; !node.children.isEmpty(); i++) {
                node = node.children.get((address[i / 8] >> (7 - i % 8)) & 1);
            }
            return node.operator;
        }

        List<Integer> code() {
            var code = new ArrayList<Integer>();
            if (children.isEmpty()) {
                code.add(0);
                number(code, operator - 1, 15, 10);
                return code;
            }
            List<Integer> zero = children.get(0).code();
            code.add(1);
            code.add(0);
            number(code, zero.size() - 17, 5, 26);
            code.addAll(zero);
            code.addAll(children.get(1).code());
            return code;
        }

        private static void number(List<Integer> code, long value, int firstBits, int classes) {
            long rest = value;
            int bits = firstBits;
            while (rest >= 1L << bits) {
                rest -= 1L << bits++;
                code.add(1);
            }
            if (bits < firstBits + classes - 1) {
                code.add(0);
            }
            for (int i = bits - 1; i >= 0; i--) {
                code.add((int) (rest >>> i & 1));
            }
        }

        Bytes file() {
            List<Integer> code = code();
            byte[] bytes = new byte[(code.size() + 7) / 8];
            for (int i = 0; i < code.size(); i++) {
                bytes[i / 8] |= (byte) (code.get(i) << (i % 8));
            }
            return Bytes.wrap(bytes);
        }
    }

    private static byte[] publicIpv6(SplittableRandom random) {
        byte[] bytes = Property.bytes(random, 16);
        while (NetAddress.ofIp(bytes, 1).linkedIpv4().isPresent()
                || bytes[0] == 0
                || !NetAddress.ofIp(bytes, 1).isRoutable()) {
            bytes = Property.bytes(random, 16);
        }
        return bytes;
    }

    @Test
    @DisplayName("S-64 a map tells of every address the operator that a plain search finds")
    void shouldFindOperators() {
        Property.holds(
                SEEDS,
                random -> {
                    Node tree = Node.random(random, 10);
                    AsMap map = AsMap.parse(tree.file()).orElseThrow();
                    for (int i = 0; i < 200; i++) {
                        byte[] address = publicIpv6(random);
                        assertThat(map.asnOf(NetAddress.ofIp(address, 8333)))
                                .isEqualTo(tree.find(address));
                    }
                    // IPv4 addresses are looked up as ::ffff:a.b.c.d.
                    byte[] mapped = new byte[16];
                    mapped[10] = (byte) 0xff;
                    mapped[11] = (byte) 0xff;
                    mapped[12] = 101;
                    assertThat(map.asnOf(NetAddress.parse("101.0.0.0", 1)))
                            .isEqualTo(tree.find(mapped));
                    assertThat(map.asnOf(NetAddress.parse("10.0.0.1", 1))).isZero();
                });
    }

    /// The map of Bitcoin Core's tests: 250.0.0.0/8 is of operator 1000, 101.n.0.0/16 of operator n for n
    /// from 1 to 8.
    @Test
    void shouldReadTheMapOfBitcoinCoresTests() {
        Bytes file =
                Bytes.parse(
                        "fb03ec0fb03fc0fe00fb03ec0fb03fc0fe00fb03ec0fb0fffffeffedb0ffd486e6"
                                + "28290000400000400040990100800180040000050006001cf039");
        AsMap map = AsMap.parse(file).orElseThrow();
        for (int n = 1; n <= 8; n++) {
            assertThat(map.asnOf(NetAddress.parse("101." + n + ".0.0", 1))).isEqualTo(n);
        }
        assertThat(map.asnOf(NetAddress.parse("250.7.1.1", 1))).isEqualTo(1000);
        assertThat(Digest256.of(map.version().toByteArray()).toString())
                .isEqualTo("fec61fa21a9f46f3b17bdcd660d7f4cd90b966aad3aec593c99b35f0aca15853");
    }

    @Test
    void shouldRefuseWhatIsNoMapAndRunWhatIsOne() {
        assertThat(AsMap.parse(Bytes.EMPTY)).isEmpty();
        Property.holds(
                SEEDS,
                random -> {
                    byte[] good = Node.random(random, 8).file().toByteArray();
                    assertThat(AsMap.parse(Bytes.wrap(good).slice(0, good.length - 1))).isEmpty();
                    for (int i = 0; i < 200; i++) {
                        byte[] bad = good.clone();
                        for (int k = 0; k <= random.nextInt(4); k++) {
                            bad[random.nextInt(bad.length)] ^= (byte) (1 << random.nextInt(8));
                        }
                        Optional<AsMap> map = AsMap.parse(Bytes.wrap(bad));
                        // Whatever passes the check answers every question.
                        map.ifPresent(any -> any.asnOf(NetAddress.ofIp(publicIpv6(random), 8333)));
                    }
                });
    }

    @Test
    @DisplayName("S-64 the same operator is the same group, whatever its ranges; versions differ")
    void shouldGroupByOperator() {
        // All addresses belong to operator 7.
        Bytes one = new Node(7, List.of()).file();
        var groups = new NetGroups(false, AsMap.parse(one).orElseThrow());
        NetAddress ipv4 = NetAddress.parse("1.2.3.4", 8333);
        assertThat(groups.groupOf(ipv4))
                .isEqualTo(groups.groupOf(NetAddress.parse("99.8.7.6", 8333)))
                .isEqualTo(groups.groupOf(NetAddress.parse("[2a01:1::1]", 8333)))
                .isEqualTo(Bytes.parse("0207000000"));
        assertThat(NetGroups.PUBLIC.groupOf(ipv4)).isEqualTo(ipv4.netGroup());
        assertThat(groups.mapVersion()).isNotEqualTo(NetGroups.PUBLIC.mapVersion());
    }
}
