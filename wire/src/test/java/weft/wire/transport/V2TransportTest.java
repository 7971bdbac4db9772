package weft.wire.transport;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import weft.primitives.Bytes;
import weft.testkit.Allocated;
import weft.testkit.Property;
import weft.testkit.Sabotage;
import weft.testkit.SeenRed;
import weft.wire.Message;
import weft.wire.MessageCodec;
import weft.wire.Negotiated;
import weft.wire.Ping;
import weft.wire.SampleMessages;
import weft.wire.SendAddrV2;
import weft.wire.Verack;

class V2TransportTest implements SeenRed {
    private final Transport alice = Transport.v2Initiator(1, Magic.MAIN, new SeededEntropy(1, 100));
    private final Transport bob = Transport.detecting(2, Magic.MAIN, new SeededEntropy(2, 200));

    /// Carries bytes both ways until nobody has more to say.
    private static void carry(Transport a, Transport b) {
        while (true) {
            Bytes toB = Events.sent(a);
            b.push(toB);
            Bytes toA = Events.sent(b);
            a.push(toA);
            if (toA.isEmpty() && toB.isEmpty()) {
                return;
            }
        }
    }

    private static List<TransportEvent> withoutNotes(List<TransportEvent> events) {
        return events.stream().filter(event -> !(event instanceof TransportEvent.Note)).toList();
    }

    private static List<Message> messages(Transport transport) {
        return messages(withoutNotes(Events.drain(transport)));
    }

    private static List<Message> messages(List<TransportEvent> events) {
        return events.stream()
                .filter(event -> !(event instanceof TransportEvent.Decoy))
                .map(event -> ((TransportEvent.Received) event).frame())
                .map(
                        frame ->
                                MessageCodec.decode(
                                        frame.command(), frame.payload(), Negotiated.CURRENT))
                .toList();
    }

    @Test
    @DisplayName("S-110 both ends agree on keys and have the same session id")
    void shouldAgreeOnASession() {
        assertThat(alice.protocol()).isEqualTo(Protocol.DETECTING);
        carry(alice, bob);
        assertThat(alice.protocol().label()).isEqualTo("v2");
        assertThat(bob.protocol().label()).isEqualTo("v2");
        assertThat(alice.sessionId()).isPresent().isEqualTo(bob.sessionId());
        assertThat(alice.sessionId().orElseThrow().length()).isEqualTo(32);
    }

    @Test
    void shouldSayThatTheHandshakeBegins() {
        Events.sent(alice);
        assertThat(Events.drain(alice))
                .containsExactly(new TransportEvent.Note("start sending v2 handshake to peer=1"));
    }

    @Test
    @DisplayName("S-110 every message goes through the encrypted channel, in both directions")
    void shouldCarryEveryMessage() {
        Property.holds(
                20,
                random -> {
                    Transport a =
                            Transport.v2Initiator(
                                    1, Magic.MAIN, new SeededEntropy(random.nextLong()));
                    Transport b =
                            Transport.detecting(
                                    2, Magic.MAIN, new SeededEntropy(random.nextLong()));
                    List<Message> there = new SampleMessages(random).all();
                    List<Message> back = new SampleMessages(random).all();
                    there.forEach(a::send);
                    back.forEach(b::send);
                    carry(a, b);
                    assertThat(messages(b)).isEqualTo(there);
                    assertThat(messages(a)).isEqualTo(back);
                    assertThat(a.queuedBytes()).isZero();
                });
    }

    @Test
    @DisplayName("S-111 a capture shows neither magic nor commands")
    void shouldShowNothingToOutsiders() {
        var captured = new StringBuilder();
        alice.send(new SendAddrV2());
        alice.send("version", new SampleMessages(new SplittableRandom(1)).version().payload());
        bob.send(new Verack());
        for (int i = 0; i < 5; i++) {
            Bytes toBob = Events.sent(alice);
            bob.push(toBob);
            Bytes toAlice = Events.sent(bob);
            alice.push(toAlice);
            captured.append(toBob.toLatin1()).append(toAlice.toLatin1());
        }
        assertThat(messages(bob)).hasSize(2);
        assertThat(captured.toString())
                .doesNotContain(Magic.MAIN.toLatin1())
                .doesNotContain("version")
                .doesNotContain("verack")
                .doesNotContain("sendaddrv2")
                .doesNotContain("/weft");
    }

