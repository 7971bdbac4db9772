package weft.server.rpc;

import static weft.server.rpc.RpcParam.optional;
import static weft.server.rpc.RpcParam.required;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;
import weft.mempool.FeeRate;
import weft.mempool.fees.FeeEstimator;
import weft.mempool.fees.FeeHorizon;
import weft.mempool.fees.NextBlockEstimator;
import weft.mempool.fees.RateRange;
import weft.mempool.fees.RawEstimate;
import weft.mempool.fees.SmartEstimate;
import weft.node.ChainEngine;
import weft.server.NodeApi;
import weft.server.json.Json;

/// What fee gets a transaction into a block in time.
public final class FeeRpc {
    private static final double THRESHOLD = 0.95;
    private static final double HUNDRED = 100;

    private final NodeApi node;

    /// Methods over a node.
    public FeeRpc(NodeApi node) {
        this.node = node;
    }

    /// The methods.
    public List<RpcCommand> commands() {
        RpcParam target =
                required("conf_target", ParamType.NUM, "Blocks to wait at most (1 to 1008)");
        return List.of(
                RpcCommand.of(
                        "util",
                        "estimatesmartfee",
                        "The fee rate that should get a transaction into one of the next blocks.",
                        this::estimateSmartFee,
                        target,
                        optional(
                                "estimate_mode",
                                ParamType.STR,
                                "economical",
                                "conservative: slower to follow falling fees; economical; or"
                                        + " unset"),
                        optional(
                                "options",
                                ParamType.ANY,
                                "{}",
                                "fee_rate_estimator: block_policy (the default) for what the past"
                                        + " tells, mempool_policy for what the next block would"
                                        + " ask for, auto for the lower of both")),
                RpcCommand.of(
                        "hidden",
                        "estimaterawfee",
                        "What each horizon of the fee estimator has seen. May change with it.",
                        this::estimateRawFee,
                        target,
                        optional(
                                "threshold",
                                ParamType.NUM,
                                "0.95",
                                "Which part of transactions had to be confirmed in time")));
    }

    private static int target(RpcCall call) {
        long target = call.number(0);
        if (target < 1 || target > FeeEstimator.TARGET_MAX) {
            throw RpcException.parameter(
                    "Invalid conf_target, must be between 1 and " + FeeEstimator.TARGET_MAX);
        }
        return (int) target;
    }

    /// Who hears of no transactions knows nothing of their fees.
    private void mustHearTransactions() {
        if (node.onPeers(engine -> engine.options().tx().blocksOnly())) {
            throw new RpcException(RpcError.INTERNAL_ERROR, "Fee estimation disabled");
        }
    }

    private JsonNode estimateSmartFee(RpcCall call) {
        mustHearTransactions();
        int target = target(call);
        String mode = call.has(1) ? call.text(1).toLowerCase(Locale.ROOT) : "economical";
        if (!List.of("unset", "economical", "conservative").contains(mode)) {
            throw RpcException.parameter(
                    "Invalid estimate_mode parameter, must be one of: \"unset\", \"economical\","
                            + " \"conservative\"");
        }
        String wanted = estimator(call);
        boolean isConservative = mode.equals("conservative");
        ObjectNode answer = Json.object();
        return node.onChain(
                engine -> {
                    var errors = new ArrayList<String>();
                    var estimate = new SmartEstimate(0, NextBlockEstimator.TARGET);
                    if (!wanted.equals("mempool_policy")) {
                        estimate = engine.fees().smartEstimate(target, isConservative);
                        if (estimate.rate() == 0) {
                            errors.add("Insufficient data or no feerate found");
                        }
                    }
                    boolean asksMempool =
                            wanted.equals("mempool_policy")
                                    || (wanted.equals("auto") && estimate.rate() != 0);
                    if (asksMempool) {
                        String problem = mempoolProblem(engine);
                        if (problem == null) {
                            estimate = lower(estimate, ofMempool(engine, isConservative));
                        } else {
                            errors.add(problem);
                        }
                    }
                    if (estimate.rate() != 0) {
                        long rate = Math.max(estimate.rate(), lowestRate(engine));
                        answer.set("feerate", Json.amount(rate));
                    }
                    if (!errors.isEmpty()) {
                        errors.forEach(answer.putArray("errors")::add);
                    }
                    return answer.put("blocks", estimate.target());
                });
    }

