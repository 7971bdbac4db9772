package weft.app.tools;

import weft.primitives.Bytes;
import weft.wire.transport.Magic;

/// A network as the tools need it: its name, its port, its four bytes.
enum NamedNetwork {
    MAIN("main", 8333, Magic.MAIN),
    TEST("test", 18_333, Magic.TESTNET3),
    TESTNET4("testnet4", 48_333, Magic.TESTNET4),
    SIGNET("signet", 38_333, Magic.SIGNET),
    REGTEST("regtest", 18_444, Magic.REGTEST);

    private final String label;
    private final int port;
    private final String magic;

    NamedNetwork(String label, int port, Bytes magic) {
        this.label = label;
        this.port = port;
        this.magic = magic.toHex();
    }

    String label() {
        return label;
    }

    int port() {
        return port;
    }

    Bytes magic() {
        return Bytes.parse(magic);
    }

    static NamedNetwork parse(String label) {
        for (NamedNetwork each : values()) {
            if (each.label.equals(label)) {
                return each;
            }
        }
        throw new IllegalArgumentException(
                "no network \"" + label + "\": there are main, test, testnet4, signet, regtest");
    }

    /// The network whose nodes listen on a port by default; regtest for any other port.
    static NamedNetwork ofPort(int port) {
        for (NamedNetwork each : values()) {
            if (each.port == port) {
                return each;
            }
        }
        return REGTEST;
    }
}
