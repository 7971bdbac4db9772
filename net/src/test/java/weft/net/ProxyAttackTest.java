package weft.net;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import weft.p2p.PeerCommand;
import weft.p2p.PeerInput;
import weft.primitives.Bytes;
import weft.testkit.Sabotage;
import weft.testkit.SeenRed;
import weft.wire.NetAddress;
import weft.wire.NetworkId;

/// SOCKS5 proxies that answer in ways that no proxy should.
@Timeout(120)
class ProxyAttackTest implements SeenRed {
    private static final Duration SHORT = Duration.ofMillis(600);
    private static final int MEGABYTES = 10;
    private static final Socks5.Login LOGIN = new Socks5.Login("me", "secret");

    /// What a proxy does with who comes.
    private interface Manners {
        void serve(SocketChannel client) throws IOException, InterruptedException;
    }

    /// A proxy of bad manners, which hangs up in the end.
    private static final class BadProxy implements AutoCloseable {
        private final ServerSocketChannel server = ServerSocketChannel.open();

        BadProxy(Manners manners) throws IOException {
            server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
            Thread.ofVirtual()
                    .start(
                            () -> {
                                while (server.isOpen()) {
                                    try (SocketChannel client = server.accept()) {
                                        client.setOption(StandardSocketOptions.TCP_NODELAY, true);
                                        manners.serve(client);
                                    } catch (IOException | InterruptedException _) {
                                        // The client hung up, or the test is over.
                                    }
                                }
                            });
        }

        NetAddress address() throws IOException {
            return Listener.netAddress((InetSocketAddress) server.getLocalAddress());
        }

        @Override
        public void close() throws IOException {
            server.close();
        }
    }

    private static byte[] bytes(String hex) {
        return Bytes.parse(hex).toByteArray();
    }

    private static void write(SocketChannel to, byte[] all) throws IOException {
        ByteBuffer left = ByteBuffer.wrap(all);
        while (left.hasRemaining()) {
            to.write(left);
        }
    }

    private static void writeByteByByte(SocketChannel to, byte[] all)
            throws IOException, InterruptedException {
        for (byte each : all) {
            write(to, new byte[] {each});
            Thread.sleep(1);
        }
    }

    private static void waitForEnd(SocketChannel client) throws IOException {
        ByteBuffer any = ByteBuffer.allocate(1_000);
        while (client.read(any.clear()) >= 0) {
            // What it says is of no interest.
        }
    }

    /// What a proxy says of an address of its own that is a name so long.
    private static byte[] answer(int nameBytes) {
        return bytes(
                "0500"
                        + "05000003"
                        + String.format("%02x", nameBytes)
                        + "61".repeat(nameBytes)
                        + "1f90");
    }

    @Test
    @DisplayName("B12 answers with names of 255, 128 and 0 bytes, each byte by itself")
    @Sabotage(type = "weft.net.Socks5", method = "received", constant = "255>127")
    void shouldReadNamesOfAnyLength() throws Exception {
        byte[] behind = "all that follows".getBytes(StandardCharsets.US_ASCII);
        for (int length : new int[] {0, 1, 127, 128, 255}) {
            Manners slow =
                    client -> {
                        writeByteByByte(client, answer(length));
                        write(client, behind);
                        waitForEnd(client);
                    };
            try (BadProxy proxy = new BadProxy(slow);
                    TimedChannel channel =
                            TimedChannel.connect(proxy.address(), Duration.ofSeconds(10))) {
                Dialer.shake(channel, new Socks5("seed.example", 8333, null));
                assertThat(channel.read(behind.length))
                        .as("after a name of %d bytes", length)
                        .isEqualTo(behind);
            }
        }
    }

    private static @Nullable String failure(BadProxy proxy, Socks5 handshake) throws IOException {
        try (TimedChannel channel = TimedChannel.connect(proxy.address(), Duration.ofSeconds(10))) {
            channel.patience(SHORT);
            Dialer.shake(channel, handshake);
            return null;
        } catch (IOException e) {
            return e.getMessage();
        }
    }

    @Test
    @DisplayName("B12 a proxy that never answers, and one that answers each question late")
    @Sabotage(type = "weft.net.Dialer", method = "shake", call = "nanoTime", returns = "0")
    void shouldNotWaitLongerForManyLateAnswers() throws Exception {
        Manners silent = ProxyAttackTest::waitForEnd;
        Manners late =
                client -> {
                    for (String each : new String[] {"0502", "0100", "05000003", "01", "611f90"}) {
                        Thread.sleep(SHORT.toMillis() / 2);
                        write(client, bytes(each));
                    }
                    waitForEnd(client);
                };
        for (Manners each : new Manners[] {silent, late}) {
            try (BadProxy proxy = new BadProxy(each)) {
                long start = System.nanoTime();
                assertThat(failure(proxy, new Socks5("seed.example", 8333, LOGIN)))
                        // Time may run out on either side of a question.
                        .isIn("timeout while waiting for an answer", "timeout while sending");
                assertThat(System.nanoTime() - start).isLessThan(TimeUnit.SECONDS.toNanos(10));
            }
        }
    }

    @Test
    @DisplayName("B12 a proxy that sends 10 MB, at once and after it has connected us")
    @Sabotage(type = "weft.net.Socks5", method = "onMethod", flips = 1)
    void shouldReadNoMoreThanTheProtocolHas() throws Exception {
        byte[] garbage = "x".repeat(1 << 20).getBytes(StandardCharsets.US_ASCII);
        var sent = new java.util.concurrent.atomic.AtomicLong();
        for (byte[] first : new byte[][] {new byte[0], answer(255)}) {
            Manners talker =
                    client -> {
                        write(client, first);
                        for (int i = 0; i < MEGABYTES; i++) {
                            write(client, garbage);
                            sent.addAndGet(garbage.length);
                        }
                        waitForEnd(client);
                    };
            try (BadProxy proxy = new BadProxy(talker);
                    NetScene scene = new NetScene(all(new ProxyAddress.Tcp(proxy.address())))) {
                scene.loop.post(
                        new PeerInput.Command(new PeerCommand.TryNode("15.61.23.23:8333", false)));
                NetScene.await(
                        () ->
                                scene.logged(
                                        first.length == 0
                                                ? "failed: Proxy failed to initialize"
                                                : "Cleared nodestate for peer=0"));
                assertThat(scene.peers()).isZero();
            }
        }
        assertThat(sent.get()).as("far less than 20 MB were taken").isLessThan(15L << 20);
    }

    private static Proxies all(ProxyAddress proxy) {
        return new Proxies(Map.of(NetworkId.IPV4, proxy), proxy, false);
    }
}
