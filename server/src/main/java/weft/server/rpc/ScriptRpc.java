package weft.server.rpc;

import static weft.server.rpc.RpcParam.optional;
import static weft.server.rpc.RpcParam.required;

import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;
import weft.consensus.script.Opcode;
import weft.consensus.script.OutputType;
import weft.consensus.script.Script;
import weft.consensus.script.ScriptBuilder;
import weft.consensus.script.ScriptReader;
import weft.crypto.Secp256k1;
import weft.primitives.Bytes;
import weft.primitives.address.Address;
import weft.primitives.address.AddressPrefixes;
import weft.server.PeersApi;
import weft.server.json.Json;
import weft.wallet.descriptor.AddressKind;
import weft.wallet.descriptor.Descriptor;
import weft.wallet.sign.SigningProvider;

/// Scripts: what they are, and those of several signers.
public final class ScriptRpc {
    private static final int KEYS_MAX = 20;
    private static final int ELEMENT_BYTES_MAX = 520;

    private final PeersApi node;

    /// Methods over a node.
    public ScriptRpc(PeersApi node) {
        this.node = node;
    }

    /// The methods.
    public List<RpcCommand> commands() {
        return List.of(
                RpcCommand.of(
                        "rawtransactions",
                        "decodescript",
                        "Shows a script as an object, and how it looks behind its hash.",
                        this::decodeScript,
                        required("hexstring", ParamType.HEX, "The script; may be empty")),
                RpcCommand.of(
                        "util",
                        "createmultisig",
                        "Makes an address for which several keys must sign.",
                        this::createMultisig,
                        required("nrequired", ParamType.NUM, "How many of the keys must sign"),
                        required("keys", ParamType.ARR, "The public keys in hex"),
                        optional(
                                "address_type",
                                ParamType.STR,
                                "legacy",
                                "legacy, p2sh-segwit or bech32")));
    }

    private AddressPrefixes prefixes() {
        return node.params().addressPrefixes();
    }

    private String scriptHash(Bytes script) {
        return new Address.P2sh(SigningProvider.id(script)).encode(prefixes());
    }

    private JsonNode decodeScript(RpcCall call) {
        Bytes script =
                call.text(0).isEmpty() ? Bytes.EMPTY : JsonFields.hex(call.at(0), "argument");
        var transactions = new TxJson(node.params());
        ObjectNode json = transactions.script(script, new SigningProvider(), false);
        OutputType type = OutputType.of(script);
        if (!mayWrap(script, type)) {
            return json;
        }
        json.put("p2sh", scriptHash(script));
        if (mayWrapInWitness(script, type)) {
            var known = new SigningProvider();
            Bytes wrapped =
                    switch (type) {
                        case PUBKEY ->
                                witnessKeyHash(SigningProvider.id(OutputType.publicKey(script)));
                        case PUBKEYHASH -> witnessKeyHash(script.slice(3, 20));
                        default -> {
                            known.addScript(script);
                            yield PreviousOutputs.witnessScriptHash(script);
                        }
                    };
            json.set(
                    "segwit",
                    transactions
                            .script(wrapped, known, true)
                            .put("p2sh-segwit", scriptHash(wrapped)));
        }
        return json;
    }

    private static Bytes witnessKeyHash(Bytes id) {
        return new Address.WitnessProgram(0, id).scriptPubKey();
    }

    /// Whether it makes sense to put a script behind its hash.
    private static boolean mayWrap(Bytes script, OutputType type) {
        boolean fits =
                switch (type) {
                    case MULTISIG,
                            NONSTANDARD,
                            PUBKEY,
                            PUBKEYHASH,
                            WITNESS_V0_KEYHASH,
                            WITNESS_V0_SCRIPTHASH ->
                            true;
                    case NULLDATA, SCRIPTHASH, WITNESS_UNKNOWN, WITNESS_V1_TAPROOT, ANCHOR -> false;
                };
        if (!fits || !TxDecoding.hasValidOps(script) || Script.isUnspendable(script)) {
            return false;
        }
        ScriptReader reader = ScriptReader.of(script);
        while (reader.next()) {
            if (reader.opcode() == Opcode.OP_CHECKSIGADD || Opcode.isSuccess(reader.opcode())) {
                return false;
            }
        }
        return true;
    }

