package weft.server.rpc;

import static weft.server.rpc.RpcParam.optional;
import static weft.server.rpc.RpcParam.required;

import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import weft.primitives.Bytes;
import weft.primitives.Transaction;
import weft.primitives.TxIn;
import weft.primitives.codec.MalformedBytes;
import weft.server.NodeApi;
import weft.server.json.Json;
import weft.wallet.psbt.Psbt;
import weft.wallet.psbt.PsbtAnalysis;
import weft.wallet.psbt.PsbtInput;
import weft.wallet.psbt.PsbtSigner;
import weft.wallet.sign.SigningProvider;

/// Transactions that are not finished yet, in the form of BIP-0174.
public final class PsbtRpc {
    private static final String CATEGORY = "rawtransactions";

    private final NodeApi node;
    private final PsbtUpdate update;

    /// Methods over a node.
    public PsbtRpc(NodeApi node) {
        this.node = node;
        this.update = new PsbtUpdate(node);
    }

    /// The methods.
    public List<RpcCommand> commands() {
        RpcParam psbt = required("psbt", ParamType.STR, "The PSBT in base 64");
        return Stream.of(making(psbt), updates(psbt)).flatMap(List::stream).toList();
    }

    private List<RpcCommand> making(RpcParam psbt) {
        RpcParam several = required("txs", ParamType.ARR, "The PSBTs in base 64");
        return List.of(
                command(
                        "createpsbt",
                        "Makes an unsigned transaction as a PSBT.",
                        this::create,
                        TxConstruction.params()),
                command(
                        "converttopsbt",
                        "Makes a PSBT of a transaction.",
                        this::convert,
                        required("hexstring", ParamType.STR, "The transaction"),
                        optional(
                                "permitsigdata",
                                ParamType.BOOL,
                                "false",
                                "Whether signatures that are there are dropped; else they are"
                                        + " refused"),
                        optional(
                                "iswitness",
                                ParamType.BOOL,
                                "either way",
                                "Whether it is encoded with witnesses")),
                command("decodepsbt", "Shows a PSBT as an object.", this::decode, psbt),
                command("combinepsbt", "Joins what several signers did.", this::combine, several),
                command(
                        "finalizepsbt",
                        "Makes finished scripts of signatures, and the finished transaction if all"
                                + " are there.",
                        this::finish,
                        psbt,
                        optional(
                                "extract",
                                ParamType.BOOL,
                                "true",
                                "Whether the finished transaction is given instead of the PSBT")),
                command(
                        "joinpsbts",
                        "Makes one PSBT with the inputs and outputs of several, in random order.",
                        this::join,
                        several),
                command("analyzepsbt", "Says what a PSBT still needs.", this::analyze, psbt));
    }

    private List<RpcCommand> updates(RpcParam psbt) {
        String descriptors = "Descriptors, or objects with desc and range";
        return List.of(
                command(
                        "utxoupdatepsbt",
                        "Adds to a PSBT what the chain, the mempool and descriptors tell.",
                        this::updateCoins,
                        psbt,
                        optional("descriptors", ParamType.ARR, "", descriptors)),
                processCommand(psbt, required("descriptors", ParamType.ARR, descriptors)));
    }

    private RpcCommand processCommand(RpcParam psbt, RpcParam descriptors) {
        return command(
                "descriptorprocesspsbt",
                "Adds to a PSBT what the chain, the mempool and descriptors tell, and signs"
                        + " with the private keys in the descriptors.",
                this::process,
                psbt,
                descriptors,
                optional(
                        "sighashtype",
                        ParamType.STR,
                        "DEFAULT for Taproot, ALL otherwise",
                        "What the signatures sign"),
                optional(
                        "bip32derivs",
                        ParamType.BOOL,
                        "true",
                        "Whether it is told where keys come from"),
                optional(
                        "finalize",
                        ParamType.BOOL,
                        "true",
                        "Whether complete signatures become finished scripts"));
    }

    private static RpcCommand command(
            String name, String text, RpcCommand.Action action, RpcParam... params) {
        return RpcCommand.of(CATEGORY, name, text, action, params);
    }

    private static Psbt parse(JsonNode value) {
        try {
            return Psbt.parse(JsonFields.text(value));
        } catch (MalformedBytes e) {
            throw new RpcException(
                    RpcError.DESERIALIZATION_ERROR, "TX decode failed " + MalformedText.of(e));
        }
    }

    private static List<Psbt> parseAll(JsonNode list) {
        var psbts = new ArrayList<Psbt>();
        list.forEach(each -> psbts.add(parse(each)));
        return psbts;
    }

    private JsonNode create(RpcCall call) {
        var construction = new TxConstruction(node.params().addressPrefixes());
        return Json.text(Psbt.of(construction.transaction(call)).toBase64());
    }

    private JsonNode convert(RpcCall call) {
        Boolean witness = call.has(2) ? call.bool(2) : null;
        Transaction tx = TxDecoding.parse(call.text(0), witness, "TX decode failed");
        boolean signed =
                tx.hasWitness()
                        || tx.inputs().stream().anyMatch(input -> !input.scriptSig().isEmpty());
        if (signed && !call.bool(1, false)) {
            throw new RpcException(
                    RpcError.DESERIALIZATION_ERROR,
                    "Inputs must not have scriptSigs and scriptWitnesses");
        }
        List<TxIn> bare =
                tx.inputs().stream()
                        .map(each -> new TxIn(each.prevout(), Bytes.EMPTY, each.sequence()))
                        .toList();
        Transaction unsigned =
                Transaction.of(tx.version(), bare, tx.outputs(), List.of(), tx.lockTime());
        return Json.text(Psbt.of(unsigned).toBase64());
    }

