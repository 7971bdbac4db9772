package weft.app.vectors;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import weft.primitives.Block;
import weft.primitives.Bytes;
import weft.primitives.Digest256;
import weft.primitives.codec.ByteReader;
import weft.primitives.codec.ByteWriter;
import weft.primitives.codec.MalformedBytes;
import weft.wire.Addr;
import weft.wire.AddrV2;
import weft.wire.AddressEntry;
import weft.wire.CmpctBlock;
import weft.wire.FilterLoad;
import weft.wire.Headers;
import weft.wire.MerkleBlock;
import weft.wire.Message;
import weft.wire.MessageCodec;
import weft.wire.Negotiated;
import weft.wire.NetAddress;
import weft.wire.NetworkId;
import weft.wire.transport.Magic;
import weft.wire.transport.Transport;
import weft.wire.transport.TransportEvent;

/// Messages and addresses as bytes.
final class WireVectors {
    private static final Bytes PORT = Bytes.parse("208d");
    private static final int HEADER_BYTES = 24;

    private WireVectors() {}

    private static Message decode(String command, Bytes payload) {
        return MessageCodec.decode(command, payload, Negotiated.CURRENT);
    }

    private static <M extends Message> M decode(Class<M> kind, String command, Bytes payload) {
        Message message = decode(command, payload);
        if (!kind.isInstance(message)) {
            throw new Mismatch(command + " is read as " + message.command());
        }
        Expect.same("the payload written again", payload, message.payload());
        return kind.cast(message);
    }

    /// `messages_bitcore.json`: complete messages by name.
    static void messages(VectorFile file, Cases cases) {
        for (var each : file.json().properties()) {
            String name = each.getKey();
            cases.run(
                    name,
                    () -> {
                        byte[] bytes = Vector.hex(each.getValue(), "message");
                        ByteReader in = ByteReader.of(bytes);
                        in.skip(4);
                        String command = in.slice(12).toLatin1().replace("\0", "");
                        Bytes payload = Bytes.wrap(bytes).from(HEADER_BYTES);
                        Message message = decode(command, payload);
                        if (!(message instanceof FilterLoad)) {
                            Expect.same("the payload", payload, message.payload());
                        }
                    });
        }
    }

    /// `connection_2014.bin`: what a peer sent, through the transport.
    static void connection(VectorFile file, Cases cases) {
        byte[] bytes = file.bytes();
        int taken = 0;
        try (Transport transport = Transport.v1(0, Magic.MAIN)) {
            transport.push(bytes, 0, bytes.length);
            for (var event = transport.next(); event.isPresent(); event = transport.next()) {
                TransportEvent each = event.get();
                if (each instanceof TransportEvent.Received(var frame)) {
                    taken += frame.wireBytes();
                    cases.run(
                            frame.command() + " before byte " + taken,
                            () -> {
                                Message message = decode(frame.command(), frame.payload());
                                Expect.same("the payload", frame.payload(), message.payload());
                            });
                } else {
                    cases.run("byte " + taken, () -> Expect.same("the event", "a message", each));
                }
            }
        }
        int whole = taken;
        cases.run("end", () -> Expect.same("bytes in messages", bytes.length, whole));
    }

    private static NetAddress readV2(String hex) {
        ByteReader in = ByteReader.of(Bytes.parse(hex).plus(PORT).toByteArray());
        NetAddress address = NetAddress.readV2(in);
        in.expectEnd();
        return address;
    }

    /// `bip155_addrv2.json`.
    static void addresses(VectorFile file, Cases cases) {
        JsonNode all = file.json();
        section(all, "serialize", cases, WireVectors::serialize);
        section(all, "deserialize_v2", cases, WireVectors::deserialize);
        section(all, "not_parsed", cases, WireVectors::notParsed);
        section(all, "net_groups", cases, WireVectors::netGroup);
        cases.run("payloads", () -> payloads(all));
    }

    private interface Check {
        void run(JsonNode each);
    }

