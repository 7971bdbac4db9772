package weft.server.rpc;

import static weft.server.rpc.RpcParam.optional;
import static weft.server.rpc.RpcParam.required;

import java.util.List;
import java.util.Locale;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import weft.chain.api.HeaderNode;
import weft.light.LightNode;
import weft.primitives.BlockHash;
import weft.primitives.Bytes;
import weft.server.LightApi;
import weft.server.json.Json;

/// Questions about the chain to a node that has headers alone. The active chain is the branch that peers
/// agree on: it ends below the first block that they dispute.
public final class HeadersRpc {
    private static final String CATEGORY = "blockchain";

    private final LightApi node;

    /// Methods over a light node.
    public HeadersRpc(LightApi node) {
        this.node = node;
    }

    /// The methods.
    public List<RpcCommand> commands() {
        return List.of(
                RpcCommand.of(
                        CATEGORY,
                        "getblockcount",
                        "The height of the highest header that peers agree on; genesis has 0.",
                        call -> Json.number(node.onLight(light -> light.tip().height()))),
                RpcCommand.of(
                        CATEGORY,
                        "getbestblockhash",
                        "The hash of the highest header that peers agree on.",
                        call -> Json.text(node.onLight(light -> light.tip().hash().toString()))),
                RpcCommand.of(
                        CATEGORY,
                        "getblockhash",
                        "The hash of the header at a height of the active chain.",
                        this::getBlockHash,
                        required("height", ParamType.NUM, "The height")),
                RpcCommand.of(
                        CATEGORY,
                        "getblockheader",
                        "A header, as hex or as an object. standing says what its confirmations are"
                                + " worth: agreed by peers, trusted, unverified or not_in_chain."
                                + " nTx is 0: nobody knows.",
                        this::getBlockHeader,
                        required("blockhash", ParamType.HEX, "The block's hash"),
                        optional("verbose", ParamType.BOOL, "true", "An object, or hex")),
                RpcCommand.of(
                        CATEGORY,
                        "getblockchaininfo",
                        "How the chain of headers stands; no block is kept.",
                        this::getBlockchainInfo),
                RpcCommand.of(
                        CATEGORY, "getchaintips", "The ends of all branches.", this::getChainTips),
                RpcCommand.of(
                        CATEGORY,
                        "getdifficulty",
                        "The difficulty of the tip, as a multiple of the least.",
                        call ->
                                Json.real(
                                        node.onLight(
                                                light ->
                                                        BlockJson.difficulty(light.tip().bits())))),
                RpcCommand.of(
                        CATEGORY,
                        "getdeploymentinfo",
                        "Which rules are in force at a block.",
                        this::getDeploymentInfo,
                        optional("blockhash", ParamType.HEX, "the tip", "The block")));
    }

    private JsonNode getBlockHash(RpcCall call) {
        int height = call.integer(0);
        return node.onLight(
                light -> {
                    HeaderNode found = light.tip().ancestor(height);
                    if (found == null) {
                        throw RpcException.parameter("Block height out of range");
                    }
                    return Json.text(found.hash().toString());
                });
    }

    private static HeaderNode find(LightNode light, String hash) {
        HeaderNode found = light.chain().find(BlockHash.parse(hash));
        if (found == null) {
            throw RpcException.notFound("Block not found");
        }
        return found;
    }

    private JsonNode getBlockHeader(RpcCall call) {
        String hash = call.hash(0, "hash");
        boolean verbose = call.bool(1, true);
        return node.onLight(
                light -> {
                    HeaderNode found = find(light, hash);
                    return verbose
                            ? header(light, found)
                            : Json.text(Bytes.wrap(found.header().toByteArray()).toHex());
                });
    }

    private ObjectNode header(LightNode light, HeaderNode found) {
        HeaderNode tip = light.tip();
        boolean isActive = tip.hasAncestor(found);
        ObjectNode json =
                BlockJson.header(
                        found,
                        isActive ? tip.height() - found.height() + 1 : -1,
                        0,
                        isActive ? tip.ancestor(found.height() + 1) : null);
        String standing = light.chain().confirmations(found.hash(), node.now()).standing().name();
        return json.put("standing", standing.toLowerCase(Locale.ROOT));
    }

    private JsonNode getBlockchainInfo(RpcCall call) {
        List<String> warnings = node.warnings();
        return node.onLight(
                light -> {
                    HeaderNode tip = light.tip();
                    ObjectNode json = Json.object();
                    json.put("chain", node.params().network().chainName());
                    json.put("blocks", tip.height());
                    json.put("headers", light.chain().best().height());
                    json.put("bestblockhash", tip.hash().toString());
                    json.put("difficulty", BlockJson.difficulty(tip.bits()));
                    json.put("time", tip.time());
                    json.put("mediantime", tip.medianTimePast());
                    // No block is ever verified.
                    json.put("verificationprogress", 0);
                    json.put("initialblockdownload", light.isBehind(node.now()));
                    json.put("chainwork", BlockJson.work(tip.chainWork()));
                    json.put("size_on_disk", node.bytesOnDisk());
                    // To clients this says what they must know: which blocks they cannot ask for.
                    json.put("pruned", true);
                    json.put("pruneheight", tip.height() + 1);
                    json.put("automatic_pruning", false);
                    json.set("warnings", BlockchainRpc.warnings(warnings, node));
                    return json;
                });
    }

    private JsonNode getChainTips(RpcCall call) {
        return node.onLight(
                light -> {
                    HeaderNode tip = light.tip();
                    ArrayNode list = Json.array();
                    add(list, tip, 0, "active");
                    for (HeaderNode each : light.chain().tips().reversed()) {
                        if (!tip.hasAncestor(each)) {
                            int fork = HeaderNode.fork(each, tip).height();
                            add(list, each, each.height() - fork, "headers-only");
                        }
                    }
                    return list;
                });
    }

    private static void add(ArrayNode list, HeaderNode tip, int branch, String status) {
        list.addObject()
                .put("height", tip.height())
                .put("hash", tip.hash().toString())
                .put("branchlen", branch)
                .put("status", status);
    }

    private JsonNode getDeploymentInfo(RpcCall call) {
        String hash = call.has(0) ? call.hash(0, "blockhash") : "";
        return node.onLight(
                light -> {
                    HeaderNode at = hash.isEmpty() ? light.tip() : find(light, hash);
                    ObjectNode json = Json.object();
                    json.put("hash", at.hash().toString());
                    json.put("height", at.height());
                    json.set("deployments", new DeploymentJson(node.params()).all(at));
                    return json;
                });
    }
}
