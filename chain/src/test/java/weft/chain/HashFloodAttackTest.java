package weft.chain;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import weft.consensus.Coin;
import weft.crypto.SipHash;
import weft.primitives.Bytes;
import weft.primitives.OutPoint;
import weft.primitives.TxOut;
import weft.primitives.Txid;
import weft.testkit.Sabotage;
import weft.testkit.SeenRed;

/// Transaction ids that were chosen to fall into one place of a table.
class HashFloodAttackTest implements SeenRed {
    private static final int COINS = 20_000;
    private static final int PARTS = 64;
    private static final int SLOTS = 1_024;

    /// What does not depend on a secret is alike in all: each word's low half, Java's hash code, the index.
    private static List<OutPoint> chosen() {
        var all = new ArrayList<OutPoint>();
        for (long i = 0; i < COINS; i++) {
            // Java takes high and low half of a word together by XOR, so the last word makes up for
            // the
            // third.
            all.add(new OutPoint(new Txid(7, 7, i << 32 | 7, 0), 0));
            Txid plain = all.getLast().txid();
            long making = (long) (0x1234_5678 - plain.hashCode()) << 32;
            all.set(all.size() - 1, new OutPoint(new Txid(7, 7, i << 32 | 7, making), 0));
        }
        return all;
    }

    /// Slots that are looked at when all are put into parts of open tables, as a [CoinTable] does.
    private static long probes(long[] hashes) {
        var taken = new boolean[PARTS][SLOTS];
        long probes = 0;
        for (long hash : hashes) {
            boolean[] part = taken[(int) (hash >>> 58)];
            int slot = (int) hash & (SLOTS - 1);
            probes++;
            for (int i = 0; part[slot] && i < SLOTS; i++) {
                slot = (slot + 1) & (SLOTS - 1);
                probes++;
            }
            part[slot] = true;
        }
        return probes;
    }

    @Test
    @DisplayName(
            "C10 20,000 coins of chosen transaction ids take as many probes as those of chance")
    @Sabotage(type = "weft.chain.CoinTable", method = "hash", returns = "0")
    void shouldSpreadCoinsOfChosenIds() {
        List<OutPoint> chosen = chosen();
        assertThat(chosen).extracting(each -> each.txid().hashCode()).containsOnly(0x1234_5678);
        assertThat(chosen).doesNotHaveDuplicates();
        var random = new SplittableRandom(11);
        long before = 0;
        for (int i = 0; i < 10; i++) {
            var keyed = new CoinTable(new SipHash(random.nextLong(), random.nextLong()));
            long[] hashes = chosen.stream().mapToLong(keyed::hash).toArray();
            assertThat(probes(hashes)).isLessThan(3 * probes(random.longs(COINS).toArray()));
            assertThat(hashes[0]).as("with another key").isNotEqualTo(before);
            before = hashes[0];
        }
        var table = new CoinTable(new SipHash(random.nextLong(), random.nextLong()));
        for (OutPoint each : chosen) {
            var coin = new Coin(new TxOut(1, Bytes.EMPTY), 1, false);
            table.insert(each, table.hash(each), coin, CoinTable.DIRTY);
        }
        for (OutPoint each : chosen) {
            assertThat(table.find(each, table.hash(each))).isNotZero();
        }
    }
}
