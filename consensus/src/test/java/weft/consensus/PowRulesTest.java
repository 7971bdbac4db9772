package weft.consensus;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import java.util.List;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import weft.primitives.BlockHash;
import weft.primitives.BlockHeader;
import weft.primitives.Bytes;
import weft.primitives.Digest256;
import weft.primitives.codec.ByteReader;
import weft.testkit.Property;
import weft.testkit.Vectors;

class PowRulesTest {
    private static final ChainParams.Pow MAIN = ChainParams.of(Network.MAIN).pow();

    private static long hex(JsonNode node) {
        return Long.parseLong(node.asString(), 16);
    }

    private static BlockHeader header(long time, long bits) {
        return new BlockHeader(1, BlockHash.ZERO, Digest256.ZERO, time, bits, 0);
    }

    @Test
    void shouldRetargetAsBitcoinCore() {
        for (JsonNode each : Vectors.json("chain/pow_vectors.json").get("calculate_next_work")) {
            long lastBits = hex(each.get("last_bits"));
            long next =
                    PowRules.retarget(
                            header(each.get("last_block_time").asLong(), lastBits),
                            header(each.get("first_block_time").asLong(), lastBits),
                            MAIN);
            assertThat(next).isEqualTo(hex(each.get("next_bits")));
            int height = each.get("last_height").asInt() + 1;
            assertThat(PowRules.isPermittedTransition(MAIN, height, lastBits, next)).isTrue();
            if (each.get("not_permitted_next_bits").isString()) {
                long forbidden = hex(each.get("not_permitted_next_bits"));
                assertThat(PowRules.isPermittedTransition(MAIN, height, lastBits, forbidden))
                        .isFalse();
            }
        }
    }

    @Test
    void shouldCheckProofOfWork() {
        for (JsonNode each : Vectors.json("chain/pow_vectors.json").get("check_proof_of_work")) {
            BlockHash hash = BlockHash.parse(each.get("hash").asString());
            assertThat(PowRules.hasValidWork(hash, hex(each.get("bits")), MAIN))
                    .as(each.toString())
                    .isEqualTo(each.get("valid").asBoolean());
        }
        ChainParams main = ChainParams.of(Network.MAIN);
        assertThat(
                        PowRules.hasValidWork(
                                main.genesis().hash(), main.genesis().header().bits(), MAIN))
                .isTrue();
    }

    @Test
    void shouldReadAndWriteCompactTargets() {
        JsonNode vectors = Vectors.json("chain/pow_vectors.json");
        for (JsonNode each : vectors.get("compact")) {
            CompactBits.Target target = CompactBits.decode(hex(each.get("compact")));
            assertThat(target.negative())
                    .as(each.toString())
                    .isEqualTo(each.get("negative").asBoolean());
            assertThat(target.overflow())
                    .as(each.toString())
                    .isEqualTo(each.get("overflow").asBoolean());
            if (!target.overflow() && each.get("target").isString()) {
                assertThat(target.value())
                        .isEqualTo(new BigInteger(each.get("target").asString(), 16));
            }
            if (!target.negative() && !target.overflow() && each.get("recompact").isString()) {
                assertThat(CompactBits.encode(target.value()))
                        .isEqualTo(hex(each.get("recompact")));
            }
        }
        for (JsonNode each : vectors.get("encode_only")) {
            assertThat(CompactBits.encode(new BigInteger(each.get("target").asString(), 16)))
                    .isEqualTo(hex(each.get("compact")));
        }
    }

    @Test
    void shouldCutTargetsToThreeBytes() {
        Property.holds(
                2000,
                random -> {
                    BigInteger target =
                            new BigInteger(1, Property.bytes(random, 1 + random.nextInt(32)));
                    BigInteger again = CompactBits.decode(CompactBits.encode(target)).value();
                    int dropped = Math.max(0, target.bitLength() - 15);
                    // At least fifteen bits stay, nothing is rounded up, and a second turn changes
                    // nothing.
                    assertThat(again).isLessThanOrEqualTo(target);
                    assertThat(again.shiftRight(dropped)).isEqualTo(target.shiftRight(dropped));
                    assertThat(CompactBits.encode(again)).isEqualTo(CompactBits.encode(target));
                });
    }

    @Test
    void shouldSumWorkOfEveryMainnetPeriod() {
        List<String> lines = Vectors.lines("chain/mainnet_retarget_headers.csv");
        String[] before = lines.get(1).split(",");
        for (String line : lines.subList(2, lines.size())) {
            String[] row = line.split(",");
            BlockHeader header = BlockHeader.read(ByteReader.of(Bytes.parse(row[1]).toByteArray()));
            assertThat(header.hash().toHex()).isEqualTo(row[2]);
            long blocks = Long.parseLong(row[0]) - Long.parseLong(before[0]);
            BigInteger work = new BigInteger(row[3], 16).subtract(new BigInteger(before[3], 16));
            assertThat(work)
                    .isEqualTo(PowRules.work(header.bits()).multiply(BigInteger.valueOf(blocks)));
            before = row;
        }
        assertThat(lines).hasSizeGreaterThan(800);
    }

    @Test
    void shouldRetargetEveryMainnetPeriod() {
        List<String> lines = Vectors.lines("chain/mainnet_retarget_headers.csv");
        // First and last header of each period, then the first of the next.
        for (int i = 1; i + 2 < lines.size(); i += 2) {
            BlockHeader first = parse(lines.get(i));
            BlockHeader last = parse(lines.get(i + 1));
            BlockHeader next = parse(lines.get(i + 2));
            assertThat(PowRules.retarget(last, first, MAIN))
                    .as(lines.get(i))
                    .isEqualTo(next.bits());
            int height = Integer.parseInt(lines.get(i + 2).split(",")[0]);
            assertThat(PowRules.isPermittedTransition(MAIN, height, last.bits(), next.bits()))
                    .isTrue();
        }
    }

    private static BlockHeader parse(String line) {
        byte[] bytes = Bytes.parse(line.split(",")[1]).toByteArray();
        return BlockHeader.read(ByteReader.of(bytes));
    }
}
