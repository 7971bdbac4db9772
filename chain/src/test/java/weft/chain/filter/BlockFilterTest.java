package weft.chain.filter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import weft.chain.BlockUndo;
import weft.consensus.Coin;
import weft.crypto.SipHash;
import weft.primitives.Block;
import weft.primitives.BlockHash;
import weft.primitives.Bytes;
import weft.primitives.Digest256;
import weft.primitives.TxOut;
import weft.primitives.codec.MalformedBytes;
import weft.testkit.Property;
import weft.testkit.Vectors;

class BlockFilterTest {
    private static final SipHash KEY = new SipHash(1, 2);

    @Test
    @DisplayName("BIP158 makes the filters and filter headers of the test vectors")
    void shouldMakeTheFiltersOfTheVectors() {
        JsonNode rows = Vectors.json("p2p/bip158_testnet19.json");
        int seen = 0;
        for (JsonNode row : rows) {
            if (!row.get(0).isNumber()) {
                continue;
            }
            Block block = Block.parse(row.get(2).asString());
            var coins = new ArrayList<Coin>();
            for (JsonNode script : row.get(3)) {
                coins.add(new Coin(new TxOut(0, Bytes.parse(script.asString())), 1, false));
            }
            BlockFilter filter =
                    BlockFilter.of(block, new BlockUndo(List.of(new BlockUndo.TxUndo(coins))));
            assertThat(block.hash().toHex()).isEqualTo(row.get(1).asString());
            assertThat(filter.encoded().toHex()).isEqualTo(row.get(5).asString());
            assertThat(filter.header(Digest256.parse(row.get(4).asString())).toHex())
                    .isEqualTo(row.get(6).asString());
            BlockFilter read = BlockFilter.decode(block.hash(), filter.encoded());
            assertThat(read.size()).isEqualTo(filter.size());
            for (Coin coin : coins) {
                Bytes script = coin.out().scriptPubKey();
                assertThat(script.isEmpty() || read.matches(script)).isTrue();
            }
            seen++;
        }
        assertThat(seen).isEqualTo(rows.size() - 1).isPositive();
    }

    @Test
    void shouldFindEveryElementAndHardlyAnyOther() {
        var falsePositives = new int[1];
        Property.holds(
                60,
                random -> {
                    List<Bytes> elements = strings(random, random.nextInt(300));
                    GolombRiceSet set = GolombRiceSet.of(KEY, elements);
                    GolombRiceSet read = GolombRiceSet.decode(KEY, set.encoded());
                    assertThat(read.size()).isEqualTo(new HashSet<>(elements).size());
                    for (Bytes each : elements) {
                        assertThat(read.matches(each)).isTrue();
                    }
                    List<Bytes> others = strings(random, 200);
                    others.removeAll(new HashSet<>(elements));
                    boolean any = false;
                    for (Bytes each : others) {
                        boolean matches = read.matches(each);
                        any |= matches;
                        falsePositives[0] += matches ? 1 : 0;
                    }
                    assertThat(read.matchesAny(others)).isEqualTo(any);
                    if (!elements.isEmpty()) {
                        others.add(elements.get(random.nextInt(elements.size())));
                        assertThat(read.matchesAny(others)).isTrue();
                    }
                });
        assertThat(falsePositives[0]).isLessThan(3);
    }

    private static List<Bytes> strings(SplittableRandom random, int count) {
        var all = new ArrayList<Bytes>();
        for (int i = 0; i < count; i++) {
            all.add(Bytes.wrap(Property.bytes(random, 1 + random.nextInt(40))));
        }
        if (count > 2) {
            all.add(all.getFirst());
        }
        return all;
    }

    @Test
    void shouldRefuseWhatIsNoFilter() {
        Bytes good = GolombRiceSet.of(KEY, strings(new SplittableRandom(7), 50)).encoded();
        for (int length = 0; length < good.length(); length++) {
            Bytes torn = good.slice(0, length);
            assertThatThrownBy(() -> BlockFilter.decode(BlockHash.ZERO, torn))
                    .isInstanceOf(MalformedBytes.class);
        }
        assertThatThrownBy(() -> GolombRiceSet.decode(KEY, good.plus(Bytes.wrap(new byte[1]))))
                .isInstanceOf(MalformedBytes.class);
        assertThatThrownBy(() -> GolombRiceSet.decode(KEY, Bytes.parse("feffffffff00")))
                .isInstanceOf(MalformedBytes.class);
        assertThat(GolombRiceSet.decode(KEY, Bytes.parse("00")).matches(good)).isFalse();
    }

    @Test
    void shouldChainHeadersAndGoBack() {
        var chain = new FilterHeaderChain();
        var hashes = new ArrayList<Digest256>();
        for (int i = 0; i < 2_500; i++) {
            hashes.add(new Digest256(i, 1, 2, 3));
            chain.append(hashes.getLast());
        }
        assertThat(FilterHeaderChain.last(Digest256.ZERO, hashes)).isEqualTo(chain.at(2_499));
        assertThat(chain.checkpoints()).containsExactly(chain.at(1_000), chain.at(2_000));
        Digest256 before = chain.at(1_999);
        chain.rewind(1_998);
        assertThat(chain.append(hashes.get(1_999))).isEqualTo(before);
        assertThat(chain.height()).isEqualTo(1_999);
        assertThat(chain.checkpoints()).hasSize(1);
    }
}
