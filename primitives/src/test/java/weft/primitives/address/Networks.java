package weft.primitives.address;

import java.util.List;
import weft.primitives.Bytes;

/// The prefixes of the networks that the vectors name.
final class Networks {
    static final AddressPrefixes MAIN =
            new AddressPrefixes(0, 5, 128, Bytes.parse("0488b21e"), Bytes.parse("0488ade4"), "bc");
    static final AddressPrefixes TEST =
            new AddressPrefixes(
                    111, 196, 239, Bytes.parse("043587cf"), Bytes.parse("04358394"), "tb");
    static final AddressPrefixes REGTEST =
            new AddressPrefixes(
                    111, 196, 239, Bytes.parse("043587cf"), Bytes.parse("04358394"), "bcrt");
    static final List<AddressPrefixes> ALL = List.of(MAIN, TEST, REGTEST);

    private Networks() {}

    static AddressPrefixes of(String chain) {
        return switch (chain) {
            case "main" -> MAIN;
            case "test", "testnet4", "signet" -> TEST;
            case "regtest" -> REGTEST;
            default -> throw new IllegalArgumentException(chain);
        };
    }
}
