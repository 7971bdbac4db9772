package weft.consensus;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.JsonNode;
import weft.consensus.script.ScriptFlags;
import weft.primitives.BlockHash;
import weft.primitives.Bytes;
import weft.primitives.address.AddressPrefixes;
import weft.testkit.Vectors;

/// Every field of params.json; a field that this test does not know is a failure.
class ChainParamsTest {
    private static String key(Network network) {
        return switch (network) {
            case MAIN -> "mainnet";
            case TESTNET3 -> "testnet3";
            case TESTNET4 -> "testnet4";
            case SIGNET -> "signet";
            case REGTEST -> "regtest";
        };
    }

    @ParameterizedTest
    @EnumSource(Network.class)
    void shouldEqualBitcoinCore(Network network) {
        JsonNode expected = Vectors.json("chain/params.json").get("networks").get(key(network));
        ChainParams params = ChainParams.of(network);
        assertThat(params.network()).isEqualTo(network);
        expected.properties()
                .forEach(
                        field -> {
                            if (!field.getKey().endsWith("_2026_07")) {
                                check(params, field.getKey(), field.getValue());
                            }
                        });
        // What the file leaves out where it is empty.
        if (!expected.has("script_flag_exceptions")) {
            assertThat(params.exceptions().scriptFlags()).isEmpty();
        }
        if (!expected.has("bip30_repeat_blocks")) {
            assertThat(params.exceptions().bip30Repeats()).isEmpty();
            assertThat(params.exceptions().bip30Unspendable()).isEmpty();
        }
        if (!expected.has("checkpoints_v28_1")) {
            assertThat(params.trust().checkpoints()).isEmpty();
        }
        assertThat(params.signetChallenge().isPresent())
                .isEqualTo(expected.has("signet_challenge_hex"));
    }

    private static void check(ChainParams params, String name, JsonNode value) {
        ChainParams.Identity identity = params.identity();
        switch (name) {
            case "genesis" -> checkGenesis(params, value);
            case "message_start_hex" ->
                    assertThat(identity.magic()).isEqualTo(Bytes.parse(value.asString()));
            case "p2p_port" -> assertThat(identity.p2pPort()).isEqualTo(value.asInt());
            case "rpc_port" -> assertThat(identity.rpcPort()).isEqualTo(value.asInt());
            case "onion_service_target_port" ->
                    assertThat(identity.onionPort()).isEqualTo(value.asInt());
            case "subdirectory" -> assertThat(identity.subfolder()).isEqualTo(value.asString());
            case "prune_after_height" ->
                    assertThat(identity.pruneAfterHeight()).isEqualTo(value.asInt());
            case "mockable" -> assertThat(identity.mockable()).isEqualTo(value.asBoolean());
            case "base58", "bech32_hrp" -> checkPrefixes(params, name, value);
            case "subsidy_halving_interval" ->
                    assertThat(params.subsidyHalvingInterval()).isEqualTo(value.asInt());
            case "signet_challenge_hex" ->
                    assertThat(params.signetChallenge()).contains(Bytes.parse(value.asString()));
            case "heights" -> checkHeights(params.heights(), value);
            case "versionbits" -> checkDeployments(params.deployments(), value);
            case "activation_block_hashes",
                    "message_start_rule",
                    "script_flags_rule",
                    "genesis_coinbase_message",
                    "genesis_coinbase_script_hex",
                    "default_consistency_checks" ->
                    assertThat(value).isNotNull();
            default -> checkRules(params, name, value);
        }
    }

