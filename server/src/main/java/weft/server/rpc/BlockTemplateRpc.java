package weft.server.rpc;

import static weft.server.rpc.RpcParam.required;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import weft.chain.BlockStatus;
import weft.chain.api.HeaderNode;
import weft.consensus.ChainParams;
import weft.consensus.CompactBits;
import weft.consensus.Network;
import weft.consensus.VersionBits;
import weft.mempool.MempoolEntry;
import weft.mining.BlockTemplate;
import weft.node.ChainEngine;
import weft.primitives.Block;
import weft.primitives.BlockHeader;
import weft.primitives.Bytes;
import weft.primitives.Transaction;
import weft.primitives.TxOut;
import weft.primitives.Txid;
import weft.primitives.codec.MalformedBytes;
import weft.server.NodeApi;
import weft.server.json.Json;

/// Block templates for miners. See BIP-0022, BIP-0023, BIP-0009 and BIP-0145.
public final class BlockTemplateRpc {
    private static final int WITNESS_SCALE = 4;
    private static final long SIGOPS_MAX = 80_000;
    private static final long BYTES_MAX = 4_000_000;
    private static final long WEIGHT_MAX = 4_000_000;
    private static final long POLL_MILLIS = 100;
    private static final long NEW_TRANSACTIONS_NANOS = 60_000_000_000L;

    /// Whom the coinbase of a template pays is the miner's to say.
    private static final Bytes ANYBODY = Bytes.parse("51");

    private final NodeApi node;

    /// Methods over a node.
    public BlockTemplateRpc(NodeApi node) {
        this.node = node;
    }

    /// The methods.
    public List<RpcCommand> commands() {
        return List.of(
                RpcCommand.of(
                        "mining",
                        "getblocktemplate",
                        "A block that lacks proof of work, or what is wrong with one. See BIP22,"
                                + " BIP23, BIP9 and BIP145.",
                        this::getBlockTemplate,
                        required(
                                "template_request",
                                ParamType.OBJ,
                                "rules: those that the miner knows, segwit at least; mode: template"
                                        + " or proposal; longpollid: wait until another template is"
                                        + " better; data: the proposed block in hex")));
    }

    private JsonNode getBlockTemplate(RpcCall call) {
        JsonNode request = call.at(0);
        JsonNode mode = request.path("mode");
        if (!mode.isMissingNode() && !mode.isNull() && !mode.isString()) {
            throw RpcException.parameter("Invalid mode");
        }
        String wanted = mode.asString("template");
        if (wanted.equals("proposal")) {
            return judge(request.path("data"));
        }
        if (!wanted.equals("template")) {
            throw RpcException.parameter("Invalid mode");
        }
        mustBeOnline();
        if (!request.path("longpollid").isMissingNode()) {
            await(request.path("longpollid").asString(""));
        }
        Set<String> rules = new TreeSet<>();
        request.path("rules").forEach(rule -> rules.add(rule.asString("")));
        if (node.params().network() == Network.SIGNET && !rules.contains("signet")) {
            throw RpcException.parameter(
                    "getblocktemplate must be called with the signet rule set (call with "
                            + "{\"rules\": [\"segwit\", \"signet\"]})");
        }
        if (!rules.contains("segwit")) {
            throw RpcException.parameter(
                    "getblocktemplate must be called with the segwit rule set (call with "
                            + "{\"rules\": [\"segwit\"]})");
        }
        return node.onChain(this::template);
    }

    private void mustBeOnline() {
        Network network = node.params().network();
        if (network != Network.MAIN) {
            return;
        }
        if (Boolean.TRUE.equals(node.onPeers(engine -> engine.all().isEmpty()))) {
            throw new RpcException(RpcError.CLIENT_NOT_CONNECTED, "weft is not connected!");
        }
        if (Boolean.TRUE.equals(
                node.onChain(engine -> engine.chain().isInitialBlockDownload(engine.now())))) {
            throw new RpcException(
                    RpcError.CLIENT_IN_INITIAL_DOWNLOAD,
                    "weft is in initial sync and waiting for blocks...");
        }
    }

    /// BIP-0023: whether a block would be accepted, proof of work aside.
    private JsonNode judge(JsonNode data) {
        if (!data.isString()) {
            throw RpcException.type("Missing data String key for proposal");
        }
        Block block;
        try {
            block = Block.parse(data.stringValue());
        } catch (IllegalArgumentException | MalformedBytes e) {
            throw new RpcException(RpcError.DESERIALIZATION_ERROR, "Block decode failed");
        }
        return node.onChain(
                engine -> {
                    HeaderNode known = engine.chain().headers().find(block.hash());
                    if (known != null) {
                        BlockStatus status = engine.chain().headers().status(known);
                        String why = status.isInvalid() ? "duplicate-invalid" : "duplicate";
                        boolean isOpen = !status.isInvalid() && !status.isValidated();
                        return Json.text(isOpen ? "duplicate-inconclusive" : why);
                    }
                    return ChainControlRpc.verdict(
                            engine.chain().testBlock(block, false, engine.now()));
                });
    }

