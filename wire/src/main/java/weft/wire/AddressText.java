package weft.wire;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Locale;
import java.util.Optional;
import weft.primitives.Bytes;

/// Texts of addresses, both ways, as Bitcoin Core prints and reads them.
final class AddressText {
    private static final String ONION = ".onion";
    private static final String I2P = ".b32.i2p";
    private static final String INTERNAL = ".internal";
    private static final int ONION_CHARACTERS = 56;
    private static final int I2P_CHARACTERS = 52;
    private static final int ONION_VERSION = 3;
    private static final int GROUPS = 8;

    private AddressText() {}

    static String format(NetAddress address) {
        Bytes bytes = address.address();
        return switch (address.network()) {
            case IPV4 -> bytes.at(0) + "." + bytes.at(1) + "." + bytes.at(2) + "." + bytes.at(3);
            case IPV6, CJDNS -> ipv6(bytes);
            case TORV3 -> Base32.encode(withChecksum(bytes)) + ONION;
            case I2P -> Base32.encode(bytes) + I2P;
            case INTERNAL -> Base32.encode(bytes) + INTERNAL;
        };
    }

    /// RFC 5952: the first longest run of two or more zero groups becomes `::`.
    private static String ipv6(Bytes bytes) {
        int[] groups = new int[GROUPS];
        int longestAt = 0;
        int longest = 0;
        int run = 0;
        for (int i = 0; i < GROUPS; i++) {
            groups[i] = (bytes.at(2 * i) << 8) | bytes.at(2 * i + 1);
            run = groups[i] == 0 ? run + 1 : 0;
            if (run > longest) {
                longest = run;
                longestAt = i + 1 - run;
            }
        }
        var text = new StringBuilder();
        for (int i = 0; i < GROUPS; i++) {
            if (longest >= 2 && i == longestAt) {
                text.append("::");
                i += longest - 1;
                continue;
            }
            if (!text.isEmpty() && text.charAt(text.length() - 1) != ':') {
                text.append(':');
            }
            text.append(Integer.toHexString(groups[i]));
        }
        return text.toString();
    }

    private static Bytes withChecksum(Bytes key) {
        try {
            MessageDigest sha3 = MessageDigest.getInstance("SHA3-256");
            sha3.update(".onion checksum".getBytes(StandardCharsets.US_ASCII));
            sha3.update(key.toByteArray());
            sha3.update((byte) ONION_VERSION);
            Bytes checksum = Bytes.wrap(sha3.digest()).slice(0, 2);
            return key.plus(checksum).plus(Bytes.wrap(new byte[] {ONION_VERSION}));
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every Java platform has SHA3-256", e);
        }
    }

    static NetAddress parse(String text, int defaultPort) {
        String host = text;
        int port = defaultPort;
        int colon = text.lastIndexOf(':');
        boolean bracketed = text.startsWith("[") && colon > 0 && text.charAt(colon - 1) == ']';
        if (colon > 0 && (bracketed || text.indexOf(':') == colon)) {
            port = port(text.substring(colon + 1));
            host = text.substring(0, colon);
        }
        if (host.startsWith("[") && host.endsWith("]")) {
            host = host.substring(1, host.length() - 1);
        }
        return host(host, port)
                .orElseThrow(() -> new IllegalArgumentException("not an address: " + text));
    }

    /// An address without a port, with or without brackets.
    static NetAddress parseHost(String text) {
        boolean bracketed = text.startsWith("[") && text.endsWith("]");
        return host(bracketed ? text.substring(1, text.length() - 1) : text, 0)
                .orElseThrow(() -> new IllegalArgumentException("not an address: " + text));
    }

    private static int port(String text) {
        int port = isNumber(text, 5) ? Integer.parseInt(text) : -1;
        if (port < 0 || port > 0xffff) {
            throw new IllegalArgumentException("not a port: " + text);
        }
        return port;
    }

    static boolean isNumber(String text, int digitsMax) {
        return !text.isEmpty()
                && text.length() <= digitsMax
                && text.chars().allMatch(c -> c >= '0' && c <= '9');
    }

    private static Optional<NetAddress> host(String host, int port) {
        String lower = host.toLowerCase(Locale.ROOT);
        if (lower.endsWith(ONION)) {
            return onion(lower.substring(0, lower.length() - ONION.length()), port);
        }
        if (lower.endsWith(I2P) && lower.length() == I2P_CHARACTERS + I2P.length()) {
            return Base32.decode(lower.substring(0, I2P_CHARACTERS))
                    .map(bytes -> new NetAddress(NetworkId.I2P, bytes, port));
        }
        return (lower.indexOf(':') >= 0 ? ipv6(lower) : ipv4(lower))
                .map(ip -> NetAddress.ofIp(ip, port));
    }

    private static Optional<NetAddress> onion(String name, int port) {
        if (name.length() != ONION_CHARACTERS) {
            return Optional.empty();
        }
        return Base32.decode(name)
                .filter(bytes -> withChecksum(bytes.slice(0, 32)).equals(bytes))
                .map(bytes -> new NetAddress(NetworkId.TORV3, bytes.slice(0, 32), port));
    }

    private static Optional<byte[]> ipv4(String text) {
        String[] parts = text.split("\\.", -1);
        byte[] ip = new byte[4];
        if (parts.length != ip.length) {
            return Optional.empty();
        }
        for (int i = 0; i < ip.length; i++) {
            String part = parts[i];
            if (!isNumber(part, 3) || Integer.parseInt(part) > 255) {
                return Optional.empty();
            }
            ip[i] = (byte) Integer.parseInt(part);
        }
        return Optional.of(ip);
    }

    private static Optional<byte[]> ipv6(String text) {
        String plain = text.indexOf('%') < 0 ? text : text.substring(0, text.indexOf('%'));
        int gap = plain.indexOf("::");
        if (gap < 0) {
            return groups(plain).filter(ip -> ip.length == 16);
        }
        Optional<byte[]> front = groups(plain.substring(0, gap));
        Optional<byte[]> back = groups(plain.substring(gap + 2));
        if (front.isEmpty() || back.isEmpty() || front.get().length + back.get().length > 14) {
            return Optional.empty();
        }
        byte[] ip = new byte[16];
        System.arraycopy(front.get(), 0, ip, 0, front.get().length);
        System.arraycopy(back.get(), 0, ip, 16 - back.get().length, back.get().length);
        return Optional.of(ip);
    }

    private static Optional<byte[]> groups(String text) {
        if (text.isEmpty()) {
            return Optional.of(new byte[0]);
        }
        String[] parts = text.split(":", -1);
        var out = new weft.primitives.codec.ByteWriter(16);
        for (int i = 0; i < parts.length; i++) {
            String part = parts[i];
            if (i == parts.length - 1 && part.indexOf('.') >= 0) {
                Optional<byte[]> ip = ipv4(part);
                if (ip.isEmpty()) {
                    return ip;
                }
                out.bytes(ip.get());
            } else if (isGroup(part)) {
                out.u16BigEndian(Integer.parseInt(part, 16));
            } else {
                return Optional.empty();
            }
        }
        return Optional.of(out.toByteArray());
    }

    private static boolean isGroup(String text) {
        return !text.isEmpty()
                && text.length() <= 4
                && text.chars().allMatch(c -> (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'));
    }
}
