package weft.consensus;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import weft.primitives.Block;
import weft.primitives.BlockHash;
import weft.primitives.BlockHeader;
import weft.primitives.Bytes;
import weft.primitives.Transaction;
import weft.primitives.codec.ByteReader;
import weft.primitives.codec.ByteWriter;
import weft.testkit.Vectors;

/// checkblock_valid.json, checkblock_invalid.json, and all real blocks.
class BlockVectorsTest {
    private static final ChainParams MAIN = ChainParams.of(Network.MAIN);

    static @Nullable RuleFailure check(Block block, ChainParams params) {
        RuleFailure work = HeaderCheck.checkWork(block.header(), block.hash(), params);
        return work == null ? BlockCheck.check(block, params) : work;
    }

    @Test
    void shouldAcceptValidBlocks() {
        int cases = 0;
        for (JsonNode each : Vectors.json("chain/checkblock_valid.json")) {
            if (each.size() == 5) {
                assertThat(check(Block.parse(each.get(4).asString()), MAIN))
                        .as(each.get(0).asString())
                        .isNull();
                cases++;
            }
        }
        assertThat(cases).isEqualTo(4);
    }

    @Test
    void shouldNameWhatIsWrong() {
        Map<String, String> reasons =
                Map.of(
                        "Genesis with one byte changed", "high-hash",
                        "Empty vtx", "bad-txnmrklroot",
                        "One tx, but not a coinbase", "bad-cb-missing",
                        "More than one coinbase (different coinbases)", "bad-cb-multiple",
                        "Duplicate transaction", "bad-txnmrklroot",
                        "Merkle root mismatch", "bad-txnmrklroot");
        int cases = 0;
        for (JsonNode each : Vectors.json("chain/checkblock_invalid.json")) {
            String expected = each.size() == 5 ? reasons.get(each.get(0).asString()) : null;
            if (expected == null) {
                // The other case is a clock that is behind, which is a rule of context.
                continue;
            }
            Block block = Block.parse(each.get(4).asString());
            RuleFailure failure =
                    each.get(2).asBoolean() ? check(block, MAIN) : BlockCheck.check(block, MAIN);
            assertThat(failure)
                    .as(expected)
                    .isNotNull()
                    .extracting(RuleFailure::reason)
                    .isEqualTo(expected);
            cases++;
        }
        assertThat(cases).isEqualTo(6);
    }

    @Test
    void shouldAcceptEveryRealBlock() {
        int cases = 0;
        for (JsonNode each : Vectors.json("blocks/index.json")) {
            Block block = read(each);
            ChainParams params = params(each);
            int height = each.get("height").asInt();
            String name = each.get("network").asString() + " " + height;
            assertThat(block.hash().toHex()).isEqualTo(each.get("hash").asString());
            assertThat(block.weight()).as(name).isEqualTo(each.get("weight").asInt());
            assertThat(check(block, params)).as(name).isNull();
            assertThat(BlockCheck.isMutated(block, height >= params.heights().segwit()))
                    .as(name)
                    .isFalse();
            assertThat(block.transactions().stream().mapToInt(SigOps::legacyCount).sum())
                    .as(name)
                    .isEqualTo(each.get("legacy_sigops").asInt());
            var parent = new Parent(height - 1, block.header().time());
            assertThat(BlockCheck.checkInContext(block, parent, params)).as(name).isNull();
            cases++;
        }
        assertThat(cases).isGreaterThan(40);
    }

    static ChainParams params(JsonNode each) {
        return switch (each.get("network").asString()) {
            case "mainnet" -> MAIN;
            case "testnet3" -> ChainParams.of(Network.TESTNET3);
            case "testnet4" -> ChainParams.of(Network.TESTNET4);
            default -> throw new AssertionError(each.get("network").asString());
        };
    }

    static String file(JsonNode each, String ending) {
        return String.format(
                "blocks/%s/%07d.%s",
                each.get("network").asString(), each.get("height").asInt(), ending);
    }

