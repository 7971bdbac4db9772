package weft.server.rpc;

import static weft.server.rpc.RpcParam.optional;

import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;
import weft.chain.CoinsSummary;
import weft.chain.api.HeaderNode;
import weft.chain.index.CoinStatsIndex;
import weft.chain.index.CoinTotals;
import weft.chain.index.IndexSet;
import weft.chain.index.IndexedBlock;
import weft.node.ChainEngine;
import weft.server.NodeApi;
import weft.server.json.Json;

/// Counts and hashes the coins, of now or of any block that the index of coin statistics knows.
public final class CoinStatsRpc {
    private static final String SERIALIZED = "hash_serialized_3";

    private final NodeApi node;

    /// Methods over a node.
    public CoinStatsRpc(NodeApi node) {
        this.node = node;
    }

    /// The methods.
    public List<RpcCommand> commands() {
        return List.of(
                RpcCommand.of(
                        "blockchain",
                        "gettxoutsetinfo",
                        "Counts and hashes all coins.",
                        this::getTxOutSetInfo,
                        optional("hash_type", ParamType.STR, SERIALIZED, "or muhash, or none"),
                        optional(
                                "hash_or_height",
                                ParamType.ANY,
                                "the tip",
                                "Another block; needs -coinstatsindex"),
                        optional(
                                "use_index",
                                ParamType.BOOL,
                                "true",
                                "Take the answer from the index where it has one")));
    }

    private JsonNode getTxOutSetInfo(RpcCall call) {
        String type = call.text(0, SERIALIZED);
        if (!List.of(SERIALIZED, "muhash", "none").contains(type)) {
            throw RpcException.parameter("'" + type + "' is not a valid hash_type");
        }
        boolean useIndex = call.bool(2, true);
        Optional<IndexSet.Kept<CoinStatsIndex>> kept = node.indexes().coins();
        HeaderNode wanted = null;
        if (call.has(1)) {
            if (kept.isEmpty()) {
                throw RpcException.parameter(
                        "Querying specific block heights requires coinstatsindex");
            }
            if (type.equals(SERIALIZED)) {
                throw RpcException.parameter(
                        SERIALIZED + " hash type cannot be queried for a specific block");
            }
            if (!useIndex) {
                throw RpcException.parameter(
                        "Cannot set use_index to false when querying for a specific block");
            }
            wanted = node.onChain(engine -> hashOrHeight(engine, call.at(1)));
        }
        if (useIndex && kept.isPresent()) {
            HeaderNode at = wanted == null ? node.onChain(ChainEngine::tip) : wanted;
            await(kept.get(), at);
            if (!type.equals(SERIALIZED)) {
                return indexed(kept.get().index(), at, type);
            }
        }
        return node.onChain(engine -> counted(engine, type));
    }

    /// A block of the active chain by height, or any by hash.
    static HeaderNode hashOrHeight(ChainEngine engine, JsonNode value) {
        if (!value.isNumber()) {
            if (!value.isString()) {
                throw RpcException.type(
                        "JSON value of type "
                                + Json.typeName(value)
                                + " is not of expected type string");
            }
            return BlockchainRpc.find(engine, RpcCall.hash(value.stringValue(), "hash_or_height"));
        }
        long height = RpcCall.whole(value);
        if (height < 0) {
            throw RpcException.parameter("Target block height " + height + " is negative");
        }
        @Nullable HeaderNode found =
                height > engine.tip().height() ? null : engine.chain().chain().at((int) height);
        if (found == null) {
            throw RpcException.parameter(
                    "Target block height "
                            + height
                            + " after current tip "
                            + engine.tip().height());
        }
        return found;
    }

    private void await(IndexSet.Kept<CoinStatsIndex> kept, HeaderNode at) {
        if (!node.awaitIndex(kept.writer())) {
            IndexedBlock best = kept.writer().best();
            int height = best == null ? 0 : best.height();
            if (at.height() > height) {
                throw new RpcException(
                        RpcError.INTERNAL_ERROR,
                        "Unable to get data because coinstatsindex is still syncing. Current height: "
                                + height);
            }
        }
    }

    private static CoinStatsIndex.Stats stats(CoinStatsIndex index, HeaderNode at) {
        return index.stats(at)
                .orElseThrow(
                        () -> new RpcException(RpcError.INTERNAL_ERROR, "Unable to read UTXO set"));
    }

    private static ObjectNode indexed(CoinStatsIndex index, HeaderNode at, String type) {
        CoinStatsIndex.Stats stats = stats(index, at);
        CoinTotals now = stats.totals();
        HeaderNode parent = at.parent();
        CoinTotals before = parent == null ? CoinTotals.ZERO : stats(index, parent).totals();
        ObjectNode json = Json.object();
        json.put("height", at.height());
        json.put("bestblock", at.hash().toString());
        json.put("txouts", now.outputs());
        json.put("bogosize", now.bogoSize());
        if (type.equals("muhash")) {
            json.put(type, stats.muHash().toHex());
        }
        json.set("total_amount", Json.amount(now.amount()));
        json.set("total_unspendable_amount", Json.amount(now.lost().total()));
        ObjectNode block = json.putObject("block_info");
        block.set("prevout_spent", Json.amount(now.spent() - before.spent()));
        block.set("coinbase", Json.amount(now.coinbase() - before.coinbase()));
        block.set("new_outputs_ex_coinbase", Json.amount(now.created() - before.created()));
        CoinTotals.Lost lost = now.lost();
        CoinTotals.Lost lostBefore = before.lost();
        block.set("unspendable", Json.amount(lost.total() - lostBefore.total()));
        ObjectNode reasons = block.putObject("unspendables");
        reasons.set("genesis_block", Json.amount(lost.genesis() - lostBefore.genesis()));
        reasons.set("bip30", Json.amount(lost.bip30() - lostBefore.bip30()));
        reasons.set("scripts", Json.amount(lost.scripts() - lostBefore.scripts()));
        reasons.set("unclaimed_rewards", Json.amount(lost.unclaimed() - lostBefore.unclaimed()));
        return json;
    }

    private static ObjectNode counted(ChainEngine engine, String type) {
        engine.chain().flush(engine.now());
        CoinsSummary sum = CoinsSummary.of(engine.chain().coinsStore());
        ObjectNode json = Json.object();
        json.put("height", engine.tip().height());
        json.put("bestblock", engine.tip().hash().toString());
        json.put("txouts", sum.outputs());
        json.put("bogosize", sum.bogoSize());
        if (type.equals(SERIALIZED)) {
            json.put(type, sum.hashSerialized().toString());
        } else if (type.equals("muhash")) {
            json.put(type, CoinsSummary.muHash(engine.chain().coinsStore()).toHex());
        }
        json.set("total_amount", Json.amount(sum.amount()));
        json.put("transactions", sum.transactions());
        return json.put("disk_size", engine.chain().coinsStore().approximateBytes());
    }
}
