package weft.primitives;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import weft.primitives.codec.ByteReader;
import weft.primitives.codec.MalformedBytes;
import weft.testkit.Property;
import weft.testkit.Vectors;

class BlocksTest {
    @Test
    void shouldReadBlocksOfAllEras() {
        int cases = 0;
        for (JsonNode each : Vectors.json("blocks/index.json")) {
            String name =
                    each.get("network").asString()
                            + String.format("/%07d", each.get("height").asInt());
            String file = "blocks/" + name + ".blk";
            byte[] bytes = Vectors.bytes(Vectors.has(file) ? file : file + ".gz");
            ByteReader in = ByteReader.of(bytes);
            Block block = Block.read(in);
            in.expectEnd();
            assertThat(block.hash().toHex()).as(name).isEqualTo(each.get("hash").asString());
            assertThat(block.header().parent().toHex()).isEqualTo(each.get("prev").asString());
            assertThat(block.header().time()).isEqualTo(each.get("time").asLong());
            assertThat(block.header().bits())
                    .isEqualTo(Long.parseLong(each.get("bits").asString(), 16));
            assertThat(block.header().version())
                    .isEqualTo(Integer.parseUnsignedInt(each.get("version").asString(), 16));
            assertThat(block.transactions()).hasSize(each.get("txs").asInt());
            assertThat(block.totalSize()).isEqualTo(each.get("size").asInt());
            assertThat(block.strippedSize()).isEqualTo(each.get("stripped_size").asInt());
            assertThat(block.weight()).isEqualTo(each.get("weight").asInt());
            assertThat(block.transactions().stream().filter(Transaction::hasWitness).count())
                    .isEqualTo(each.get("segwit_txs").asLong());
            assertThat(block.transactions().getFirst().isCoinbase()).isTrue();
            assertThat(Arrays.equals(block.toByteArray(), bytes))
                    .as("%s written again", name)
                    .isTrue();
            cases++;
        }
        assertThat(cases).isEqualTo(55);
    }

    @Test
    void shouldComeBackFromBytes() {
        Property.holds(
                100,
                random -> {
                    var header =
                            new BlockHeader(
                                    random.nextInt(),
                                    BlockHash.of(Property.bytes(random, 32)),
                                    Digest256.of(Property.bytes(random, 32)),
                                    random.nextLong() >>> 32,
                                    random.nextLong() >>> 32,
                                    random.nextLong() >>> 32);
                    byte[] bytes = header.toByteArray();
                    assertThat(bytes).hasSize(BlockHeader.BYTES);
                    assertThat(BlockHeader.read(ByteReader.of(bytes))).isEqualTo(header);
                    assertThat(header.withNonce(7).nonce()).isEqualTo(7);
                    Block block = Block.of(header, List.of());
                    assertThat(Block.parse(Bytes.wrap(block.toByteArray()).toHex()))
                            .isEqualTo(block);
                    assertThat(block.hash()).isEqualTo(header.hash());
                });
    }

    @Test
    void shouldRefuseABlockThatIsCut() {
        byte[] bytes = Vectors.bytes("blocks/mainnet/0170000.blk");
        Property.holds(
                200,
                random -> {
                    byte[] cut = Arrays.copyOf(bytes, random.nextInt(bytes.length));
                    assertThatThrownBy(() -> Block.read(ByteReader.of(cut)))
                            .isInstanceOf(MalformedBytes.class);
                });
    }
}
