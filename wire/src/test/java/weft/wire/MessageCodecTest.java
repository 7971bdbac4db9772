package weft.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import weft.primitives.BlockHash;
import weft.primitives.Bytes;
import weft.primitives.codec.ByteWriter;
import weft.primitives.codec.MalformedBytes;
import weft.testkit.Allocated;
import weft.testkit.Property;
import weft.testkit.Sabotage;
import weft.testkit.SeenRed;
import weft.testkit.Vectors;

class MessageCodecTest implements SeenRed {
    private static Message decode(String command, Bytes payload) {
        return MessageCodec.decode(command, payload, Negotiated.CURRENT);
    }

    @Test
    void shouldReadBackEveryMessageItWrites() {
        Property.holds(
                100,
                random -> {
                    for (Message message : new SampleMessages(random).all()) {
                        assertThat(decode(message.command(), MessageCodec.encode(message)))
                                .isEqualTo(message);
                    }
                });
    }

    @Test
    void shouldHaveASampleOfEveryKind() {
        Set<Class<?>> kinds = new HashSet<>();
        var samples = new SampleMessages(new java.util.SplittableRandom(1));
        samples.all().forEach(each -> kinds.add(each.getClass()));
        assertThat(kinds).containsExactlyInAnyOrder(Message.class.getPermittedSubclasses());
    }

    @Test
    @DisplayName("B09 every message cut at every byte")
    @Sabotage(type = "weft.primitives.codec.ByteReader", method = "take", flips = 1)
    void shouldRefuseEveryTruncationOrReadItAsSomethingElse() {
        Set<String> mayEndEarly = Set.of(VersionMessage.COMMAND, Pong.COMMAND, "strange");
        Property.holds(
                30,
                random -> {
                    for (Message message : new SampleMessages(random).all()) {
                        Bytes payload = message.payload();
                        for (int length = 0; length < payload.length(); length++) {
                            Optional<Message> cut =
                                    tryDecode(message.command(), payload.slice(0, length));
                            if (!mayEndEarly.contains(message.command())) {
                                assertThat(cut)
                                        .as("%s cut to %d", message.command(), length)
                                        .isEmpty();
                            }
                            assertThat(
                                            cut.equals(Optional.of(message))
                                                    && length < payload.length() - 1)
                                    .isFalse();
                        }
                    }
                });
    }

    @Test
    void shouldThrowNothingButMalformedBytesOnRandomChanges() {
        Property.holds(
                300,
                random -> {
                    for (Message message : new SampleMessages(random).all()) {
                        byte[] payload = message.payload().toByteArray();
                        for (int i = 0; payload.length > 0 && i <= random.nextInt(4); i++) {
                            payload[random.nextInt(payload.length)] = (byte) random.nextInt();
                        }
                        tryDecode(message.command(), Bytes.wrap(payload))
                                .ifPresent(Message::payload);
                        tryDecode(
                                message.command(),
                                Bytes.wrap(Property.bytes(random, random.nextInt(200))));
                    }
                });
    }

    private static Optional<Message> tryDecode(String command, Bytes payload) {
        try {
            return Optional.of(decode(command, payload));
        } catch (MalformedBytes expected) {
            return Optional.empty();
        }
    }

    @Test
    void shouldIgnoreBytesAfterTheEnd() {
        Property.holds(
                10,
                random -> {
                    for (Message message : new SampleMessages(random).all()) {
                        if (!(message instanceof Unknown || message instanceof Feature)) {
                            Bytes longer = message.payload().plus(Bytes.parse("00ff00"));
                            assertThat(decode(message.command(), longer)).isEqualTo(message);
                        }
                    }
                });
    }

    @Test
    @DisplayName("D14 counts of 32 million in two hundred bytes")
    @Sabotage(type = "weft.primitives.codec.ByteReader", method = "list", flips = 2)
    void shouldNotAllocateForHostileCounts() {
        Bytes count = new ByteWriter().compactSize(0x0200_0000).toBytes();
        Bytes zeros = Bytes.wrap(new byte[200]);
        for (Message message : new SampleMessages(new java.util.SplittableRandom(3)).all()) {
            // Classes are loaded when they are first used.
            tryDecode(message.command(), zeros);
            for (int prefix = 0; prefix < 120; prefix++) {
                Bytes payload = zeros.slice(0, prefix).plus(count).plus(zeros);
                long allocated = Allocated.bytesBy(() -> tryDecode(message.command(), payload));
                assertThat(allocated).as(message.command()).isLessThan(100_000);
            }
        }
    }

