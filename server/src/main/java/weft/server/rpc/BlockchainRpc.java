package weft.server.rpc;

import static weft.server.rpc.RpcParam.optional;
import static weft.server.rpc.RpcParam.required;

import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import weft.chain.BlockUndo;
import weft.chain.ChainState;
import weft.chain.api.HeaderNode;
import weft.chain.store.StoreException;
import weft.consensus.Coin;
import weft.node.ChainEngine;
import weft.primitives.Block;
import weft.primitives.BlockHash;
import weft.primitives.Bytes;
import weft.primitives.OutPoint;
import weft.primitives.TxOut;
import weft.primitives.Txid;
import weft.server.NodeApi;
import weft.server.PeersApi;
import weft.server.json.Json;

/// Questions about the chain.
public final class BlockchainRpc {
    private static final String CATEGORY = "blockchain";

    private final NodeApi node;
    private final TxJson transactions;

    /// Methods over a node.
    public BlockchainRpc(NodeApi node) {
        this.node = node;
        this.transactions = new TxJson(node.params());
    }

    /// The methods.
    public List<RpcCommand> commands() {
        return Stream.concat(first().stream(), more().stream()).toList();
    }

    private List<RpcCommand> first() {
        return List.of(
                RpcCommand.of(
                        CATEGORY,
                        "getblockcount",
                        "The height of the active chain's tip; genesis has 0.",
                        this::getBlockCount),
                RpcCommand.of(
                        CATEGORY,
                        "getbestblockhash",
                        "The hash of the active chain's tip.",
                        this::getBestBlockHash),
                RpcCommand.of(
                        CATEGORY,
                        "getblockhash",
                        "The hash of the block at a height of the active chain.",
                        this::getBlockHash,
                        required("height", ParamType.NUM, "The height")),
                RpcCommand.of(
                        CATEGORY,
                        "getblockheader",
                        "A header, as hex or as an object.",
                        this::getBlockHeader,
                        required("blockhash", ParamType.HEX, "The block's hash"),
                        optional("verbose", ParamType.BOOL, "true", "An object, or hex")),
                RpcCommand.of(
                        CATEGORY,
                        "getblock",
                        "A block: hex, ids, transactions, or transactions with what they spend.",
                        this::getBlock,
                        required("blockhash", ParamType.HEX, "The block's hash"),
                        optional(
                                "verbosity|verbose",
                                ParamType.ANY,
                                "1",
                                "0 for hex up to 3 for everything")),
                RpcCommand.of(
                        CATEGORY,
                        "getblockchaininfo",
                        "How the chain stands.",
                        this::getBlockchainInfo),
                RpcCommand.of(
                        CATEGORY, "getchaintips", "The ends of all branches.", this::getChainTips),
                RpcCommand.of(
                        CATEGORY,
                        "getdifficulty",
                        "The difficulty of the tip, as a multiple of the least.",
                        this::getDifficulty),
                RpcCommand.of(
                        CATEGORY,
                        "getdeploymentinfo",
                        "Which rules are in force at a block.",
                        this::getDeploymentInfo,
                        optional("blockhash", ParamType.HEX, "the tip", "The block")));
    }

    private List<RpcCommand> more() {
        return List.of(
                RpcCommand.of(
                        CATEGORY,
                        "gettxout",
                        "A coin; null if there is none or it is spent.",
                        this::getTxOut,
                        required("txid", ParamType.STR, "The transaction"),
                        required("n", ParamType.NUM, "Which of its outputs"),
                        optional(
                                "include_mempool",
                                ParamType.BOOL,
                                "true",
                                "Look at the mempool too")),
                RpcCommand.of(
                        CATEGORY,
                        "getchaintxstats",
                        "How many transactions a span of blocks has.",
                        this::getChainTxStats,
                        optional("nblocks", ParamType.NUM, "one month", "Length of the span"),
                        optional("blockhash", ParamType.HEX, "the tip", "Last block of the span")));
    }

    private JsonNode getBlockCount(RpcCall call) {
        return Json.number(node.onChain(engine -> engine.tip().height()));
    }

    private JsonNode getBestBlockHash(RpcCall call) {
        return Json.text(node.onChain(engine -> engine.tip().hash().toString()));
    }

