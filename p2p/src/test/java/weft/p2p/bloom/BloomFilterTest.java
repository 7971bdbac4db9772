package weft.p2p.bloom;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.BitSet;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import weft.primitives.Block;
import weft.primitives.Bytes;
import weft.primitives.Transaction;
import weft.primitives.codec.ByteReader;
import weft.primitives.codec.ByteWriter;
import weft.testkit.Sabotage;
import weft.testkit.SeenRed;
import weft.testkit.Vectors;
import weft.wire.FilterLoad;
import weft.wire.MerkleBlock;

class BloomFilterTest implements SeenRed {
    private static final String FILE = "p2p/bip37_bloom.json";

    private static BloomFilter filter(JsonNode from) {
        return BloomFilter.sized(
                from.path("elements").asInt(),
                Double.parseDouble(from.path("fp_rate").asString()),
                (int) from.path("tweak").asLong(),
                from.path("flags").asInt());
    }

    private static Bytes bytes(JsonNode hex) {
        return Bytes.parse(hex.asString());
    }

    private static Transaction tx(JsonNode hex) {
        return Transaction.read(ByteReader.of(bytes(hex).toByteArray()));
    }

    @Test
    void shouldEncodeFiltersAsBitcoinCore() {
        int seen = 0;
        for (JsonNode each : Vectors.json(FILE).path("serialize")) {
            if (each.path("insert").isEmpty()) {
                continue;
            }
            BloomFilter filter = filter(each);
            each.path("insert").forEach(element -> filter.insert(bytes(element)));
            each.path("insert")
                    .forEach(element -> assertThat(filter.contains(bytes(element))).isTrue());
            each.path("not_contained")
                    .forEach(element -> assertThat(filter.contains(bytes(element))).isFalse());
            var out = new ByteWriter(64);
            filter.message().write(out);
            assertThat(out.toBytes()).isEqualTo(bytes(each.path("serialized")));
            seen++;
        }
        assertThat(seen).isEqualTo(2);
    }

    @Test
    void shouldMatchTransactionsAsBitcoinCore() {
        JsonNode match = Vectors.json(FILE).path("match");
        for (JsonNode each : match.path("cases")) {
            BloomFilter filter = filter(match.path("filter"));
            each.path("insert").forEach(element -> filter.insert(bytes(element)));
            for (JsonNode check : each.path("checks")) {
                Transaction tx = tx(match.path(check.path("tx").asString()));
                assertThat(filter.matches(tx))
                        .as(each.toString())
                        .isEqualTo(check.path("relevant").asBoolean());
            }
        }
    }

    @Test
    void shouldProveMatchesInBlocksAsBitcoinCore() {
        for (JsonNode each : Vectors.json(FILE).path("merkle")) {
            BloomFilter filter = filter(each);
            Block block = Block.read(ByteReader.of(bytes(each.path("block")).toByteArray()));
            for (JsonNode step : each.path("steps")) {
                filter.insert(bytes(step.path("insert")));
                PartialMerkleTree.Matches proved = proved(block, filter);
                assertThat(proved.transactions()).hasSize(step.path("matches").asInt());
                step.path("named")
                        .forEach(at -> assertThat(proved.positions()).contains(at.asInt()));
            }
            each.path("insert_before_block").forEach(element -> filter.insert(bytes(element)));
            if (each.has("merkleblock_serialized")) {
                var out = new ByteWriter(128);
                message(block, filter).write(out);
                assertThat(out.toBytes()).isEqualTo(bytes(each.path("merkleblock_serialized")));
            }
            message(block, filter);
            for (JsonNode outPoint : each.path("outpoints_after")) {
                assertThat(filter.contains(bytes(outPoint.path("outpoint"))))
                        .as(each.path("name").asString())
                        .isEqualTo(outPoint.path("contained").asBoolean());
            }
        }
    }

    private static MerkleBlock message(Block block, BloomFilter filter) {
        var matched = new BitSet();
        List<Transaction> all = block.transactions();
        for (int i = 0; i < all.size(); i++) {
            matched.set(i, filter.matches(all.get(i)));
        }
        return PartialMerkleTree.message(block, matched);
    }

    private static PartialMerkleTree.Matches proved(Block block, BloomFilter filter) {
        PartialMerkleTree.Matches proved =
                requireNonNull(PartialMerkleTree.of(message(block, filter)).matches());
        assertThat(proved.root()).isEqualTo(block.header().merkleRoot());
        return proved;
    }

    @Test
    @DisplayName("B03 a bloom filter without bits")
    @Sabotage(type = "weft.p2p.bloom.BloomFilter", method = "contains", flips = 1)
    void shouldTakeAFilterWithoutBitsForEverything() {
        BloomFilter all = BloomFilter.of(new FilterLoad(Bytes.EMPTY, 1, 0, 0));
        all.insert(Bytes.parse("0102"));
        assertThat(all.contains(Bytes.parse("03"))).isTrue();
        assertThat(all.message().bits().isEmpty()).isTrue();
    }

    @Test
    void shouldRefuseFiltersBeyondTheLimits() {
        Bytes most = Bytes.wrap(new byte[FilterLoad.MAX_FILTER_BYTES]);
        assertThat(BloomFilter.of(new FilterLoad(most, 50, 0, 0)).contains(Bytes.EMPTY)).isFalse();
        var wide = new FilterLoad(Bytes.wrap(new byte[most.length() + 1]), 50, 0, 0);
        var deep = new FilterLoad(most, 51, 0, 0);
        for (FilterLoad each : List.of(wide, deep)) {
            assertThatThrownBy(() -> BloomFilter.of(each))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void shouldStayWithinTheLimitsHoweverManyElements() {
        FilterLoad message = BloomFilter.sized(1_000_000, 0.000_001, 0, 0).message();
        assertThat(message.isWithinLimits()).isTrue();
        assertThat(message.bits().length()).isEqualTo(FilterLoad.MAX_FILTER_BYTES);
        assertThat(BloomFilter.sized(1, 1e-30, 0, 0).message().hashFunctions()).isEqualTo(50);
    }
}
