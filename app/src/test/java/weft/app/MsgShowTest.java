package weft.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import weft.primitives.Bytes;
import weft.primitives.codec.ByteWriter;
import weft.wire.FeeFilter;
import weft.wire.Message;
import weft.wire.Ping;
import weft.wire.Pong;
import weft.wire.Unknown;
import weft.wire.transport.Magic;
import weft.wire.transport.Transport;
import weft.wire.transport.TransportEvent;

/// `weft msg show`, as typed.
class MsgShowTest {
    private static final long BEGIN_MICROS = 1_700_000_000_000_000L;
    private static final Message LARGE = new Unknown("large", Bytes.wrap(new byte[100_001]));

    private static byte[] record(long micros, Message message) {
        Bytes payload = message.payload();
        byte[] name = message.command().getBytes(StandardCharsets.US_ASCII);
        return new ByteWriter()
                .i64(BEGIN_MICROS + micros)
                .bytes(Arrays.copyOf(name, 12))
                .i32(payload.length())
                .bytes(payload)
                .toByteArray();
    }

    private static Path file(Path folder, String peer, String name, byte[]... records)
            throws IOException {
        Path file = folder.resolve("regtest").resolve(peer).resolve(name);
        Files.createDirectories(file.getParent());
        var all = new ByteArrayOutputStream();
        for (byte[] each : records) {
            all.write(each);
        }
        return Files.write(file, all.toByteArray());
    }

    private static List<String> files(Path folder, String peer) throws IOException {
        Path received =
                file(
                        folder,
                        peer,
                        "msgs_recv.dat",
                        record(1, Ping.of(7)),
                        record(5, LARGE),
                        record(9, new Unknown("ping", Bytes.parse("00"))));
        Path sent =
                file(
                        folder,
                        peer,
                        "msgs_sent.dat",
                        record(3, Pong.of(7)),
                        record(7, new FeeFilter(1_000)));
        return List.of(sent.toString(), received.toString());
    }

    private static WeftProcess.Ended show(Path folder, List<String> more) throws Exception {
        var arguments = new ArrayList<String>(List.of("msg", "show"));
        arguments.addAll(more);
        return WeftProcess.run(folder, arguments.toArray(String[]::new));
    }

    @Test
    void shouldPrintMessagesByTime(@TempDir Path folder) throws Exception {
        List<String> files = files(folder, "1.2.3.4_8333");
        WeftProcess.Ended text = show(folder, files);
        assertThat(text.exitCode()).as(text.err()).isZero();
        assertThat(text.out().lines()).hasSize(5);
        assertThat(text.out().lines().toList().get(0))
                .startsWith("2023-11-14T22:13:20.000001Z <- 1.2.3.4_8333")
                .contains("ping", "{\"nonce\":7}");
        assertThat(text.out().lines().toList().get(1)).contains("->", "pong");
        assertThat(text.out().lines().toList().get(4)).contains("malformed (");
        var json = new ArrayList<>(files);
        json.add("--json");
        assertThat(show(folder, json).out().lines().toList().get(3))
                .isEqualTo(
                        "{\"time\":\"2023-11-14T22:13:20.000007Z\",\"peer\":\"1.2.3.4_8333\","
                                + "\"direction\":\"sent\",\"command\":\"feefilter\",\"length\":8,"
                                + "\"fields\":{\"satoshisPerKvB\":1000}}");
    }

    @Test
    void shouldWritePackets(@TempDir Path folder) throws Exception {
        for (String peer : List.of("1.2.3.4_8333", "[2001_db8__7]_18444", "abc.onion_1")) {
            var arguments = new ArrayList<>(files(folder, peer));
            Path packets = folder.resolve("out.pcapng");
            arguments.add("--pcapng=" + packets);
            WeftProcess.Ended ended = show(folder, arguments);
            assertThat(ended.exitCode()).as(ended.err()).isZero();
            var streams = new Streams();
            streams.read(ByteBuffer.wrap(Files.readAllBytes(packets)));
            assertThat(streams.packets).isGreaterThan(70);
            assertThat(streams.bySource).hasSize(2);
            assertThat(streams.commands())
                    .containsExactlyInAnyOrder("ping", "large", "ping", "pong", "feefilter");
        }
    }

    /// Takes a file of packets apart again, by the books of pcapng, IP and TCP, and checks what it can.
    private static final class Streams {
        final TreeMap<Integer, ByteArrayOutputStream> bySource = new TreeMap<>();
        final TreeMap<Integer, Integer> next = new TreeMap<>();
        int packets;

