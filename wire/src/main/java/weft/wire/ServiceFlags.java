package weft.wire;

import java.util.ArrayList;
import java.util.List;

/// What a node offers, as bits of the 64-bit number in `version` and addresses.
public final class ServiceFlags {
    /// Nothing.
    public static final long NONE = 0;

    /// All blocks.
    public static final long NETWORK = 1;

    /// Bloom filters. See BIP-0111.
    public static final long BLOOM = 1 << 2;

    /// Witnesses. See BIP-0144.
    public static final long WITNESS = 1 << 3;

    /// Block filters. See BIP-0157.
    public static final long COMPACT_FILTERS = 1 << 6;

    /// The last 288 blocks. See BIP-0159.
    public static final long NETWORK_LIMITED = 1 << 10;

    /// The encrypted transport. See BIP-0324.
    public static final long P2P_V2 = 1 << 11;

    private ServiceFlags() {}

    /// Whether all bits of `flags` are set in `services`.
    public static boolean has(long services, long flags) {
        return (services & flags) == flags;
    }

    /// Whether a node with these services may know many addresses.
    public static boolean mayHaveUsefulAddresses(long services) {
        return (services & (NETWORK | NETWORK_LIMITED)) != 0;
    }

    /// The names that RPC shows, lowest bit first; `UNKNOWN[2^5]` for bits without a name.
    public static List<String> names(long services) {
        var names = new ArrayList<String>();
        for (int bit = 0; bit < Long.SIZE; bit++) {
            if (((services >>> bit) & 1) == 1) {
                names.add(name(bit));
            }
        }
        return names;
    }

    private static String name(int bit) {
        return switch (bit) {
            case 0 -> "NETWORK";
            case 2 -> "BLOOM";
            case 3 -> "WITNESS";
            case 6 -> "COMPACT_FILTERS";
            case 10 -> "NETWORK_LIMITED";
            case 11 -> "P2P_V2";
            default -> "UNKNOWN[2^" + bit + "]";
        };
    }
}