    private JsonNode getBlockHash(RpcCall call) {
        int height = call.integer(0);
        return node.onChain(
                engine -> {
                    HeaderNode found = engine.chain().chain().at(height);
                    if (found == null) {
                        throw RpcException.parameter("Block height out of range");
                    }
                    return Json.text(found.hash().toString());
                });
    }

    /// The header of a hash.
    static HeaderNode find(ChainEngine engine, String hash) {
        HeaderNode found = engine.chain().headers().find(BlockHash.parse(hash));
        if (found == null) {
            throw RpcException.notFound("Block not found");
        }
        return found;
    }

    private JsonNode getBlockHeader(RpcCall call) {
        String hash = call.hash(0, "hash");
        boolean verbose = call.bool(1, true);
        return node.onChain(
                engine -> {
                    HeaderNode found = find(engine, hash);
                    return verbose
                            ? BlockJson.header(engine.chain(), found)
                            : Json.text(Bytes.wrap(found.header().toByteArray()).toHex());
                });
    }

    private record Fetched(Block block, Optional<BlockUndo> undo, ObjectNode header) {}

    private JsonNode getBlock(RpcCall call) {
        String hash = call.hash(0, "blockhash");
        int verbosity = call.verbosity(1, 1);
        Fetched fetched = node.onChain(engine -> fetch(engine, find(engine, hash), verbosity));
        if (verbosity <= 0) {
            return Json.text(Bytes.wrap(fetched.block.toByteArray()).toHex());
        }
        return BlockJson.body(fetched.header, fetched.block, fetched.undo, verbosity, transactions);
    }

    private static Fetched fetch(ChainEngine engine, HeaderNode found, int verbosity) {
        ChainState chain = engine.chain();
        Block block = chain.block(found).orElseThrow(() -> PruneRpc.missing(chain, found));
        Optional<BlockUndo> undo =
                verbosity >= 2 && found.height() > 0 ? spent(chain, found) : Optional.empty();
        return new Fetched(
                block, undo, verbosity <= 0 ? Json.object() : BlockJson.header(chain, found));
    }

    /// The coins that a block spent. Where they cannot be read, which the log tells, the block is shown as
    /// after pruning, as Bitcoin Core does: the operator who looks for the damage needs to see it.
    private static Optional<BlockUndo> spent(ChainState chain, HeaderNode found) {
        try {
            return chain.undo(found);
        } catch (StoreException _) {
            return Optional.empty();
        }
    }

    private JsonNode getBlockchainInfo(RpcCall call) {
        return node.onChain(
                engine -> {
                    ChainState chain = engine.chain();
                    HeaderNode tip = engine.tip();
                    ObjectNode json = Json.object();
                    json.put("chain", node.params().network().chainName());
                    json.put("blocks", tip.height());
                    json.put("headers", chain.headers().best().height());
                    json.put("bestblockhash", tip.hash().toString());
                    json.put("difficulty", BlockJson.difficulty(tip.header().bits()));
                    json.put("time", tip.time());
                    json.put("mediantime", tip.medianTimePast());
                    json.put("verificationprogress", chain.verificationProgress(engine.now()));
                    json.put("initialblockdownload", chain.isInitialBlockDownload(engine.now()));
                    json.put("chainwork", BlockJson.work(tip.chainWork()));
                    json.put("size_on_disk", chain.bytesOnDisk());
                    PruneRpc.addState(json, chain);
                    json.set("warnings", warnings(chain.warnings(engine.now()), node));
                    return json;
                });
    }

    /// Warnings as a list, or as one text for who still wants that.
    static JsonNode warnings(List<String> warnings, PeersApi node) {
        if (node.settings().deprecated().contains("warnings")) {
            return Json.text(warnings.isEmpty() ? "" : warnings.getLast());
        }
        ArrayNode list = Json.array();
        warnings.forEach(list::add);
        return list;
    }

    private JsonNode getChainTips(RpcCall call) {
        return node.onChain(
                engine -> {
                    ArrayNode list = Json.array();
                    for (var tip : engine.chain().chainTips()) {
                        list.addObject()
                                .put("height", tip.node().height())
                                .put("hash", tip.node().hash().toString())
                                .put("branchlen", tip.branchLength())
                                .put("status", tip.status().wireName());
                    }
                    return list;
                });
    }

