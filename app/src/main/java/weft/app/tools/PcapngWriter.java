package weft.app.tools;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import weft.crypto.Sha256;
import weft.primitives.Bytes;
import weft.primitives.codec.ByteWriter;
import weft.wire.Message;
import weft.wire.NetAddress;
import weft.wire.NetworkId;

/// Writes messages as packets that Wireshark and its like read (pcapng): made-up Ethernet, IP and TCP around
/// the frames of the plain transport, whatever transport the messages really took. Each peer is one TCP
/// connection that opens before its first message; sequence numbers, acknowledgements and checksums are
/// right, and long messages go in several segments.
final class PcapngWriter implements AutoCloseable {
    private static final int MTU = 1_500;
    private static final int ETHERNET_BYTES = 14;
    private static final int TCP_BYTES = 20;
    private static final int IPV4_BYTES = 20;
    private static final int IPV6_BYTES = 40;
    private static final int ETHERTYPE_IPV4 = 0x0800;
    private static final int ETHERTYPE_IPV6 = 0x86dd;
    private static final int PROTOCOL_TCP = 6;
    private static final int SYN = 0x02;
    private static final int ACK = 0x10;
    private static final int PUSH = 0x08;
    private static final int WINDOW = 0xffff;
    private static final int FIRST_SEQUENCE = 1_000;

    private static final int SECTION_BLOCK = 0x0a0d_0d0a;
    private static final int INTERFACE_BLOCK = 1;
    private static final int PACKET_BLOCK = 6;
    private static final int BYTE_ORDER = 0x1a2b_3c4d;
    private static final int LINK_ETHERNET = 1;

    private static final byte[] OUR_IPV4 = {10, 0, 0, 1};
    private static final byte[] OUR_IPV6 = {
        (byte) 0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1
    };

    private final OutputStream out;
    private final NamedNetwork network;
    private final Map<String, Flow> flows = new HashMap<>();
    private int packets;

    /// One connection: the next sequence number of each side.
    private static final class Flow {
        final byte[] theirs;
        final int port;
        int ourNext = FIRST_SEQUENCE;
        int theirNext = FIRST_SEQUENCE;

        Flow(byte[] theirs, int port) {
            this.theirs = theirs;
            this.port = port;
        }
    }

    PcapngWriter(OutputStream out, NamedNetwork network) throws IOException {
        this.out = out;
        this.network = network;
        block(SECTION_BLOCK, new ByteWriter().i32(BYTE_ORDER).u16(1).u16(0).i64(-1));
        block(INTERFACE_BLOCK, new ByteWriter().u16(LINK_ETHERNET).u16(0).i32(0));
    }

    /// A block of the file: type, length, content filled up to four bytes, length again.
    private void block(int type, ByteWriter content) throws IOException {
        int padding = -content.size() & 3;
        int length = 12 + content.size() + padding;
        byte[] body = content.bytes(new byte[padding]).toByteArray();
        out.write(
                new ByteWriter(length).i32(type).i32(length).bytes(body).i32(length).toByteArray());
    }

    void write(CaptureReader.Captured message) throws IOException {
        Flow flow = flows.get(message.peer());
        if (flow == null) {
            flow = flow(message.peer());
            flows.put(message.peer(), flow);
            open(flow, message.time());
        }
        byte[] frame = frame(message);
        int overhead = TCP_BYTES + (flow.theirs.length == 4 ? IPV4_BYTES : IPV6_BYTES);
        int most = MTU - overhead;
        for (int at = 0; at < frame.length; at += most) {
            int end = Math.min(frame.length, at + most);
            byte[] part = Arrays.copyOfRange(frame, at, end);
            int flags = end == frame.length ? ACK | PUSH : ACK;
            segment(flow, message.sent(), flags, part, message.time());
        }
    }

    /// Three packets, of which the peer sends the first.
    private void open(Flow flow, Instant time) throws IOException {
        segment(flow, false, SYN, new byte[0], time);
        segment(flow, true, SYN | ACK, new byte[0], time);
        segment(flow, false, ACK, new byte[0], time);
    }

    private Flow flow(String peer) {
        try {
            int port = peer.lastIndexOf('_');
            NetAddress address =
                    NetAddress.parse(
                            peer.substring(0, port).replace('_', ':')
                                    + ":"
                                    + peer.substring(port + 1),
                            0);
            if (address.network() == NetworkId.IPV4 || address.network() == NetworkId.IPV6) {
                return new Flow(address.address().toByteArray(), address.port());
            }
        } catch (IllegalArgumentException | IndexOutOfBoundsException _) {
            // Of another network, or a folder that somebody renamed: an address is made up.
        }
        int number = flows.size() + 2;
        byte[] made = {10, (byte) (number >>> 16), (byte) (number >>> 8), (byte) number};
        return new Flow(made, network.port());
    }

