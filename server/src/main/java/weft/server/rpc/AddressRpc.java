package weft.server.rpc;

import static weft.server.rpc.RpcParam.optional;
import static weft.server.rpc.RpcParam.required;

import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import weft.consensus.script.OutputType;
import weft.consensus.script.Script;
import weft.primitives.Bytes;
import weft.primitives.address.Address;
import weft.primitives.address.AddressFault;
import weft.primitives.address.AddressPrefixes;
import weft.server.PeersApi;
import weft.server.json.Json;
import weft.wallet.descriptor.Descriptor;
import weft.wallet.sign.SigningProvider;

/// Addresses and descriptors.
public final class AddressRpc {
    private static final String CATEGORY = "util";
    private static final int SCRIPT_HASH_BYTES = 32;

    private final PeersApi node;

    /// Methods over a node.
    public AddressRpc(PeersApi node) {
        this.node = node;
    }

    /// The methods.
    public List<RpcCommand> commands() {
        return List.of(
                RpcCommand.of(
                        CATEGORY,
                        "validateaddress",
                        "Return information about the given bitcoin address.",
                        this::validateAddress,
                        required("address", ParamType.STR, "The text")),
                RpcCommand.of(
                        CATEGORY,
                        "getdescriptorinfo",
                        "Checks a descriptor and computes its checksum.",
                        this::getDescriptorInfo,
                        required("descriptor", ParamType.STR, "The descriptor")),
                RpcCommand.of(
                        CATEGORY,
                        "deriveaddresses",
                        "The addresses of a descriptor.",
                        this::deriveAddresses,
                        required("descriptor", ParamType.STR, "The descriptor with its checksum"),
                        optional(
                                "range",
                                ParamType.ANY,
                                "",
                                "The last number, or the first and the last, where the descriptor"
                                        + " has a *")));
    }

    private JsonNode deriveAddresses(RpcCall call) {
        AddressPrefixes prefixes = node.params().addressPrefixes();
        Descriptors.Range range = Descriptors.Range.ONE;
        if (call.size() >= 2 && call.has(1)) {
            range = Descriptors.Range.read(call.at(1));
        }
        var secrets = new SigningProvider();
        Descriptor descriptor = Descriptors.parse(call.text(0), prefixes, secrets, true);
        if (!descriptor.isRange() && call.size() > 1) {
            throw RpcException.parameter(
                    "Range should not be specified for an un-ranged descriptor");
        }
        if (descriptor.isRange() && call.size() == 1) {
            throw RpcException.parameter("Range must be specified for a ranged descriptor");
        }
        ArrayNode json = Json.array();
        for (long i = range.first(); i <= range.last(); i++) {
            List<Bytes> scripts =
                    descriptor
                            .expand((int) i, secrets, new SigningProvider())
                            .orElseThrow(
                                    () ->
                                            RpcException.notFound(
                                                    "Cannot derive script without private keys"));
            for (Bytes script : scripts) {
                Optional<Address> address = Address.of(script);
                if (address.isPresent()) {
                    json.add(address.get().encode(prefixes));
                } else if (scripts.size() == 1 || OutputType.of(script) != OutputType.PUBKEY) {
                    throw RpcException.notFound("Descriptor does not have a corresponding address");
                }
            }
        }
        return json;
    }

    private JsonNode validateAddress(RpcCall call) {
        ObjectNode json = Json.object();
        try {
            Address address = Address.parse(call.text(0), node.params().addressPrefixes());
            json.put("isvalid", true);
            json.put("address", address.encode(node.params().addressPrefixes()));
            json.put("scriptPubKey", address.scriptPubKey().toHex());
            describe(json, address);
        } catch (AddressFault e) {
            json.put("isvalid", false);
            ArrayNode positions = json.putArray("error_locations");
            e.positions().forEach(positions::add);
            json.put("error", String.valueOf(e.getMessage()));
        }
        return json;
    }

    private static void describe(ObjectNode json, Address address) {
        switch (address) {
            case Address.P2pkh _ -> json.put("isscript", false).put("iswitness", false);
            case Address.P2sh _ -> json.put("isscript", true).put("iswitness", false);
            case Address.WitnessProgram(int version, Bytes program) -> {
                var form = new Script.WitnessProgram(version, program);
                if (version == 0) {
                    json.put("isscript", program.length() == SCRIPT_HASH_BYTES);
                } else if (form.isTaproot() || form.isAnchor()) {
                    json.put("isscript", true);
                }
                json.put("iswitness", true);
                if (!form.isAnchor()) {
                    json.put("witness_version", version).put("witness_program", program.toHex());
                }
            }
        }
    }

    private JsonNode getDescriptorInfo(RpcCall call) {
        var secrets = new SigningProvider();
        String text = call.text(0);
        Descriptor descriptor =
                Descriptors.parse(text, node.params().addressPrefixes(), secrets, false);
        return Json.object()
                .put("descriptor", descriptor.text())
                .put("checksum", Descriptors.checksum(Descriptors.checked(text, false)))
                .put("isrange", descriptor.isRange())
                .put("issolvable", descriptor.isSolvable())
                .put("hasprivatekeys", secrets.hasPrivateKeys());
    }
}
