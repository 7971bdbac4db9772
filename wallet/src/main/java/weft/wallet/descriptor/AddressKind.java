package weft.wallet.descriptor;

import java.util.Optional;
import weft.primitives.Bytes;
import weft.primitives.address.Address;

/// The kinds of addresses that wallets choose between, with Bitcoin Core's names.
public enum AddressKind {
    /// Base58.
    LEGACY("legacy"),
    /// A witness program behind a hash.
    P2SH_SEGWIT("p2sh-segwit"),
    /// Witness version 0.
    BECH32("bech32"),
    /// Witness version 1.
    BECH32M("bech32m");

    private final String wireName;

    AddressKind(String wireName) {
        this.wireName = wireName;
    }

    /// The name in RPC.
    public String wireName() {
        return wireName;
    }

    /// The kind of a name.
    public static Optional<AddressKind> parse(String name) {
        for (AddressKind each : values()) {
            if (each.wireName.equals(name)) {
                return Optional.of(each);
            }
        }
        return Optional.empty();
    }

    /// The kind of an output's address, if it has one.
    static Optional<AddressKind> of(Bytes script) {
        return Address.of(script)
                .map(
                        address ->
                                switch (address) {
                                    case Address.P2pkh _, Address.P2sh _ -> LEGACY;
                                    case Address.WitnessProgram(int version, Bytes _) ->
                                            version == 0 ? BECH32 : BECH32M;
                                });
    }
}
