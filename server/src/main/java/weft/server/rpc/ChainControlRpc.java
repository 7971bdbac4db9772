package weft.server.rpc;

import static weft.server.rpc.RpcParam.optional;
import static weft.server.rpc.RpcParam.required;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import weft.chain.VerifyResult;
import weft.chain.api.BlockFailure;
import weft.chain.api.HeaderNode;
import weft.node.ChainEngine;
import weft.primitives.BlockHash;
import weft.server.NodeApi;
import weft.server.json.Json;

/// What an operator does to the chain, waits for it, or has it counted.
public final class ChainControlRpc {
    private static final String CATEGORY = "blockchain";
    private static final Duration POLL = Duration.ofMillis(10);
    private static final int CHECK_BLOCKS = 6;

    private final NodeApi node;

    /// Methods over a node.
    public ChainControlRpc(NodeApi node) {
        this.node = node;
    }

    /// The methods.
    public List<RpcCommand> commands() {
        return Stream.concat(first().stream(), more().stream()).toList();
    }

    private List<RpcCommand> first() {
        RpcParam hash = required("blockhash", ParamType.HEX, "The block");
        RpcParam timeout =
                optional("timeout", ParamType.NUM, "0", "Milliseconds to wait at most; 0 for ever");
        return List.of(
                RpcCommand.of(
                        "hidden",
                        "invalidateblock",
                        "Treats a block as if it broke a rule, until further notice.",
                        this::invalidateBlock,
                        hash),
                RpcCommand.of(
                        "hidden",
                        "reconsiderblock",
                        "Takes back invalidateblock for a block and all related to it.",
                        this::reconsiderBlock,
                        hash),
                RpcCommand.of(
                        CATEGORY,
                        "preciousblock",
                        "Prefers a block to others with the same work.",
                        this::preciousBlock,
                        hash),
                RpcCommand.of(
                        CATEGORY,
                        "waitfornewblock",
                        "Waits for another tip.",
                        this::waitForNewBlock,
                        timeout),
                RpcCommand.of(
                        CATEGORY,
                        "waitforblock",
                        "Waits until a block is the tip.",
                        this::waitForBlock,
                        hash,
                        timeout),
                RpcCommand.of(
                        CATEGORY,
                        "waitforblockheight",
                        "Waits until the tip has a height.",
                        this::waitForBlockHeight,
                        required("height", ParamType.NUM, "The height"),
                        timeout));
    }

    private List<RpcCommand> more() {
        return List.of(
                RpcCommand.of(
                        CATEGORY,
                        "verifychain",
                        "Reads the last blocks again.",
                        this::verifyChain,
                        optional("checklevel", ParamType.NUM, "3", "How thorough, 0 to 4"),
                        optional("nblocks", ParamType.NUM, "6", "How many blocks; 0 for all")),
                RpcCommand.of(
                        "hidden",
                        "syncwithvalidationinterfacequeue",
                        "Waits until everybody has heard of what happened so far.",
                        this::sync));
    }

    private JsonNode invalidateBlock(RpcCall call) {
        String hash = call.hash(0, "blockhash");
        return node.onChain(
                engine -> {
                    HeaderNode found = BlockchainRpc.find(engine, hash);
                    if (found.height() == 0) {
                        throw new RpcException(
                                RpcError.DATABASE_ERROR, "genesis cannot be invalid");
                    }
                    PruneRpc.checkWayBack(engine.chain(), found);
                    engine.chain().invalidateBlock(found.hash(), engine.now());
                    return Json.nothing();
                });
    }

    private JsonNode reconsiderBlock(RpcCall call) {
        String hash = call.hash(0, "blockhash");
        return node.onChain(
                engine -> {
                    engine.chain()
                            .reconsiderBlock(BlockchainRpc.find(engine, hash).hash(), engine.now());
                    return Json.nothing();
                });
    }

    private JsonNode preciousBlock(RpcCall call) {
        String hash = call.hash(0, "blockhash");
        return node.onChain(
                engine -> {
                    engine.chain()
                            .preciousBlock(BlockchainRpc.find(engine, hash).hash(), engine.now());
                    return Json.nothing();
                });
    }

    private JsonNode await(Predicate<HeaderNode> wanted, int timeoutMillis) {
        if (timeoutMillis < 0) {
            throw RpcException.misc("Negative timeout");
        }
        long deadline = System.nanoTime() + Duration.ofMillis(timeoutMillis).toNanos();
        HeaderNode tip = node.onChain(ChainEngine::tip);
        try {
            while (!wanted.test(tip) && (timeoutMillis == 0 || System.nanoTime() - deadline < 0)) {
                Thread.sleep(POLL);
                // Who waits for what will not come any more hears how far it came.
                if (node.isStopping()) {
                    break;
                }
                tip = node.onChain(ChainEngine::tip);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return Json.object().put("hash", tip.hash().toString()).put("height", tip.height());
    }

    private JsonNode waitForNewBlock(RpcCall call) {
        HeaderNode before = node.onChain(ChainEngine::tip);
        return await(tip -> !tip.equals(before), call.integer(0, 0));
    }

    private JsonNode waitForBlock(RpcCall call) {
        BlockHash hash = BlockHash.parse(call.hash(0, "blockhash"));
        return await(tip -> tip.hash().equals(hash), call.integer(1, 0));
    }

    private JsonNode waitForBlockHeight(RpcCall call) {
        int height = call.integer(0);
        return await(tip -> tip.height() >= height, call.integer(1, 0));
    }

    private JsonNode verifyChain(RpcCall call) {
        int level = call.integer(0, 3);
        int blocks = call.integer(1, CHECK_BLOCKS);
        return Json.bool(
                node.onChain(
                        engine ->
                                engine.chain().verify(level, blocks, engine.now())
                                        == VerifyResult.WHOLE));
    }

    private JsonNode sync(RpcCall call) {
        node.onChain(engine -> true);
        node.onPeers(engine -> true);
        node.indexes().writers().forEach(node::awaitIndex);
        return Json.nothing();
    }

    /// BIP-0022's answer to a block: null, or why it is not accepted.
    static JsonNode verdict(Optional<BlockFailure> failure) {
        return failure.map(why -> Json.text(why.reason().isEmpty() ? "rejected" : why.reason()))
                .orElse(Json.nothing());
    }
}
