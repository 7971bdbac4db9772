package weft.server.rpc;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import weft.consensus.script.Opcode;
import weft.consensus.script.ScriptBuilder;
import weft.primitives.Bytes;
import weft.primitives.OutPoint;
import weft.primitives.Transaction;
import weft.primitives.TxIn;
import weft.primitives.TxOut;
import weft.primitives.Txid;
import weft.primitives.address.Address;
import weft.primitives.address.AddressFault;
import weft.primitives.address.AddressPrefixes;
import weft.server.json.Json;

/// Makes unsigned transactions of what callers list.
final class TxConstruction {
    private static final long VERSION = 2;
    private static final long REPLACEABLE = TxIn.SEQUENCE_FINAL - 2;
    private static final long LOCK_TIME_MAX = 0xffff_ffffL;

    private final AddressPrefixes prefixes;

    TxConstruction(AddressPrefixes prefixes) {
        this.prefixes = prefixes;
    }

    /// The parameters that [#transaction] reads, for help and type checks.
    static RpcParam[] params() {
        return new RpcParam[] {
            RpcParam.required("inputs", ParamType.ARR, "Objects of txid, vout, and maybe sequence"),
            RpcParam.required(
                    "outputs",
                    ParamType.ANY,
                    "Addresses with amounts, and data in hex, as one object or as an array of"
                            + " objects with one key each"),
            RpcParam.optional(
                    "locktime", ParamType.NUM, "0", "The lock time; if not 0 it locks the inputs"),
            RpcParam.optional(
                    "replaceable",
                    ParamType.BOOL,
                    "true",
                    "Whether the inputs say that it may be replaced")
        };
    }

    /// A transaction of a call's arguments 0 to 3.
    Transaction transaction(RpcCall call) {
        JsonNode outputs = call.at(1);
        if (!outputs.isNull() && !outputs.isObject()) {
            JsonFields.expect(outputs, "array");
        }
        long lockTime = call.number(2, 0);
        if (lockTime < 0 || lockTime > LOCK_TIME_MAX) {
            throw RpcException.parameter("Invalid parameter, locktime out of range");
        }
        Boolean replaceable = call.has(3) ? call.bool(3) : null;
        List<TxIn> inputs = inputs(call.at(0), lockTime, replaceable);
        Transaction tx = Transaction.of(VERSION, inputs, outputs(outputs), List.of(), lockTime);
        boolean signals = inputs.stream().anyMatch(input -> input.sequence() <= REPLACEABLE);
        if (replaceable != null && replaceable && !inputs.isEmpty() && !signals) {
            throw RpcException.parameter(
                    "Invalid parameter combination: Sequence number(s) contradict replaceable"
                            + " option");
        }
        return tx;
    }

    private static List<TxIn> inputs(JsonNode list, long lockTime, @Nullable Boolean replaceable) {
        long usual = TxIn.SEQUENCE_FINAL;
        if (replaceable == null || replaceable) {
            usual = REPLACEABLE;
        } else if (lockTime != 0) {
            usual = TxIn.SEQUENCE_FINAL - 1;
        }
        var inputs = new ArrayList<TxIn>();
        for (JsonNode each : list) {
            JsonFields.expect(each, "object");
            Txid txid = Txid.parse(JsonFields.hash(each, "txid"));
            if (!each.path("vout").isNumber()) {
                throw RpcException.parameter("Invalid parameter, missing vout key");
            }
            int index = JsonFields.integer(each.path("vout"));
            if (index < 0) {
                throw RpcException.parameter("Invalid parameter, vout cannot be negative");
            }
            long sequence = usual;
            if (each.path("sequence").isNumber()) {
                sequence = RpcCall.whole(each.path("sequence"));
                if (sequence < 0 || sequence > TxIn.SEQUENCE_FINAL) {
                    throw RpcException.parameter(
                            "Invalid parameter, sequence number is out of range");
                }
            }
            inputs.add(new TxIn(new OutPoint(txid, index), Bytes.EMPTY, sequence));
        }
        return inputs;
    }

    private List<TxOut> outputs(JsonNode given) {
        if (given.isNull()) {
            throw RpcException.parameter("Invalid parameter, output argument must be non-null");
        }
        var pairs = new ArrayList<Map.Entry<String, JsonNode>>();
        if (given.isObject()) {
            pairs.addAll(Json.entries(given));
        } else {
            for (JsonNode each : given) {
                if (!each.isObject()) {
                    throw RpcException.parameter(
                            "Invalid parameter, key-value pair not an object as expected");
                }
                List<Map.Entry<String, JsonNode>> only = Json.entries(each);
                if (only.size() != 1) {
                    throw RpcException.parameter(
                            "Invalid parameter, key-value pair must contain exactly one key");
                }
                pairs.addAll(only);
            }
        }
        var values = new LinkedHashMap<String, JsonNode>();
        pairs.forEach(pair -> values.putIfAbsent(pair.getKey(), pair.getValue()));
        var outputs = new ArrayList<TxOut>();
        Set<Address> seen = new HashSet<>();
        boolean hasData = false;
        for (Map.Entry<String, JsonNode> pair : pairs) {
            String name = pair.getKey();
            JsonNode value = values.getOrDefault(name, pair.getValue());
            if (name.equals("data")) {
                if (hasData) {
                    throw RpcException.parameter("Invalid parameter, duplicate key: data");
                }
                hasData = true;
                outputs.add(data(value));
            } else {
                outputs.add(payment(name, value, seen));
            }
        }
        return outputs;
    }

    private static TxOut data(JsonNode value) {
        JsonNode text = value.isNumber() ? Json.text(Json.write(value)) : value;
        Bytes bytes = JsonFields.hex(text, "Data");
        return new TxOut(0, new ScriptBuilder().op(Opcode.OP_RETURN).push(bytes).build());
    }

    private TxOut payment(String name, JsonNode value, Set<Address> seen) {
        Address address = null;
        try {
            address = Address.parse(name, prefixes);
        } catch (AddressFault _) {
            // Said below, after the amount.
        }
        long amount = RpcCall.amount(value);
        if (address == null) {
            throw RpcException.notFound("Invalid Bitcoin address: " + name);
        }
        if (!seen.add(address)) {
            throw RpcException.parameter("Invalid parameter, duplicated address: " + name);
        }
        return new TxOut(amount, address.scriptPubKey());
    }
}