    private byte[] frame(CaptureReader.Captured message) {
        Bytes payload = message.payload();
        byte[] command = message.command().getBytes(java.nio.charset.StandardCharsets.US_ASCII);
        byte[] sum = Sha256.hashTwice(payload.toByteArray());
        return new ByteWriter(24 + payload.length())
                .bytes(network.magic())
                .bytes(Arrays.copyOf(command, Message.COMMAND_BYTES))
                .i32(payload.length())
                .bytes(sum, 0, 4)
                .bytes(payload)
                .toByteArray();
    }

    private void segment(Flow flow, boolean sent, int flags, byte[] data, Instant time)
            throws IOException {
        boolean v4 = flow.theirs.length == 4;
        byte[] ours = v4 ? OUR_IPV4 : OUR_IPV6;
        byte[] from = sent ? ours : flow.theirs;
        byte[] to = sent ? flow.theirs : ours;
        int sequence = sent ? flow.ourNext : flow.theirNext;
        int acknowledged = (flags & ACK) == 0 ? 0 : sent ? flow.theirNext : flow.ourNext;
        ByteBuffer tcp = ByteBuffer.allocate(TCP_BYTES + data.length).order(ByteOrder.BIG_ENDIAN);
        tcp.putShort((short) (sent ? network.port() : flow.port))
                .putShort((short) (sent ? flow.port : network.port()))
                .putInt(sequence)
                .putInt(acknowledged)
                .put((byte) ((TCP_BYTES / 4) << 4))
                .put((byte) flags)
                .putShort((short) WINDOW)
                .putInt(0)
                .put(data);
        tcp.putShort(16, (short) checksum(pseudo(from, to, tcp.array())));
        int used = data.length + ((flags & SYN) == 0 ? 0 : 1);
        if (sent) {
            flow.ourNext += used;
        } else {
            flow.theirNext += used;
        }
        packet(ip(from, to, tcp.array()), v4, sent, time);
    }

    /// What the checksum of TCP is taken over.
    private static byte[] pseudo(byte[] from, byte[] to, byte[] tcp) {
        return ByteBuffer.allocate(2 * from.length + 8 + tcp.length)
                .put(from)
                .put(to)
                .putInt(tcp.length)
                .putInt(PROTOCOL_TCP)
                .put(tcp)
                .array();
    }

    private byte[] ip(byte[] from, byte[] to, byte[] tcp) {
        if (from.length == 4) {
            ByteBuffer header =
                    ByteBuffer.allocate(IPV4_BYTES + tcp.length)
                            .put((byte) 0x45)
                            .put((byte) 0)
                            .putShort((short) (IPV4_BYTES + tcp.length))
                            .putShort((short) packets)
                            .putShort((short) 0x4000)
                            .put((byte) 64)
                            .put((byte) PROTOCOL_TCP)
                            .putShort((short) 0)
                            .put(from)
                            .put(to);
            header.putShort(10, (short) checksum(Arrays.copyOf(header.array(), IPV4_BYTES)));
            return header.put(tcp).array();
        }
        return ByteBuffer.allocate(IPV6_BYTES + tcp.length)
                .putInt(0x6000_0000)
                .putShort((short) tcp.length)
                .put((byte) PROTOCOL_TCP)
                .put((byte) 64)
                .put(from)
                .put(to)
                .put(tcp)
                .array();
    }

    /// The Internet checksum. See RFC 1071.
    static int checksum(byte[] bytes) {
        long sum = 0;
        for (int i = 0; i < bytes.length; i += 2) {
            int low = i + 1 < bytes.length ? bytes[i + 1] & 0xff : 0;
            sum += (bytes[i] & 0xff) << 8 | low;
        }
        while (sum >>> 16 != 0) {
            sum = (sum & 0xffff) + (sum >>> 16);
        }
        return (int) ~sum & 0xffff;
    }

    private void packet(byte[] ip, boolean v4, boolean sent, Instant time) throws IOException {
        byte[] us = {2, 0, 0, 0, 0, 1};
        byte[] them = {2, 0, 0, 0, 0, 2};
        int length = ETHERNET_BYTES + ip.length;
        long micros =
                Math.addExact(
                        Math.multiplyExact(time.getEpochSecond(), 1_000_000L),
                        time.getNano() / 1_000);
        block(
                PACKET_BLOCK,
                new ByteWriter(length + 24)
                        .i32(0)
                        .i32((int) (micros >>> 32))
                        .i32((int) micros)
                        .i32(length)
                        .i32(length)
                        .bytes(sent ? them : us)
                        .bytes(sent ? us : them)
                        .u16BigEndian(v4 ? ETHERTYPE_IPV4 : ETHERTYPE_IPV6)
                        .bytes(ip));
        packets++;
    }

    /// How many packets are written.
    int packets() {
        return packets;
    }

    @Override
    public void close() throws IOException {
        out.close();
    }
}
