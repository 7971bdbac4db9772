package weft.consensus;

import java.util.Optional;

/// The networks that Bitcoin Core knows, with its chain names.
public enum Network {
    /// The one with the money.
    MAIN("main"),
    /// The old public test network.
    TESTNET3("test"),
    /// The new public test network. See BIP-0094.
    TESTNET4("testnet4"),
    /// Blocks are signed. See BIP-0325.
    SIGNET("signet"),
    /// Private; blocks cost nothing.
    REGTEST("regtest");

    private final String chainName;

    Network(String chainName) {
        this.chainName = chainName;
    }

    /// The name in `-chain=` and `getblockchaininfo`.
    public String chainName() {
        return chainName;
    }

    /// The network of a chain name.
    public static Optional<Network> parse(String chainName) {
        for (Network each : values()) {
            if (each.chainName.equals(chainName)) {
                return Optional.of(each);
            }
        }
        return Optional.empty();
    }
}
