package weft.p2p.record;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Supplier;
import weft.chain.api.HeaderNode;
import weft.primitives.Block;
import weft.primitives.BlockHash;
import weft.primitives.BlockHeader;
import weft.primitives.Bytes;
import weft.primitives.Now;
import weft.primitives.Transaction;
import weft.primitives.Wtxid;
import weft.primitives.codec.ByteReader;
import weft.primitives.codec.MalformedBytes;
import weft.wire.BlockMessage;
import weft.wire.Message;
import weft.wire.MessageCodec;
import weft.wire.Negotiated;
import weft.wire.NetAddress;
import weft.wire.NetworkId;
import weft.wire.Ping;
import weft.wire.Subnet;
import weft.wire.TxMessage;
import weft.wire.Unknown;

/// Reads what [FormWriter] wrote. Whatever else the bytes are, it throws [MalformedBytes].
final class FormReader {
    private final Lately lately = new Lately();
    private final List<HeaderNode> headers = new ArrayList<>();
    private ByteReader in = ByteReader.of(new byte[0]);

    /// Goes on with these bytes; the last ones must be read to their end.
    FormReader open(Bytes bytes) {
        in = ByteReader.of(bytes.backingArray(), bytes.backingOffset(), bytes.length());
        return this;
    }

    void expectEnd() {
        in.expectEnd();
    }

    ByteReader raw() {
        return in;
    }

    int u8() {
        return in.u8();
    }

    boolean bool() {
        return in.bool();
    }

    int i32() {
        return in.i32();
    }

    long i64() {
        return in.i64();
    }

    long count() {
        return in.compactSizeUnlimited();
    }

    Bytes bytes() {
        return in.varBytes();
    }

    String text() {
        return new String(bytes().toByteArray(), StandardCharsets.UTF_8);
    }

    <T> List<T> list(Supplier<T> element) {
        return in.list(ByteReader.MAX_SIZE, 1, _ -> element.get());
    }

    <T> Optional<T> maybe(Supplier<T> value) {
        return bool() ? Optional.of(value.get()) : Optional.empty();
    }

    /// One of the constants of an enumeration, by its number.
    <T> T oneOf(T[] constants) {
        int number = u8();
        if (number >= constants.length) {
            throw new MalformedBytes("no constant has the number " + number);
        }
        return constants[number];
    }

    Now now() {
        long nanos = i64();
        long seconds = i64();
        return valid(() -> new Now(nanos, Instant.ofEpochSecond(seconds, i32())));
    }

    /// A value whose constructor may refuse.
    static <T> T valid(Supplier<T> value) {
        try {
            return value.get();
        } catch (IllegalArgumentException | java.time.DateTimeException | ArithmeticException e) {
            throw new MalformedBytes(String.valueOf(e.getMessage()));
        }
    }

    NetAddress address() {
        NetworkId network = oneOf(NetworkId.values());
        Bytes address = bytes();
        int port = i32();
        return valid(() -> new NetAddress(network, address, port));
    }

    Subnet subnet() {
        NetAddress base = address();
        Bytes mask = bytes();
        return valid(() -> new Subnet(base, mask));
    }

    Message message() {
        return switch (u8()) {
            case FormWriter.MESSAGE_DECODED -> {
                String command = text();
                Bytes payload = bytes();
                // A command that is too long comes from damage only: the wire has no room for it.
                yield valid(() -> MessageCodec.decode(command, payload, Negotiated.CURRENT));
            }
            case FormWriter.MESSAGE_RAW -> {
                String command = text();
                Bytes payload = bytes();
                yield valid(() -> new Unknown(command, payload));
            }
            case FormWriter.MESSAGE_TX -> {
                Transaction.Encoding encoding = oneOf(Transaction.Encoding.values());
                yield new TxMessage(tx(), encoding);
            }
            case FormWriter.MESSAGE_BLOCK -> {
                Transaction.Encoding encoding = oneOf(Transaction.Encoding.values());
                yield new BlockMessage(block(), encoding);
            }
            case FormWriter.MESSAGE_PING -> new Ping(OptionalLong.empty());
            default -> throw new MalformedBytes("no message has this form");
        };
    }

    Transaction tx() {
        if (bool()) {
            return lately.tx(Wtxid.read(in));
        }
        Transaction tx = Transaction.read(in);
        lately.add(tx);
        return tx;
    }

    Block block() {
        if (bool()) {
            return lately.block(BlockHash.read(in));
        }
        Block block = Block.read(in);
        lately.add(block);
        return block;
    }

    HeaderNode node() {
        long id = count();
        while (headers.size() <= id) {
            headers.add(row());
        }
        if (id < 0) {
            throw new MalformedBytes("no header has the number " + id);
        }
        return headers.get((int) id);
    }

    private HeaderNode row() {
        BlockHeader header = BlockHeader.read(in);
        long parent = count() - 1;
        var work = new BigInteger(1, bytes().toByteArray());
        boolean first = headers.isEmpty() && parent == -1;
        if (!first && (parent < 0 || parent >= headers.size())) {
            throw new MalformedBytes("a header stands on none");
        }
        return valid(
                () ->
                        first
                                ? HeaderNode.genesis(header, work)
                                : HeaderNode.of(
                                        header, header.hash(), headers.get((int) parent), work));
    }

    List<HeaderNode> nodes() {
        return list(this::node);
    }
}