    private static void checkRules(ChainParams params, String name, JsonNode value) {
        ChainParams.Pow pow = params.pow();
        ChainParams.Trust trust = params.trust();
        switch (name) {
            case "pow_limit" ->
                    assertThat(pow.limit()).isEqualTo(new BigInteger(value.asString(), 16));
            case "pow_target_timespan_seconds" ->
                    assertThat(pow.targetTimespanSeconds()).isEqualTo(value.asLong());
            case "pow_allow_min_difficulty_blocks" ->
                    assertThat(pow.allowMinDifficulty()).isEqualTo(value.asBoolean());
            case "enforce_bip94" -> assertThat(pow.enforceBip94()).isEqualTo(value.asBoolean());
            case "pow_no_retargeting" ->
                    assertThat(pow.noRetargeting()).isEqualTo(value.asBoolean());
            case "minimum_chain_work" ->
                    assertThat(trust.minimumChainWork())
                            .isEqualTo(new BigInteger(value.asString(), 16));
            case "assume_valid" ->
                    assertThat(trust.assumeValid().map(BlockHash::toHex))
                            .isEqualTo(
                                    value.isNull()
                                            ? Optional.empty()
                                            : Optional.of(value.get("hash").asString()));
            case "assumed_blockchain_size_gb" ->
                    assertThat(trust.assumedBlockchainGb()).isEqualTo(value.asInt());
            case "assumed_chain_state_size_gb" ->
                    assertThat(trust.assumedChainStateGb()).isEqualTo(value.asInt());
            case "checkpoints_v28_1" -> {
                Map<String, String> checkpoints = new LinkedHashMap<>();
                trust.checkpoints()
                        .forEach((height, hash) -> checkpoints.put(height + "", hash.toHex()));
                assertThat(checkpoints).hasSize(value.size());
                value.properties()
                        .forEach(
                                each ->
                                        assertThat(checkpoints)
                                                .containsEntry(
                                                        each.getKey(), each.getValue().asString()));
            }
            case "assumeutxo" -> checkSnapshots(trust, value);
            case "chain_tx_data" ->
                    assertThat(trust.chainTxData())
                            .contains(
                                    new ChainParams.TxData(
                                            value.get("time").asLong(),
                                            value.get("tx_count").asLong(),
                                            value.get("tx_rate").asDouble()));
            case "script_flag_exceptions" -> {
                assertThat(params.exceptions().scriptFlags()).hasSize(value.size());
                value.forEach(
                        each ->
                                assertThat(params.exceptions().scriptFlags())
                                        .containsEntry(
                                                BlockHash.parse(each.get("block").asString()),
                                                ScriptFlags.parse(each.get("flags").asString())));
            }
            case "bip30_repeat_blocks" -> checkBlocks(params.exceptions().bip30Repeats(), value);
            case "bip30_unspendable_blocks" ->
                    checkBlocks(params.exceptions().bip30Unspendable(), value);
            default ->
                    throw new AssertionError("params.json has a field that nobody checks: " + name);
        }
    }

    private static void checkGenesis(ChainParams params, JsonNode value) {
        assertThat(params.genesis().hash().toHex()).isEqualTo(value.get("hash").asString());
        assertThat(MerkleRoot.of(params.genesis()).root().toHex())
                .isEqualTo(value.get("merkle_root").asString());
        assertThat(Bytes.wrap(params.genesis().toByteArray()).toHex())
                .isEqualTo(value.get("block_hex").asString());
    }

    private static void checkPrefixes(ChainParams params, String name, JsonNode value) {
        AddressPrefixes prefixes = params.addressPrefixes();
        if (name.equals("bech32_hrp")) {
            assertThat(prefixes.hrp()).isEqualTo(value.asString());
            return;
        }
        assertThat(value.size()).isEqualTo(5);
        assertThat(prefixes)
                .isEqualTo(
                        new AddressPrefixes(
                                value.get("pubkey_address").asInt(),
                                value.get("script_address").asInt(),
                                value.get("secret_key").asInt(),
                                Bytes.parse(value.get("ext_public_key").asString()),
                                Bytes.parse(value.get("ext_secret_key").asString()),
                                prefixes.hrp()));
    }

    private static void checkHeights(ChainParams.Heights heights, JsonNode value) {
        value.properties()
                .forEach(
                        each -> {
                            int height = each.getValue().asInt(-1);
                            switch (each.getKey()) {
                                case "bip34" -> assertThat(heights.bip34()).isEqualTo(height);
                                case "bip34_hash" ->
                                        assertThat(heights.bip34Hash().orElseThrow().toHex())
                                                .isEqualTo(each.getValue().asString());
                                case "bip66" -> assertThat(heights.bip66()).isEqualTo(height);
                                case "bip65" -> assertThat(heights.bip65()).isEqualTo(height);
                                case "csv_bip68_112_113" ->
                                        assertThat(heights.csv()).isEqualTo(height);
                                case "segwit_bip141_143_147" ->
                                        assertThat(heights.segwit()).isEqualTo(height);
                                case "min_bip9_warning_height" ->
                                        assertThat(heights.minBip9Warning()).isEqualTo(height);
                                case "taproot_bip341_342_min_activation_height" ->
                                        assertThat(height).isEqualTo(709_632);
                                default ->
                                        throw new AssertionError(
                                                "a height that nobody checks: " + each.getKey());
                            }
                        });
    }

    private static void checkDeployments(ChainParams.Deployments deployments, JsonNode value) {
        assertThat(deployments.window()).isEqualTo(value.get("window").asInt());
        assertThat(deployments.threshold()).isEqualTo(value.get("threshold").asInt());
        for (ChainParams.Deployment rule : deployments.all()) {
            JsonNode expected = value.get(rule.name());
            if (expected == null) {
                assertThat(rule.startTime()).isEqualTo(ChainParams.Deployment.NEVER_ACTIVE);
            } else if (expected.isString()) {
                assertThat(rule.startTime()).isEqualTo(ChainParams.Deployment.ALWAYS_ACTIVE);
            } else {
                assertThat(rule.bit()).isEqualTo(expected.get("bit").asInt());
                assertThat(rule.startTime()).isEqualTo(expected.get("start_time").asLong());
                assertThat(rule.timeout())
                        .isEqualTo(
                                expected.get("timeout").isString()
                                        ? ChainParams.Deployment.NO_TIMEOUT
                                        : expected.get("timeout").asLong());
            }
        }
    }

