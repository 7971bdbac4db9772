package weft.p2p.addr;

import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;
import weft.wire.NetAddress;

/// What we saw ourselves of nodes that we dialled, beside the [AddrMan], whose file has no place for it.
///
/// Only who answers a dial of ours with a handshake gets in. The 4,096 seen last are kept. *Rationale:*
/// whoever wants to wash them out must be dialled 4,096 times, which at one feeler in two minutes takes most
/// of a week; and what he wins is a node that chooses as if it knew nothing, which is how Bitcoin Core
/// chooses.
///
/// In the order of when they were seen last, so that what is chosen does not hang on hashes. Owned by one
/// thread.
public final class Acquaintances {
    /// Nodes that are remembered.
    public static final int MAX = 4096;

    private final SequencedMap<NetAddress, Acquaintance> byAddress = new LinkedHashMap<>();
    private final LongKnown longKnown = new LongKnown();

    /// Nobody yet.
    public Acquaintances() {}

    /// A node that we dialled shook hands.
    ///
    /// @param userAgent with safe characters only
    public void met(NetAddress address, String userAgent, long nowSeconds) {
        Acquaintance found = seen(address, nowSeconds);
        found.program = Acquaintance.programOf(userAgent);
    }

    /// A node that we dialled is there.
    public void there(NetAddress address, long nowSeconds) {
        if (byAddress.containsKey(address)) {
            seen(address, nowSeconds);
        }
    }

    private Acquaintance seen(NetAddress address, long nowSeconds) {
        Acquaintance found = byAddress.get(address);
        if (found == null) {
            found = new Acquaintance(address);
        }
        found.seen(nowSeconds);
        restore(found);
        return found;
    }

    /// Puts one at the end.
    void restore(Acquaintance one) {
        byAddress.putLast(one.address, one);
        if (byAddress.size() > MAX) {
            byAddress.pollFirstEntry();
        }
    }

    /// What we know of a node; null if nothing.
    public @Nullable Acquaintance find(NetAddress address) {
        return byAddress.get(address);
    }

    /// All, who was seen longest ago first.
    public Collection<Acquaintance> all() {
        return Collections.unmodifiableCollection(byAddress.values());
    }

    /// Those whom we have known for longest; kept apart, by rules of their own.
    public LongKnown longKnown() {
        return longKnown;
    }

    /// How many there are.
    public int size() {
        return byAddress.size();
    }
}
