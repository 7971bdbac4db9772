package weft.sim;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.LongStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import weft.p2p.addr.AsMap;
import weft.p2p.addr.NetGroups;
import weft.p2p.defence.Countermeasures;
import weft.primitives.Bytes;
import weft.testkit.Sabotage;
import weft.testkit.SeenRed;

/// Attackers who want to be all our peers. [EclipseReport] tells how.
class EclipseAttackTest implements SeenRed {
    private static final int OUTBOUND = 10;
    private static final int ANCHORS = 2;
    private static final int FEW_GROUPS = 4;
    private static final int MANY_GROUPS = 400;
    private static final int HARD_ATTACKS = 4;

    /// Where a tree divides by the next bit of the address, or the operator of all that is below.
    private record Branch(int operator, List<Branch> children) {
        /// The form of Bitcoin Core's maps.
        List<Integer> code() {
            var code = new ArrayList<Integer>();
            if (children.isEmpty()) {
                code.add(0);
                number(code, operator - 1, 15);
                return code;
            }
            List<Integer> zero = children.get(0).code();
            code.add(1);
            code.add(0);
            number(code, zero.size() - 17, 5);
            code.addAll(zero);
            code.addAll(children.get(1).code());
            return code;
        }

        private static void number(List<Integer> code, long value, int firstBits) {
            long rest = value;
            int bits = firstBits;
            while (rest >= 1L << bits) {
                rest -= 1L << bits++;
                code.add(1);
            }
            code.add(0);
            for (int i = bits - 1; i >= 0; i--) {
                code.add((int) (rest >>> i & 1));
            }
        }
    }

    private static Branch leaf(int operator) {
        return new Branch(operator, List.of());
    }

    /// Of IPv4 addresses, by their first eight bits.
    private static Branch byFirstByte(int begin, int bits) {
        if (bits == 0) {
            // The attacker's are of two operators, all others of one each.
            return leaf(begin >= 100 ? 7 + begin % 2 : 1_000 + begin);
        }
        int half = 1 << (bits - 1);
        return new Branch(
                0, List.of(byFirstByte(begin, bits - 1), byFirstByte(begin + half, bits - 1)));
    }

    /// IPv4 addresses are looked up as ::ffff:a.b.c.d.
    private static AsMap map() {
        Branch tree = byFirstByte(0, 8);
        for (int bit = 95; bit >= 0; bit--) {
            tree = new Branch(0, bit >= 80 ? List.of(leaf(5), tree) : List.of(tree, leaf(5)));
        }
        List<Integer> code = tree.code();
        byte[] bytes = new byte[(code.size() + 7) / 8];
        for (int i = 0; i < code.size(); i++) {
            bytes[i / 8] |= (byte) (code.get(i) << (i % 8));
        }
        return AsMap.parse(Bytes.wrap(bytes)).orElseThrow();
    }

    private static List<Integer> attacks(EclipseReport.Setting setting, int groups, int runs) {
        var random = new SplittableRandom(7);
        var shares = new ArrayList<Integer>();
        for (int i = 0; i < runs; i++) {
            shares.add(EclipseReport.attack(setting, groups, random.split()));
        }
        return shares;
    }

    @Test
    @DisplayName("E07 a book filled with an attacker's addresses, and a restart")
    @Sabotage(
            type = "weft.p2p.PeerEngine",
            method = "anchors",
            returns = "java.util.Collections.EMPTY_LIST")
    void shouldKeepItsAnchors() {
        var all = new EclipseReport.Setting(Countermeasures.ALL, true);
        var without = new EclipseReport.Setting(Countermeasures.ALL, false);
        List<Long> hard =
                LongStream.rangeClosed(1, 100)
                        .filter(seed -> attack(without, seed) > OUTBOUND - ANCHORS)
                        .limit(HARD_ATTACKS)
                        .boxed()
                        .toList();
        assertThat(hard).as("attacks that anchors are needed against").hasSize(HARD_ATTACKS);
        assertThat(hard).allMatch(seed -> attack(all, seed) <= OUTBOUND - ANCHORS);
    }

    private static int attack(EclipseReport.Setting setting, long seed) {
        return EclipseReport.attack(setting, MANY_GROUPS, new SplittableRandom(seed));
    }

    @Test
    @DisplayName("E07 an attacker of four groups of addresses")
    @Sabotage(
            type = "weft.p2p.OutboundPlan",
            method = "fromBook",
            call = "contains",
            returns = "false")
    void shouldDialEachGroupOnce() {
        var all = new EclipseReport.Setting(Countermeasures.ALL, false);
        assertThat(attacks(all, FEW_GROUPS, 3)).allMatch(share -> share <= FEW_GROUPS);
    }

    @Test
    @DisplayName("E08 an attacker of four hundred ranges that belong to two operators")
    @Sabotage(type = "weft.p2p.addr.NetGroups", method = "groupOf", call = "asnOf", returns = "0")
    @Sabotage(
            type = "weft.p2p.OutboundPlan",
            method = "fromBook",
            call = "contains",
            returns = "false")
    void shouldDialEachOperatorOnce() {
        var mapped =
                new EclipseReport.Setting(Countermeasures.ALL, false, new NetGroups(false, map()));
        assertThat(attacks(mapped, MANY_GROUPS, 10)).allMatch(share -> share <= 2);
        var blind = new EclipseReport.Setting(Countermeasures.ALL, false);
        assertThat(attacks(blind, MANY_GROUPS, 1)).as("the attack is one").allMatch(s -> s > 2);
    }
}