        void read(ByteBuffer file) {
            file.order(ByteOrder.LITTLE_ENDIAN);
            assertThat(file.getInt(0)).isEqualTo(0x0a0d0d0a);
            assertThat(file.getInt(8)).isEqualTo(0x1a2b3c4d);
            int at = 0;
            while (at < file.limit()) {
                int length = file.getInt(at + 4);
                assertThat(length % 4).isZero();
                assertThat(file.getInt(at + length - 4)).isEqualTo(length);
                if (file.getInt(at) == 6) {
                    long high = Integer.toUnsignedLong(file.getInt(at + 12));
                    long micros = high << 32 | Integer.toUnsignedLong(file.getInt(at + 16));
                    assertThat(micros).isBetween(BEGIN_MICROS + 1, BEGIN_MICROS + 9);
                    int captured = file.getInt(at + 20);
                    assertThat(captured).isLessThanOrEqualTo(1_514);
                    byte[] packet = new byte[captured - 14];
                    file.get(at + 28 + 14, packet);
                    packet(packet, Short.toUnsignedInt(swapped(file.getShort(at + 28 + 12))));
                    packets++;
                }
                at += length;
            }
        }

        private static short swapped(short value) {
            return Short.reverseBytes(value);
        }

        private static int sum(byte[]... parts) {
            var all = new ByteArrayOutputStream();
            for (byte[] each : parts) {
                all.writeBytes(each);
            }
            byte[] bytes = all.toByteArray();
            int sum = 0;
            for (int i = 0; i < bytes.length; i++) {
                sum += (bytes[i] & 0xff) << (i % 2 == 0 ? 8 : 0);
            }
            while (sum > 0xffff) {
                sum = (sum & 0xffff) + (sum >> 16);
            }
            return sum;
        }

        private void packet(byte[] packet, int type) {
            ByteBuffer ip = ByteBuffer.wrap(packet);
            boolean v4 = type == 0x0800;
            assertThat(type).isIn(0x0800, 0x86dd);
            int head = v4 ? 20 : 40;
            assertThat(packet[0] >> 4).isEqualTo(v4 ? 4 : 6);
            assertThat(packet[v4 ? 9 : 6]).isEqualTo((byte) 6);
            int length = v4 ? ip.getShort(2) - head : ip.getShort(4);
            assertThat(length).isEqualTo(packet.length - head);
            if (v4) {
                assertThat(sum(Arrays.copyOf(packet, head))).isEqualTo(0xffff);
            }
            byte[] tcp = Arrays.copyOfRange(packet, head, packet.length);
            byte[] addresses = Arrays.copyOfRange(packet, v4 ? 12 : 8, head);
            byte[] rest = ByteBuffer.allocate(8).putInt(tcp.length).putInt(6).array();
            byte[] even = Arrays.copyOf(tcp, tcp.length + tcp.length % 2);
            assertThat(sum(addresses, rest, even)).isEqualTo(0xffff);
            segment(
                    ByteBuffer.wrap(tcp),
                    Arrays.hashCode(Arrays.copyOf(addresses, addresses.length / 2)));
        }

        private void segment(ByteBuffer tcp, int source) {
            int sequence = tcp.getInt(4);
            boolean opens = (tcp.get(13) & 2) != 0;
            int data = tcp.limit() - 20;
            Integer expected = next.put(source, sequence + data + (opens ? 1 : 0));
            if (opens) {
                assertThat(expected).isNull();
            } else {
                assertThat(sequence).isEqualTo(expected);
                next.forEach(
                        (each, value) -> {
                            if (each != source) {
                                assertThat(tcp.getInt(8)).isEqualTo(value);
                            }
                        });
            }
            byte[] bytes = new byte[data];
            tcp.get(20, bytes);
            bySource.computeIfAbsent(source, any -> new ByteArrayOutputStream()).writeBytes(bytes);
        }

        List<String> commands() {
            var found = new ArrayList<String>();
            for (ByteArrayOutputStream each : bySource.values()) {
                byte[] bytes = each.toByteArray();
                try (Transport transport = Transport.v1(0, Magic.REGTEST)) {
                    transport.push(bytes, 0, bytes.length);
                    for (var event = transport.next();
                            event.isPresent();
                            event = transport.next()) {
                        if (event.get() instanceof TransportEvent.Received(var frame)) {
                            found.add(frame.command());
                        }
                    }
                }
            }
            return found;
        }
    }

    @Test
    void shouldSayInOneLineWhatIsWrong(@TempDir Path folder) throws Exception {
        byte[] whole = record(1, Ping.of(7));
        Path cut = file(folder, "a", "cut_recv.dat", whole, Arrays.copyOf(whole, 30));
        Path text =
                file(
                        folder,
                        "a",
                        "text.dat",
                        "hello, this is not a capture".getBytes(StandardCharsets.US_ASCII));
        Path small = file(folder, "a", "small.dat", new byte[3]);
        for (Path each : List.of(cut, text, small, folder.resolve("nowhere"))) {
            WeftProcess.Ended ended = show(folder, List.of(each.toString()));
            assertThat(ended.exitCode()).isEqualTo(1);
            assertThat(ended.err()).startsWith("Error: ").contains(each.toString()).hasLineCount(1);
        }
        WeftProcess.Ended ended = show(folder, List.of(cut.toString()));
        assertThat(ended.out()).hasLineCount(1).contains("ping");
        assertThat(ended.err()).contains("breaks off after 1 messages, at byte 32");
    }
}