    private static String estimator(RpcCall call) {
        if (call.has(2) && !call.at(2).isObject()) {
            // For Bitcoin Core 28 this is an argument too many, and not one of the wrong type.
            throw RpcException.misc(
                    "estimatesmartfee conf_target ( \"estimate_mode\" options ): options is an object");
        }
        String wanted = call.at(2).path("fee_rate_estimator").asString("block_policy");
        for (String key : call.at(2).propertyNames()) {
            if (!key.equals("fee_rate_estimator")) {
                throw RpcException.type("Unexpected key " + key);
            }
        }
        if (!List.of("auto", "block_policy", "mempool_policy").contains(wanted)) {
            throw RpcException.parameter(
                    "Invalid fee_rate_estimator, must be one of: \"auto\", \"block_policy\","
                            + " \"mempool_policy\"");
        }
        return wanted;
    }

    /// Why the mempool tells nothing of fees; null if it does.
    private @Nullable String mempoolProblem(ChainEngine engine) {
        if (!node.isLoaded()) {
            return "Mempool not loaded yet, no fee rate estimate available";
        }
        return switch (engine.nextBlockHealth()) {
            case GOOD -> null;
            case TOO_FEW_BLOCKS -> "Not enough recent block data for fee rate estimation";
            case TOO_LITTLE_KNOWN -> "Mempool is unreliable for fee rate estimation";
        };
    }

    private static SmartEstimate ofMempool(ChainEngine engine, boolean isConservative) {
        NextBlockEstimator.Rates rates = engine.nextBlockRates();
        FeeRate rate = isConservative ? rates.half() : rates.threeQuarters();
        return new SmartEstimate(rate.perKvb(), NextBlockEstimator.TARGET);
    }

    private static SmartEstimate lower(SmartEstimate past, SmartEstimate next) {
        return past.rate() == 0 || next.rate() < past.rate() ? next : past;
    }

    /// What the node would relay just now.
    private long lowestRate(ChainEngine engine) {
        return Math.max(
                engine.mempool().minFee(node.now().unixSeconds()).perKvb(),
                engine.mempool().options().minRelay().perKvb());
    }

    private JsonNode estimateRawFee(RpcCall call) {
        mustHearTransactions();
        int target = target(call);
        double threshold = call.has(1) ? call.real(1) : THRESHOLD;
        if (!(threshold >= 0 && threshold <= 1)) {
            throw RpcException.parameter("Invalid threshold");
        }
        return node.onChain(
                engine -> {
                    ObjectNode answer = Json.object();
                    for (FeeHorizon horizon : FeeHorizon.values()) {
                        if (target <= engine.fees().confirmsMax(horizon)) {
                            answer.set(
                                    horizon.name().toLowerCase(Locale.ROOT),
                                    raw(engine.fees().rawEstimate(target, threshold, horizon)));
                        }
                    }
                    return answer;
                });
    }

    private static ObjectNode raw(RawEstimate estimate) {
        ObjectNode answer = Json.object();
        boolean isFound = estimate.rate() != 0;
        if (isFound) {
            answer.set("feerate", Json.amount(estimate.rate()));
        }
        answer.set("decay", Json.real(estimate.decay()));
        answer.put("scale", estimate.scale());
        if (isFound) {
            answer.set("pass", range(estimate.pass()));
        }
        if (!isFound || estimate.fail().exists()) {
            answer.set("fail", range(estimate.fail()));
        }
        if (!isFound) {
            answer.putArray("errors")
                    .add("Insufficient data or no feerate found which meets threshold");
        }
        return answer;
    }

    private static ObjectNode range(RateRange range) {
        ObjectNode answer = Json.object();
        answer.set("startrange", Json.real(rounded(range.start())));
        answer.set("endrange", Json.real(rounded(range.end())));
        answer.set("withintarget", hundredths(range.withinTarget()));
        answer.set("totalconfirmed", hundredths(range.totalConfirmed()));
        answer.set("inmempool", hundredths(range.inMempool()));
        answer.set("leftmempool", hundredths(range.leftMempool()));
        return answer;
    }

    private static JsonNode hundredths(double value) {
        return Json.real(rounded(value * HUNDRED) / HUNDRED);
    }

    /// Halves up; [Math#round] would cut off what is beyond a long.
    private static double rounded(double value) {
        return Math.floor(value + 0.5);
    }
}
