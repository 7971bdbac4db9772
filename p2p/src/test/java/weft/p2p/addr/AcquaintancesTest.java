package weft.p2p.addr;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import weft.primitives.Bytes;
import weft.primitives.Check;
import weft.primitives.codec.MalformedBytes;
import weft.testkit.Property;
import weft.wire.NetAddress;

class AcquaintancesTest {
    private static final Bytes MAGIC = Bytes.parse("fabfb5da");
    private static final long BEGIN = 1_700_000_000;

    private static NetAddress address(int i) {
        return NetAddress.parse(20 + i / 65_536 + "." + i / 256 % 256 + "." + i % 256 + ".1", 8333);
    }

    /// Address, program, and every time at which it was seen.
    private record Naive(String program, List<Long> times) {}

    @Test
    @DisplayName("S-65 S-66 memory of nodes: as a plain list of all that was seen tells")
    void shouldRememberAsAPlainListDoes() {
        Property.holds(
                30,
                random -> {
                    var all = new Acquaintances();
                    var naive = new LinkedHashMap<NetAddress, Naive>();
                    long now = BEGIN;
                    for (int i = 0; i < 2_000; i++) {
                        now += random.nextLong(7_200);
                        NetAddress address = address(random.nextInt(300));
                        Naive known = naive.get(address);
                        if (random.nextInt(4) > 0) {
                            String program = "/p:" + random.nextInt(3) + "/";
                            all.met(address, program, now);
                            List<Long> times = known == null ? new ArrayList<>() : known.times;
                            known = new Naive(program, times);
                        } else {
                            all.there(address, now);
                        }
                        if (known != null) {
                            known.times.add(now);
                            naive.remove(address);
                            naive.put(address, known);
                        }
                    }
                    assertSame(all, naive, now);
                    assertSame(
                            AcquaintancesFile.read(AcquaintancesFile.write(all, MAGIC), MAGIC),
                            naive,
                            now);
                });
    }

    private static void assertSame(
            Acquaintances all, SequencedMap<NetAddress, Naive> naive, long now) {
        assertThat(all.all())
                .extracting(Acquaintance::address)
                .containsExactlyElementsOf(naive.keySet());
        for (Acquaintance each : all.all()) {
            Naive expected = Check.present(naive.get(each.address()), "it is remembered");
            assertThat(each.program()).isEqualTo(expected.program);
            var windows = new TreeMap<Integer, Boolean>();
            for (long time : expected.times) {
                if (now - time <= 30 * 86_400) {
                    windows.put((int) (time % 86_400 / 21_600), true);
                }
            }
            int bits = windows.keySet().stream().mapToInt(bit -> 1 << bit).sum();
            assertThat(each.windows(now)).isEqualTo(bits);
        }
    }

    @Test
    @DisplayName("S-65 S-66 4,096 nodes are remembered, those seen last")
    void shouldForgetWhoWasSeenLongestAgo() {
        var all = new Acquaintances();
        for (int i = 0; i < Acquaintances.MAX; i++) {
            all.met(address(i), "/p/", BEGIN + i);
        }
        all.there(address(0), BEGIN + 10_000);
        all.met(address(Acquaintances.MAX), "/p/", BEGIN + 10_001);
        assertThat(all.size()).isEqualTo(Acquaintances.MAX);
        assertThat(all.find(address(0))).isNotNull();
        assertThat(all.find(address(1))).isNull();
        all.there(address(1), BEGIN + 10_002);
        assertThat(all.find(address(1))).as("nobody gets in without a handshake").isNull();
    }

    @Test
    void shouldForgetTimesAfterAMonth() {
        var all = new Acquaintances();
        all.met(address(1), "/p/", BEGIN);
        Acquaintance one = all.all().iterator().next();
        long month = 30 * 86_400;
        assertThat(one.windows(BEGIN + month)).isEqualTo(1 << Acquaintance.windowOf(BEGIN));
        assertThat(one.windows(BEGIN + month + 1)).isZero();
    }

    @Test
    void shouldNameProgramsWithoutComments() {
        assertThat(Acquaintance.programOf("/Satoshi:28.1.0(me; you)/"))
                .isEqualTo("/Satoshi:28.1.0/");
        assertThat(Acquaintance.programOf("/a:1(x(y)z)/b:2/")).isEqualTo("/a:1/b:2/");
        assertThat(Acquaintance.programOf("/a:1)/")).isEqualTo("/a:1)/");
        assertThat(Acquaintance.programOf("(all")).isEmpty();
        assertThat(Acquaintance.programOf("x".repeat(256))).hasSize(64);
    }

    @Test
    void shouldRefuseADamagedFile() {
        var all = new Acquaintances();
        all.met(address(1), "/p/", BEGIN);
        all.met(address(2), "", BEGIN);
        Bytes file = AcquaintancesFile.write(all, MAGIC);
        for (int i = 0; i < file.length(); i++) {
            byte[] damaged = file.toByteArray();
            damaged[i] ^= 1;
            Bytes changed = Bytes.wrap(damaged);
            assertThatThrownBy(() -> AcquaintancesFile.read(changed, MAGIC))
                    .isInstanceOf(MalformedBytes.class);
            Bytes cut = file.slice(0, i);
            assertThatThrownBy(() -> AcquaintancesFile.read(cut, MAGIC))
                    .isInstanceOf(MalformedBytes.class);
        }
    }
}
