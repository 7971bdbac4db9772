package weft.net;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;
import weft.primitives.Check;
import weft.primitives.codec.ByteWriter;
import weft.wire.transport.Entropy;

/// The handshake with a SOCKS5 proxy that shall connect us (RFC 1928, RFC 1929), as bytes: no socket is
/// touched here.
///
/// The address goes out as a name, whatever it is: the proxy, and not we, finds out where that is. Who uses
/// it writes [#toSend], reads [#wanted] bytes, gives them to [#received], and begins again until nothing is
/// wanted.
final class Socks5 {
    /// Bytes of a name, of a user and of a password at most: each length has one byte.
    static final int FIELD_BYTES_MAX = 255;

    private static final int VERSION = 5;
    private static final int LOGIN_VERSION = 1;
    private static final int NO_LOGIN = 0;
    private static final int LOGIN = 2;
    private static final int CONNECT = 1;
    private static final int IPV4 = 1;
    private static final int NAME = 3;
    private static final int IPV6 = 4;
    private static final int PORT_BYTES = 2;

    /// A user and a password. What a proxy does with them is its business; Tor gives each pair a circuit of
    /// its own.
    record Login(String user, String password) {
        private static final int BYTES = 16;

        /// A pair that nobody has and nobody can guess.
        ///
        /// *Rationale:* with a counter the proxy, and who logs there, could tell how many connections were
        /// made before; with numbers of two runs that meet, two peers would share a circuit.
        static Login random(Entropy entropy) {
            HexFormat hex = HexFormat.of();
            return new Login(
                    hex.formatHex(entropy.bytes(BYTES)), hex.formatHex(entropy.bytes(BYTES)));
        }
    }

    private enum Stage {
        METHOD,
        LOGIN_ANSWER,
        ANSWER,
        NAME_LENGTH,
        ADDRESS,
        DONE
    }

    private final byte[] name;
    private final String target;
    private final int port;
    private final @Nullable Login login;
    private Stage stage = Stage.METHOD;
    private byte[] toSend;
    private int wanted = 2;

    /// @param host a name or a numeric address without brackets
    /// @param login null to offer none
    /// @throws IOException if the name or the login is too long for the protocol
    Socks5(String host, int port, @Nullable Login login) throws IOException {
        this.name = field(host, "Hostname too long");
        this.target = host + ":" + port;
        this.port = port;
        this.login = login;
        var greeting = new ByteWriter(4).u8(VERSION);
        this.toSend =
                (login == null
                                ? greeting.u8(1).u8(NO_LOGIN)
                                : greeting.u8(2).u8(NO_LOGIN).u8(LOGIN))
                        .toByteArray();
    }

    private static byte[] field(String text, String fault) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        if (bytes.length > FIELD_BYTES_MAX) {
            throw new IOException(fault);
        }
        return bytes;
    }

    /// What goes to the proxy now; may be empty.
    byte[] toSend() {
        return toSend;
    }

    /// How many bytes of the proxy come next; 0 once it has connected us.
    int wanted() {
        return wanted;
    }

    /// Whether the proxy is believed to dial now, so that silence is that of the other end.
    boolean isDialling() {
        return stage == Stage.ANSWER;
    }

    /// What the proxy said.
    ///
    /// @param bytes as many as were wanted
    /// @throws IOException in one line, if the proxy refuses or says something else than it should
    void received(byte[] bytes) throws IOException {
        Check.argument(bytes.length == wanted && wanted > 0, "not what was wanted");
        switch (stage) {
            case METHOD -> onMethod(bytes);
            case LOGIN_ANSWER -> {
                if (bytes[0] != LOGIN_VERSION || bytes[1] != 0) {
                    throw new IOException("Proxy authentication unsuccessful");
                }
                request();
            }
            case ANSWER -> onAnswer(bytes);
            case NAME_LENGTH -> next(Stage.ADDRESS, new byte[0], (bytes[0] & 0xff) + PORT_BYTES);
            case ADDRESS -> next(Stage.DONE, new byte[0], 0);
            case DONE -> throw new IllegalStateException("nothing more is wanted");
        }
    }

    private void next(Stage then, byte[] send, int want) {
        stage = then;
        toSend = send;
        wanted = want;
    }

    private void onMethod(byte[] bytes) throws IOException {
        if (bytes[0] != VERSION) {
            throw new IOException("Proxy failed to initialize");
        }
        if (bytes[1] == LOGIN && login != null) {
            byte[] user = field(login.user, "Proxy username or password too long");
            byte[] password = field(login.password, "Proxy username or password too long");
            byte[] send =
                    new ByteWriter(user.length + password.length + 3)
                            .u8(LOGIN_VERSION)
                            .u8(user.length)
                            .bytes(user)
                            .u8(password.length)
                            .bytes(password)
                            .toByteArray();
            next(Stage.LOGIN_ANSWER, send, 2);
        } else if (bytes[1] == NO_LOGIN) {
            request();
        } else {
            throw new IOException(
                    "Proxy requested wrong authentication method "
                            + HexFormat.of().toHexDigits(bytes[1]));
        }
    }

    private void request() {
        byte[] send =
                new ByteWriter(name.length + 7)
                        .u8(VERSION)
                        .u8(CONNECT)
                        .u8(0)
                        .u8(NAME)
                        .u8(name.length)
                        .bytes(name)
                        .u16BigEndian(port)
                        .toByteArray();
        next(Stage.ANSWER, send, 4);
    }

    /// The address in the answer, which is the proxy's own, is of no interest, but it has to be read.
    private void onAnswer(byte[] bytes) throws IOException {
        if (bytes[0] != VERSION) {
            throw new IOException("Proxy failed to accept request");
        }
        if (bytes[1] != 0) {
            throw new IOException("Socks5() connect to " + target + " failed: " + why(bytes[1]));
        }
        if (bytes[2] != 0) {
            throw new IOException("malformed proxy response");
        }
        switch (bytes[3]) {
            case IPV4 -> next(Stage.ADDRESS, new byte[0], 4 + PORT_BYTES);
            case IPV6 -> next(Stage.ADDRESS, new byte[0], 16 + PORT_BYTES);
            case NAME -> next(Stage.NAME_LENGTH, new byte[0], 1);
            default -> throw new IOException("malformed proxy response");
        }
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
