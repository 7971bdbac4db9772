package weft.server.rpc;

import static weft.server.rpc.RpcParam.optional;
import static weft.server.rpc.RpcParam.required;

import java.util.BitSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import weft.chain.api.HeaderNode;
import weft.chain.index.IndexSet;
import weft.chain.index.TxIndex;
import weft.consensus.Coin;
import weft.node.ChainEngine;
import weft.p2p.bloom.PartialMerkleTree;
import weft.primitives.Block;
import weft.primitives.BlockHash;
import weft.primitives.Bytes;
import weft.primitives.OutPoint;
import weft.primitives.Txid;
import weft.primitives.codec.MalformedBytes;
import weft.server.NodeApi;
import weft.server.json.Json;
import weft.wire.MerkleBlock;
import weft.wire.Message;
import weft.wire.MessageCodec;
import weft.wire.Negotiated;

/// Proofs that transactions are in a block. See BIP-0037.
public final class TxOutProofRpc {
    private static final String CATEGORY = "blockchain";

    /// No transaction that fits into a block has more outputs.
    private static final int OUTPUTS_MAX = 4_000_000 / (4 * 9);

    private final NodeApi node;

    /// Methods over a node.
    public TxOutProofRpc(NodeApi node) {
        this.node = node;
    }

    /// The methods.
    public List<RpcCommand> commands() {
        return List.of(
                RpcCommand.of(
                        CATEGORY,
                        "gettxoutproof",
                        "A proof that transactions are in a block. The block is found without"
                                + " -txindex only if it is named, or one of the transactions has an"
                                + " unspent output.",
                        this::prove,
                        required("txids", ParamType.ARR, "The transactions"),
                        optional("blockhash", ParamType.HEX, "", "The block that they are in")),
                RpcCommand.of(
                        CATEGORY,
                        "verifytxoutproof",
                        "The transactions that a proof proves; none if it is wrong.",
                        this::verify,
                        required("proof", ParamType.HEX, "What gettxoutproof gave")));
    }

    private JsonNode prove(RpcCall call) {
        if (call.at(0).isEmpty()) {
            throw RpcException.parameter("Parameter 'txids' cannot be empty");
        }
        Set<Txid> txids = new TreeSet<>();
        for (JsonNode each : call.at(0)) {
            String text = JsonFields.text(each);
            if (!txids.add(Txid.parse(RpcCall.hash(text, "txid")))) {
                throw RpcException.parameter("Invalid parameter, duplicated txid: " + text);
            }
        }
        String named = call.has(1) ? call.hash(1, "blockhash") : "";
        return Json.text(prove(block(txids, named), txids));
    }

    private Block block(Set<Txid> txids, String named) {
        Block block =
                node.onChain(
                        engine -> {
                            HeaderNode at =
                                    named.isEmpty() ? unspent(engine, txids) : find(engine, named);
                            return at == null ? null : read(engine, at);
                        });
        return block == null ? indexed(txids) : block;
    }

    private static HeaderNode find(ChainEngine engine, String hash) {
        HeaderNode at = engine.chain().headers().find(BlockHash.parse(hash));
        if (at == null) {
            throw RpcException.notFound("Block not found");
        }
        return at;
    }

    private static @Nullable HeaderNode unspent(ChainEngine engine, Set<Txid> txids) {
        for (Txid txid : txids) {
            for (int i = 0; i < OUTPUTS_MAX; i++) {
                Coin coin = engine.chain().coins().coin(new OutPoint(txid, i));
                if (coin != null) {
                    return engine.chain().chain().at(coin.height());
                }
            }
        }
        return null;
    }

    private static Block read(ChainEngine engine, HeaderNode at) {
        return engine.chain()
                .block(at)
                .orElseThrow(
                        () ->
                                new RpcException(
                                        RpcError.INTERNAL_ERROR, "Can't read block from disk"));
    }

    private Block indexed(Set<Txid> txids) {
        IndexSet.Kept<TxIndex> kept = node.indexes().transactions().orElse(null);
        if (kept != null) {
            node.awaitIndex(kept.writer());
            TxIndex.Found found = kept.index().find(txids.iterator().next()).orElse(null);
            if (found != null) {
                return node.onChain(engine -> read(engine, find(engine, found.block().toHex())));
            }
        }
        throw RpcException.notFound("Transaction not yet in block");
    }

    private static String prove(Block block, Set<Txid> txids) {
        var wanted = new BitSet();
        for (int i = 0; i < block.transactions().size(); i++) {
            wanted.set(i, txids.contains(block.transactions().get(i).txid()));
        }
        if (wanted.cardinality() != txids.size()) {
            throw RpcException.notFound(
                    "Not all transactions found in specified or retrieved block");
        }
        return MessageCodec.encode(PartialMerkleTree.message(block, wanted)).toHex();
    }

    private JsonNode verify(RpcCall call) {
        Bytes bytes = JsonFields.hex(call.at(0), "proof");
        MerkleBlock proof;
        try {
            Message message = MessageCodec.decode(MerkleBlock.COMMAND, bytes, Negotiated.CURRENT);
            proof = (MerkleBlock) message;
        } catch (MalformedBytes e) {
            throw RpcException.misc(MalformedText.of(e));
        }
        PartialMerkleTree.Matches matches = PartialMerkleTree.of(proof).matches();
        ArrayNode proven = Json.array();
        if (matches == null
                || !matches.root().toHex().equals(proof.header().merkleRoot().toHex())) {
            return proven;
        }
        return node.onChain(
                engine -> {
                    HeaderNode at = engine.chain().headers().find(proof.header().hash());
                    int count = at == null ? 0 : engine.chain().headers().status(at).txCount();
                    if (at == null || count == 0 || !engine.chain().chain().contains(at)) {
                        throw RpcException.notFound("Block not found in chain");
                    }
                    if (count == proof.txCount()) {
                        matches.transactions().forEach(each -> proven.add(each.toHex()));
                    }
                    return proven;
                });
    }
}