    @Test
    @DisplayName("S-112 any flipped bit of the ciphertext closes the link")
    void shouldEndOnAnyFlippedBit() {
        carry(alice, bob);
        alice.send(Ping.of(7));
        byte[] packet = Events.sent(alice).toByteArray();
        for (int bit = 0; bit < packet.length * 8; bit++) {
            Transport a = Transport.v2Initiator(1, Magic.MAIN, new SeededEntropy(1, 100));
            Transport b = Transport.detecting(2, Magic.MAIN, new SeededEntropy(2, 200));
            carry(a, b);
            Events.drain(b);
            byte[] changed = packet.clone();
            changed[bit / 8] ^= (byte) (1 << bit % 8);
            b.push(changed, 0, changed.length);
            // A changed length makes the receiver wait for more; that more cannot authenticate
            // either.
            int more = bit < 16 ? 70_000 : bit < 24 ? 4_100_000 : 0;
            b.push(new byte[more], 0, more);
            List<TransportEvent> events = withoutNotes(Events.drain(b));
            assertThat(events)
                    .as("bit %d", bit)
                    .hasSize(1)
                    .first()
                    .isInstanceOf(TransportEvent.Fatal.class);
            assertThat(((TransportEvent.Fatal) events.getFirst()).reason())
                    .matches(
                            "V2 transport error: packet (decryption failure|too large) .* bytes\\),"
                                    + " peer=2");
        }
    }

    @Test
    @DisplayName("S-112 a flipped bit of the garbage closes the link")
    void shouldEndOnChangedGarbage() {
        byte[] first = Events.sent(alice).toByteArray();
        first[100] ^= 1;
        bob.push(first, 0, first.length);
        alice.push(Events.sent(bob));
        bob.push(Events.sent(alice));
        assertThat(withoutNotes(Events.drain(bob)))
                .containsExactly(
                        new TransportEvent.Fatal(
                                "V2 transport error: packet decryption failure (0 bytes), peer=2"));
        assertThat(bob.sessionId()).isEmpty();
    }

    @Test
    @DisplayName("S-113 keys change every 224 packets, and the ends stay in step")
    void shouldChangeKeysAndStayInStep() {
        carry(alice, bob);
        for (int i = 0; i < 1_000; i++) {
            alice.send(Ping.of(i));
            carry(alice, bob);
            assertThat(messages(bob)).containsExactly(Ping.of(i));
        }
    }

    @Test
    @DisplayName("S-113 nothing can be sent or read after the keys are destroyed")
    void shouldForgetKeysOnClose() {
        carry(alice, bob);
        alice.send(new Verack());
        Bytes packet = Events.sent(alice);
        bob.close();
        bob.push(packet);
        assertThat(withoutNotes(Events.drain(bob))).isEmpty();
        bob.send(new Verack());
        assertThat(bob.nextToSend()).isEmpty();
        assertThat(bob.sessionId()).isEmpty();
    }

    @Test
    @DisplayName("S-114 the accepting side speaks plain to plain peers")
    void shouldFallBackToPlain() {
        Bytes payload = new SampleMessages(new SplittableRandom(1)).version().payload();
        Bytes frame = V1Transport.frame(Magic.MAIN, "version", payload);
        Property.holds(
                20,
                random -> {
                    Transport listener = Transport.detecting(2, Magic.MAIN, new SeededEntropy(2));
                    listener.send(new Verack());
                    assertThat(listener.nextToSend()).isEmpty();
                    assertThat(Events.pushSplit(listener, frame, random))
                            .containsExactly(
                                    new TransportEvent.Received(
                                            new Frame("version", payload, frame.length())));
                    assertThat(listener.protocol()).isEqualTo(Protocol.V1);
                    assertThat(Events.sent(listener))
                            .isEqualTo(V1Transport.frame(Magic.MAIN, "verack", Bytes.EMPTY));
                });
    }

    @Test
    @DisplayName("S-114 our key is not sent before it is sure that the peer is no plain one")
    void shouldNotAnswerTheMagicEarly() {
        Bytes start = Magic.MAIN.plus(Bytes.parse("76657273696f6e0000000000"));
        for (int length = 0; length < start.length(); length++) {
            Transport listener = Transport.detecting(2, Magic.MAIN, new SeededEntropy(2, 0));
            listener.push(start.slice(0, length));
            assertThat(listener.nextToSend()).isEmpty();
            assertThat(listener.protocol()).isEqualTo(Protocol.DETECTING);
            listener.push(Bytes.parse("aa"));
            assertThat(listener.nextToSend()).isPresent();
        }
    }

