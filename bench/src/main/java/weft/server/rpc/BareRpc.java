package weft.server.rpc;

import java.util.Optional;
import tools.jackson.databind.JsonNode;
import weft.chain.BlockUndo;
import weft.consensus.ChainParams;
import weft.mempool.Mempool;
import weft.primitives.Block;
import weft.server.json.Json;

/// Answers of the RPC interface without a node.
public final class BareRpc {
    private static final int WITH_PREVOUTS = 3;

    private BareRpc() {}

    /// `getrawmempool true`.
    public static JsonNode mempool(Mempool mempool) {
        return MempoolRpc.list(mempool, mempool.sorted(), true);
    }

    /// The body of `getblock HASH 3`, without what blocks spent, which Core's benchmark has not either.
    public static JsonNode block(Block block, ChainParams params) {
        return BlockJson.body(
                Json.object(),
                block,
                Optional.<BlockUndo>empty(),
                WITH_PREVOUTS,
                new TxJson(params));
    }

    /// The text of an answer.
    public static String text(JsonNode answer) {
        return Json.write(answer);
    }
}
