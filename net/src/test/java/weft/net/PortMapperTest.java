package weft.net;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import weft.primitives.Bytes;
import weft.wire.NetAddress;

/// A gateway on loopback: by RFC 6887, by RFC 6886, by neither.
@Timeout(60)
class PortMapperTest {
    private static final int PORT = 18_444;
    private static final NetAddress OUTSIDE = NetAddress.parse("9.8.7.6:40000", 0);
    private static final HexFormat HEX = HexFormat.of();

    /// Where nothing comes, or nothing that counts.
    private static final Duration SHORT = Duration.ofMillis(200);

    private final List<String> heard = new CopyOnWriteArrayList<>();
    private final NetScene scene = new NetScene();
    private DatagramSocket gateway;
    private volatile Function<String, String> answers = request -> "";

    @BeforeEach
    void open() throws IOException {
        gateway = new DatagramSocket(0, InetAddress.getLoopbackAddress());
        Thread.ofVirtual().start(this::serve);
    }

    @AfterEach
    void close() {
        gateway.close();
        scene.close();
    }

    private void serve() {
        var packet = new DatagramPacket(new byte[2_000], 2_000);
        try {
            while (true) {
                packet.setLength(2_000);
                gateway.receive(packet);
                String request = HEX.formatHex(Arrays.copyOf(packet.getData(), packet.getLength()));
                heard.add(request);
                String answer = answers.apply(request);
                if (!answer.isEmpty()) {
                    byte[] bytes = HEX.parseHex(answer);
                    gateway.send(
                            new DatagramPacket(bytes, bytes.length, packet.getSocketAddress()));
                }
            }
        } catch (SocketException e) {
            // Closed.
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    /// A gateway that answers has as long as it takes.
    private PortMapper begin() {
        return begin(Duration.ofSeconds(5));
    }

    private PortMapper begin(Duration patience) {
        var to = new InetSocketAddress(gateway.getLocalAddress(), gateway.getLocalPort());
        var mapper =
                new PortMapper(
                        PORT,
                        () -> List.of(new Gateways.Way(to, Optional.empty())),
                        patience,
                        scene.loop,
                        new SecureRandom()::nextBytes,
                        scene.log);
        mapper.start();
        return mapper;
    }

    private boolean isKnown() {
        return scene.loop.ask(engine -> engine.localAddresses().containsKey(OUTSIDE));
    }

    /// A request for a mapping comes back with the answer's bit, 1,200 s and the address outside.
    private static String pcp(String request, int result) {
        return "0281"
                + "00"
                + String.format("%02x", result)
                + (request.startsWith("00000000", 8) ? "00000000" : "000004b0")
                + "00000001"
                + "0".repeat(24)
                + request.substring(48, 48 + 24 + 8 + 4)
                + "9c40"
                + "00000000000000000000ffff09080706";
    }

    @Test
    void shouldMapByPcpAndEndItAtTheEnd() throws Exception {
        answers = request -> pcp(request, 0);
        try (PortMapper mapper = begin()) {
            assertThat(mapper).isNotNull();
            NetScene.await(this::isKnown);
        }
        assertThat(heard).hasSize(2);
        String first = heard.getFirst();
        // Version, MAP, 2,400 s, us; then a nonce, TCP, our port, the same outside, any address.
        assertThat(first)
                .hasSize(120)
                .startsWith("02010000" + "00000960" + "00000000000000000000ffff7f000001")
                .endsWith("06000000" + "480c" + "480c" + "00000000000000000000ffff00000000");
        assertThat(heard.getLast())
                .startsWith("02010000" + "00000000")
                .contains(first.substring(48, 72));
    }

    @Test
    void shouldFallBackToNatPmp() throws Exception {
        answers =
                request ->
                        switch (request.length()) {
                            case 4 -> "0080" + "0000" + "00000007" + "09080706";
                            case 24 -> "0082" + "0000" + "00000007" + "480c" + "9c40" + "00000e10";
                            // It knows no version 2.
                            default -> "0081" + "0001" + "00000007";
                        };
        try (PortMapper mapper = begin()) {
            assertThat(mapper).isNotNull();
            NetScene.await(this::isKnown);
        }
        assertThat(heard.get(1)).isEqualTo("0000");
        assertThat(heard.get(2)).isEqualTo("00020000" + "480c" + "480c" + "00000960");
        assertThat(heard.getLast()).isEqualTo("00020000" + "480c" + "0000" + "00000000");
    }

    @Test
    void shouldAskAgainWhereNothingComesAndThenGiveUp() throws Exception {
        try (PortMapper mapper = begin(SHORT)) {
            assertThat(mapper).isNotNull();
            NetScene.await(() -> scene.logged("portmap: no answer of"));
            NetScene.await(() -> heard.size() >= 3);
            assertThat(heard).hasSize(3);
            assertThat(heard.stream().distinct()).hasSize(1);
            assertThat(isKnown()).isFalse();
        }
    }

    @Test
    void shouldBelieveNoAnswerToAnotherQuestion() throws Exception {
        answers =
                request -> {
                    String right = pcp(request, 0);
                    return switch (heard.size()) {
                        // Another nonce, another port, too short.
                        case 1 -> right.substring(0, 48) + "00".repeat(12) + right.substring(72);
                        case 2 -> right.replace("480c", "480d");
                        default -> right.substring(0, 60);
                    };
                };
        try (PortMapper mapper = begin(SHORT)) {
            assertThat(mapper).isNotNull();
            NetScene.await(() -> scene.logged("portmap: no answer of"));
            assertThat(isKnown()).isFalse();
        }
    }

    @Test
    void shouldSayThatAGatewayWillNot() throws Exception {
        answers = request -> pcp(request, 2);
        try (PortMapper mapper = begin()) {
            assertThat(mapper).isNotNull();
            NetScene.await(() -> scene.logged("the gateway answers PCP with 2"));
            assertThat(isKnown()).isFalse();
            assertThat(heard).hasSize(1);
        }
    }

    @Test
    void shouldSayThatThereIsAnotherGateway() throws Exception {
        answers = request -> pcp(request, 0).replace("09080706", "0a000001");
        try (PortMapper mapper = begin()) {
            assertThat(mapper).isNotNull();
            NetScene.await(() -> scene.logged("10.0.0.1:40000 is none of the internet"));
            assertThat(scene.loop.<Boolean>ask(engine -> engine.localAddresses().isEmpty()))
                    .isTrue();
        }
        assertThat(heard).as("it is ended all the same").hasSize(2);
    }

    @Test
    void shouldSurviveAnyPacket() throws Exception {
        var random = new java.util.SplittableRandom(5);
        for (int i = 0; i < 20_000; i++) {
            var dialogue =
                    new MappingDialogue(
                            InetAddress.getByAddress(new byte[] {10, 0, 0, 2}),
                            PORT,
                            Duration.ofHours(1),
                            Bytes.wrap(new byte[12]));
            dialogue.begin();
            byte[] packet = new byte[random.nextInt(70)];
            random.nextBytes(packet);
            if (packet.length > 1) {
                packet[0] = (byte) (random.nextInt(2) * 2);
                packet[1] = (byte) 0x81;
            }
            Optional<MappingDialogue.Step> step = dialogue.received(packet);
            assertThat(step.filter(MappingDialogue.Step.Mapped.class::isInstance)).isEmpty();
        }
    }

    @Test
    void shouldReadTheTablesOfLinux(@TempDir Path folder) throws IOException {
        Path routes = folder.resolve("route");
        Path routes6 = folder.resolve("ipv6_route");
        String head =
                "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n";
        Files.writeString(
                routes,
                head
                        + "wlan0\t00000000\t0101A8C0\t0003\t0\t0\t600\t00000000\t0\t0\t0\n"
                        + "eth0\t00000000\t0102A8C0\t0003\t0\t0\t100\t00000000\t0\t0\t0\n"
                        + "eth0\t0002A8C0\t00000000\t0001\t0\t0\t100\t00FFFFFF\t0\t0\t0\n");
        assertThat(Gateways.read(routes, routes6))
                .containsExactly(
                        new Gateways.Way(
                                new InetSocketAddress("192.168.2.1", 5351), Optional.empty()));
        for (String bad : List.of("", head, "x", "eth0\t00000000\tzz\t3\t0\t0\t1\t00000000\n")) {
            Files.writeString(routes, bad);
            assertThat(Gateways.read(routes, routes6)).as(bad).isEmpty();
        }
    }
}
