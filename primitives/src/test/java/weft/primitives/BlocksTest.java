package weft.primitives;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import weft.primitives.codec.ByteReader;
import weft.primitives.codec.MalformedBytes;
import weft.testkit.Property;
import weft.testkit.Sabotage;
import weft.testkit.SeenRed;
import weft.testkit.Vectors;

class BlocksTest implements SeenRed {
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
    @DisplayName("B05 four thousand references to a transaction of one mebibyte: 2^32 bytes in all")
    @Sabotage(type = "weft.primitives.Block", method = "saturated", call = "min", returns = "81")
    void shouldNotLetTheSizeOfABlockWrap() {
        var output = new TxOut(0, Bytes.wrap(new byte[(1 << 20) - 64]));
        Transaction large =
                Transaction.of(
                        1,
                        List.of(new TxIn(OutPoint.NULL, Bytes.EMPTY, 0)),
                        List.of(output),
                        List.of(),
                        0);
        assertThat(large.totalSize()).isEqualTo(1 << 20);
        var header = new BlockHeader(1, BlockHash.ZERO, Digest256.ZERO, 1, 2, 3);
        for (int count : new int[] {2_048, 4_096, 12_288}) {
            Block block = Block.of(header, Collections.nCopies(count, large));
            assertThat(block.strippedSize()).isEqualTo(Integer.MAX_VALUE);
            assertThat(block.totalSize()).isEqualTo(Integer.MAX_VALUE);
            assertThat(block.weight()).isEqualTo(Integer.MAX_VALUE);
        }
        Block less = Block.of(header, Collections.nCopies(1_023, large));
        assertThat(less.totalSize()).isEqualTo((1_023 << 20) + 83);
        assertThat(less.weight()).isEqualTo(Integer.MAX_VALUE);
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
