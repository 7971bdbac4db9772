package weft.wire;

/// A network that addresses belong to, in Bitcoin Core's order and with its numbers and names.
public enum NetworkId {
    /// IPv4.
    IPV4("ipv4", 1, 4, 1),
    /// IPv6.
    IPV6("ipv6", 2, 16, 2),
    /// Tor, version 3: the public key of an onion service.
    TORV3("onion", 3, 32, 4),
    /// I2P: the hash of a destination.
    I2P("i2p", 4, 32, 5),
    /// CJDNS: an IPv6 address of fc00::/8.
    CJDNS("cjdns", 5, 16, 6),
    /// Not a network: names of DNS seeds, as sources of addresses.
    INTERNAL("internal", 6, 10, 0);

    private final String label;
    private final int number;
    private final int addressBytes;
    private final int bip155Id;

    NetworkId(String label, int number, int addressBytes, int bip155Id) {
        this.label = label;
        this.number = number;
        this.addressBytes = addressBytes;
        this.bip155Id = bip155Id;
    }

    /// The name in options and RPC: `ipv4`, `onion` …
    public String label() {
        return label;
    }

    /// The number that Bitcoin Core hashes into address groups, 1 to 6.
    public int number() {
        return number;
    }

    /// Length of an address in bytes.
    public int addressBytes() {
        return addressBytes;
    }

    /// The number in `addrv2`; 0 for [#INTERNAL], which has none.
    public int bip155Id() {
        return bip155Id;
    }
}
