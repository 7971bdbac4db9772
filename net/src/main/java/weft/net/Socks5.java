package weft.net;

import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import weft.primitives.codec.ByteWriter;

/// Asks a SOCKS5 proxy for a connection (RFC 1928), by name: the proxy, and not we, finds out where that is.
final class Socks5 {
    private static final int VERSION = 5;
    private static final int LOGIN_VERSION = 1;
    private static final int NO_LOGIN = 0;
    private static final int LOGIN = 2;
    private static final int CONNECT = 1;
    private static final int IPV4 = 1;
    private static final int NAME = 3;
    private static final int IPV6 = 4;
    private static final int NAME_BYTES_MAX = 255;

    /// *Rationale:* a Tor circuit can take this long.
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private Socks5() {}

    /// Goes through the handshake on a socket that is connected to the proxy.
    ///
    /// @param user and password of this connection; empty to give none
    /// @throws IOException in one line, if the proxy refuses or says something else than it should
    static void connect(Socket proxy, String host, int port, String user) throws IOException {
        byte[] name = host.getBytes(StandardCharsets.US_ASCII);
        if (name.length > NAME_BYTES_MAX) {
            throw new IOException("hostname too long for the proxy");
        }
        int before = proxy.getSoTimeout();
        proxy.setSoTimeout(Math.toIntExact(PATIENCE.toMillis()));
        login(proxy, user.getBytes(StandardCharsets.US_ASCII));
        write(
                proxy,
                new ByteWriter(name.length + 7)
                        .u8(VERSION)
                        .u8(CONNECT)
                        .u8(0)
                        .u8(NAME)
                        .u8(name.length)
                        .bytes(name)
                        .u16BigEndian(port));
        byte[] reply = read(proxy, 4);
        if (reply[0] != VERSION) {
            throw new IOException("proxy failed to accept request");
        }
        if (reply[1] != 0) {
            throw new IOException(
                    "Socks5() connect to " + host + ":" + port + " failed: " + why(reply[1]));
        }
        int rest =
                switch (reply[3]) {
                    case IPV4 -> 4;
                    case IPV6 -> 16;
                    case NAME -> read(proxy, 1)[0] & 0xff;
                    default -> throw new IOException("malformed proxy response");
                };
        read(proxy, rest + 2);
        proxy.setSoTimeout(before);
    }

    private static void login(Socket proxy, byte[] user) throws IOException {
        var greeting = new ByteWriter(4).u8(VERSION);
        write(
                proxy,
                user.length == 0
                        ? greeting.u8(1).u8(NO_LOGIN)
                        : greeting.u8(2).u8(NO_LOGIN).u8(LOGIN));
        byte[] chosen = read(proxy, 2);
        if (chosen[0] != VERSION) {
            throw new IOException("proxy failed to initialize");
        }
        if (chosen[1] == LOGIN && user.length > 0) {
            write(
                    proxy,
                    new ByteWriter(2 * user.length + 3)
                            .u8(LOGIN_VERSION)
                            .u8(user.length)
                            .bytes(user)
                            .u8(user.length)
                            .bytes(user));
            byte[] answer = read(proxy, 2);
            if (answer[0] != LOGIN_VERSION || answer[1] != 0) {
                throw new IOException("proxy authentication unsuccessful");
            }
        } else if (chosen[1] != NO_LOGIN) {
            throw new IOException("proxy requested wrong authentication method");
        }
    }

    private static void write(Socket proxy, ByteWriter bytes) throws IOException {
        proxy.getOutputStream().write(bytes.toByteArray());
    }

    private static byte[] read(Socket proxy, int count) throws IOException {
        InputStream in = proxy.getInputStream();
        byte[] bytes = in.readNBytes(count);
        if (bytes.length < count) {
            throw new IOException("the proxy hung up");
        }
        return bytes;
    }

    private static String why(byte code) {
        return switch (code) {
            case 1 -> "general failure";
            case 2 -> "connection not allowed";
            case 3 -> "network unreachable";
            case 4 -> "host unreachable";
            case 5 -> "connection refused";
            case 6 -> "TTL expired";
            case 7 -> "protocol error";
            case 8 -> "address type not supported";
            default -> "unknown";
        };
    }
}