    private JsonNode decode(RpcCall call) {
        return new PsbtJson(new TxJson(node.params())).psbt(parse(call.at(0)));
    }

    private JsonNode combine(RpcCall call) {
        if (call.at(0).isEmpty()) {
            throw RpcException.parameter("Parameter 'txs' cannot be empty");
        }
        List<Psbt> psbts = parseAll(call.at(0));
        Psbt first = psbts.getFirst();
        for (Psbt each : psbts.subList(1, psbts.size())) {
            if (!first.combine(each)) {
                throw RpcException.parameter("PSBTs not compatible (different transactions)");
            }
        }
        return Json.text(first.toBase64());
    }

    private JsonNode finish(RpcCall call) {
        Psbt psbt = parse(call.at(0));
        Transaction tx = new PsbtSigner(psbt).extract().orElse(null);
        ObjectNode json = Json.object();
        if (tx != null && call.bool(1, true)) {
            json.put("hex", SignRpc.hex(tx));
        } else {
            json.put("psbt", psbt.toBase64());
        }
        return json.put("complete", tx != null);
    }

    private JsonNode join(RpcCall call) {
        if (call.at(0).size() <= 1) {
            throw RpcException.parameter("At least two PSBTs are required to join PSBTs.");
        }
        List<Psbt> psbts = parseAll(call.at(0));
        Set<TxIn> seen = new HashSet<>();
        for (Psbt each : psbts) {
            for (TxIn input : each.tx().inputs()) {
                if (!seen.add(input)) {
                    throw RpcException.parameter(
                            "Input " + input.prevout() + " exists in multiple PSBTs");
                }
            }
        }
        var random = new SecureRandom();
        return Json.text(
                Psbt.join(
                                psbts,
                                count -> {
                                    var order =
                                            new ArrayList<>(
                                                    IntStream.range(0, count).boxed().toList());
                                    Collections.shuffle(order, random);
                                    return order;
                                })
                        .orElseThrow()
                        .toBase64());
    }

    private JsonNode analyze(RpcCall call) {
        PsbtAnalysis analysis = PsbtAnalysis.of(parse(call.at(0)));
        ObjectNode json = Json.object();
        if (!analysis.inputs().isEmpty()) {
            ArrayNode inputs = json.putArray("inputs");
            analysis.inputs().forEach(each -> inputs.add(analysis(each)));
        }
        analysis.vsize().ifPresent(size -> json.put("estimated_vsize", size));
        analysis.vsize()
                .ifPresent(
                        size ->
                                json.set(
                                        "estimated_feerate",
                                        Json.amount(analysis.fee().orElseThrow() * 1_000 / size)));
        analysis.fee().ifPresent(fee -> json.set("fee", Json.amount(fee)));
        json.put("next", analysis.next().wireName());
        if (!analysis.error().isEmpty()) {
            json.put("error", analysis.error());
        }
        return json;
    }

    private static ObjectNode analysis(PsbtAnalysis.Input input) {
        ObjectNode json = Json.object();
        json.put("has_utxo", input.hasCoin());
        json.put("is_final", input.isFinal());
        json.put("next", input.next().wireName());
        PsbtAnalysis.Missing missing = input.missing();
        if (!missing.isEmpty()) {
            ObjectNode each = json.putObject("missing");
            list(each, "pubkeys", missing.publicKeys());
            Bytes redeemScript = missing.redeemScript();
            if (redeemScript != null) {
                each.put("redeemscript", redeemScript.toHex());
            }
            Bytes witnessScript = missing.witnessScript();
            if (witnessScript != null) {
                each.put("witnessscript", witnessScript.toHex());
            }
            list(each, "signatures", missing.signatures());
        }
        return json;
    }

    private static void list(ObjectNode json, String name, List<Bytes> hashes) {
        if (!hashes.isEmpty()) {
            ArrayNode list = json.putArray(name);
            hashes.forEach(each -> list.add(each.toHex()));
        }
    }

    private JsonNode updateCoins(RpcCall call) {
        var known = new SigningProvider();
        for (JsonNode each : call.at(1)) {
            Descriptors.scripts(each, node.params().addressPrefixes(), known, false);
        }
        Psbt psbt = parse(call.at(0));
        update.update(psbt, known.withoutSecrets(), 1, false);
        return Json.text(psbt.toBase64());
    }

    private JsonNode process(RpcCall call) {
        var known = new SigningProvider();
        for (JsonNode each : call.at(1)) {
            Descriptors.scripts(each, node.params().addressPrefixes(), known, true);
        }
        int hashType = SignRpc.hashType(call.at(2));
        boolean withOrigins = call.bool(3, true);
        Psbt psbt = parse(call.at(0));
        update.update(
                psbt, withOrigins ? known : known.withoutOrigins(), hashType, call.bool(4, true));
        boolean complete = psbt.inputs().stream().allMatch(PsbtInput::isSigned);
        ObjectNode json = Json.object();
        json.put("psbt", psbt.toBase64());
        json.put("complete", complete);
        if (complete) {
            json.put("hex", SignRpc.hex(new PsbtSigner(psbt).extract().orElseThrow()));
        }
        return json;
    }
}