    @Test
    void shouldReadMoreThanAllowedSoThatTheEngineCanNameTheCount() {
        Bytes items = new ByteWriter().compactSize(50_001).bytes(new byte[50_001 * 36]).toBytes();
        assertThat(((Inv) decode("inv", items)).items()).hasSize(50_001);
        assertThat(((GetData) decode("getdata", items)).items()).hasSize(50_001);
        Bytes headers = new ByteWriter().compactSize(2_001).bytes(new byte[2_001 * 81]).toBytes();
        assertThat(((Headers) decode("headers", headers)).headers()).hasSize(2_001);
        Bytes addresses = new ByteWriter().compactSize(1_001).bytes(new byte[1_001 * 30]).toBytes();
        assertThat(((Addr) decode("addr", addresses)).entries()).hasSize(1_001);
        Bytes locator =
                new ByteWriter().i32(70_016).compactSize(102).bytes(new byte[103 * 32]).toBytes();
        assertThat(((GetHeaders) decode("getheaders", locator)).locator().hashes()).hasSize(102);
    }

    @Test
    @DisplayName("S-50 version carries version, nTime, addrMe, addrYou, BestHeight, byte for byte")
    void shouldEncodeVersionByteForByte() {
        String hex =
                "721101000100000000000000ba62885400000000"
                        + "010000000000000000000000000000000000ffffba8886dceab0"
                        + "010000000000000000000000000000000000ffff05095522208d"
                        + "e7e1c1ef80a1cea70f2f5361746f7368693a302e392e312fa317050001";
        var version = (VersionMessage) decode("version", Bytes.parse(hex));
        assertThat(version.version()).isEqualTo(70_002);
        assertThat(version.timestamp()).isEqualTo(1_418_224_314);
        assertThat(version.addrYou().address()).hasToString("186.136.134.220:60080");
        assertThat(version.addrMe().address()).hasToString("5.9.85.34:8333");
        assertThat(version.startHeight()).isEqualTo(333_731);
        assertThat(version.relay()).isTrue();
        assertThat(version.payload().toHex()).isEqualTo(hex);
    }

    @Test
    @DisplayName("S-51 verack is a message without payload")
    void shouldEncodeVerackAsNothing() {
        assertThat(new Verack().payload()).isEqualTo(Bytes.EMPTY);
        assertThat(decode("verack", Bytes.EMPTY)).isEqualTo(new Verack());
    }

    @Test
    @DisplayName("S-54 the protocol's version and the user agent of BIP14 travel in version")
    void shouldCarryProtocolAndUserAgent() {
        var here = new VersionAddress(ServiceFlags.NETWORK, NetAddress.parse("1.2.3.4:8333", 0));
        var version =
                new VersionMessage(
                        Negotiated.PROTOCOL_VERSION,
                        9,
                        1_700_000_000,
                        here,
                        here,
                        7,
                        "/Satoshi:25.0.0/",
                        221,
                        true);
        Bytes payload = version.payload();
        assertThat(payload.slice(0, 4).toHex()).isEqualTo("81110100");
        String text = new String(payload.toByteArray(), StandardCharsets.ISO_8859_1);
        assertThat(text).contains("\u0010/Satoshi:25.0.0/");
        assertThat(((VersionMessage) decode("version", payload)).userAgent())
                .isEqualTo("/Satoshi:25.0.0/");
        Bytes tooLong =
                payload.slice(0, 80)
                        .plus(
                                new ByteWriter()
                                        .varString("x".repeat(257))
                                        .i32(0)
                                        .bool(true)
                                        .toBytes());
        assertThatThrownBy(() -> decode("version", tooLong)).isInstanceOf(MalformedBytes.class);
    }

    @Test
    void shouldAssumeWhatCoreAssumesForOldVersions() {
        Bytes whole = new SampleMessages(new java.util.SplittableRandom(5)).version().payload();
        var shortest = (VersionMessage) decode("version", whole.slice(0, 46));
        assertThat(shortest.startHeight()).isEqualTo(-1);
        assertThat(shortest.userAgent()).isEmpty();
        assertThat(shortest.relay()).isTrue();
        assertThat(shortest.nonce()).isOne();
    }

    @Test
    void shouldReadPingByNegotiatedVersion() {
        Bytes nonce = Bytes.parse("0100000000000000");
        assertThat(MessageCodec.decode("ping", nonce, new Negotiated(60_001)))
                .isEqualTo(Ping.of(1));
        assertThat(MessageCodec.decode("ping", Bytes.EMPTY, new Negotiated(60_000)))
                .isEqualTo(new Ping(OptionalLong.empty()));
        assertThatThrownBy(() -> decode("ping", Bytes.EMPTY)).isInstanceOf(MalformedBytes.class);
        assertThat(decode("pong", Bytes.parse("01"))).isEqualTo(new Pong(OptionalLong.empty()));
    }

