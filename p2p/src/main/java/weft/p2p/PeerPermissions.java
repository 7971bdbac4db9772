package weft.p2p;

import java.util.ArrayList;
import java.util.List;

/// What a peer may do beyond others (`-whitelist`, `-whitebind`); a set of Core's permission flags.
///
/// @param bits the union of the flags
public record PeerPermissions(int bits) {
    /// Nothing special.
    public static final PeerPermissions NONE = new PeerPermissions(0);

    /// May query bloom filters even if they are off.
    public static final int BLOOM_FILTER = 1 << 1;

    /// Its transactions are relayed even in blocks-only mode.
    public static final int RELAY = 1 << 3;

    /// Its transactions are relayed even if they are in the mempool already; implies [#RELAY].
    public static final int FORCE_RELAY = (1 << 2) | RELAY;

    /// May download blocks during initial download and past the upload limit.
    public static final int DOWNLOAD = 1 << 6;

    /// Is never banned or discouraged; implies [#DOWNLOAD].
    public static final int NO_BAN = (1 << 4) | DOWNLOAD;

    /// May query the mempool.
    public static final int MEMPOOL = 1 << 5;

    /// May ask for addresses without the cache.
    public static final int ADDR = 1 << 7;

    /// Whether all bits of a flag are set.
    public boolean has(int flag) {
        return (bits & flag) == flag;
    }

    /// Both sets together.
    public PeerPermissions with(PeerPermissions other) {
        return new PeerPermissions(bits | other.bits);
    }

    /// Core's names in Core's order, as `getpeerinfo` shows them.
    public List<String> names() {
        var names = new ArrayList<String>();
        add(names, BLOOM_FILTER, "bloomfilter");
        add(names, NO_BAN, "noban");
        add(names, FORCE_RELAY, "forcerelay");
        add(names, RELAY, "relay");
        add(names, MEMPOOL, "mempool");
        add(names, DOWNLOAD, "download");
        add(names, ADDR, "addr");
        return List.copyOf(names);
    }

    private void add(List<String> names, int flag, String name) {
        if (has(flag)) {
            names.add(name);
        }
    }
}
