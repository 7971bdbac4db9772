package weft.app.tools;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/// A question to a DNS server, and what it answered. See RFC 1035; only addresses are asked for.
final class DnsQuestion {
    /// Record type of IPv4 addresses.
    static final int A = 1;

    /// Record type of IPv6 addresses.
    static final int AAAA = 28;

    private static final int HEADER_BYTES = 12;
    private static final int LABEL_MAX = 63;
    private static final int NAME_MAX = 253;
    private static final int RECURSION_WANTED = 0x0100;
    private static final int TRUNCATED = 0x0200;
    private static final int RESPONSE = 0x8000;
    private static final int CODE_MASK = 0xf;
    private static final int POINTER = 0xc0;
    private static final int CLASS_IN = 1;
    private static final int OPT = 41;
    private static final int ROOM_BYTES = 4_096;

    private DnsQuestion() {}

    /// An address of the name.
    ///
    /// @param ttlSeconds how long the answer may be kept
    record Answer(String address, long ttlSeconds) {}

    /// What a server said.
    ///
    /// @param code 0 for no error, 3 for no such name; see RFC 1035, section 4.1.1
    /// @param cut there was more than fits
    record Reply(int code, boolean cut, List<Answer> answers) {}

    /// Asks.
    ///
    /// @param type [#A] or [#AAAA]
    /// @param id any number; the answer must have the same
    /// @throws IOException if no answer comes within the patience, or none that can be read
    /// @throws IllegalArgumentException if it is not a name
    static Reply ask(InetSocketAddress server, String name, int type, int id, int patienceMillis)
            throws IOException {
        byte[] question = question(name, type, id);
        try (var socket = new DatagramSocket()) {
            socket.connect(server);
            socket.setSoTimeout(patienceMillis);
            socket.send(new DatagramPacket(question, question.length));
            var packet = new DatagramPacket(new byte[ROOM_BYTES], ROOM_BYTES);
            while (true) {
                socket.receive(packet);
                ByteBuffer in = ByteBuffer.wrap(packet.getData(), 0, packet.getLength());
                if (packet.getLength() >= HEADER_BYTES && in.getShort(0) == (short) id) {
                    return read(in, type);
                }
            }
        }
    }

    static byte[] question(String name, int type, int id) {
        var out = new ByteArrayOutputStream();
        shorts(out, id, RECURSION_WANTED, 1, 0, 0, 1);
        String plain = name.endsWith(".") ? name.substring(0, name.length() - 1) : name;
        if (plain.isEmpty() || plain.length() > NAME_MAX) {
            throw new IllegalArgumentException("not a name: \"" + name + "\"");
        }
        for (String label : plain.split("\\.", -1)) {
            byte[] bytes = label.getBytes(StandardCharsets.US_ASCII);
            if (bytes.length == 0 || bytes.length > LABEL_MAX) {
                throw new IllegalArgumentException("not a name: \"" + name + "\"");
            }
            out.write(bytes.length);
            out.writeBytes(bytes);
        }
        out.write(0);
        shorts(out, type, CLASS_IN);
        // Room for more than 512 bytes: RFC 6891.
        out.write(0);
        shorts(out, OPT, ROOM_BYTES, 0, 0, 0);
        return out.toByteArray();
    }

    private static void shorts(ByteArrayOutputStream out, int... values) {
        for (int each : values) {
            out.write(each >>> 8);
            out.write(each);
        }
    }

    private static Reply read(ByteBuffer in, int type) throws IOException {
        try {
            int flags = in.getShort(2);
            if ((flags & RESPONSE) == 0) {
                throw new IOException("not an answer");
            }
            int questions = Short.toUnsignedInt(in.getShort(4));
            int count = Short.toUnsignedInt(in.getShort(6));
            in.position(HEADER_BYTES);
            for (int i = 0; i < questions; i++) {
                skipName(in);
                in.position(in.position() + 4);
            }
            var answers = new ArrayList<Answer>();
            for (int i = 0; i < count; i++) {
                skipName(in);
                int found = Short.toUnsignedInt(in.getShort());
                in.getShort();
                long ttl = Integer.toUnsignedLong(in.getInt());
                byte[] bytes = new byte[Short.toUnsignedInt(in.getShort())];
                in.get(bytes);
                if (found == type && bytes.length == (type == A ? 4 : 16)) {
                    String address = InetAddress.getByAddress(bytes).getHostAddress();
                    answers.add(new Answer(address, ttl));
                }
            }
            return new Reply(flags & CODE_MASK, (flags & TRUNCATED) != 0, answers);
        } catch (BufferUnderflowException
                | IllegalArgumentException
                | IndexOutOfBoundsException e) {
            throw new IOException("an answer that cannot be read", e);
        }
    }

    private static void skipName(ByteBuffer in) {
        while (true) {
            int length = Byte.toUnsignedInt(in.get());
            if (length == 0) {
                return;
            }
            if (length >= POINTER) {
                in.get();
                return;
            }
            in.position(in.position() + length);
        }
    }
}
