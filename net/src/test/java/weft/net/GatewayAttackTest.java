package weft.net;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import weft.testkit.Sabotage;
import weft.testkit.SeenRed;
import weft.wire.NetAddress;

/// Gateways that answer in ways that no gateway should, and others in the house who answer for them.
@Timeout(120)
class GatewayAttackTest implements SeenRed {
    private static final int PORT = 18_444;
    private static final int LARGEST = 60_000;

    /// Where the first answer must be heard before the question is asked again.
    private static final Duration LONG = Duration.ofSeconds(1);

    private static final HexFormat HEX = HexFormat.of();
    private static final NetAddress OUTSIDE = NetAddress.parse("9.8.7.6:40000", 0);

    /// What a gateway does with who asks.
    private interface Manners {
        void answer(Gateway gateway, String request, SocketAddress client)
                throws IOException, InterruptedException;
    }

    private static final class Gateway implements AutoCloseable {
        final List<String> heard = new CopyOnWriteArrayList<>();
        final DatagramSocket socket = new DatagramSocket(0, InetAddress.getLoopbackAddress());

        Gateway(Manners manners) throws IOException {
            Thread.ofVirtual().start(() -> serve(manners));
        }

        private void serve(Manners manners) {
            var packet = new DatagramPacket(new byte[2_000], 2_000);
            try {
                while (true) {
                    packet.setLength(2_000);
                    socket.receive(packet);
                    byte[] bytes = Arrays.copyOf(packet.getData(), packet.getLength());
                    heard.add(HEX.formatHex(bytes));
                    manners.answer(this, heard.getLast(), packet.getSocketAddress());
                }
            } catch (IOException | InterruptedException _) {
                // The test is over.
            }
        }

        void send(byte[] bytes, SocketAddress to) throws IOException {
            socket.send(new DatagramPacket(bytes, bytes.length, to));
        }

        @Override
        public void close() {
            socket.close();
        }
    }

    private static PortMapper begin(Gateway gateway, NetScene scene) {
        return begin(gateway, scene, Duration.ofMillis(300));
    }

    private static PortMapper begin(Gateway gateway, NetScene scene, Duration patience) {
        var to =
                new InetSocketAddress(
                        gateway.socket.getLocalAddress(), gateway.socket.getLocalPort());
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

    /// A mapping of our port is granted, for 1,200 s.
    private static String granted(String request) {
        return "02810000"
                + "000004b0"
                + "00000001"
                + "0".repeat(24)
                + request.substring(48, 48 + 24 + 8 + 4)
                + "9c40"
                + "00000000000000000000ffff09080706";
    }

    private static byte[] padded(String hex, int length) {
        return Arrays.copyOf(HEX.parseHex(hex), length);
    }

    @Test
    @DisplayName(
            "B13 a gateway that answers without end, in packets of 60,000 bytes, to no question")
    @Sabotage(type = "weft.net.PortMapper", method = "exchange", constant = "3>40")
    @Sabotage(type = "weft.net.MappingDialogue", method = "pcp", call = "equals", returns = "true")
    void shouldEndWhateverComes() throws Exception {
        var packets = new AtomicLong();
        Manners endless =
                (gateway, request, client) -> {
                    // Ours but for the secret number.
                    String wrong = granted(request).substring(0, 48) + "00".repeat(12);
                    byte[] packet = padded(wrong + granted(request).substring(72), LARGEST);
                    long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(250);
                    while (System.nanoTime() < end) {
                        gateway.send(packet, client);
                        packets.incrementAndGet();
                        Thread.sleep(1);
                    }
                };
        try (NetScene scene = new NetScene();
                Gateway gateway = new Gateway(endless);
                PortMapper mapper = begin(gateway, scene)) {
            assertThat(mapper).isNotNull();
            long start = System.nanoTime();
            NetScene.await(() -> scene.logged("portmap: no answer of"));
            assertThat(System.nanoTime() - start).isLessThan(TimeUnit.SECONDS.toNanos(5));
            assertThat(gateway.heard).hasSizeLessThanOrEqualTo(3);
            assertThat(packets.get()).isPositive();
            assertThat(isKnown(scene)).isFalse();
        }
    }

    private static boolean isKnown(NetScene scene) {
        return scene.loop.ask(engine -> engine.localAddresses().containsKey(OUTSIDE));
    }

    @Test
    @DisplayName("B13 a gateway that always knows another protocol, a drop at a time")
    @Sabotage(type = "weft.net.MappingDialogue", method = "received", constant = "128>129")
    void shouldNotBeSentInCircles() throws Exception {
        Manners circles =
                (gateway, request, client) -> {
                    for (int length : new int[] {0, 1, 2, 3}) {
                        gateway.send(padded("00810001", length), client);
                    }
                    Thread.sleep(100);
                    gateway.send(padded("0081000100000007", 8), client);
                    gateway.send(padded("0281000100000007", 24), client);
                };
        try (NetScene scene = new NetScene();
                Gateway gateway = new Gateway(circles);
                PortMapper mapper = begin(gateway, scene, LONG)) {
            assertThat(mapper).isNotNull();
            NetScene.await(() -> scene.logged("portmap: no answer of"));
            assertThat(gateway.heard).as("once by the one, three times by the other").hasSize(4);
            assertThat(gateway.heard.subList(1, 4)).containsOnly("0000");
            assertThat(isKnown(scene)).isFalse();
        }
    }

    @Test
    @DisplayName("B13 somebody else in the house answers for the gateway")
    @Sabotage(type = "weft.net.PortMapper", method = "exchange", constant = "3>4")
    void shouldBelieveNobodyElse() throws Exception {
        try (DatagramSocket stranger = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
            // NAT-PMP has no secret numbers.
            Manners mute =
                    (gateway, request, client) -> {
                        String answer =
                                switch (request.length()) {
                                    case 4 -> "0080" + "0000" + "00000007" + "09080706";
                                    case 24 ->
                                            "0082"
                                                    + "0000"
                                                    + "00000007"
                                                    + "480c"
                                                    + "9c40"
                                                    + "00000e10";
                                    default -> "0081" + "0001" + "00000007";
                                };
                        byte[] bytes = HEX.parseHex(answer);
                        stranger.send(new DatagramPacket(bytes, bytes.length, client));
                    };
            try (NetScene scene = new NetScene();
                    Gateway gateway = new Gateway(mute);
                    PortMapper mapper = begin(gateway, scene)) {
                assertThat(mapper).isNotNull();
                NetScene.await(() -> scene.logged("portmap: no answer of"));
                NetScene.await(() -> gateway.heard.size() >= 3);
                assertThat(gateway.heard).hasSize(3);
                assertThat(isKnown(scene)).isFalse();
            }
        }
    }
}
