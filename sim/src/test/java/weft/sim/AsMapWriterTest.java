package weft.sim;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import weft.p2p.addr.AsMap;
import weft.p2p.addr.NetGroups;
import weft.testkit.Sabotage;
import weft.testkit.SeenRed;
import weft.wire.NetAddress;

class AsMapWriterTest implements SeenRed {
    private static final int KINDS = 4;

    @Test
    @DisplayName("a map that was written says of each range whose it is")
    @Sabotage(type = "weft.sim.AsMapWriter", method = "branch", call = "isLeaf", returns = "true")
    void shouldSayWhoseEachRangeIs() {
        for (int kind = 0; kind < KINDS; kind++) {
            int[] operators = operators(kind);
            AsMap map = AsMapWriter.ofRanges(range -> operators[range]);
            var groups = new NetGroups(false, map);
            for (int range = 20 << 8; range < 99 << 8; range++) {
                byte[] ip = {(byte) (range >> 8), (byte) range, 3, 4};
                assertThat(groups.asnOf(NetAddress.ofIp(ip, 8333))).isEqualTo(operators[range]);
            }
        }
    }

    /// Of each /16: one for all, runs of equal ones, a pattern that repeats, or chance alone.
    private static int[] operators(int kind) {
        var random = new SplittableRandom(kind);
        int[] operators = new int[1 << 16];
        for (int range = 0; range < operators.length; range++) {
            operators[range] =
                    switch (kind) {
                        case 0 -> 7;
                        case 1 -> 1 + range / 1_000;
                        case 2 -> 1 + range % 3 + range / 7 % 5;
                        default -> 1 + random.nextInt(60_000);
                    };
        }
        return operators;
    }
}
