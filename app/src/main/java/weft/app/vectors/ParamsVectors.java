package weft.app.vectors;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import weft.consensus.BlockCheck;
import weft.consensus.ChainParams;
import weft.consensus.HeaderCheck;
import weft.consensus.LockTimes;
import weft.consensus.MerkleRoot;
import weft.consensus.SignetSolution;
import weft.consensus.Subsidy;
import weft.consensus.TxCheck;
import weft.consensus.TxInputs;
import weft.consensus.VersionBits;
import weft.consensus.WitnessCommitment;
import weft.consensus.script.ScriptFlags;
import weft.primitives.Amount;
import weft.primitives.BlockHash;
import weft.primitives.Bytes;
import weft.primitives.address.AddressPrefixes;

/// `params.json`: what differs between networks, field by field.
final class ParamsVectors {
    private static final String NEWER = "_2026_07";

    private ParamsVectors() {}

    /// One case a field; a field that means nothing here is left out.
    static void all(VectorFile file, Cases cases) {
        JsonNode all = file.json();
        for (var network : all.required("networks").properties()) {
            ChainParams params = Vector.knownParams(network.getKey());
            for (var field : network.getValue().properties()) {
                String name = field.getKey();
                Map<String, Object> found = value(params, name, field.getValue());
                if (found == null || name.endsWith(NEWER)) {
                    cases.leaveOut("fields that this program does not have");
                    continue;
                }
                cases.run(
                        network.getKey() + "." + name,
                        () -> compare(name, field.getValue(), found));
            }
        }
        Map<String, Object> common = common();
        for (var field : all.required("common").properties()) {
            Object found = common.get(field.getKey());
            if (found == null) {
                cases.leaveOut("fields that this program does not have");
            } else {
                cases.run(
                        "common." + field.getKey(),
                        () -> Expect.same("it", text(field.getValue()), found.toString()));
            }
        }
    }

    private static String text(JsonNode value) {
        return value.isNull() ? "" : value.asString();
    }

    /// Compares leaves by their path; the file may say more than the program knows, but of lists it says all.
    private static void compare(String name, JsonNode wanted, Map<String, Object> found) {
        if (wanted.isValueNode()) {
            Expect.same(name, text(wanted), String.valueOf(found.get("")));
            return;
        }
        for (var each : found.entrySet()) {
            JsonNode node = wanted;
            for (String step : each.getKey().split("/", -1)) {
                node =
                        step.matches("[0-9]+") && node.isArray()
                                ? node.path(Integer.parseInt(step))
                                : node.path(step);
            }
            String value = text(node).toLowerCase(java.util.Locale.ROOT);
            Expect.same(name + "/" + each.getKey(), value, each.getValue().toString());
        }
        if (wanted.isArray() || name.equals("checkpoints_v28_1")) {
            long entries =
                    found.keySet().stream().map(key -> key.split("/", -1)[0]).distinct().count();
            Expect.same("entries of " + name, (long) wanted.size(), entries);
        }
    }

    private static Map<String, Object> one(Object value) {
        return Map.of("", value);
    }

    /// What the program has for a field, by path inside the field; null if it has nothing.
    private static @Nullable Map<String, Object> value(
            ChainParams params, String name, JsonNode wanted) {
        ChainParams.Identity identity = params.identity();
        ChainParams.Pow pow = params.pow();
        ChainParams.Trust trust = params.trust();
        return switch (name) {
            case "genesis" ->
                    Map.of(
                            "hash", params.genesis().hash(),
                            "merkle_root", MerkleRoot.of(params.genesis()).root().toHex(),
                            "header_hex", Vector.text(params.genesis().header().toByteArray()),
                            "block_hex", Vector.text(params.genesis().toByteArray()));
            case "message_start_hex" -> one(identity.magic());
            case "p2p_port" -> one(identity.p2pPort());
            case "rpc_port" -> one(identity.rpcPort());
            case "onion_service_target_port" -> one(identity.onionPort());
            case "subdirectory" -> one(identity.subfolder());
            case "prune_after_height" -> one(identity.pruneAfterHeight());
            case "mockable" -> one(identity.mockable());
            case "base58" -> base58(params.addressPrefixes());
            case "bech32_hrp" -> one(params.addressPrefixes().hrp());
            case "subsidy_halving_interval" -> one(params.subsidyHalvingInterval());
            case "signet_challenge_hex" ->
                    one(params.signetChallenge().map(Bytes::toHex).orElse(""));
            case "pow_limit" -> one(hex256(pow.limit()));
            case "pow_target_timespan_seconds" -> one(pow.targetTimespanSeconds());
            case "pow_allow_min_difficulty_blocks" -> one(pow.allowMinDifficulty());
            case "enforce_bip94" -> one(pow.enforceBip94());
            case "pow_no_retargeting" -> one(pow.noRetargeting());
            case "minimum_chain_work" -> one(hex256(trust.minimumChainWork()));
            case "assume_valid" -> {
                Map<String, Object> none = wanted.isNull() ? one("") : Map.of();
                yield trust.assumeValid()
                        .map(hash -> Map.<String, Object>of("hash", hash))
                        .orElse(none);
            }
            case "assumed_blockchain_size_gb" -> one(trust.assumedBlockchainGb());
            case "assumed_chain_state_size_gb" -> one(trust.assumedChainStateGb());
            default -> lists(params, name, wanted);
        };
    }

    private static String hex256(BigInteger number) {
        return String.format(Locale.ROOT, "%064x", number);
    }

    private static Map<String, Object> base58(AddressPrefixes prefixes) {
        return Map.of(
                "pubkey_address", prefixes.pubkeyHash(),
                "script_address", prefixes.scriptHash(),
                "secret_key", prefixes.secretKey(),
                "ext_public_key", prefixes.extPublic(),
                "ext_secret_key", prefixes.extSecret());
    }

