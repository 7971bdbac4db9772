package weft.app.tools;

import java.lang.reflect.RecordComponent;
import java.util.Collection;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import weft.primitives.Block;
import weft.primitives.Bytes;
import weft.primitives.Transaction;
import weft.primitives.TxIn;
import weft.primitives.TxOut;
import weft.server.json.Json;
import weft.wire.Message;
import weft.wire.NetAddress;

/// The fields of a message as JSON: of each record its components, by name. Every message is a record, so a
/// new one needs nothing here.
final class MessageFields {
    private MessageFields() {}

    static JsonNode of(Message message) {
        return of((Object) message);
    }

    private static JsonNode of(@Nullable Object value) {
        return switch (value) {
            case null -> Json.nothing();
            case Boolean flag -> Json.bool(flag);
            case Integer number -> Json.number(number);
            case Long number -> Json.number(number);
            case Bytes bytes -> Json.text(bytes.toHex());
            case NetAddress address -> Json.text(address.toString());
            case Transaction tx -> tx(tx);
            case Block block -> block(block);
            case Optional<?> some -> some.isPresent() ? of(some.get()) : Json.nothing();
            case OptionalLong some ->
                    some.isPresent() ? Json.number(some.getAsLong()) : Json.nothing();
            case OptionalInt some ->
                    some.isPresent() ? Json.number(some.getAsInt()) : Json.nothing();
            case Collection<?> many -> {
                ArrayNode array = Json.array();
                many.forEach(each -> array.add(of(each)));
                yield array;
            }
            case weft.primitives.Hash256 hash -> Json.text(hash.toString());
            case Record some -> record(some);
            default -> Json.text(value.toString());
        };
    }

    private static ObjectNode record(Record value) {
        ObjectNode json = Json.object();
        for (RecordComponent each : value.getClass().getRecordComponents()) {
            try {
                json.set(each.getName(), of(each.getAccessor().invoke(value)));
            } catch (ReflectiveOperationException e) {
                // Not for others to see: then its text must do.
                json.put(each.getName(), e.getClass().getSimpleName());
            }
        }
        return json;
    }

    private static ObjectNode tx(Transaction tx) {
        ObjectNode json = Json.object();
        json.put("txid", tx.txid().toString())
                .put("wtxid", tx.wtxid().toString())
                .put("version", tx.version())
                .put("vsize", tx.vsize())
                .put("locktime", tx.lockTime());
        ArrayNode inputs = json.putArray("inputs");
        for (TxIn each : tx.inputs()) {
            inputs.add(each.prevout().txid() + ":" + each.prevout().index());
        }
        ArrayNode outputs = json.putArray("outputs");
        for (TxOut each : tx.outputs()) {
            outputs.addObject()
                    .put("satoshis", each.value())
                    .put("script", each.scriptPubKey().toHex());
        }
        return json;
    }

    /// With the ids of its transactions only; their bytes are in `tx`.
    private static ObjectNode block(Block block) {
        ObjectNode json = Json.object();
        json.put("hash", block.hash().toString()).put("size", block.totalSize());
        json.set("header", of(block.header()));
        ArrayNode txids = json.putArray("txids");
        block.transactions().forEach(each -> txids.add(each.txid().toString()));
        return json;
    }
}
