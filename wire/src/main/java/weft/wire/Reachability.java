package weft.wire;

/// Bitcoin Core's ranking of our addresses as seen from a peer's.
final class Reachability {
    private static final int UNREACHABLE = 0;
    private static final int DEFAULT = 1;
    private static final int TEREDO = 2;
    private static final int IPV6_WEAK = 3;
    private static final int IPV4 = 4;
    private static final int IPV6_STRONG = 5;
    private static final int PRIVATE = 6;

    /// Networks, where Teredo and what is not routable count as networks of their own.
    private enum Kind {
        IPV4,
        IPV6,
        TEREDO,
        ONION,
        I2P,
        CJDNS,
        OTHER
    }

    private Reachability() {}

    private static Kind kind(NetAddress address) {
        if (address.isIn(AddressRange.RFC4380)) {
            return Kind.TEREDO;
        }
        if (!address.isRoutable()) {
            return Kind.OTHER;
        }
        return switch (address.network()) {
            case IPV4 -> Kind.IPV4;
            case IPV6 -> Kind.IPV6;
            case TORV3 -> Kind.ONION;
            case I2P -> Kind.I2P;
            case CJDNS -> Kind.CJDNS;
            case INTERNAL -> Kind.OTHER;
        };
    }

    static int of(NetAddress ours, NetAddress partner) {
        if (!ours.isRoutable()) {
            return UNREACHABLE;
        }
        Kind our = kind(ours);
        return switch (kind(partner)) {
            case IPV4 -> our == Kind.IPV4 ? IPV4 : DEFAULT;
            case IPV6 -> fromIpv6(ours, our);
            case ONION ->
                    switch (our) {
                        case IPV4 -> IPV4;
                        case ONION -> PRIVATE;
                        default -> DEFAULT;
                    };
            case I2P -> our == Kind.I2P ? PRIVATE : DEFAULT;
            case CJDNS -> our == Kind.CJDNS ? PRIVATE : DEFAULT;
            case TEREDO ->
                    switch (our) {
                        case TEREDO -> TEREDO;
                        case IPV6 -> IPV6_WEAK;
                        case IPV4 -> IPV4;
                        default -> DEFAULT;
                    };
            case OTHER ->
                    switch (our) {
                        case TEREDO -> TEREDO;
                        case IPV6 -> IPV6_WEAK;
                        case IPV4 -> IPV4;
                        case ONION -> PRIVATE;
                        default -> DEFAULT;
                    };
        };
    }

    private static int fromIpv6(NetAddress ours, Kind our) {
        boolean tunnel =
                ours.isIn(AddressRange.RFC3964)
                        || ours.isIn(AddressRange.RFC6052)
                        || ours.isIn(AddressRange.RFC6145);
        return switch (our) {
            case TEREDO -> TEREDO;
            case IPV4 -> IPV4;
            case IPV6 -> tunnel ? IPV6_WEAK : IPV6_STRONG;
            default -> DEFAULT;
        };
    }
}