    private static @Nullable Map<String, Object> lists(
            ChainParams params, String name, JsonNode wanted) {
        ChainParams.Trust trust = params.trust();
        Map<String, Object> found = new LinkedHashMap<>();
        switch (name) {
            case "heights" -> heights(params.heights(), wanted, found);
            case "versionbits" -> deployments(params.deployments(), wanted, found);
            case "checkpoints_v28_1" ->
                    trust.checkpoints().forEach((height, hash) -> found.put(height + "", hash));
            case "chain_tx_data" ->
                    trust.chainTxData()
                            .ifPresent(
                                    data -> {
                                        found.put("time", data.time());
                                        found.put("tx_count", data.txCount());
                                    });
            case "assumeutxo" -> {
                for (int i = 0; i < trust.assumeUtxo().size(); i++) {
                    ChainParams.AssumeUtxo each = trust.assumeUtxo().get(i);
                    found.put(i + "/height", each.height());
                    found.put(i + "/blockhash", each.block());
                    found.put(i + "/hash_serialized", each.hashSerialized());
                    found.put(i + "/chain_tx_count", each.chainTxCount());
                }
            }
            case "script_flag_exceptions" -> exceptions(params, wanted, found);
            case "bip30_repeat_blocks" -> blocks(params.exceptions().bip30Repeats(), found);
            case "bip30_unspendable_blocks" ->
                    blocks(params.exceptions().bip30Unspendable(), found);
            default -> {
                return null;
            }
        }
        return found;
    }

    private static void heights(
            ChainParams.Heights heights, JsonNode wanted, Map<String, Object> found) {
        Map<String, Object> all = new TreeMap<>();
        all.put("bip34", heights.bip34());
        all.put("bip34_hash", heights.bip34Hash().map(BlockHash::toHex).orElse(""));
        all.put("bip66", heights.bip66());
        all.put("bip65", heights.bip65());
        all.put("csv_bip68_112_113", heights.csv());
        all.put("segwit_bip141_143_147", heights.segwit());
        all.put("min_bip9_warning_height", heights.minBip9Warning());
        all.forEach(
                (name, height) -> {
                    if (wanted.has(name)) {
                        found.put(name, height);
                    }
                });
    }

    private static void deployments(
            ChainParams.Deployments deployments, JsonNode wanted, Map<String, Object> found) {
        found.put("window", deployments.window());
        found.put("threshold", deployments.threshold());
        for (ChainParams.Deployment rule : deployments.all()) {
            JsonNode each = wanted.path(rule.name());
            if (!each.isObject()) {
                continue;
            }
            found.put(rule.name() + "/bit", rule.bit());
            found.put(rule.name() + "/start_time", rule.startTime());
            if (each.path("timeout").isNumber()) {
                found.put(rule.name() + "/timeout", rule.timeout());
            }
        }
    }

    private static void exceptions(ChainParams params, JsonNode wanted, Map<String, Object> found) {
        // The order of the file, which the program does not keep.
        List<BlockHash> known = new ArrayList<>(params.exceptions().scriptFlags().keySet());
        int index = 0;
        for (JsonNode each : wanted) {
            BlockHash block = BlockHash.parse(each.required("block").asString());
            Integer flags = params.exceptions().scriptFlags().get(block);
            String names = each.required("flags").asString();
            boolean same = flags != null && flags == ScriptFlags.parse(names);
            found.put(
                    index + "/flags", same ? names.toLowerCase(java.util.Locale.ROOT) : flags + "");
            known.remove(block);
            index++;
        }
        for (BlockHash more : known) {
            found.put(index++ + "/block", more);
        }
    }

    private static void blocks(Map<Integer, BlockHash> blocks, Map<String, Object> found) {
        int index = 0;
        for (var each : new TreeMap<>(blocks).entrySet()) {
            found.put(index + "/height", each.getKey());
            found.put(index + "/hash", each.getValue());
            index++;
        }
    }

    private static Map<String, Object> common() {
        Map<String, Object> all = new LinkedHashMap<>();
        all.put("max_block_weight", TxCheck.BLOCK_WEIGHT_MAX);
        all.put("max_block_sigops_cost", BlockCheck.SIGOPS_COST_MAX);
        all.put("coinbase_maturity", TxInputs.COINBASE_MATURITY_BLOCKS);
        all.put("max_money_sat", Amount.MAX_SATOSHIS);
        all.put("max_future_block_time_seconds", HeaderCheck.FUTURE_SECONDS_MAX);
        all.put("pow_target_spacing_seconds", ChainParams.Pow.SPACING_SECONDS);
        all.put("initial_subsidy_sat", Subsidy.at(0, Vector.knownParams("mainnet")));
        all.put("versionbits_top_bits", VersionBits.TOP_BITS);
        all.put("witness_commitment_prefix_hex", WitnessCommitment.PREFIX);
        all.put("signet_header_hex", SignetSolution.HEADER);
        all.put("locktime_threshold", LockTimes.THRESHOLD);
        all.put("max_script_size", weft.consensus.script.Script.BYTES_MAX);
        all.put("max_script_element_size", weft.consensus.script.Script.ELEMENT_BYTES_MAX);
        all.put("annex_tag", weft.consensus.script.Taproot.ANNEX_TAG);
        all.put("taproot_leaf_mask", weft.consensus.script.Taproot.LEAF_MASK);
        all.put("taproot_leaf_tapscript", weft.consensus.script.Taproot.LEAF_TAPSCRIPT);
        return all;
    }
}