    @Test
    @DisplayName("B17 differences of positions that add up to more than 65,535")
    @Sabotage(type = "weft.wire.GetBlockTxn", method = "readIndex", flips = 1)
    void shouldRefuseIndexesThatOverflow() {
        var out = new ByteWriter();
        BlockHash.ZERO.write(out);
        Bytes fits =
                Bytes.wrap(out.toByteArray())
                        .plus(
                                new ByteWriter()
                                        .compactSize(2)
                                        .compactSize(65_534)
                                        .compactSize(0)
                                        .toBytes());
        assertThat(((GetBlockTxn) decode("getblocktxn", fits)).indexes())
                .isEqualTo(List.of(65_534, 65_535));
        Bytes over =
                Bytes.wrap(out.toByteArray())
                        .plus(
                                new ByteWriter()
                                        .compactSize(2)
                                        .compactSize(65_535)
                                        .compactSize(0)
                                        .toBytes());
        assertThatThrownBy(() -> decode("getblocktxn", over))
                .hasMessage("differential value overflow");
    }

    @Test
    void shouldReadRealMessages() {
        Vectors.json("p2p/messages_bitcore.json")
                .forEachEntry(
                        (name, entry) -> {
                            Bytes message = Bytes.parse(entry.get("message").asString());
                            Bytes payload = message.from(24);
                            Message decoded = decode(name, payload);
                            assertThat(decoded instanceof Unknown)
                                    .as(name)
                                    .isEqualTo(name.equals("alert") || name.equals("reject"));
                            if (!name.equals("filterload")) {
                                assertThat(decoded.payload()).as(name).isEqualTo(payload);
                            }
                        });
    }

    @Test
    void shouldReadRealCompactBlocks() {
        for (String file : List.of("compact426884.raw", "compact898352.raw")) {
            Bytes payload = Bytes.wrap(Vectors.bytes("p2p/compact_blocks/" + file));
            var block = (CmpctBlock) decode("cmpctblock", payload);
            assertThat(block.payload()).isEqualTo(payload);
            assertThat(block.prefilledPositions()).contains(List.of(0));
            assertThat(block.prefilled().getFirst().tx().isCoinbase()).isTrue();
        }
        var real =
                (CmpctBlock)
                        decode(
                                "cmpctblock",
                                Bytes.wrap(Vectors.bytes("p2p/compact_blocks/compact426884.raw")));
        assertThat(real.transactionCount()).isEqualTo(409);
    }

    @Test
    void shouldFindPrefilledTransactionsOutsideOfTheBlock() {
        var sample = new SampleMessages(new java.util.SplittableRandom(9));
        CmpctBlock any =
                sample.all().stream()
                        .filter(CmpctBlock.class::isInstance)
                        .map(CmpctBlock.class::cast)
                        .findFirst()
                        .orElseThrow();
        var tx = any.prefilled().getFirst().tx();
        var inside = new PrefilledTransaction(1, tx);
        assertThat(
                        new CmpctBlock(any.header(), 0, List.of(5L), List.of(inside))
                                .prefilledPositions())
                .contains(List.of(1));
        assertThat(new CmpctBlock(any.header(), 0, List.of(), List.of(inside)).prefilledPositions())
                .isEmpty();
    }

    @Test
    void shouldReadARealHeader() {
        Bytes one = Bytes.parse("01").plus(Bytes.wrap(Vectors.bytes("p2p/headers1.raw")));
        var headers = (Headers) decode("headers", one);
        assertThat(headers.headers().getFirst().hash().toHex())
                .isEqualTo("00000000839a8e6886ab5951d76f411475428afc90947ee320161bbf18eb6048");
        assertThat(headers.payload()).isEqualTo(one);
    }

    @Test
    void shouldReadARealMerkleBlock() {
        Bytes payload = Bytes.wrap(Vectors.bytes("p2p/merkle/merkle300025.raw"));
        var merkle = (MerkleBlock) decode("merkleblock", payload);
        assertThat(merkle.txCount()).isEqualTo(461);
        assertThat(merkle.payload()).isEqualTo(payload);
    }

    @Test
    void shouldNameServicesAndItemsAsCore() {
        assertThat(ServiceFlags.names(ServiceFlags.NETWORK | ServiceFlags.P2P_V2 | 1L << 63))
                .containsExactly("NETWORK", "P2P_V2", "UNKNOWN[2^63]");
        var hash = BlockHash.ZERO;
        assertThat(InvItem.of(InvType.WITNESS_BLOCK, hash)).hasToString("witness-block " + hash);
        assertThat(InvItem.block(hash)).hasToString("block " + hash);
        assertThat(InvItem.of(7, hash).toString().toLowerCase(Locale.ROOT))
                .isEqualTo("0x00000007 " + hash);
    }
}
