package weft.wire.transport;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import weft.primitives.Bytes;
import weft.testkit.Allocated;
import weft.testkit.Property;
import weft.testkit.Sabotage;
import weft.testkit.SeenRed;
import weft.testkit.Vectors;
import weft.wire.Message;
import weft.wire.MessageCodec;
import weft.wire.Negotiated;
import weft.wire.SampleMessages;
import weft.wire.Verack;
import weft.wire.VersionMessage;

class V1TransportTest implements SeenRed {
    private static final String HELLO_FRAME =
            "f9beb4d976657273696f6e0000000000170000006f9aa6da48656c6c6f2c20426974636f696e206e6574776f726b21";
    private static final Bytes HELLO =
            Bytes.wrap("Hello, Bitcoin network!".getBytes(StandardCharsets.US_ASCII));

    private static List<TransportEvent> events(Bytes bytes) {
        var transport = new V1Transport(5, Magic.MAIN);
        transport.push(bytes);
        return Events.drain(transport);
    }

    @Test
    @DisplayName("S-80 version with 'Hello, Bitcoin network!' is one frame of 47 bytes")
    void shouldFrameTheHelloMessage() {
        Bytes frame = V1Transport.frame(Magic.MAIN, "version", HELLO);
        assertThat(frame.length()).isEqualTo(47);
        assertThat(frame.toHex()).isEqualTo(HELLO_FRAME);
        assertThat(events(frame))
                .containsExactly(new TransportEvent.Received(new Frame("version", HELLO, 47)));
    }

    @Test
    @DisplayName("S-82 frames of the test network start with 0b110907")
    void shouldUseTheMagicOfTheTestNetwork() {
        Transport transport = Transport.v1(1, Magic.TESTNET3);
        transport.send(new Verack());
        assertThat(Events.sent(transport).toHex())
                .isEqualTo("0b110907" + "76657261636b000000000000" + "00000000" + "5df6e0e2");
    }

    @Test
    void shouldEndOnAWrongMagic() {
        Bytes wrong = V1Transport.frame(Magic.TESTNET3, "verack", Bytes.EMPTY);
        assertThat(events(wrong.plus(V1Transport.frame(Magic.MAIN, "verack", Bytes.EMPTY))))
                .containsExactly(
                        new TransportEvent.Fatal(
                                "Header error: Wrong MessageStart 0b110907 received, peer=5"));
        assertThat(events(wrong.slice(0, 23))).isEmpty();
    }

    @Test
    @DisplayName("D01 headers of messages that are too long, by one byte and by far")
    @Sabotage(
            type = "weft.wire.transport.V1Transport",
            method = "readHeader",
            constant = "4000000>2147483647")
    void shouldEndOnALengthAboveTheLimit() {
        Bytes head = V1Transport.frame(Magic.MAIN, "inv", Bytes.EMPTY).slice(0, 16);
        Bytes sum = Bytes.parse("00000000");
        assertThat(events(head.plus(Bytes.parse("01093d00")).plus(sum)))
                .containsExactly(
                        new TransportEvent.Fatal(
                                "Header error: Size too large (inv, 4000001 bytes), peer=5"));
        assertThat(events(head.plus(Bytes.parse("ffffffff")).plus(sum)))
                .containsExactly(
                        new TransportEvent.Fatal(
                                "Header error: Size too large (inv, 4294967295 bytes), peer=5"));
        assertThat(events(head.plus(Bytes.parse("00093d00")).plus(sum))).isEmpty();
    }

    @Test
    void shouldDropAMessageWithAWrongChecksumAndGoOn() {
        byte[] changed = Bytes.parse(HELLO_FRAME).toByteArray();
        changed[20] ^= 1;
        Bytes both = Bytes.wrap(changed).plus(Bytes.parse(HELLO_FRAME));
        assertThat(events(both))
                .containsExactly(
                        new TransportEvent.Ignored(
                                "Header error: Wrong checksum (version, 23 bytes), expected"
                                        + " 6f9aa6da was 6e9aa6da, peer=5",
                                47),
                        new TransportEvent.Received(new Frame("version", HELLO, 47)));
    }

    @Test
    void shouldDropAMessageWithAnImpossibleCommandAndGoOn() {
        List<String> names =
                List.of(
                        "766572616300ff0000000000",
                        "007665726163000000000000",
                        "7665ff616300000000000000");
        for (String name : names) {
            Bytes frame = Magic.MAIN.plus(Bytes.parse(name)).plus(Bytes.parse("000000005df6e0e2"));
            List<TransportEvent> events = events(frame.plus(Bytes.parse(HELLO_FRAME)));
            assertThat(events).hasSize(2);
            assertThat(((TransportEvent.Ignored) events.getFirst()).reason())
                    .startsWith("Header error: Invalid message type (")
                    .endsWith(" 0 bytes), peer=5");
            assertThat(events.getLast()).isInstanceOf(TransportEvent.Received.class);
        }
    }