    @Test
    @DisplayName("S-114 a plain peer of another network is told apart")
    void shouldNoticePlainPeersOfOtherNetworks() {
        bob.push(V1Transport.frame(Magic.REGTEST, "version", Bytes.parse("00")));
        assertThat(Events.drain(bob))
                .containsExactly(
                        new TransportEvent.Fatal(
                                "V2 transport error: V1 peer with wrong MessageStart fabfb5da"));
    }

    @Test
    @DisplayName("S-114 the connecting side knows when to try again with the plain transport")
    void shouldKnowWhenToReconnect() {
        assertThat(alice.shouldReconnectV1()).isFalse();
        Bytes hello = Events.sent(alice);
        assertThat(alice.shouldReconnectV1()).isTrue();
        bob.push(hello);
        assertThat(bob.shouldReconnectV1()).isFalse();
        alice.push(Bytes.parse("00"));
        assertThat(alice.shouldReconnectV1()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 15, 16, 4_094, 4_095})
    @DisplayName("S-115 garbage of every length from 0 to 4095 bytes")
    void shouldTakeGarbageOfAnyLength(int garbageBytes) {
        Transport a = Transport.v2Initiator(1, Magic.MAIN, new SeededEntropy(3, garbageBytes));
        Transport b =
                Transport.detecting(2, Magic.MAIN, new SeededEntropy(4, 4_095 - garbageBytes));
        Bytes first = Events.sent(a);
        assertThat(first.length()).isEqualTo(64 + garbageBytes);
        b.push(first);
        carry(a, b);
        assertThat(a.protocol()).isEqualTo(Protocol.V2);
        assertThat(a.sessionId()).isEqualTo(b.sessionId());
    }

    @Test
    @DisplayName("S-115 C15 more garbage than allowed closes the link")
    @Sabotage(
            type = "weft.wire.transport.V2Transport",
            method = "onGarbageByte",
            constant = "4095>5000")
    void shouldEndOnTooMuchGarbage() {
        bob.push(Events.sent(alice).slice(0, 64));
        bob.push(new byte[4_110], 0, 4_110);
        assertThat(withoutNotes(Events.drain(bob))).isEmpty();
        bob.push(new byte[1], 0, 1);
        assertThat(withoutNotes(Events.drain(bob)))
                .containsExactly(
                        new TransportEvent.Fatal(
                                "V2 transport error: missing garbage terminator, peer=2"));
    }

    @Test
    @DisplayName("C15 20,000 empty decoys: each is counted with all of its bytes, and none is kept")
    @Sabotage(
            type = "weft.wire.transport.V2Transport",
            method = "onPacketBytes",
            call = "ignored",
            returns = "false")
    void shouldKeepNothingOfDecoys() {
        V2Transport a = V2Transport.initiator(1, Magic.MAIN, new SeededEntropy(5, 4_095));
        bob.push(Events.sent(a));
        a.push(Events.sent(bob));
        bob.push(Events.sent(a));
        Events.drain(bob);
        long bytes = 0;
        int decoys = 0;
        for (int i = 0; i < 20; i++) {
            for (int j = 0; j < 1_000; j++) {
                a.sendDecoy(Bytes.EMPTY);
            }
            bob.push(Events.sent(a));
            List<TransportEvent> events = Events.drain(bob);
            for (TransportEvent each : events) {
                assertThat(each).isInstanceOf(TransportEvent.Decoy.class);
                bytes += ((TransportEvent.Decoy) each).wireBytes();
            }
            decoys += events.size();
        }
        assertThat(decoys).isEqualTo(20_000);
        assertThat(bytes).isEqualTo(20_000 * 20);
        assertThat(bob.queuedBytes()).isZero();
        a.send(Ping.of(7));
        bob.push(Events.sent(a));
        assertThat(messages(bob)).containsExactly(Ping.of(7));
    }

    @Test
    @DisplayName(
            "S-115 decoys are sent and accepted, before the version packet and between messages")
    void shouldSendAndIgnoreDecoys() {
        V2Transport a = V2Transport.initiator(1, Magic.MAIN, new SeededEntropy(5, 10));
        a.sendDecoy(Bytes.wrap(new byte[300]));
        a.sendDecoy(Bytes.EMPTY);
        a.send(Ping.of(1));
        bob.push(Events.sent(a));
        a.push(Events.sent(bob));
        a.sendDecoy(Bytes.wrap("not a command".getBytes(StandardCharsets.US_ASCII)));
        a.send(Ping.of(2));
        Bytes packets = Events.sent(a);
        assertThat(packets.length()).isGreaterThan(16 + 320 + 20 + 20 + 29 + 33 + 29 - 1);
        bob.push(packets);
        List<TransportEvent> events = withoutNotes(Events.drain(bob));
        assertThat(events)
                .as("decoys are told of, for each costs work")
                .hasSize(5)
                .containsSequence(new TransportEvent.Decoy(320), new TransportEvent.Decoy(20))
                .element(3)
                .isEqualTo(new TransportEvent.Decoy(33));
        assertThat(messages(events)).containsExactly(Ping.of(1), Ping.of(2));
    }

