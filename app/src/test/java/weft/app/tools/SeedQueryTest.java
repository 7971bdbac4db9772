package weft.app.tools;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import weft.app.CommandLineRun;
import weft.testkit.Property;

/// `weft seeds query` against a server that answers as a DNS server would.
@Timeout(60)
class SeedQueryTest {
    private static final int HEADER = 12;

    /// Answers one question; answers point back to the name of the question.
    private static byte[] reply(byte[] question, int length, int code, List<String> addresses)
            throws IOException {
        ByteBuffer out = ByteBuffer.allocate(4_096);
        int end = HEADER;
        while (question[end] != 0) {
            end += question[end] + 1;
        }
        int type = question[end + 2];
        out.put(question, 0, 2).putShort((short) (0x8180 | code)).putShort((short) 1);
        int count = out.position();
        out.putShort((short) 0).putInt(0);
        out.put(question, HEADER, end + 5 - HEADER);
        short answers = 0;
        for (int i = 0; i < addresses.size(); i++) {
            byte[] bytes = InetAddress.getByName(addresses.get(i)).getAddress();
            if ((bytes.length == 4) == (type == DnsQuestion.A)) {
                out.put((byte) 0xc0).put((byte) HEADER).putShort((short) type).putShort((short) 1);
                out.putInt(60 + i).putShort((short) bytes.length).put(bytes);
                answers++;
            }
        }
        out.putShort(count, answers);
        byte[] all = new byte[out.position()];
        out.flip().get(all);
        assertThat(length).isGreaterThan(end);
        return all;
    }

    private static InetSocketAddress server(DatagramSocket socket, int code, String... addresses) {
        Thread.ofVirtual()
                .start(
                        () -> {
                            try {
                                while (true) {
                                    var packet = new DatagramPacket(new byte[512], 512);
                                    socket.receive(packet);
                                    byte[] answer =
                                            reply(
                                                    packet.getData(),
                                                    packet.getLength(),
                                                    code,
                                                    List.of(addresses));
                                    socket.send(
                                            new DatagramPacket(
                                                    answer,
                                                    answer.length,
                                                    packet.getSocketAddress()));
                                }
                            } catch (IOException e) {
                                // The test is over.
                            }
                        });
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), socket.getLocalPort());
    }

    private static DatagramSocket open() throws IOException {
        return new DatagramSocket(0, InetAddress.getLoopbackAddress());
    }

    @Test
    @DisplayName("S-27 answers of a seed with their time to live, both kinds of addresses")
    void shouldReadAnswers() throws IOException {
        try (DatagramSocket socket = open()) {
            InetSocketAddress server = server(socket, 0, "8.8.8.8", "2a01:4f8::1", "9.9.9.9");
            DnsQuestion.Reply four =
                    DnsQuestion.ask(server, "seed.example.", DnsQuestion.A, 7, 5_000);
            assertThat(four.code()).isZero();
            assertThat(four.answers())
                    .containsExactly(
                            new DnsQuestion.Answer("8.8.8.8", 60),
                            new DnsQuestion.Answer("9.9.9.9", 62));
            DnsQuestion.Reply six =
                    DnsQuestion.ask(server, "seed.example", DnsQuestion.AAAA, 8, 5_000);
            assertThat(six.answers())
                    .containsExactly(new DnsQuestion.Answer("2a01:4f8:0:0:0:0:0:1", 61));
        }
    }

    @Test
    @DisplayName("S-27 weft seeds query prints a line for each answer: name, TTL, kind, address")
    void shouldPrintAnswers() throws IOException {
        try (DatagramSocket socket = open()) {
            InetSocketAddress server = server(socket, 0, "8.8.8.8", "2a01:4f8::1", "9.9.9.9");
            CommandLineRun run = query("seed.example", server);
            assertThat(run.exitCode()).isZero();
            assertThat(run.out())
                    .containsExactly(
                            "seed.example 60 A 8.8.8.8",
                            "seed.example 62 A 9.9.9.9",
                            "seed.example 61 AAAA 2a01:4f8:0:0:0:0:0:1");
            assertThat(run.err().strip()).isEqualTo("3 addresses");
        }
    }

    @Test
    @DisplayName("S-27 weft seeds query fails in one line where the name or its addresses are none")
    void shouldFailInOneLine() throws IOException {
        try (DatagramSocket socket = open();
                DatagramSocket other = open()) {
            CommandLineRun run = query("no.example", server(socket, 3));
            assertThat(run.exitCode()).isOne();
            assertThat(run.out()).isEmpty();
            assertThat(run.err().strip()).isEqualTo("Error: no.example A: no such name");
            CommandLineRun none = query("no.example", server(other, 0));
            assertThat(none.exitCode()).isOne();
            assertThat(none.out()).isEmpty();
            assertThat(none.err().strip()).isEqualTo("0 addresses");
        }
    }

    private static CommandLineRun query(String name, InetSocketAddress server) {
        return CommandLineRun.of(
                "seeds", "query", name, "--server", "127.0.0.1:" + server.getPort());
    }

    @Test
    @DisplayName("S-27 no such name, no names, no answer")
    void shouldTellWhatIsWrong() throws IOException {
        try (DatagramSocket socket = open();
                DatagramSocket silent = open()) {
            InetSocketAddress server = server(socket, 3);
            assertThat(DnsQuestion.ask(server, "no.example", DnsQuestion.A, 7, 5_000).code())
                    .isEqualTo(3);
            assertThatThrownBy(() -> DnsQuestion.ask(server, "a..b", DnsQuestion.A, 7, 5_000))
                    .isInstanceOf(IllegalArgumentException.class);
            var nobody =
                    new InetSocketAddress(InetAddress.getLoopbackAddress(), silent.getLocalPort());
            assertThatThrownBy(() -> DnsQuestion.ask(nobody, "a.b", DnsQuestion.A, 7, 100))
                    .isInstanceOf(IOException.class);
        }
    }

    @Test
    @DisplayName("S-27 an answer of random bytes is refused, never worse")
    void shouldSurviveAnyAnswer() {
        Property.holds(
                50,
                random -> {
                    try (DatagramSocket socket = open()) {
                        var own = new SplittableRandom(random.nextLong());
                        Thread.ofVirtual().start(() -> answerBadly(socket, own));
                        var server =
                                new InetSocketAddress(
                                        InetAddress.getLoopbackAddress(), socket.getLocalPort());
                        try {
                            DnsQuestion.ask(server, "a.b", DnsQuestion.A, 7, 2_000);
                        } catch (IOException e) {
                            assertThat(e).hasMessageContaining("answer");
                        }
                    } catch (IOException e) {
                        throw new AssertionError(e);
                    }
                });
    }

    private static void answerBadly(DatagramSocket socket, SplittableRandom random) {
        try {
            var packet = new DatagramPacket(new byte[512], 512);
            socket.receive(packet);
            byte[] answer = new byte[HEADER + random.nextInt(60)];
            random.nextBytes(answer);
            answer[0] = packet.getData()[0];
            answer[1] = packet.getData()[1];
            answer[2] |= (byte) 0x80;
            socket.send(new DatagramPacket(answer, answer.length, packet.getSocketAddress()));
        } catch (IOException e) {
            // The test is over.
        }
    }
}
