package weft.wire.transport;

import weft.primitives.Bytes;

/// The four bytes at the start of every plain message, which tell the networks apart, in wire order.
public final class Magic {
    /// Main network.
    public static final Bytes MAIN = Bytes.parse("f9beb4d9");

    /// Test network 3.
    public static final Bytes TESTNET3 = Bytes.parse("0b110907");

    /// Test network 4. See BIP-0094.
    public static final Bytes TESTNET4 = Bytes.parse("1c163f28");

    /// The default signet. See BIP-0325; other signets have others.
    public static final Bytes SIGNET = Bytes.parse("0a03cf40");

    /// Regression test network.
    public static final Bytes REGTEST = Bytes.parse("fabfb5da");

    /// How many bytes.
    public static final int BYTES = 4;

    private Magic() {}
}