    private JsonNode getDifficulty(RpcCall call) {
        return Json.real(
                node.onChain(engine -> BlockJson.difficulty(engine.tip().header().bits())));
    }

    private JsonNode getDeploymentInfo(RpcCall call) {
        String hash = call.has(0) ? call.hash(0, "blockhash") : "";
        return node.onChain(
                engine -> {
                    HeaderNode at = hash.isEmpty() ? engine.tip() : find(engine, hash);
                    ObjectNode json = Json.object();
                    json.put("hash", at.hash().toString());
                    json.put("height", at.height());
                    json.set("deployments", new DeploymentJson(node.params()).all(at));
                    return json;
                });
    }

    private JsonNode getTxOut(RpcCall call) {
        Txid txid = Txid.parse(call.hash(0, "txid"));
        long index = call.number(1);
        if (index < 0 || index > 0xffff_ffffL) {
            throw RpcException.misc("JSON integer out of range");
        }
        boolean withMempool = call.bool(2, true);
        return node.onChain(engine -> txOut(engine, new OutPoint(txid, index), withMempool));
    }

    private JsonNode txOut(ChainEngine engine, OutPoint outPoint, boolean withMempool) {
        Coin coin = engine.chain().coins().coin(outPoint);
        boolean isConfirmed = coin != null;
        if (withMempool) {
            if (engine.mempool().spender(outPoint) != null) {
                return Json.nothing();
            }
            var waiting = engine.mempool().find(outPoint.txid());
            if (coin == null
                    && waiting != null
                    && outPoint.index() < waiting.tx().outputs().size()) {
                TxOut out = waiting.tx().outputs().get((int) outPoint.index());
                coin = new Coin(out, 0, false);
            }
        }
        if (coin == null) {
            return Json.nothing();
        }
        HeaderNode tip = engine.tip();
        ObjectNode json = Json.object();
        json.put("bestblock", tip.hash().toString());
        json.put("confirmations", isConfirmed ? tip.height() - coin.height() + 1 : 0);
        json.set("value", Json.amount(coin.out().value()));
        json.set("scriptPubKey", transactions.script(coin.out().scriptPubKey()));
        json.put("coinbase", coin.isCoinbase());
        return json;
    }

    private JsonNode getChainTxStats(RpcCall call) {
        String hash = call.has(1) ? call.hash(1, "blockhash") : "";
        int month = (int) (30L * 24 * 60 * 60 / node.params().powTargetSpacingSeconds());
        return node.onChain(
                engine -> {
                    HeaderNode last = hash.isEmpty() ? engine.tip() : find(engine, hash);
                    if (!engine.chain().chain().contains(last)) {
                        throw RpcException.parameter("Block is not in main chain");
                    }
                    int span = call.integer(0, Math.max(0, Math.min(month, last.height() - 1)));
                    if (span < 0 || (span > 0 && span >= last.height())) {
                        throw RpcException.parameter(
                                "Invalid block count: should be between 0 and the block's height - 1");
                    }
                    return txStats(engine.chain(), last, span);
                });
    }

    private static ObjectNode txStats(ChainState chain, HeaderNode last, int span) {
        HeaderNode first =
                weft.primitives.Check.present(
                        last.ancestor(last.height() - span), "the span is within the chain");
        long count = chain.headers().status(last).chainTxCount();
        long interval = last.medianTimePast() - first.medianTimePast();
        ObjectNode json = Json.object();
        json.put("time", last.time());
        if (count > 0) {
            json.put("txcount", count);
        }
        json.put("window_final_block_hash", last.hash().toString());
        json.put("window_final_block_height", last.height());
        json.put("window_block_count", span);
        if (span > 0) {
            long before = chain.headers().status(first).chainTxCount();
            long inWindow = count - before;
            boolean isKnown = count > 0 && before > 0;
            json.put("window_interval", interval);
            if (isKnown) {
                json.put("window_tx_count", inWindow);
            }
            if (isKnown && interval > 0) {
                json.put("txrate", (double) inWindow / interval);
            }
        }
        return json;
    }
}