    @Test
    void shouldReadAMessageOfTheLargestSize() {
        Bytes payload = Bytes.wrap(new byte[V1Transport.MAX_PAYLOAD_BYTES]);
        assertThat(events(V1Transport.frame(Magic.MAIN, "block", payload)))
                .containsExactly(
                        new TransportEvent.Received(new Frame("block", payload, 4_000_024)));
    }

    @Test
    void shouldSeeTheSameHoweverBytesAreSplit() {
        Property.holds(
                60,
                random -> {
                    Transport sender = Transport.v1(1, Magic.MAIN);
                    List<Message> messages = new SampleMessages(random).all();
                    messages.forEach(sender::send);
                    byte[] stream = Events.sent(sender).toByteArray();
                    if (random.nextBoolean()) {
                        stream[random.nextInt(stream.length)] ^= (byte) (1 << random.nextInt(8));
                    }
                    List<TransportEvent> whole = events(Bytes.wrap(stream));
                    var split = new V1Transport(5, Magic.MAIN);
                    assertThat(Events.pushSplit(split, Bytes.wrap(stream), random))
                            .isEqualTo(whole);
                    var direct = new V1Transport(5, Magic.MAIN);
                    direct.push(ByteBuffer.allocateDirect(stream.length).put(stream).flip());
                    assertThat(Events.drain(direct)).isEqualTo(whole);
                });
    }

    @Test
    @DisplayName("D01 D02 D14 a thousand long messages of which a hundred bytes come")
    @Sabotage(
            type = "weft.wire.transport.V1Transport",
            method = "grown",
            call = "min",
            returns = "40000")
    void shouldNotAllocateByTheAnnouncedLength() {
        Bytes head =
                V1Transport.frame(Magic.MAIN, "block", Bytes.wrap(new byte[4_000_000]))
                        .slice(0, 24);
        var transports = new ArrayList<V1Transport>();
        byte[] header = head.toByteArray();
        byte[] some = new byte[100];
        long allocated =
                Allocated.bytesBy(
                        () -> {
                            for (int i = 0; i < 1_000; i++) {
                                var transport = new V1Transport(i, Magic.MAIN);
                                transport.push(header, 0, header.length);
                                transport.push(some, 0, some.length);
                                transports.add(transport);
                            }
                        });
        assertThat(allocated).isLessThan(4_000_000);
        assertThat(transports).allMatch(transport -> transport.next().isEmpty());
    }

    @Test
    void shouldReadARealConnection() {
        Bytes stream = Bytes.wrap(Vectors.bytes("p2p/connection_2014.bin"));
        var transport = new V1Transport(0, Magic.MAIN);
        List<TransportEvent> events = Events.pushSplit(transport, stream, new SplittableRandom(1));
        Transport again = Transport.v1(0, Magic.MAIN);
        List<String> commands =
                events.stream()
                        .map(event -> ((TransportEvent.Received) event).frame())
                        .peek(
                                frame ->
                                        again.send(
                                                MessageCodec.decode(
                                                        frame.command(),
                                                        frame.payload(),
                                                        Negotiated.CURRENT)))
                        .map(Frame::command)
                        .toList();
        Map<String, Long> counts =
                commands.stream()
                        .collect(Collectors.groupingBy(command -> command, Collectors.counting()));
        assertThat(counts).isEqualTo(Map.of("version", 1L, "verack", 1L, "inv", 18L, "addr", 4L));
        assertThat(Events.sent(again)).isEqualTo(stream);
        assertThat(Collections.max(commands)).isEqualTo(VersionMessage.COMMAND);
    }

    @Test
    void shouldCountWhatIsQueued() {
        Transport transport = Transport.v1(0, Magic.MAIN);
        transport.send("verack", Bytes.EMPTY);
        transport.send("version", HELLO);
        assertThat(transport.queuedBytes()).isEqualTo(24 + 47);
        assertThat(transport.nextToSend().orElseThrow().command()).isEqualTo("verack");
        assertThat(transport.queuedBytes()).isEqualTo(47);
        assertThat(transport.protocol().label()).isEqualTo("v1");
        assertThat(transport.sessionId()).isEmpty();
    }
}
