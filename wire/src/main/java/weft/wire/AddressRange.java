package weft.wire;

import java.util.Arrays;
import weft.primitives.Bytes;

/// Reserved ranges of IPv4 and IPv6 that decide whether an address is worth gossiping, or dialling by chance.
public enum AddressRange {
    /// IPv4 private networks.
    RFC1918("0a/8", "c0a8/16", "ac10/12"),
    /// IPv4 between networks, for benchmarks.
    RFC2544("c612/15"),
    /// IPv4 documentation.
    RFC5737("c00002/24", "c63364/24", "cb0071/24"),
    /// IPv4 autoconfiguration.
    RFC3927("a9fe/16"),
    /// IPv4 behind a provider's NAT.
    RFC6598("6440/10"),
    /// IPv4 for later. As in Bitcoin Core, addresses of it may be gossiped.
    RFC1112("f0/4"),
    /// Many hosts at once, of IPv4 and IPv6: nobody to connect to. As in Bitcoin Core, may be gossiped.
    MULTICAST("e0/4", "ff000000000000000000000000000000/8"),
    /// IPv6 documentation.
    RFC3849("20010db8000000000000000000000000/32"),
    /// IPv6 6to4 tunnels.
    RFC3964("20020000000000000000000000000000/16"),
    /// IPv6 unique local addresses.
    RFC4193("fc000000000000000000000000000000/7"),
    /// IPv6 Teredo tunnels.
    RFC4380("20010000000000000000000000000000/32"),
    /// IPv6 ORCHID.
    RFC4843("20010010000000000000000000000000/28"),
    /// IPv6 ORCHID version 2.
    RFC7343("20010020000000000000000000000000/28"),
    /// IPv6 autoconfiguration.
    RFC4862("fe800000000000000000000000000000/64"),
    /// IPv6 with an IPv4 address inside, well-known prefix.
    RFC6052("0064ff9b000000000000000000000000/96"),
    /// IPv6 with an IPv4 address inside, translated.
    RFC6145("0000000000000000ffff000000000000/96"),
    /// IPv6 of Hurricane Electric.
    HE_NET("20010470000000000000000000000000/32"),
    /// Loopback and 0.0.0.0/8.
    LOCAL("7f/8", "00/8", "00000000000000000000000000000001/128");

    private static final AddressRange[] UNROUTABLE = {
        RFC1918, RFC2544, RFC3927, RFC4862, RFC6598, RFC5737, RFC4193, RFC4843, RFC7343, LOCAL
    };

    /// Never changed, which the checker cannot see of an array.
    @SuppressWarnings("ImmutableEnumChecker")
    private final Prefix[] prefixes;

    AddressRange(String... prefixes) {
        this.prefixes = Arrays.stream(prefixes).map(Prefix::parse).toArray(Prefix[]::new);
    }

    private record Prefix(NetworkId network, Bytes bytes, int bits) {
        static Prefix parse(String text) {
            int slash = text.indexOf('/');
            Bytes bytes = Bytes.parse(text.substring(0, slash));
            int bits = Integer.parseInt(text, slash + 1, text.length(), 10);
            return new Prefix(bytes.length() == 16 ? NetworkId.IPV6 : NetworkId.IPV4, bytes, bits);
        }

        boolean matches(NetAddress address) {
            if (address.network() != network) {
                return false;
            }
            int whole = bits / 8;
            for (int i = 0; i < whole; i++) {
                if (address.address().at(i) != bytes.at(i)) {
                    return false;
                }
            }
            int rest = 8 - bits % 8;
            return rest == 8 || address.address().at(whole) >>> rest == bytes.at(whole) >>> rest;
        }
    }

    /// Whether an address lies in the range.
    public boolean contains(NetAddress address) {
        // Plain loops: the address book asks some twenty ranges about each address that it hears.
        for (Prefix prefix : prefixes) {
            if (prefix.matches(address)) {
                return true;
            }
        }
        return false;
    }

    static boolean isUnroutable(NetAddress address) {
        for (AddressRange range : UNROUTABLE) {
            if (range.contains(address)) {
                return true;
            }
        }
        return false;
    }

    static boolean isZero(Bytes address) {
        for (int i = 0; i < address.length(); i++) {
            if (address.at(i) != 0) {
                return false;
            }
        }
        return true;
    }
}
