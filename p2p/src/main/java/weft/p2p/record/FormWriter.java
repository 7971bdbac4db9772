package weft.p2p.record;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import weft.chain.api.HeaderNode;
import weft.chain.api.HeaderTable;
import weft.primitives.Block;
import weft.primitives.Bytes;
import weft.primitives.Check;
import weft.primitives.Now;
import weft.primitives.Transaction;
import weft.primitives.codec.ByteWriter;
import weft.wire.BlockMessage;
import weft.wire.Message;
import weft.wire.NetAddress;
import weft.wire.Ping;
import weft.wire.Subnet;
import weft.wire.TxMessage;
import weft.wire.Unknown;

/// Writes the parts that inputs are made of. Headers are written once each and named by their numbers from
/// then on; transactions and blocks that came by lately are named by their hashes. [FormReader] is its twin:
/// it must read all that was written, in the same order.
final class FormWriter {
    static final int MESSAGE_DECODED = 0;
    static final int MESSAGE_RAW = 1;
    static final int MESSAGE_TX = 2;
    static final int MESSAGE_BLOCK = 3;
    static final int MESSAGE_PING = 4;

    private final Lately lately = new Lately();
    private ByteWriter out = new ByteWriter();
    private @Nullable HeaderTable table;
    private int headers;

    /// The bytes since the last call.
    Bytes take() {
        Bytes all = out.toBytes();
        out = new ByteWriter();
        return all;
    }

    FormWriter u8(int value) {
        out.u8(value);
        return this;
    }

    FormWriter bool(boolean value) {
        out.bool(value);
        return this;
    }

    FormWriter i32(int value) {
        out.i32(value);
        return this;
    }

    FormWriter i64(long value) {
        out.i64(value);
        return this;
    }

    /// A number that is small most of the time.
    FormWriter count(long value) {
        out.compactSize(value);
        return this;
    }

    FormWriter bytes(Bytes value) {
        out.varBytes(value);
        return this;
    }

    FormWriter text(String value) {
        return bytes(Bytes.wrap(value.getBytes(StandardCharsets.UTF_8)));
    }

    /// A hash or anything else that knows how to write itself.
    FormWriter self(Consumer<ByteWriter> value) {
        value.accept(out);
        return this;
    }

    <T> FormWriter list(List<T> elements, Consumer<T> element) {
        count(elements.size());
        elements.forEach(element);
        return this;
    }

    <T> FormWriter maybe(Optional<T> value, Consumer<T> present) {
        bool(value.isPresent());
        value.ifPresent(present);
        return this;
    }

    FormWriter now(Now now) {
        Instant wall = now.wall();
        return i64(now.monotonicNanos()).i64(wall.getEpochSecond()).i32(wall.getNano());
    }

    FormWriter address(NetAddress address) {
        return u8(address.network().ordinal()).bytes(address.address()).i32(address.port());
    }

    FormWriter subnet(Subnet subnet) {
        return address(subnet.base()).bytes(subnet.mask());
    }

    FormWriter message(Message message) {
        switch (message) {
            case Unknown(String command, Bytes payload) ->
                    u8(MESSAGE_RAW).text(command).bytes(payload);
            case TxMessage(Transaction tx, var encoding) ->
                    u8(MESSAGE_TX).u8(encoding.ordinal()).tx(tx);
            case BlockMessage(Block block, var encoding) ->
                    u8(MESSAGE_BLOCK).u8(encoding.ordinal()).block(block);
            case Ping(var nonce) when nonce.isEmpty() -> u8(MESSAGE_PING);
            default -> u8(MESSAGE_DECODED).text(message.command()).bytes(message.payload());
        }
        return this;
    }

    FormWriter tx(Transaction tx) {
        boolean known = lately.knows(tx);
        bool(known);
        if (known) {
            tx.wtxid().write(out);
        } else {
            tx.write(out);
            lately.add(tx);
        }
        return this;
    }

    FormWriter block(Block block) {
        boolean known = lately.knows(block);
        bool(known);
        if (known) {
            block.hash().write(out);
        } else {
            block.write(out);
            lately.add(block);
        }
        return this;
    }

    /// The number of a header, after all headers up to it that were not written yet.
    FormWriter node(HeaderNode node) {
        HeaderTable of = node.table();
        Check.state(table == null || table == of, "headers are of one table");
        table = of;
        count(node.id());
        for (; headers <= node.id(); headers++) {
            row(of.at(headers));
        }
        return this;
    }

    private void row(HeaderNode node) {
        HeaderNode parent = node.parent();
        node.header().write(out);
        count(parent == null ? 0 : parent.id() + 1L);
        var work =
                parent == null ? node.chainWork() : node.chainWork().subtract(parent.chainWork());
        bytes(Bytes.wrap(work.toByteArray()));
    }

    FormWriter nodes(List<HeaderNode> all) {
        return list(all, this::node);
    }
}