    private static boolean mayWrapInWitness(Bytes script, OutputType type) {
        return switch (type) {
            case MULTISIG ->
                    OutputType.multisigKeys(script).stream().allMatch(ScriptRpc::isCompressed);
            case PUBKEY -> isCompressed(OutputType.publicKey(script));
            case NONSTANDARD, PUBKEYHASH -> true;
            default -> false;
        };
    }

    private static boolean isCompressed(Bytes key) {
        return key.length() == Secp256k1.COMPRESSED_BYTES;
    }

    private static Bytes publicKey(String hex) {
        String name = "Pubkey \"" + hex + "\" must ";
        if (!RpcCall.isHex(hex)) {
            throw RpcException.notFound(name + "be a hex string");
        }
        Bytes key = Bytes.parse(hex);
        if (!isCompressed(key) && key.length() != Secp256k1.UNCOMPRESSED_BYTES) {
            throw RpcException.notFound(name + "have a length of either 33 or 65 bytes");
        }
        if (!Secp256k1.get().isValidPublicKey(key.toByteArray())) {
            throw RpcException.notFound(name + "be cryptographically valid.");
        }
        return key;
    }

    private JsonNode createMultisig(RpcCall call) {
        int required = call.integer(0);
        var keys = new ArrayList<Bytes>();
        for (JsonNode each : call.at(1)) {
            keys.add(publicKey(JsonFields.text(each)));
        }
        AddressKind asked = kind(call.text(2, AddressKind.LEGACY.wireName()));
        Bytes script = multisig(required, keys);
        AddressKind kind =
                keys.stream().allMatch(ScriptRpc::isCompressed) ? asked : AddressKind.LEGACY;
        if (kind == AddressKind.LEGACY && script.length() > ELEMENT_BYTES_MAX) {
            throw RpcException.parameter(
                    "redeemScript exceeds size limit: "
                            + script.length()
                            + " > "
                            + ELEMENT_BYTES_MAX);
        }
        var known = new SigningProvider();
        known.addScript(script);
        Bytes witness = PreviousOutputs.witnessScriptHash(script);
        known.addScript(witness);
        Bytes output =
                switch (kind) {
                    case LEGACY -> PreviousOutputs.scriptHash(script);
                    case P2SH_SEGWIT -> PreviousOutputs.scriptHash(witness);
                    case BECH32, BECH32M -> witness;
                };
        ObjectNode json = Json.object();
        json.put("address", Address.of(output).orElseThrow().encode(prefixes()));
        json.put("redeemScript", script.toHex());
        json.put("descriptor", Descriptor.infer(output, known, prefixes()).text());
        if (kind != asked) {
            json.putArray("warnings")
                    .add(
                            "Unable to make chosen address type, please ensure no uncompressed"
                                    + " public keys are present.");
        }
        return json;
    }

    private static AddressKind kind(String name) {
        AddressKind kind =
                AddressKind.parse(name)
                        .orElseThrow(
                                () -> RpcException.notFound("Unknown address type '" + name + "'"));
        if (kind == AddressKind.BECH32M) {
            throw RpcException.notFound("createmultisig cannot create bech32m multisig addresses");
        }
        return kind;
    }

    private static Bytes multisig(int required, List<Bytes> keys) {
        if (required < 1) {
            throw RpcException.parameter(
                    "a multisignature address must require at least one key to redeem");
        }
        if (keys.size() < required) {
            throw RpcException.parameter(
                    "not enough keys supplied (got "
                            + keys.size()
                            + " keys, but need at least "
                            + required
                            + " to redeem)");
        }
        if (keys.size() > KEYS_MAX) {
            throw RpcException.parameter(
                    "Number of keys involved in the multisignature address creation > "
                            + KEYS_MAX
                            + "\nReduce the number");
        }
        var script = new ScriptBuilder().number(required);
        keys.forEach(script::push);
        return script.number(keys.size()).op(Opcode.OP_CHECKMULTISIG).build();
    }
}