    private static void checkSnapshots(ChainParams.Trust trust, JsonNode value) {
        assertThat(trust.assumeUtxo()).hasSize(value.size());
        for (int i = 0; i < value.size(); i++) {
            JsonNode each = value.get(i);
            assertThat(trust.assumeUtxo().get(i))
                    .isEqualTo(
                            new ChainParams.AssumeUtxo(
                                    each.get("height").asInt(),
                                    BlockHash.parse(each.get("blockhash").asString()),
                                    each.get("hash_serialized").asString(),
                                    each.get("chain_tx_count").asLong()));
        }
    }

    private static void checkBlocks(Map<Integer, BlockHash> blocks, JsonNode value) {
        assertThat(blocks).hasSize(value.size());
        value.forEach(
                each ->
                        assertThat(blocks)
                                .containsEntry(
                                        each.get("height").asInt(),
                                        BlockHash.parse(each.get("hash").asString())));
    }

    @Test
    void shouldAgreeOnTheNumbersOfAllNetworks() {
        JsonNode common = Vectors.json("chain/params.json").get("common");
        assertThat(TxCheck.BLOCK_WEIGHT_MAX).isEqualTo(common.get("max_block_weight").asInt());
        assertThat(BlockCheck.SIGOPS_COST_MAX)
                .isEqualTo(common.get("max_block_sigops_cost").asInt());
        assertThat(TxInputs.COINBASE_MATURITY_BLOCKS)
                .isEqualTo(common.get("coinbase_maturity").asInt());
        assertThat(HeaderCheck.FUTURE_SECONDS_MAX)
                .isEqualTo(common.get("max_future_block_time_seconds").asLong());
        assertThat(ChainParams.Pow.SPACING_SECONDS)
                .isEqualTo(common.get("pow_target_spacing_seconds").asLong());
        assertThat(VersionBits.TOP_BITS).isEqualTo(common.get("versionbits_top_bits").asInt());
        assertThat(WitnessCommitment.PREFIX.toHex())
                .isEqualTo(common.get("witness_commitment_prefix_hex").asString());
        assertThat(SignetSolution.HEADER.toHex())
                .isEqualTo(common.get("signet_header_hex").asString());
        assertThat(LockTimes.THRESHOLD).isEqualTo(common.get("locktime_threshold").asLong());
        assertThat(Subsidy.at(0, ChainParams.of(Network.MAIN)))
                .isEqualTo(common.get("initial_subsidy_sat").asLong());
    }

    @Test
    @DisplayName("A signet of one's own has a magic of its own")
    void shouldDeriveMagicFromChallenge() {
        ChainParams signet = ChainParams.of(Network.SIGNET);
        ChainParams same = signet.withSignetChallenge(signet.signetChallenge().orElseThrow());
        assertThat(same.identity().magic()).isEqualTo(signet.identity().magic());
        assertThat(same.seeds()).isEmpty();
        assertThat(same.minimumChainWork()).isZero();
        assertThat(signet.withSignetChallenge(Bytes.parse("51")).identity().magic())
                .isNotEqualTo(signet.identity().magic());
    }

    @Test
    void shouldMoveActivationHeights() {
        ChainParams regtest = ChainParams.of(Network.REGTEST);
        assertThat(regtest.withActivationHeight("segwit", 432).heights().segwit()).isEqualTo(432);
        assertThat(regtest.withActivationHeight("dersig", 7).heights().bip66()).isEqualTo(7);
        assertThat(regtest.withActivationHeight("cltv", 8).heights().bip65()).isEqualTo(8);
        assertThat(regtest.withActivationHeight("csv", 9).heights().csv()).isEqualTo(9);
        assertThat(regtest.withActivationHeight("bip34", 10).heights().bip34()).isEqualTo(10);
        assertThat(regtest.withDeployment("testdummy", 5, 6, 7).deployments().all().getFirst())
                .isEqualTo(new ChainParams.Deployment("testdummy", 28, 5, 6, 7));
    }

    @Test
    @DisplayName("S-22 the main network has nine DNS seeds, of nine owners")
    void shouldAskNineSeedsOnMainWithOwners() {
        var seeds = ChainParams.of(Network.MAIN).seeds();
        assertThat(seeds).hasSize(9).allSatisfy(seed -> assertThat(seed.owner()).isNotEmpty());
        assertThat(seeds).extracting(ChainParams.DnsSeed::host).doesNotHaveDuplicates();
        assertThat(seeds).extracting(ChainParams.DnsSeed::owner).doesNotHaveDuplicates();
        assertThat(ChainParams.of(Network.TESTNET3).seeds()).hasSize(5);
        assertThat(ChainParams.of(Network.TESTNET4).seeds()).hasSize(2);
    }
}
