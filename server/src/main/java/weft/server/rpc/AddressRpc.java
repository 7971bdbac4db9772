package weft.server.rpc;

import static weft.server.rpc.RpcParam.required;

import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import weft.consensus.script.Script;
import weft.primitives.Bytes;
import weft.primitives.address.Address;
import weft.primitives.address.AddressFault;

/// Addresses and descriptors.
public final class AddressRpc {
    private static final String CATEGORY = "util";
    private static final int SCRIPT_HASH_BYTES = 32;

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
                        required("descriptor", ParamType.STR, "The descriptor")));
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