    private static void section(JsonNode all, String name, Cases cases, Check check) {
        int index = -1;
        for (JsonNode each : all.path(name)) {
            index++;
            cases.run(name + " #" + index, () -> check.run(each));
        }
    }

    private static void serialize(JsonNode each) {
        String text = each.required("address").asString();
        String second = each.required("v2").asString();
        NetAddress address =
                text.endsWith(".internal") ? readV2(second) : NetAddress.parse(text, 8333);
        var v1 = new ByteWriter();
        address.withPort(8333).writeV1(v1);
        Expect.same("v1", Vector.bytes(each.required("v1")).plus(PORT), v1.toBytes());
        var v2 = new ByteWriter();
        address.withPort(8333).writeV2(v2);
        Expect.same("v2", Bytes.parse(second).plus(PORT), v2.toBytes());
    }

    private static void deserialize(JsonNode each) {
        String hex = each.required("hex").asString();
        if (each.has("error")) {
            Optional<NetAddress> read = Optional.empty();
            try {
                read = Optional.of(readV2(hex));
            } catch (MalformedBytes _) {
                // As expected.
            }
            Expect.same("what is read", Optional.empty(), read);
            return;
        }
        NetAddress address = readV2(hex);
        Expect.same("validity", each.required("valid").asBoolean(), address.isValid());
        if (each.has("text")) {
            Expect.same("the text", each.get("text").asString(), address.addressText());
        }
        if (each.has("network")) {
            String network = address.network().name().toLowerCase(Locale.ROOT);
            Expect.same("the network", each.get("network").asString(), network);
        }
        if (each.has("v1_compatible")) {
            boolean wanted = each.get("v1_compatible").asBoolean();
            Expect.same("whether v1 can say it", wanted, address.isV1Compatible());
        }
    }

    private static void notParsed(JsonNode each) {
        Optional<NetAddress> read = Optional.empty();
        try {
            read = Optional.of(NetAddress.parse(each.required("address").asString(), 8333));
        } catch (IllegalArgumentException _) {
            // As expected.
        }
        Expect.same("what is parsed", Optional.empty(), read);
    }

    private static void netGroup(JsonNode each) {
        var wanted = new ByteWriter();
        for (JsonNode part : each.required("group")) {
            if (part.isString()) {
                NetworkId network =
                        Stream.of(NetworkId.values())
                                .filter(id -> id.label().equals(part.asString()))
                                .findFirst()
                                .orElseThrow();
                wanted.u8(network.number());
            } else {
                wanted.u8(part.asInt());
            }
        }
        NetAddress address = NetAddress.parse(each.required("address").asString(), 8333);
        Expect.same("the group", wanted.toBytes(), address.netGroup());
    }

    private static void payloads(JsonNode all) {
        List<AddressEntry> entries =
                all.required("addr_message_entries")
                        .valueStream()
                        .map(
                                each ->
                                        new AddressEntry(
                                                each.required("time").asLong(),
                                                each.required("services").asLong(),
                                                NetAddress.parse(
                                                        each.required("address").asString(),
                                                        each.required("port").asInt())))
                        .toList();
        Bytes v1 = Vector.bytes(all.required("addr_message_payload_v1"));
        Expect.same("addr", entries, decode(Addr.class, "addr", v1).entries());
        Bytes v2 = Vector.bytes(all.required("addr_message_payload_v2"));
        Expect.same("addrv2", entries, decode(AddrV2.class, "addrv2", v2).entries());
    }

    /// Fixed seeds as text, with the same as bytes beside it.
    static void seeds(VectorFile file, Cases cases) {
        String network = file.stem().substring(file.stem().lastIndexOf('_') + 1);
        VectorFile bytes =
                file.beside("fixed_seeds_" + network + ".bip155.bin")
                        .orElseThrow(() -> new NotThere("the same seeds as bytes are not there"));
        ByteReader in = bytes.reader();
        int line = 0;
        for (String text : file.lines()) {
            line++;
            String address = text.replaceFirst("#.*", "").strip();
            if (!address.isEmpty()) {
                cases.run(
                        "line " + line,
                        () -> {
                            NetAddress read = NetAddress.readV2(in);
                            NetAddress wanted = NetAddress.parse(address, 8333).flipToCjdns();
                            Expect.same("the address", wanted, read);
                        });
            }
        }
        cases.run("end", in::expectEnd);
    }

