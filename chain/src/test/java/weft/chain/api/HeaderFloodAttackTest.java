package weft.chain.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.ToIntFunction;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import weft.crypto.SipHash;
import weft.primitives.BlockHash;
import weft.primitives.BlockHeader;
import weft.primitives.Digest256;
import weft.testkit.Sabotage;
import weft.testkit.SeenRed;

/// Headers that were mined until their hashes begin alike.
class HeaderFloodAttackTest implements SeenRed {
    private static final int HEADERS = 5_000;
    private static final int SLOTS = 8_192;

    private static List<BlockHash> chosen() {
        var all = new ArrayList<BlockHash>();
        for (long i = 0; i < HEADERS; i++) {
            all.add(new BlockHash(i << 32 | 0x0777, i << 32, 5, 0));
        }
        return all;
    }

    /// Slots that are looked at when all are put into an open table, as a [HeaderIndex] does.
    private static long probes(List<BlockHash> all, ToIntFunction<BlockHash> place) {
        var taken = new boolean[SLOTS];
        long probes = 0;
        for (BlockHash each : all) {
            int slot = place.applyAsInt(each) & (SLOTS - 1);
            probes++;
            while (taken[slot]) {
                slot = (slot + 1) & (SLOTS - 1);
                probes++;
            }
            taken[slot] = true;
        }
        return probes;
    }

    @Test
    @DisplayName(
            "C10 5,000 headers whose hashes begin alike take as many probes as those of chance")
    @Sabotage(type = "weft.chain.api.HeaderTable", method = "place", call = "hash", returns = "7")
    void shouldSpreadHeadersOfChosenHashes() {
        var random = new SplittableRandom(10);
        for (int i = 0; i < 10; i++) {
            var table = new HeaderTable(new SipHash(random.nextLong(), random.nextLong()));
            long ofChance = probes(chosen(), any -> random.nextInt());
            assertThat(probes(chosen(), table::place)).isLessThan(3 * ofChance);
        }
    }

    @Test
    @DisplayName("C10 an index of headers finds those whose hashes begin alike")
    @Sabotage(type = "weft.chain.api.HeaderTable", method = "hasHash", returns = "true")
    void shouldFindHeadersOfChosenHashes() {
        var table = new HeaderTable(new SipHash(3, 4));
        var index = new HeaderIndex();
        var first = new BlockHeader(1, BlockHash.ZERO, Digest256.ZERO, 1, 2, 3);
        HeaderNode genesis = table.addGenesis(first, first.hash(), BigInteger.ONE);
        assertThat(index.add(genesis)).isTrue();
        var header = new BlockHeader(1, first.hash(), Digest256.ZERO, 1, 2, 3);
        for (BlockHash each : chosen()) {
            assertThat(index.add(table.add(header, each, genesis, BigInteger.ONE))).isTrue();
        }
        for (BlockHash each : chosen()) {
            HeaderNode found = index.find(each);
            assertThat(found).isNotNull().extracting(HeaderNode::hash).isEqualTo(each);
        }
        assertThat(index.find(new BlockHash(0x0777, 0, 6, 0))).isNull();
    }
}