    private static String longPollId(ChainEngine engine) {
        return engine.tip().hash() + Long.toString(engine.mempool().sequence());
    }

    /// BIP-0022: waits until the tip is another, or after a while the mempool.
    private void await(String id) {
        long start = System.nanoTime();
        try {
            while (!node.isStopping()) {
                boolean isLate = System.nanoTime() - start > NEW_TRANSACTIONS_NANOS;
                String now = node.onChain(BlockTemplateRpc::longPollId);
                boolean isNewTip = id.length() < 64 || !now.startsWith(id.substring(0, 64));
                if (isNewTip || (isLate && !now.equals(id))) {
                    return;
                }
                Thread.sleep(POLL_MILLIS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        throw new RpcException(RpcError.CLIENT_NOT_CONNECTED, "Shutting down");
    }

    private ObjectNode template(ChainEngine engine) {
        BlockTemplate template = engine.template(ANYBODY);
        HeaderNode tip = engine.tip();
        int height = tip.height() + 1;
        ChainParams params = node.params();
        boolean segwit = height >= params.heights().segwit();
        BlockHeader header = template.block().header();
        Transaction coinbase = template.block().transactions().getFirst();
        ObjectNode json = Json.object();
        json.putArray("capabilities").add("proposal");
        int version = addRules(json, tip, header.version());
        json.put("version", version);
        json.put("previousblockhash", header.parent().toString());
        json.set("transactions", transactions(template, segwit));
        json.putObject("coinbaseaux");
        json.put("coinbasevalue", coinbase.outputs().getFirst().value());
        json.put("longpollid", longPollId(engine));
        json.put("target", BlockJson.work(CompactBits.decode(template.bits()).value()));
        json.put("mintime", tip.medianTimePast() + 1);
        json.putArray("mutable").add("time").add("transactions").add("prevblock");
        json.put("noncerange", "00000000ffffffff");
        json.put("sigoplimit", segwit ? SIGOPS_MAX : SIGOPS_MAX / WITNESS_SCALE);
        json.put("sizelimit", segwit ? BYTES_MAX : BYTES_MAX / WITNESS_SCALE);
        if (segwit) {
            json.put("weightlimit", WEIGHT_MAX);
        }
        json.put("curtime", header.time());
        json.put("bits", String.format(java.util.Locale.ROOT, "%08x", template.bits()));
        json.put("height", height);
        params.signetChallenge().ifPresent(each -> json.put("signet_challenge", each.toHex()));
        if (coinbase.outputs().size() > 1) {
            TxOut commitment = coinbase.outputs().getLast();
            json.put("default_witness_commitment", commitment.scriptPubKey().toHex());
        }
        return json;
    }

    /// BIP-0009. Every rule that is voted on here lets miners vote who do not know it.
    ///
    /// @return the version, which votes for what is locked in, whatever the operator chose
    private int addRules(ObjectNode json, HeaderNode tip, int version) {
        ChainParams params = node.params();
        int height = tip.height() + 1;
        ArrayNode rules = json.putArray("rules").add("csv");
        if (height >= params.heights().segwit()) {
            rules.add("!segwit");
        }
        if (params.signetChallenge().isPresent()) {
            rules.add("!signet");
        }
        ObjectNode available = json.putObject("vbavailable");
        var states = new VersionBits(params);
        int votes = version;
        for (ChainParams.Deployment rule : params.deployments().all()) {
            switch (states.state(rule, tip)) {
                case STARTED -> available.put(rule.name(), rule.bit());
                case LOCKED_IN -> {
                    available.put(rule.name(), rule.bit());
                    votes |= 1 << rule.bit();
                }
                case ACTIVE -> rules.add(rule.name());
                case DEFINED, FAILED -> {}
            }
        }
        json.put("vbrequired", 0);
        return votes;
    }

    private static ArrayNode transactions(BlockTemplate template, boolean segwit) {
        Map<Txid, Integer> places = new HashMap<>();
        ArrayNode list = Json.array();
        for (MempoolEntry entry : template.entries()) {
            Transaction tx = entry.tx();
            ObjectNode json = list.addObject();
            json.put("data", Bytes.wrap(tx.toByteArray()).toHex());
            json.put("txid", tx.txid().toString());
            json.put("hash", tx.wtxid().toString());
            ArrayNode depends = json.putArray("depends");
            Stream<Integer> parents =
                    tx.inputs().stream().map(input -> places.get(input.prevout().txid()));
            parents.filter(java.util.Objects::nonNull).distinct().sorted().forEach(depends::add);
            json.put("fee", entry.fee());
            json.put("sigops", segwit ? entry.sigopCost() : entry.sigopCost() / WITNESS_SCALE);
            json.put("weight", tx.weight());
            places.put(tx.txid(), list.size());
        }
        return list;
    }
}