    static Block read(JsonNode each) {
        ByteReader in = ByteReader.of(Vectors.bytes(file(each, "blk")));
        Block block = Block.read(in);
        in.expectEnd();
        return block;
    }

    @Test
    void shouldSeeThatWitnessesWereChanged() {
        JsonNode each = blockWithWitnesses();
        Block block = read(each);
        Block stripped = Block.read(ByteReader.of(stripped(block)), Transaction.Encoding.LEGACY);
        assertThat(stripped.hash()).isEqualTo(block.hash());
        assertThat(BlockCheck.isMutated(stripped, true)).isTrue();
        assertThat(BlockCheck.isMutated(block, false)).isTrue();
        RuleFailure failure =
                BlockCheck.checkInContext(
                        stripped, new Parent(each.get("height").asInt() - 1, 0), MAIN);
        assertThat(failure)
                .isNotNull()
                .extracting(RuleFailure::reason)
                .isEqualTo("bad-witness-nonce-size");
        assertThat(failure).extracting(RuleFailure::kind).isEqualTo(RuleFailure.Kind.MUTATED);
        RuleFailure early =
                BlockCheck.checkInContext(
                        block,
                        new Parent(each.get("height").asInt() - 1, 0),
                        MAIN.withActivationHeight("segwit", 9_000_000));
        assertThat(early)
                .isNotNull()
                .extracting(RuleFailure::reason)
                .isEqualTo("unexpected-witness");
    }

    @Test
    @DisplayName("CVE-2012-2459: the same root over a longer list")
    void shouldSeeThatTransactionsWereRepeated() {
        int cases = 0;
        for (JsonNode each : Vectors.json("blocks/index.json")) {
            Block block = read(each);
            int count = block.transactions().size();
            int copied = Integer.lowestOneBit(count);
            if (copied == count) {
                continue;
            }
            var longer = new ArrayList<Transaction>(block.transactions());
            longer.addAll(block.transactions().subList(count - copied, count));
            RuleFailure failure = BlockCheck.check(Block.of(block.header(), longer), params(each));
            assertThat(failure)
                    .isEqualTo(RuleFailure.mutated("bad-txns-duplicate", "duplicate transaction"));
            cases++;
        }
        assertThat(cases).isGreaterThan(20);
    }

    private static JsonNode blockWithWitnesses() {
        for (JsonNode each : Vectors.json("blocks/index.json")) {
            if (each.get("segwit_txs").asInt() > 10) {
                return each;
            }
        }
        throw new AssertionError("no block with witnesses");
    }

    private static byte[] stripped(Block block) {
        var out = new ByteWriter();
        block.write(out, Transaction.Encoding.LEGACY);
        return out.toByteArray();
    }

    /// A parent of which nothing is known but height and time.
    record Parent(int height, long medianTimePast) implements HeaderView {
        @Override
        public BlockHeader header() {
            throw new AssertionError("no rule of blocks asks for it");
        }

        @Override
        public BlockHash hash() {
            throw new AssertionError("no rule of blocks asks for it");
        }

        @Override
        public @Nullable HeaderView parent() {
            return null;
        }

        @Override
        public @Nullable HeaderView ancestor(int wanted) {
            return null;
        }
    }

    @Test
    void shouldWriteHeightsAsBip34() {
        assertThat(BlockCheck.heightPush(0)).isEqualTo(Bytes.parse("00"));
        assertThat(BlockCheck.heightPush(1)).isEqualTo(Bytes.parse("51"));
        assertThat(BlockCheck.heightPush(16)).isEqualTo(Bytes.parse("60"));
        assertThat(BlockCheck.heightPush(17)).isEqualTo(Bytes.parse("0111"));
        assertThat(BlockCheck.heightPush(127)).isEqualTo(Bytes.parse("017f"));
        assertThat(BlockCheck.heightPush(128)).isEqualTo(Bytes.parse("028000"));
        assertThat(BlockCheck.heightPush(227_931)).isEqualTo(Bytes.parse("035b7a03"));
        assertThat(BlockCheck.heightPush(8_388_608)).isEqualTo(Bytes.parse("0400008000"));
    }
}