    /// Fixed seeds as bytes, alone.
    static void seedBytes(VectorFile file, Cases cases) {
        ByteReader in = file.reader();
        while (!in.isAtEnd()) {
            int begin = in.position();
            NetAddress address = NetAddress.readV2(in);
            cases.run(
                    "byte " + begin,
                    () -> {
                        var out = new ByteWriter();
                        address.writeV2(out);
                        byte[] bytes = out.toByteArray();
                        byte[] source = Arrays.copyOfRange(in.array(), begin, begin + bytes.length);
                        Expect.same("the bytes written again", source, bytes);
                    });
        }
    }

    /// `compactHEIGHT.raw`, with its block where the folder has it.
    static void compact(VectorFile file, Cases cases) {
        cases.run(
                "message",
                () -> {
                    Bytes payload = Bytes.wrap(file.bytes());
                    CmpctBlock compact = decode(CmpctBlock.class, "cmpctblock", payload);
                    Expect.holds(
                            "there is a coinbase",
                            compact.prefilled().getFirst().tx().isCoinbase());
                    String digits = file.stem().replaceAll("[^0-9]", "");
                    Optional<Block> block = block(file, Integer.parseInt(digits));
                    if (block.isPresent()) {
                        Expect.same("the header", block.get().header(), compact.header());
                        int count = block.get().transactions().size();
                        Expect.same("transactions", count, compact.transactionCount());
                    }
                });
    }

    /// The block of a height on any network, two folders up.
    private static Optional<Block> block(VectorFile file, int height) {
        Path blocks = file.path().toAbsolutePath().normalize().resolve("../../../blocks");
        String name = String.format(Locale.ROOT, "%07d.blk", height);
        if (!Files.isDirectory(blocks.normalize())) {
            return Optional.empty();
        }
        try (Stream<Path> networks = Files.list(blocks.normalize())) {
            for (Path network : networks.sorted().toList()) {
                var beside = new VectorFile(network.resolve("x")).beside(name);
                if (beside.isPresent()) {
                    return Optional.of(BlockVectors.read(beside.get().bytes()));
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return Optional.empty();
    }

    /// `headers1.raw`: one entry of a headers message.
    static void header(VectorFile file, Cases cases) {
        cases.run(
                "message",
                () -> {
                    Bytes payload = Bytes.parse("01").plus(Bytes.wrap(file.bytes()));
                    Headers headers = decode(Headers.class, "headers", payload);
                    Expect.same("the number of headers", 1, headers.headers().size());
                });
    }

    /// Proofs that transactions are in a block: `merkleHEIGHT.raw`, `txoutproof_HEIGHT-INDEXES.bin`.
    static void merkle(VectorFile file, Cases cases) {
        cases.run(
                "proof",
                () -> {
                    Bytes bytes = Bytes.wrap(file.bytes());
                    Message message = decode("merkleblock", bytes);
                    if (!(message instanceof MerkleBlock proof)) {
                        throw new Mismatch("it is no merkleblock");
                    }
                    Bytes again = proof.payload();
                    boolean extended = file.name().contains("extended");
                    Expect.holds(
                            "it is the same when written again",
                            extended ? bytes.startsWith(again) : bytes.equals(again));
                    var tree = new PartialMerkleTree(proof);
                    Digest256 root = proof.header().merkleRoot();
                    Expect.same("the root", root, tree.root());
                    String name = file.stem();
                    if (name.startsWith("txoutproof_")) {
                        String indexes = name.substring(name.indexOf('-') + 1);
                        List<Integer> wanted =
                                Stream.of(indexes.split("_", -1)).map(Integer::valueOf).toList();
                        Expect.same("the transactions proven", wanted, tree.matches());
                    }
                });
    }
}
