package weft.server.rpc;

import static weft.server.rpc.RpcParam.optional;
import static weft.server.rpc.RpcParam.required;

import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import weft.consensus.script.Script;
import weft.primitives.Bytes;
import weft.primitives.address.Address;
import weft.primitives.address.AddressFault;
import weft.primitives.address.AddressPrefixes;
import weft.primitives.address.PrivateKey;

/// Addresses and descriptors.
public final class AddressRpc {
    private static final String CATEGORY = "util";
    private static final int SCRIPT_HASH_BYTES = 32;
    private static final int COMPRESSED_BYTES = 33;
    private static final Pattern WORD = Pattern.compile("[0-9A-Za-z]{40,}");

    private final NodeApi node;

    /// Methods over a node.
    public AddressRpc(NodeApi node) {
        this.node = node;
    }

    /// The methods.
    public List<RpcCommand> commands() {
        return List.of(
                RpcCommand.of(
                        CATEGORY,
                        "validateaddress",
                        "Says whether a text is an address, and of what.",
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
                        "The addresses of a descriptor with single keys (no xpub, no range).",
                        this::deriveAddresses,
                        required("descriptor", ParamType.STR, "The descriptor with its checksum"),
                        optional("range", ParamType.ANY, "", "Not for single keys")));
    }

    private JsonNode deriveAddresses(RpcCall call) {
        AddressPrefixes prefixes = node.params().addressPrefixes();
        String body = withPublicKeys(Descriptors.checked(call.text(0), true), prefixes);
        List<String> parts = List.of(body);
        if (body.startsWith("combo(") && body.endsWith(")")) {
            String key = body.substring("combo(".length(), body.length() - 1);
            String pkh = "pkh(" + key + ")";
            String wpkh = "wpkh(" + key + ")";
            boolean compressed = key.length() == 2 * COMPRESSED_BYTES;
            parts = compressed ? List.of(pkh, wpkh, "sh(" + wpkh + ")") : List.of(pkh);
        }
        ArrayNode json = Json.array();
        for (String each : parts) {
            Bytes script =
                    Descriptors.script(each, prefixes)
                            .orElseThrow(
                                    () ->
                                            RpcException.notFound(
                                                    "'"
                                                            + each
                                                            + "' is not a valid descriptor function"));
            if (call.size() > 1) {
                throw RpcException.parameter(
                        "Range should not be specified for an un-ranged descriptor");
            }
            json.add(
                    Address.of(script)
                            .map(address -> address.encode(prefixes))
                            .orElseThrow(
                                    () ->
                                            RpcException.notFound(
                                                    "Descriptor does not have a corresponding"
                                                            + " address")));
        }
        return json;
    }

    /// The same with public keys where private ones are written.
    private static String withPublicKeys(String descriptor, AddressPrefixes prefixes) {
        return WORD.matcher(descriptor)
                .replaceAll(
                        found ->
                                PrivateKey.parse(found.group(), prefixes)
                                        .map(key -> key.publicKey().toHex())
                                        .orElse(found.group()));
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
        String body = Descriptors.checked(call.text(0), false);
        Optional<Bytes> script = Descriptors.script(body, node.params().addressPrefixes());
        if (script.isEmpty()) {
            throw RpcException.notFound("'" + body + "' is not a valid descriptor function");
        }
        String checksum = Descriptors.checksum(body);
        return Json.object()
                .put("descriptor", body + "#" + checksum)
                .put("checksum", checksum)
                .put("isrange", false)
                .put("issolvable", !body.startsWith("raw(") && !body.startsWith("addr("))
                .put("hasprivatekeys", false);
    }
}