    @Test
    void shouldUseOneByteForFrequentCommands() {
        carry(alice, bob);
        alice.send(Ping.of(1));
        assertThat(Events.sent(alice).length()).isEqualTo(3 + 1 + 1 + 8 + 16);
        alice.send(new Verack());
        assertThat(Events.sent(alice).length()).isEqualTo(3 + 1 + 13 + 16);
    }

    @Test
    @DisplayName("B08 encrypted contents without a whole command")
    @Sabotage(
            type = "weft.wire.transport.V2Commands",
            method = "frame",
            call = "isEmpty",
            returns = "false")
    @Sabotage(type = "weft.wire.transport.V2Commands", method = "frame", constant = "13>0")
    void shouldDropContentsWithoutACommand() {
        List<String> without =
                List.of(
                        "",
                        "21ff",
                        "24ff",
                        "26ff",
                        "00766572",
                        "0076657200ff00000000000000",
                        "00190000000000000000000000");
        for (String contents : without) {
            assertThat(V2Commands.frame(Bytes.parse(contents), 0)).as(contents).isEmpty();
        }
        // See BIP-0434.
        assertThat(V2Commands.frame(Bytes.parse("25ff"), 0))
                .contains(new Frame("feature", Bytes.parse("ff"), 0));
        assertThat(V2Commands.frame(Bytes.parse("20ff"), 0))
                .contains(new Frame("", Bytes.parse("ff"), 0));
        assertThat(V2Commands.frame(Bytes.parse("00766572616b000000000000000a"), 0))
                .contains(new Frame("verak", Bytes.parse("0a"), 0));
    }

    @Test
    void shouldSeeTheSameHoweverBytesAreSplit() {
        Property.holds(
                30,
                random -> {
                    long seed = random.nextLong();
                    Transport a = Transport.v2Initiator(1, Magic.MAIN, new SeededEntropy(seed));
                    Transport b = Transport.detecting(2, Magic.MAIN, new SeededEntropy(seed + 1));
                    Transport twin =
                            Transport.detecting(2, Magic.MAIN, new SeededEntropy(seed + 1));
                    var events = new ArrayList<TransportEvent>();
                    var twinEvents = new ArrayList<TransportEvent>();
                    new SampleMessages(random).all().forEach(a::send);
                    for (int i = 0; i < 3; i++) {
                        byte[] sent = Events.sent(a).toByteArray();
                        if (i == 1 && random.nextBoolean()) {
                            sent[random.nextInt(sent.length)] ^= 4;
                        }
                        b.push(sent, 0, sent.length);
                        events.addAll(Events.drain(b));
                        twinEvents.addAll(Events.pushSplit(twin, Bytes.wrap(sent), random));
                        Bytes back = Events.sent(b);
                        assertThat(Events.sent(twin)).isEqualTo(back);
                        a.push(back);
                    }
                    assertThat(withoutNotes(twinEvents))
                            .isEqualTo(withoutNotes(events))
                            .isNotEmpty();
                });
    }

    @Test
    void shouldCarryTheLargestMessageAndRefuseALargerPacket() {
        carry(alice, bob);
        Bytes payload = Bytes.wrap(new byte[V1Transport.MAX_PAYLOAD_BYTES]);
        alice.send("strange", payload);
        bob.push(Events.sent(alice));
        assertThat(withoutNotes(Events.drain(bob)))
                .containsExactly(
                        new TransportEvent.Received(new Frame("strange", payload, 4_000_033)));
    }

    @Test
    @DisplayName("D01 D14 an encrypted message of 4 MB of which a thousand bytes come")
    @Sabotage(
            type = "weft.wire.transport.V1Transport",
            method = "grown",
            call = "min",
            returns = "400000")
    void shouldNotAllocateByTheAnnouncedLength() {
        carry(alice, bob);
        alice.send("strange", Bytes.wrap(new byte[V1Transport.MAX_PAYLOAD_BYTES]));
        byte[] start = Events.sent(alice).slice(0, 1_000).toByteArray();
        assertThat(Allocated.bytesBy(() -> bob.push(start, 0, start.length))).isLessThan(50_000);
    }
}
